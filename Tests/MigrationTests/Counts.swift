import Synchronization

/// Counts how often any thread has reported each number.
final class Counts: Sendable {
  private let found = Mutex<[Int: Int]>([:])

  func add(_ number: Int) { found.withLock { $0[number, default: 0] += 1 } }

  var all: [Int: Int] { found.withLock { $0 } }
}
