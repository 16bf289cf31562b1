import TestSupport
import Testing

@testable import Migration

/// Tests the order in which workers take stores.
struct StoreQueueTests {
  /// A question or a report of a worker.
  enum Event: Sendable {
    /// The next store is this one; nil where none is left.
    case next(Int?)
    /// The next store is one that another run held before.
    case again(Int)
    /// Another run holds this store.
    case taken(Int)
    /// Another run has migrated a store first.
    case met
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let count: Int
    let events: [Event]

    init(_ name: String, _ count: Int, _ events: Event...) {
      testDescription = name
      self.count = count
      self.events = events
    }
  }

  static let cases = [
    Case("no store", 0, .next(nil), .next(nil)),
    Case("stores are taken in the plan's order", 3, .next(0), .next(1), .next(2), .next(nil)),
    Case(
      "a store that another run holds comes last, and the others from the other end", 4, .next(0),
      .taken(0), .next(3), .next(2), .next(1), .again(0), .next(nil)),
    Case(
      "each meeting changes the direction", 5, .next(0), .taken(0), .next(4), .taken(4), .next(1),
      .next(2), .next(3), .again(0), .again(4), .next(nil)),
    Case(
      "so does a store that another run has done meanwhile", 4, .next(0), .met, .next(3), .met,
      .next(1), .next(2), .next(nil)),
    Case(
      "a store that is still held on its second visit comes again", 1, .next(0), .taken(0),
      .again(0), .taken(0), .again(0), .next(nil)),
    Case(
      "of several such stores the first is visited first", 3, .next(0), .taken(0), .next(2),
      .taken(2), .next(1), .taken(1), .again(0), .taken(0), .again(2), .again(1), .again(0),
      .next(nil)),
  ]

  @Test(arguments: cases)
  func `stores come in this order`(_ test: Case) {
    let queue = StoreQueue(count: test.count)
    for (number, event) in test.events.enumerated() {
      switch event {
      case .next(let place):
        let next = queue.next()
        #expect(next?.place == place && next?.isSecondVisit != true, "event \(number)")
      case .again(let place):
        let next = queue.next()
        #expect(next?.place == place && next?.isSecondVisit == true, "event \(number)")
      case .taken(let place): queue.postpone(place)
      case .met: queue.reverse()
      }
    }
  }

  @Test func `every store is given out once, whatever workers meet`() {
    var generator = SeededGenerator(seed: 17)
    for _ in 0..<200 {
      let count = Int.random(in: 0...30, using: &generator)
      let queue = StoreQueue(count: count)
      var firsts: [Int] = []
      var ends: [Int] = []
      while let (place, isSecondVisit) = queue.next() {
        if !isSecondVisit { firsts.append(place) }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: queue.postpone(place)
        case 1:
          queue.reverse()
          ends.append(place)
        default: ends.append(place)
        }
      }
      #expect(firsts.sorted() == Array(0..<count))
      #expect(ends.sorted() == Array(0..<count))
    }
  }

  @Test func `several workers do each store once, and the caller is one of them`() {
    for count in [0, 1, 2, 5] {
      let queue = StoreQueue(count: 1000)
      let done = Counts()
      let work: @Sendable () -> Void = {
        while let (place, _) = queue.next() { done.add(place) }
      }
      runWorkers(count, own: work, other: work)
      #expect(done.all == Dictionary(uniqueKeysWithValues: (0..<1000).map { ($0, 1) }))
    }
  }
}
