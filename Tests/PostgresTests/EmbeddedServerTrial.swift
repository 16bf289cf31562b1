import Foundation
import TestSupport
import Testing

@testable import Postgres

/// A server of its own for one test, stopped when the test lets go of it.
final class ServerTrial {
  /// The installation that the tests use, nil where there is none.
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

  /// The server's process; fails the test if there is none.
  var process: pid_t {
    get throws { try #require(try place.postmaster.process) }
  }

  /// What a statement gives through psql, nil where it gives an error.
  func sql(_ statement: String) throws -> String? {
    let words = ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", try server.url, "-c", statement]
    let outcome = try run(try #require(Self.binaries).psql, words)
    guard outcome.status == 0 else { return nil }
    return outcome.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Makes a table with one row, which every later start has to show again.
  func keep(_ value: Int) throws {
    try server.start()
    #expect(try sql("create table kept as select \(value) as n") != nil)
  }

  /// Starts the server and looks for the row.
  func expectKept(_ value: Int) throws {
    try server.start()
    #expect(try sql("select n from kept") == "\(value)")
  }
}

/// Ends a process and waits until it is gone.
func end(_ process: pid_t, _ signal: Int32 = SIGKILL) {
  kill(process, signal)
  Polling.wait(seconds: 10) {
    // A child of ours that has ended would otherwise stay as a zombie.
    _ = ChildProcess.poll(process)
    return kill(process, 0) != 0
  }
}
