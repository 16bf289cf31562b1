import Synchronization
import Testing

@testable import Migration

/// Tests values that another thread makes before they are used.
struct ReadAheadTests {
  struct Stop: Error, Equatable { let number: Int }

  @Test(arguments: [0, 1, 2, 3, 100]) func `each value is used once, in order`(count: Int) throws {
    var made = 0
    var used: [Int] = []
    try ReadAhead<Int>.run {
      guard made < count else { return nil }
      made += 1
      return made
    } use: {
      used.append($0)
    }
    #expect(used == Array(1..<count + 1))
  }

  @Test(arguments: [1, 2, 5]) func `no more values are made ahead than were asked for`(ahead: Int)
    throws
  {
    let made = Mutex(0)
    var used = 0
    var most = 0
    try ReadAhead<Int>.run(ahead: ahead) {
      made.withLock {
        guard $0 < 60 else { return nil }
        $0 += 1
        return $0
      }
    } use: { _ in
      used += 1
      most = max(most, made.withLock { $0 } - used)
    }
    // The other thread may be making one value more.
    #expect(used == 60 && most <= ahead + 1)
  }

  @Test func `an error is thrown after the values before it`() throws {
    var made = 0
    var used: [Int] = []
    #expect(throws: Stop(number: 4)) {
      try ReadAhead<Int>.run {
        made += 1
        if made == 4 { throw Stop(number: made) }
        return made
      } use: {
        used.append($0)
      }
    }
    #expect(used == [1, 2, 3])
  }

  @Test(arguments: [1, 2, 3, 50]) func `where a value cannot be used, no more are made`(
    failing: Int
  )
    throws
  {
    let made = Mutex(0)
    #expect(throws: Stop(number: failing)) {
      try ReadAhead<Int>.run {
        made.withLock {
          $0 += 1
          return $0
        }
      } use: {
        if $0 == failing { throw Stop(number: $0) }
      }
    }
    // The other thread has ended, and no further value is made.
    let last = made.withLock { $0 }
    #expect(last <= failing + 3)
    #expect(made.withLock { $0 } == last)
  }
}
