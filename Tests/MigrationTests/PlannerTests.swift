import Layouts
import Machine
import Models
import Postgres
import Stores
import TestSupport
import Testing
import Unlisted
import VectorMath

@testable import Ledger
@testable import Migration

/// Tests the plan for a store, which depends only on the store's files and the database's answers.
struct PlannerTests {
  private typealias Entry = PlanCase.Entry
  private typealias Database = PlanCase.Database

  private static let many = Content.documents(40, dimensions: 8)
  private static let comments = [
    ReferringTable(
      table: QualifiedName(schema: "public", "comments"), constraint: "fk", action: .cascade,
      isOnUpdate: false, through: nil)
  ]
  private static let losses = DatabaseAnswers.Removals(
    rows: 2, losses: [ReferringRows(table: QualifiedName("comments"), deleted: 5, changed: 0)])

  static let known: [PlanCase] = [
    PlanCase(
      "nothing is known of a database that was not looked at", .documents(3), nil, then: .insert),
    PlanCase("a store that the ledger does not list is new", then: .insert),
    PlanCase(
      "without a ledger every store is new", .documents(3),
      Database(hasLedger: false, entry: Entry()), then: .insert),
    PlanCase(
      "without the table every store is new", .documents(3), Database(table: nil, entry: Entry()),
      then: .insert),
    PlanCase(
      "files that were migrated are unchanged", .documents(3), Database(entry: Entry()),
      then: .unchanged(missing: 0)),
    PlanCase(
      "in a dry run as well", .documents(3), Database(entry: Entry()), .dryRun,
      then: .unchanged(missing: 0)),
    PlanCase(
      "rows that were deleted in the database are counted", .documents(3),
      Database(entry: Entry(present: 1)), then: .unchanged(missing: 2)),
    PlanCase(
      "a table that was emptied is filled again", .documents(3),
      Database(entry: Entry(present: 0)), then: .replace(3)),
    PlanCase(
      "a store without documents is unchanged without rows", .nothing,
      Database(entry: Entry(documents: 0, present: 0)), then: .unchanged(missing: 0)),
    PlanCase(
      "changed files replace what was written", .documents(3),
      Database(entry: Entry(isSameFiles: false, documents: 9)), then: .replace(9)),
    PlanCase(
      "so do files that have no documents any more", .nothing,
      Database(entry: Entry(isSameFiles: false)), then: .replace(3)),
    PlanCase(
      "so does another dimension of the table", .documents(3),
      Database(entry: Entry(dimensions: 8)), then: .replace(3)),
    PlanCase(
      "so does another way of reading", .documents(3), Database(entry: Entry()),
      change: { $0.reading.escapeNUL = true }, then: .replace(3)),
    PlanCase(
      "so does --force", .documents(3), Database(entry: Entry()), change: { $0.force = true },
      then: .replace(3)),
  ]

  static let refused: [PlanCase] = [
    PlanCase("a store that cannot be read is refused", .damaged, then: .refuse("vectors.pkl")),
    PlanCase(
      "a store without a file is refused", .incomplete, then: .refuse("vectors.pkl is missing")),
    PlanCase("vectors without entries are refused", .unequal, then: .refuse("2")),
    PlanCase(
      "unless the operator allows it", .unequal, change: { $0.reading.allowMismatch = true },
      then: .insert),
    PlanCase(
      "vectors that are too long are reduced", Self.many, Database(table: 4), then: .insert),
    PlanCase(
      "or refused where nothing may be reduced", Self.many, Database(table: 4),
      change: { $0.reduction.method = .none }, then: .refuse("8 dimensions, the table takes 4")),
    PlanCase(
      "vectors that are too short are extended, however they are reduced", .documents(3),
      Database(table: 8), change: { $0.reduction.method = .none }, then: .insert),
    PlanCase(
      "a dry run refuses a reduction that loses too much", Self.many, Database(table: 4), .dryRun,
      change: { $0.reduction.minimumRecall = 1.1 }, then: .refuse("recall")),
    PlanCase(
      "a live run measures when it migrates", Self.many, Database(table: 4),
      change: { $0.reduction.minimumRecall = 1.1 }, then: .insert),
    PlanCase(
      "new vectors of the table's dimension are taken beside another model", .documents(3),
      Database(isReembedded: true), then: .insert),
    PlanCase(
      "others are not", .documents(3), Database(table: 8, isReembedded: true),
      then: .refuse("another model")),
    PlanCase(
      "nor is what would replace rows", .documents(3),
      Database(entry: Entry(isSameFiles: false), isReembedded: true), then: .refuse("another model")
    ),
    PlanCase(
      "nothing is mixed where nothing is written", .documents(3),
      Database(entry: Entry(), isReembedded: true), then: .unchanged(missing: 0)),
    PlanCase(
      "nor where there are no documents", .nothing, Database(table: 8, isReembedded: true),
      then: .insert),
  ]

  private static let doubled = UnlistedRows(count: 2, equal: 2, doubled: 2)

  static let unlisted: [PlanCase] = [
    PlanCase(
      "rows in no ledger stop a new store", .documents(3), Database(unlisted: Self.doubled),
      then: .refuse("2 rows are in the table already")),
    PlanCase(
      "even where no text is equal", .documents(3), Database(unlisted: UnlistedRows(count: 1)),
      then: .refuse("1 row is in the table already")),
    PlanCase(
      "not where the ledger has known the store", .documents(3),
      Database(unlisted: UnlistedRows(count: 1, isKnown: true)), then: .insert),
    PlanCase(
      "but where texts would be there twice", .documents(3),
      Database(unlisted: UnlistedRows(count: 1, equal: 1, doubled: 1, isKnown: true)),
      then: .refuse("1 document would be in the table twice")),
    PlanCase(
      "they are left alone where the operator says so", .documents(3),
      Database(unlisted: Self.doubled), change: { $0.unlisted = .alongside }, then: .insert),
    PlanCase(
      "or taken over", .documents(3), Database(unlisted: Self.doubled),
      change: { $0.unlisted = .adopt }, then: .insert),
    PlanCase(
      "they stop nothing that is not written", .documents(3),
      Database(entry: Entry(), unlisted: Self.doubled), .dryRun, then: .unchanged(missing: 0)),
    PlanCase(
      "an unchanged store is written again where rows of it can be taken over", .documents(3),
      Database(entry: Entry(), hasDoubles: true), change: { $0.unlisted = .adopt },
      then: .replace(3)),
    PlanCase(
      "and not where there are none", .documents(3), Database(entry: Entry()),
      change: { $0.unlisted = .adopt }, then: .unchanged(missing: 0)),
    PlanCase(
      "nor where nobody asks for it", .documents(3), Database(entry: Entry(), hasDoubles: true),
      then: .unchanged(missing: 0)),
  ]

  static let obstacles: [PlanCase] = [
    PlanCase(
      "a dry run says which rows were edited", .documents(3),
      Database(entry: Entry(isSameFiles: false), edited: 2), .dryRun,
      then: .obstacle(
        "2 of the store's documents were changed in the database after the migration (d0, d1)")),
    PlanCase(
      "a live run sees them when it writes", .documents(3),
      Database(entry: Entry(isSameFiles: false), edited: 2), then: .replace(3)),
    PlanCase(
      "--force replaces them", .documents(3),
      Database(entry: Entry(isSameFiles: false), edited: 2), .dryRun, change: { $0.force = true },
      then: .replace(3)),
    PlanCase(
      "a new store has none", .documents(3), Database(edited: 2), .dryRun, then: .insert),
    PlanCase(
      "what is not written meets no obstacle", .documents(3), Database(entry: Entry(), edited: 2),
      .dryRun, then: .unchanged(missing: 0)),
    PlanCase(
      "rows of other tables that would go stop a store", .documents(3),
      Database(
        entry: Entry(isSameFiles: false), referring: Self.comments, removals: Self.losses,
        isLossRefused: true), .dryRun, then: .obstacle("comments would go")),
    PlanCase(
      "not where they may go", .documents(3),
      Database(
        entry: Entry(isSameFiles: false), referring: Self.comments, removals: Self.losses),
      .dryRun, then: .replace(3)),
    PlanCase(
      "not where no row goes", .documents(3),
      Database(
        entry: Entry(isSameFiles: false), referring: Self.comments, isLossRefused: true), .dryRun,
      then: .replace(3)),
    PlanCase(
      "nor where no table refers", .documents(3),
      Database(entry: Entry(isSameFiles: false), removals: Self.losses, isLossRefused: true),
      .dryRun, then: .replace(3)),
    PlanCase(
      "edited rows are said first", .documents(3),
      Database(
        entry: Entry(isSameFiles: false), edited: 1, referring: Self.comments,
        removals: Self.losses, isLossRefused: true), .dryRun,
      then: .obstacle("1 of the store's documents was changed")),
    PlanCase(
      "a document that moved to another collection stops a store", .documents(3),
      Database(taken: 2), .dryRun,
      then: .obstacle("is in another collection already (and so is 1 more)")),
    PlanCase(
      "a document that takes over a row does not need its own id", .documents(3),
      Database(unlisted: Self.doubled, taken: 2), .dryRun, change: { $0.unlisted = .adopt },
      then: .insert),
    PlanCase(
      "but others do", .documents(3), Database(unlisted: Self.doubled, taken: 3), .dryRun,
      change: { $0.unlisted = .adopt }, then: .obstacle("(and so are 2 more)")),
    PlanCase(
      "without a table there is no obstacle", .documents(3), Database(table: nil, taken: 2),
      .dryRun, then: .insert),
  ]

  @Test(arguments: known + refused + unlisted + obstacles)
  func `a store's plan follows from its files and the answers`(_ test: PlanCase) throws {
    let plan = try test.plan()
    let store = try #require(plan.stores.first)
    #expect(plan.stores.count == 1)
    let words = store.obstacle?.description ?? ""
    switch (test.action, store.action) {
    case (.insert, .insert): #expect(store.obstacle == nil)
    case (.replace(let expected), .replace(let previous)):
      #expect(previous == expected && store.obstacle == nil, "\(words)")
    case (.unchanged(let expected), .unchanged(let missing)):
      #expect(missing == expected && store.obstacle == nil)
      // A live run does not read a store that it will not write.
      #expect((store.contents == nil) == (test.mode == .live))
    case (.leaveEmpty, .leaveEmpty): break
    case (.refuse(let part), .refuse(let failure)):
      #expect(failure.description.contains(part), "\(failure)")
    case (.obstacle(let part), .insert), (.obstacle(let part), .replace):
      #expect(words.contains(part), "\(words)")
    default: Issue.record("\(store.action) instead of \(test.action)")
    }
  }

  @Test func `a plan says what a replacement takes away, and who wrote it`() throws {
    let database = Database(
      entry: Entry(isSameFiles: false), hasWriter: true, referring: Self.comments,
      removals: Self.losses)
    let planning = Planning(try StoreFolders(["notes": .documents(3)]), .dryRun)
    let plan = try planning.plan(database)
    let store = try #require(plan.stores.first)
    #expect(store.removes == 2 && store.losses == Self.losses.losses)
    #expect(store.previousRun == Planning.writer && !store.repeats)
    #expect(store.sourceDigest?.count == 32 && store.contents?.documents == 3)
    #expect(plan.target.referring == Self.comments)
    // The ledger may know a store whose table was dropped.
    let dropped = try planning.plan(Database(table: nil, hasWriter: true))
    #expect(dropped.stores.first?.previousRun == Planning.writer)
    #expect(dropped.stores.first?.removes == nil)
    let unknown = try planning.plan(Database(table: nil, hasLedger: false, hasWriter: true))
    #expect(unknown.stores.first?.previousRun == nil)
  }

  @Test func `a store whose rows are taken over is written again`() throws {
    let planning = Planning(try StoreFolders(["notes": .documents(3)])) { $0.unlisted = .adopt }
    let plan = try planning.plan(Database(entry: Entry(), hasDoubles: true))
    #expect(plan.stores.first?.repeats == true && plan.stores.first?.contents != nil)
  }

  @Test func `a store that loses its last document is told`() throws {
    let planning = Planning(try StoreFolders(["notes": .nothing]))
    let plan = try planning.plan(Database(entry: Entry(isSameFiles: false)))
    #expect(plan.stores.first?.emptying?.contains("all 3") == true)
  }

  @Test func `one store that cannot be planned does not stop the others`() throws {
    let folders = try StoreFolders([
      "a": .damaged, "b": .documents(2), "c": .incomplete, "d": .documents(1),
    ])
    let plan = try Planning(folders).plan(Database())
    #expect(plan.stores.map(\.action.writes) == [false, true, false, true])
    #expect(plan.toMigrate.map(\.name.collection) == ["b", "d"])
  }

  @Test func `what stops a plan, and what stops one store`() throws {
    let planning = Planning(try StoreFolders(["a": .documents(2), "b": .documents(2)]))
    var answers = try planning.answers(Database())
    // The operator's stop and errors of the server end the planning.
    for error in [PostgresError.interrupted, .connectionLost(operation: "o", reason: "r")] {
      answers.entry = { _ in throw error }
      #expect(throws: PostgresError.self) { try planning.plan(answers: answers) }
    }
    answers.entry = { _ in nil }
    answers.unlisted = { _, _ in throw Failure(.interrupted, "interrupted") }
    #expect(throws: Failure.self) { try planning.plan(answers: answers) }
    // Every other error refuses the store.
    answers.unlisted = { reader, choice in
      if reader.store.name.collection == "a" { throw Failure(.source, "changed") }
      return UnlistedRows(choice: choice)
    }
    let plan = try planning.plan(answers: answers)
    #expect(plan.stores.map(\.action) == [.refuse(Failure(.source, "changed")), .insert])
    // The operator may stop before each store.
    var seen: [String] = []
    #expect(throws: Failure.self) {
      try planning.plan(answers: answers) { store in
        if !seen.isEmpty { throw Failure(.interrupted, "interrupted") }
        seen.append(store.name.collection)
      }
    }
    #expect(seen == ["a"])
  }
}
