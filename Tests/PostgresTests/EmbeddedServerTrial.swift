import Foundation
import TestSupport
import Testing

@testable import Postgres

/// A server for one test, which is stopped when the object is released.
final class ServerTrial {
  /// The PostgreSQL programs that the tests use; nil where there are none.
  static let binaries: PostgresBinaries? = {
    guard let folder = try? TemporaryDirectory("binaries") else { return nil }
    return try? EmbeddedServer(directory: folder.file(".vector-ferry")).binaries
  }()

  static var isPossible: Bool { binaries != nil }

  let folder: TemporaryDirectory
  let server: EmbeddedServer

  init(_ name: String = "clone") throws {
    folder = try TemporaryDirectory("server")
    try FileManager.default.createDirectory(
      atPath: folder.file(name), withIntermediateDirectories: true)
    server = try EmbeddedServer(directory: folder.file("\(name)/.vector-ferry"))
  }

  deinit { _ = try? server.stop() }

  var place: ServerPlace {
    get throws { try ServerPlace.find(home: server.directory) }
  }

  /// The id of the server's process; fails the test where there is none.
  var process: pid_t {
    get throws { try #require(try place.postmaster.process) }
  }

  /// Returns the output of psql for a statement; nil where the statement fails.
  func sql(_ statement: String) throws -> String? {
    let words = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", try server.url, "-c", statement]
    let outcome = try run(try #require(Self.binaries).psql, words)
    guard outcome.status == 0 else { return nil }
    return outcome.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Makes a table with one row, which must exist after every later start.
  func keep(_ value: Int) throws {
    try server.start()
    #expect(try sql("create table kept as select \(value) as n") != nil)
  }

  /// Starts the server, and expects the row of `keep`.
  func expectKept(_ value: Int) throws {
    try server.start()
    #expect(try sql("select n from kept") == "\(value)")
  }
}

/// Ends a process and waits until it has ended.
func end(_ process: pid_t, _ signal: Int32 = SIGKILL) {
  kill(process, signal)
  Polling.wait(seconds: 10) {
    // Without this call, a child of this process would stay as a zombie after its end.
    _ = ChildProcess.poll(process)
    return kill(process, 0) != 0
  }
}
