import Foundation
import Postgres
import TestSupport

/// A PgBouncer in front of the tests' server.
final class Pooler {
  static let program = "/usr/sbin/pgbouncer"
  static let isAvailable = FileManager.default.isExecutableFile(atPath: program)

  let url: String
  private let folder: TemporaryDirectory
  private let process: Int32

  init(mode: String, database: TestDatabase) throws {
    folder = try TemporaryDirectory("pooler")
    let address = try TestServer.address
    try folder.write(
      """
      [databases]
      \(database.name) = host=\(address.socketDirectory) port=\(address.port) user=\(address.user)
      [pgbouncer]
      listen_addr =
      listen_port = 6432
      unix_socket_dir = \(folder.path)
      auth_type = any
      pool_mode = \(mode)
      pidfile = \(folder.file("pid"))
      logfile = \(folder.file("log"))
      """, to: "pgbouncer.ini")
    let data = "\(Oracle.repository)/.vector-ferry/tests/postgres"
    let account = try FileManager.default.attributesOfItem(atPath: data)[.ownerAccountName]
    let owner = account as? String ?? "nobody"
    var words = [Self.program, "-d", folder.file("pgbouncer.ini")]
    if geteuid() == 0 {
      _ = try TestSupport.run("/bin/chown", ["-R", owner, folder.path])
      words =
        ["/usr/bin/setpriv", "--reuid=\(owner)", "--regid=\(owner)", "--clear-groups", "--"] + words
    }
    let outcome = try TestSupport.run("/bin/bash", ["-c", OrdinaryServer.closing, "bash"] + words)
    guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
    process = Self.process(in: folder.file("pid"))
    let host = folder.path.replacingOccurrences(of: "/", with: "%2F")
    url = "postgresql://\(address.user)@\(host):6432/\(database.name)"
  }

  // PgBouncer inherits blocked signals; only SIGKILL reaches it.
  deinit { if process > 0 { kill(process, SIGKILL) } }

  /// Returns the process id that PgBouncer writes to a file once it runs in the background; 0 where
  /// it writes none.
  private static func process(in file: String) -> Int32 {
    for _ in 0..<500 {
      let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      if text.hasSuffix("\n"), let id = Int32(text.dropLast()) { return id }
      usleep(10_000)
    }
    return 0
  }
}
