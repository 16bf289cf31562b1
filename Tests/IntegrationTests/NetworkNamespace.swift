import Foundation
import TestSupport

/// A network of its own with nothing but a loopback interface, removed when it is let go.
///
/// Taking the interface down is what a pulled cable is to a machine: no reset, no answer.
final class NetworkNamespace {
  /// Words before a command that is to run inside.
  let prefix: [String]
  private let name: String
  private static let program = "/usr/sbin/ip"

  /// True where this process may make one.
  static let isPossible: Bool = {
    guard geteuid() == 0, FileManager.default.isExecutableFile(atPath: program) else {
      return false
    }
    return (try? NetworkNamespace()) != nil
  }()

  init() throws {
    name = "vector-ferry-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    prefix = [Self.program, "netns", "exec", name]
    try Self.ip("netns", "add", name)
    do {
      try connect()
      // Where programs cannot be run inside, the test cannot be done.
      let outcome = try run(prefix[0], Array(prefix.dropFirst()) + ["/bin/true"])
      guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
    } catch {
      try? Self.ip("netns", "delete", name)
      throw error
    }
  }

  deinit { try? Self.ip("netns", "delete", name) }

  /// Takes the interface up.
  func connect() throws { try Self.ip("-n", name, "link", "set", "lo", "up") }

  /// Takes it down: what is sent is lost, and nobody is told.
  func disconnect() throws { try Self.ip("-n", name, "link", "set", "lo", "down") }

  private static func ip(_ words: String...) throws {
    let outcome = try run(program, words)
    guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
  }
}
