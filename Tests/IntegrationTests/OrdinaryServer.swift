import Foundation
import Postgres
import TestSupport
import Testing

/// A PostgreSQL server with TCP on the loopback address and a password; it is stopped when the
/// object is released.
final class OrdinaryServer {
  /// The password of the role `ferry`, which protects nothing.
  static let password = "not-a-real-password"

  /// A URL that contains the password.
  let url: String
  /// The URL of the server's Unix socket.
  let socketURL: String
  private let startOptions: String
  private let folder: TemporaryDirectory
  private let programs: String
  private let prefix: [String]

  /// Makes and starts a server with the programs in a directory, inside a network where one is
  /// given.
  init(programs: String, in network: NetworkNamespace? = nil) throws {
    folder = try TemporaryDirectory("server")
    self.programs = programs
    let account = geteuid() == 0 ? try Self.account() : nil
    prefix =
      (network?.prefix ?? [])
      + (account.map {
        ["/usr/bin/setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups", "--"]
      } ?? [])
    let port = 20_000 + Int(getpid()) % 20_000 + Int.random(in: 0..<10_000)
    url = "postgresql://ferry:\(Self.password)@127.0.0.1:\(port)/postgres"
    let host = folder.path.replacingOccurrences(of: "/", with: "%2F")
    socketURL = "postgresql://ferry:\(Self.password)@\(host):\(port)/postgres"
    startOptions = "-p \(port) -c listen_addresses=127.0.0.1 -k '\(folder.path)'"
    try folder.write(Self.password, to: "password")
    if let account { _ = try TestSupport.run("/bin/chown", ["-R", account, folder.path]) }
    let data = folder.file("data")
    try command(
      "initdb", "-D", data, "-U", "ferry", "--pwfile", folder.file("password"),
      "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8")
    try start()
  }

  deinit { stop() }

  /// Starts the server, also after `stop`.
  func start() throws {
    try command(
      "pg_ctl", "-D", folder.file("data"), "-w", "-l", folder.file("log"), "-o", startOptions,
      "start")
  }

  /// Ends every session and the server, as a crash does.
  func stop() { try? command("pg_ctl", "-D", folder.file("data"), "-m", "immediate", "stop") }

  /// Sends a signal to the server and to all its processes.
  func signal(_ number: Int32) throws {
    let text = try String(contentsOfFile: folder.file("data/postmaster.pid"), encoding: .utf8)
    let parent = try #require(text.split(separator: "\n").first.flatMap { Int32($0) })
    let children = try String(
      contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
    let processes = [parent] + children.split(separator: " ").compactMap { Int32($0) }
    for process in processes { kill(process, number) }
  }

  /// The directory of the programs of a PostgreSQL without pgvector, such as Debian's; nil where
  /// there is none.
  static var programsWithoutVector: String? {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return versions.first { version in
      FileManager.default.isExecutableFile(atPath: "\(root)/\(version)/bin/initdb")
        && !FileManager.default.fileExists(
          atPath: "/usr/share/postgresql/\(version)/extension/vector.control")
    }.map { "\(root)/\($0)/bin" }
  }

  /// Returns the account that runs the server: PostgreSQL refuses to run as root.
  private static func account() throws -> String {
    let data = "\(Oracle.repository)/.vector-ferry/tests/postgres"
    _ = try TestServer.address
    let owner = try FileManager.default.attributesOfItem(atPath: data)[.ownerAccountName]
    return owner as? String ?? "nobody"
  }

  /// Shell code that closes all inherited descriptors: Foundation would wait until the server,
  /// which keeps running, closes them.
  static let closing = """
    for entry in /proc/self/fd/*; do
      number=${entry##*/}
      if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi
    done
    exec "$@"
    """

  private func command(_ program: String, _ arguments: String...) throws {
    let words = ["-c", Self.closing, "bash"] + prefix + ["\(programs)/\(program)"] + arguments
    let outcome = try TestSupport.run("/bin/bash", words, directory: folder.path)
    guard outcome.status == 0 else {
      throw OracleError(message: "\(program): \(outcome.text)\(outcome.errorText)")
    }
  }
}
