import Foundation
import TestSupport

@testable import Postgres

/// A server of its own for one test, stopped when the test lets go of it.
final class ServerTrial {
  static let isPossible: Bool = {
    guard let server = try? EmbeddedServer(directory: NSTemporaryDirectory() + "/.vector-ferry")
    else { return false }
    return (try? server.binaries) != nil
  }()

  let folder: TemporaryDirectory
  let server: EmbeddedServer

  init(name: String = "clone") throws {
    folder = try TemporaryDirectory("server")
    try FileManager.default.createDirectory(
      atPath: folder.file(name), withIntermediateDirectories: true)
    server = try EmbeddedServer(directory: folder.file("\(name)/.vector-ferry"))
  }

  deinit { _ = try? server.stop() }

  /// What a statement gives through psql, nil where it gives an error.
  func sql(_ statement: String) throws -> String? {
    let outcome = try run(
      try server.binaries.psql,
      ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", try server.url, "-c", statement])
    guard outcome.status == 0 else { return nil }
    return outcome.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
