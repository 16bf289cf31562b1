import TestSupport
import Testing

@testable import Migration

/// Tests the number of stores that a run migrates at the same time.
struct JobsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let jobs: Jobs
    let stores: Int
    let processors: Int
    let free: Int?
    let expected: Int
    var testDescription: String {
      "\(jobs): \(stores) stores, \(processors) processors, \(free.map(String.init) ?? "any") free"
    }

    init(_ jobs: Jobs, _ stores: Int, _ processors: Int, _ free: Int?, _ expected: Int) {
      self.jobs = jobs
      self.stores = stores
      self.processors = processors
      self.free = free
      self.expected = expected
    }
  }

  static let cases = [
    // A few stores are migrated one after the other.
    Case(.automatic, 0, 8, 90, 1), Case(.automatic, 1, 8, 90, 1), Case(.automatic, 31, 8, 90, 1),
    Case(.automatic, 32, 8, 90, 2), Case(.automatic, 48, 8, 90, 3),
    // There are no more workers than processors, and never more than eight.
    Case(.automatic, 10_000, 1, 90, 1), Case(.automatic, 10_000, 2, 90, 2),
    Case(.automatic, 10_000, 6, 90, 6), Case(.automatic, 10_000, 64, 90, 8),
    // Half of the free connections are left to other programs.
    Case(.automatic, 10_000, 8, 7, 4), Case(.automatic, 10_000, 8, 2, 2),
    Case(.automatic, 10_000, 8, 1, 1), Case(.automatic, 10_000, 8, 0, 1),
    Case(.automatic, 10_000, 8, -3, 1), Case(.automatic, 10_000, 4, nil, 4),
    // The operator's number is used, unless there are fewer stores.
    Case(.number(1), 10_000, 8, 90, 1), Case(.number(12), 10_000, 2, 0, 12),
    Case(.number(12), 5, 2, 0, 5), Case(.number(3), 0, 2, 90, 1),
  ]

  @Test("stores, processors and free connections decide", arguments: cases)
  func resolved(_ test: Case) {
    let jobs = test.jobs.resolved(
      stores: test.stores, processors: test.processors, freeConnections: test.free)
    #expect(jobs == test.expected)
  }
}
