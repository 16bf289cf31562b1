import Ledger
import Models
import Stores
import TestSupport
import Testing
import VectorMath

@testable import Migration

/// Tests the planned table: the existing table, or a table with enough dimensions for every store.
struct PlannedTableTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let stores: [String: Content]
    let database: PlanCase.Database?
    let change: @Sendable (inout MigrationOptions) -> Void
    let dimensions: Int
    let isMade: Bool
    let isUndecided: Bool

    init(
      _ name: String, _ stores: [String: Content], _ database: PlanCase.Database? = nil,
      change: @escaping @Sendable (inout MigrationOptions) -> Void = { _ in },
      dimensions: Int, isMade: Bool = true, isUndecided: Bool = false
    ) {
      testDescription = name
      self.stores = stores
      self.database = database
      self.change = change
      self.dimensions = dimensions
      self.isMade = isMade
      self.isUndecided = isUndecided
    }
  }

  private static let wide = Content.documents(1, dimensions: 2001)

  static let cases: [Case] = [
    Case("a new table is as wide as its store", ["a": .documents(2, dimensions: 4)], dimensions: 4),
    Case(
      "as the widest store, also where others are refused",
      ["a": .documents(2, dimensions: 4), "b": .documents(2, dimensions: 8), "c": .damaged],
      dimensions: 8),
    Case("at most as wide as an index allows", ["a": wide], dimensions: 2000),
    Case(
      "or as the type allows, where nothing is reduced", ["a": wide],
      change: { $0.reduction.method = .none }, dimensions: 2001),
    Case(
      "as wide as the operator says", ["a": .documents(2, dimensions: 4)],
      change: { $0.dimensions = 6 }, dimensions: 6),
    Case(
      "without any vector nobody knows", ["a": .nothing, "b": .incomplete], dimensions: 2000,
      isUndecided: true),
    Case(
      "but where the operator says it", ["a": .nothing], change: { $0.dimensions = 6 },
      dimensions: 6),
    Case(
      "a store without vectors does not narrow the table",
      ["a": .nothing, "b": .documents(2, dimensions: 4)], dimensions: 4),
    Case(
      "a table that is there is used as it is", ["a": .documents(2, dimensions: 8)],
      PlanCase.Database(table: 4), dimensions: 4, isMade: false),
    Case(
      "also where the operator names its dimension", ["a": .documents(2, dimensions: 8)],
      PlanCase.Database(table: 4), change: { $0.dimensions = 4 }, dimensions: 4, isMade: false),
    Case(
      "a database without it gets one", ["a": .documents(2, dimensions: 8)],
      PlanCase.Database(table: nil), dimensions: 8),
  ]

  @Test(arguments: cases)
  func `the table's dimension`(_ test: Case) throws {
    let planning = Planning(try StoreFolders(test.stores), change: test.change)
    let target = try planning.plan(test.database).target
    #expect(target.dimensions == test.dimensions)
    #expect(target.mustBeCreated == test.isMade && target.isUndecided == test.isUndecided)
    #expect(!target.isUnsuitable)
  }

  @Test func `the stores that are left out count`() throws {
    let folders = try StoreFolders([
      "a": .documents(2, dimensions: 4), "b": .documents(2, dimensions: 8),
    ])
    let plan = try Planning(folders).plan(answers: nil, selecting: ["a"])
    #expect(plan.target.dimensions == 8)
    #expect(plan.stores.map(\.reduction) == [.extend(from: 4, to: 8)])
  }

  @Test func `a table of another dimension than the operator's is refused`() throws {
    let planning = Planning(try StoreFolders(["a": .documents(2)])) { $0.dimensions = 6 }
    let failure = #expect(throws: Failure.self) { try planning.plan(PlanCase.Database(table: 4)) }
    #expect(failure?.kind == .preflight)
    #expect(failure?.reason.contains("takes 4 dimensions, --dimensions asks for 6") == true)
  }

  @Test func `an object that is no such table cannot be made, and is told`() throws {
    let planning = Planning(try StoreFolders(["a": .documents(2)]), .dryRun)
    let target = try planning.plan(nil, isTaken: true).target
    #expect(target.isUnsuitable && !target.mustBeCreated)
  }

  @Test(arguments: [MigrationOptions.Mode.live, .dryRun])
  func `where no store has documents, none is written before a table is there`(
    mode: MigrationOptions.Mode
  ) throws {
    let planning = Planning(try StoreFolders(["a": .nothing]), mode)
    #expect(try planning.plan(PlanCase.Database(table: nil)).stores.map(\.action) == [.leaveEmpty])
    #expect(try planning.plan(PlanCase.Database(table: 4)).stores.map(\.action) == [.insert])
  }

  @Test func `vectors are reduced by the way that the operator chooses`() throws {
    let folders = try StoreFolders(["a": .documents(40, dimensions: 8)])
    for (change, reduction): (@Sendable (inout MigrationOptions) -> Void, Reduction) in [
      ({ _ in }, .project(.uncentered, from: 8, to: 4)),
      ({ $0.reduction.isCentered = true }, .project(.centered, from: 8, to: 4)),
      ({ $0.reduction.method = .truncate }, .project(.truncated, from: 8, to: 4)),
    ] {
      let plan = try Planning(folders, change: change).plan(PlanCase.Database(table: 4))
      #expect(plan.stores.map(\.reduction) == [reduction])
    }
  }
}
