import Foundation

/// A script beside this file that serves on loopback, and writes its port to a folder of its own; it
/// ends with the last reference.
public final class PythonService {
  /// The port that it listens on.
  public let port: Int
  /// The folder that it is given as its first argument.
  public let folder: TemporaryDirectory
  private let process = Process()

  /// Starts a script, and waits until it has written its port.
  public init(_ script: String, python: String, arguments: [String] = []) throws {
    folder = try TemporaryDirectory("service")
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments =
      ["\(Oracle.repository)/Tests/TestSupport/\(script)", folder.path] + arguments
    process.standardInput = FileHandle.nullDevice
    try process.run()
    var found: Int?
    for _ in 0..<1000 where found == nil {
      found = (try? String(contentsOfFile: folder.file("port"), encoding: .utf8)).flatMap(Int.init)
      if found == nil { usleep(10_000) }
    }
    guard let found else {
      kill(process.processIdentifier, SIGKILL)
      throw OracleError(message: "\(script) did not start")
    }
    port = found
  }

  deinit { kill(process.processIdentifier, SIGKILL) }
}
