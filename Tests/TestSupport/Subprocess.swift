public import Foundation

/// The exit code and the output of a child process that has ended.
public struct ProcessOutcome: Sendable {
  /// The exit code; negative for the signal that ended the process.
  public let status: Int32
  /// All bytes of standard output.
  public let output: Data
  /// All bytes of standard error.
  public let errors: Data

  /// Creates an outcome from its parts.
  public init(status: Int32, output: Data, errors: Data) {
    self.status = status
    self.output = output
    self.errors = errors
  }

  /// Standard output as text.
  public var text: String { String(decoding: output, as: UTF8.self) }
  /// Standard error as text.
  public var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Runs a program, waits for its end, and returns its exit code and output.
///
/// - Parameters:
///   - environment: added to this process's own variables; an empty string removes one.
public func run(
  _ program: String, _ arguments: [String] = [], input: Data? = nil,
  environment: [String: String] = [:], directory: String? = nil
) throws -> ProcessOutcome {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  var variables = ProcessInfo.processInfo.environment
  for (name, value) in environment { variables[name] = value.isEmpty ? nil : value }
  process.environment = variables
  if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
  // The output goes to files and not to pipes, so that no side can block on a full buffer.
  let folder = try TemporaryDirectory("process")
  for name in ["in", "out", "err"] {
    try folder.write(name == "in" ? [UInt8](input ?? Data()) : [], to: name)
  }
  process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.file("in")))
  process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("out")))
  process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.file("err")))
  try process.run()
  process.waitUntilExit()
  let status = process.terminationStatus
  return ProcessOutcome(
    status: process.terminationReason == .uncaughtSignal ? -status : status,
    output: try Data(contentsOf: URL(fileURLWithPath: folder.file("out"))),
    errors: try Data(contentsOf: URL(fileURLWithPath: folder.file("err"))))
}
