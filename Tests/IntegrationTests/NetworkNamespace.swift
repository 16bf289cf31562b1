import Foundation
import TestSupport

/// A separate network with only a loopback interface; it is removed when the object is released.
///
/// Without the interface, there is no reset and no answer, as after a cable is pulled.
final class NetworkNamespace {
  /// The words to put before a command so that it runs in this network.
  let prefix: [String]
  private let name: String
  private static let program = "/usr/sbin/ip"

  /// True where this process may make a network.
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
      // Where programs cannot run in the network, the test is skipped.
      let outcome = try run(prefix[0], Array(prefix.dropFirst()) + ["/bin/true"])
      guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
    } catch {
      try? Self.ip("netns", "delete", name)
      throw error
    }
  }

  deinit { try? Self.ip("netns", "delete", name) }

  /// Switches the interface on.
  func connect() throws { try Self.ip("-n", name, "link", "set", "lo", "up") }

  /// Switches the interface off: data that are sent are lost, and the sender gets no error.
  func disconnect() throws { try Self.ip("-n", name, "link", "set", "lo", "down") }

  private static func ip(_ words: String...) throws {
    let outcome = try run(program, words)
    guard outcome.status == 0 else { throw OracleError(message: outcome.errorText) }
  }
}
