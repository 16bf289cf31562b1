import Backups
import Clock
import Digests
import Foundation
import Machine
import Models
import Postgres
import Stores
import TestSupport
import Testing

@testable import Ledger
@testable import Migration
@testable import Rollback

/// Tests the plan of a rollback, which depends only on the database's answers and on backups.
struct RollbackPlannerTests {
  private static let earlier = target("earlier", began: 100)
  private static let later = target("later", began: 200)

  private static func target(_ host: String, began: Double) -> RollbackTarget {
    RollbackTarget(
      id: RunID(), startedAt: "2025-01-12T14:30:22Z", host: host, undoneRun: nil, began: began)
  }

  private static func recorded(
    _ collection: String = "notes", by run: RollbackTarget, id: Int = 1, table: String = "public.t",
    documents: Int = 10, digest: [UInt8] = [1]
  ) -> RecordedStore {
    RecordedStore(
      id: id, name: StoreName(user: "ann", collection: collection), table: table, run: run.id,
      sourcePath: "p", sourceDigest: digest, settings: RecordedSettings(dimensions: 4),
      documents: documents, sourceDimensions: 4, contentDigest: [])
  }

  /// Returns the answers of a ledger with these runs and stores.
  private static func answers(
    latest: RollbackTarget? = nil, takenBack: RollbackTarget? = nil, isUnfinished: Bool = false,
    stores: [RecordedStore] = []
  ) -> RollbackAnswers {
    RollbackAnswers(
      named: { name in
        guard let run = [earlier, later].first(where: { $0.host == name }) else {
          throw Failure(.preflight, "there is no run \(name)")
        }
        return run
      },
      table: { ("docs", "public.docs") }, latest: { latest },
      lastRolledBack: { $0 && !isUnfinished ? nil : takenBack },
      stores: { table in stores.filter { table == nil || $0.table == table } },
      standing: { store in
        RollbackAnswers.Standing(
          table: store.table, listed: .init(visible: store.documents), rows: store.documents)
      })
  }

  private static func planner(
    _ answers: RollbackAnswers, backups: String = "/nowhere",
    change: (inout RollbackOptions) -> Void = { _ in }
  ) -> RollbackPlanner {
    var options = RollbackOptions()
    options.backupDirectory = backups
    change(&options)
    return RollbackPlanner(
      options: options, database: answers, copies: CopyFinder(directory: backups))
  }

  private enum Expected {
    case plan(RollbackTarget, [String])
    case nothing(String)
    case refused(String)
  }

  private struct Choice {
    let name: String
    let answers: RollbackAnswers
    var change: (inout RollbackOptions) -> Void = { _ in }
    let expected: Expected
  }

  private static func choices() -> [Choice] {
    let docs = recorded("a", by: later, table: "public.docs")
    let other = recorded("b", by: later, id: 2, table: "public.other")
    let old = recorded("c", by: earlier, id: 3, table: "public.docs")
    let all = [docs, other, old]
    return [
      Choice(
        name: "nothing was written", answers: answers(),
        expected: .nothing("no run has written the present rows of docs")),
      Choice(
        name: "the latest run, in the table that is named",
        answers: answers(latest: later, stores: all), expected: .plan(later, ["a"])),
      Choice(
        name: "a run that is named, in every table", answers: answers(latest: earlier, stores: all),
        change: { $0.run = "later" }, expected: .plan(later, ["a", "b"])),
      Choice(
        name: "an earlier run that is named", answers: answers(latest: later, stores: all),
        change: { $0.run = "earlier" }, expected: .plan(earlier, ["c"])),
      Choice(
        name: "a run that does not exist", answers: answers(latest: later, stores: all),
        change: { $0.run = "no" }, expected: .refused("there is no run no")),
      Choice(
        name: "a run that is named and has nothing left", answers: answers(stores: [old]),
        change: { $0.run = "later" }, expected: .refused("has nothing in the database")),
      Choice(
        name: "only the stores that are selected", answers: answers(latest: later, stores: all),
        change: {
          $0.run = "later"
          $0.selection.collections = ["b"]
        }, expected: .plan(later, ["b"])),
      Choice(
        name: "none of them is selected", answers: answers(latest: later, stores: all),
        change: { $0.selection.users = ["bob"] },
        expected: .nothing("has nothing in the database for the given --user")),
      Choice(
        name: "a run that was taken back is not taken back again",
        answers: answers(latest: earlier, takenBack: later, stores: all),
        expected: .nothing("\(later.id), the latest in docs, was rolled back before")),
      Choice(
        name: "nor the last one that was left",
        answers: answers(takenBack: earlier, stores: []),
        expected: .nothing("was rolled back before")),
      Choice(
        name: "but a run that came after it is",
        answers: answers(latest: later, takenBack: earlier, stores: all),
        expected: .plan(later, ["a"])),
      Choice(
        name: "a rollback that was cut short goes on with the files",
        answers: answers(latest: earlier, takenBack: later, isUnfinished: true, stores: all),
        change: { $0.restoresFiles = true }, expected: .plan(later, ["a"])),
      Choice(
        name: "not without files",
        answers: answers(latest: earlier, takenBack: later, isUnfinished: true, stores: all),
        expected: .nothing("was rolled back before")),
      Choice(
        name: "not where it has ended",
        answers: answers(latest: earlier, takenBack: later, stores: all),
        change: { $0.restoresFiles = true }, expected: .nothing("was rolled back before")),
      Choice(
        name: "not where nothing of it is left",
        answers: answers(latest: earlier, takenBack: later, isUnfinished: true, stores: [old]),
        change: { $0.restoresFiles = true }, expected: .nothing("was rolled back before")),
      Choice(
        name: "a store in two tables is there twice",
        answers: answers(
          latest: later,
          stores: [recorded("a", by: later), recorded("a", by: later, id: 2, table: "public.u")]),
        change: { $0.run = "later" }, expected: .plan(later, ["a", "a"])),
    ]
  }

  @Test func `the run that is taken back`() throws {
    for choice in Self.choices() {
      do {
        let decision = try Self.planner(choice.answers, change: choice.change).plan()
        switch (choice.expected, decision) {
        case (.plan(let run, let stores), .plan(let plan)):
          #expect(plan.run == run.id && plan.host == run.host, "\(choice.name)")
          #expect(plan.stores.map(\.name.collection) == stores, "\(choice.name)")
        case (.nothing(let part), .nothing(let reason)):
          #expect(reason.contains(part), "\(choice.name): \(reason)")
        default: Issue.record("\(choice.name): \(decision)")
        }
      } catch let failure as Failure {
        guard case .refused(let part) = choice.expected else { throw failure }
        #expect(failure.reason.contains(part), "\(choice.name): \(failure)")
      }
    }
  }

  @Test func `each row is deleted, put back, or stays`() throws {
    let ids = (0..<3).compactMap { UUIDValue(bytes: [UInt8](repeating: UInt8($0), count: 16)) }
    var answers = Self.answers(
      latest: Self.later, stores: [Self.recorded(by: Self.later, table: "public.docs")])
    answers.standing = { store in
      // The run wrote ten rows, of which two were deleted, three edited and one adopted; four rows
      // are from elsewhere.
      RollbackAnswers.Standing(
        table: "docs", listed: .init(visible: 8, edited: ids, adopted: 1), rows: 15, alongside: 3,
        hasProjection: true)
    }
    let rows = try #require(try Self.rows(answers))
    #expect(rows.removes == 4 && rows.edited.count == 3 && rows.putsBack == 1)
    #expect(rows.gone == 2 && rows.added == 4 && rows.alongside == 3 && rows.hasProjection)
    #expect(rows.edited.first == ids.map(\.description))
    #expect(rows.store == 1 && rows.table == "docs" && rows.catalogueName == "public.docs")
    #expect(rows.losses == [] && rows.obstacle == nil)
  }

  private static func rows(
    _ answers: RollbackAnswers, change: (inout RollbackOptions) -> Void = { _ in }
  ) throws -> RollbackPlan.Rows? {
    guard case .plan(let plan) = try planner(answers, change: change).plan() else { return nil }
    #expect(plan.stores.count == 1 && plan.stores[0].refusal == nil)
    return plan.stores[0].rows
  }

  /// The cases have the number of rows to delete, whether tables refer to them, whether an earlier
  /// state is restored, whether losses are counted, and whether losses stop the store.
  @Test(arguments: [
    (removes: 2, refers: true, restores: false, counts: true, stops: true),
    (removes: 2, refers: true, restores: true, counts: true, stops: false),
    (removes: 2, refers: false, restores: false, counts: false, stops: false),
    (removes: 0, refers: true, restores: false, counts: false, stops: false),
  ])
  func `rows of other tables that go with them stop a store`(
    removes: Int, refers: Bool, restores: Bool, counts: Bool, stops: Bool
  ) throws {
    let lost = [ReferringRows(table: QualifiedName("comments"), deleted: 5, changed: 0)]
    let comments = ReferringTable(
      table: QualifiedName("comments"), constraint: "fk", action: .cascade, isOnUpdate: false,
      through: nil)
    let edited = try #require(UUIDValue(bytes: [UInt8](repeating: 7, count: 16)))
    var answers = Self.answers(
      latest: Self.later, stores: [Self.recorded(by: Self.later, table: "public.docs")])
    answers.standing = { _ in
      RollbackAnswers.Standing(
        table: "docs", listed: .init(visible: removes + 1, edited: [edited]), rows: 9,
        referring: refers ? [comments] : [])
    }
    answers.losses = { _, left in
      #expect(left == [edited])
      return lost
    }
    answers.refusalOfLosses = { _, removals in
      #expect(removals == .init(rows: removes, losses: lost))
      return Failure(.database, "comments would go")
    }
    let rows = try #require(try Self.rows(answers) { $0.restores = restores })
    #expect(rows.removes == removes)
    #expect(rows.losses == (counts ? lost : []))
    #expect((rows.obstacle != nil) == stops)
  }

  @Test func `a store that cannot be looked at does not stop the others`() throws {
    var answers = Self.answers(
      latest: Self.later,
      stores: [
        Self.recorded("a", by: Self.later, table: "public.docs"),
        Self.recorded("b", by: Self.later, id: 2, table: "public.docs"),
      ])
    let standing = answers.standing
    answers.standing = { store in
      if store.id == 1 { throw Failure(.database, "hidden rows") }
      return try standing(store)
    }
    guard case .plan(let plan) = try Self.planner(answers).plan() else {
      Issue.record("there is no plan")
      return
    }
    #expect(plan.stores.map(\.refusal?.reason) == ["hidden rows", nil])
    #expect(plan.stores.map(\.removes) == [0, 10] && plan.removes == 10)
  }

  /// A store, and a run with a backup of it.
  private struct World {
    let folders: StoreFolders
    let store: FoundStore
    let digest: [UInt8]
    let backups: String
    let copy: String

    init(run: RunID) throws {
      folders = try StoreFolders(["notes": .documents(3)])
      store = try folders.found("notes")
      digest = try SourceDigest(of: store).bytes
      backups = folders.directory.file("backups")
      let began = try #require(CalendarTime("2025-01-12T14:30:22+01:00"))
      let folder = try BackupFolder(in: backups, startedAt: began)
      copy = try folder.add(store, expected: digest)
      try folder.seal(run: run, startedAt: began)
    }

    /// Returns the plan for the only store.
    func plan(
      _ answers: RollbackAnswers, change: (inout RollbackOptions) -> Void
    ) throws -> RollbackPlan.StorePlan? {
      let planner = RollbackPlannerTests.planner(answers, backups: backups) { options in
        options.userDataDirectory = folders.root
        change(&options)
      }
      guard case .plan(let plan) = try planner.plan() else { return nil }
      #expect(plan.stores.count == 1)
      return plan.stores.first
    }
  }

  private static func replacement(_ digest: [UInt8]) -> Replacement {
    Replacement(
      run: earlier.id, sourceDigest: digest, settings: RecordedSettings(dimensions: 4),
      documents: 6)
  }

  @Test func `the state before is restored from the copy that has its files`() throws {
    let world = try World(run: Self.earlier.id)
    var answers = Self.answers(
      latest: Self.later, stores: [Self.recorded(by: Self.later, table: "public.docs")])
    // The run has replaced no earlier state.
    #expect(try world.plan(answers) { $0.restores = true }?.previous == nil)
    answers.replacement = { _ in Self.replacement(world.digest) }
    // The plan names the earlier state; no copy is looked for where the state is not to be
    // restored.
    let told = try world.plan(answers) { $0.backupDirectory = "/nowhere" }?.previous
    #expect(told == RollbackPlan.Previous(documents: 6, run: Self.earlier.id, backup: nil))
    let restored = try world.plan(answers) { $0.restores = true }?.previous
    #expect(restored?.backup == world.copy)
    // No copy has files with this digest.
    answers.replacement = { _ in Self.replacement([9]) }
    let refused = try world.plan(answers) { $0.restores = true }
    #expect(refused?.refusal?.kind == .backup && refused?.rows == nil)
  }

  private enum Change {
    case none, edited, removed, damagedCopy, missingBackup
  }

  /// Changes of the files since the run, the ledger's entry, and the expected plan for
  /// `vectors.pkl`.
  private static let files:
    [(change: Change, knows: String, action: String?, isProven: Bool, refusal: String?)] = [
      (.none, "same", "same", true, nil),
      (.edited, "same", "replace", true, nil),
      (.removed, "same", "write", true, nil),
      (.none, "other", nil, false, "differs from what run"),
      (.damagedCopy, "same", nil, false, "the backup is damaged"),
      (.missingBackup, "same", nil, false, "there is no backup of"),
      (.none, "replaced", "same", true, nil),
      (.none, "replaced by another", nil, false, "differs from what run"),
      (.none, "nothing", "same", false, nil),
    ]

  @Test func `files are put back where a copy has them and the ledger knows them`() throws {
    for (change, knows, action, isProven, refusal) in Self.files {
      let place: Comment = "\(change), the ledger knows \(knows)"
      let world = try World(run: change == .missingBackup ? Self.earlier.id : Self.later.id)
      let files = "user_data/ann/vector_store_notes"
      switch change {
      case .none, .missingBackup: break
      case .edited: try world.folders.write(.documents(4), to: "notes")
      case .removed:
        try FileManager.default.removeItem(
          atPath: world.folders.directory.file("\(files)/vectors.pkl"))
      case .damagedCopy:
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(world.copy)/vectors.pkl"))
      }
      let isRecorded = knows == "same" || knows == "other"
      var answers = Self.answers(
        latest: Self.later,
        stores: isRecorded
          ? [
            Self.recorded(
              by: Self.later, table: "public.docs", digest: knows == "same" ? world.digest : [9])
          ] : [])
      answers.digestOfReplaced = { name, run in
        #expect(name == world.store.name && run == Self.later.id)
        return knows == "replaced" ? world.digest : knows == "nothing" ? nil : [9]
      }
      let plan = try #require(
        try world.plan(answers) { options in
          options.run = "later"
          options.restoresFiles = true
        }, place)
      #expect(plan.refusal?.reason.contains(refusal ?? "?") ?? (refusal == nil), "\(place)")
      #expect((plan.rows != nil) == (isRecorded && refusal == nil), place)
      #expect(plan.areFilesProven == isProven, place)
      let found = plan.files.first {
        $0.path == world.folders.directory.file("\(files)/vectors.pkl")
      }
      switch found?.action {
      case nil: #expect(action == nil, place)
      case .same: #expect(action == "same", place)
      case .write: #expect(action == "write", place)
      case .replace(let keeping, let isNewer):
        #expect(action == "replace" && isNewer, place)
        #expect(
          keeping == "vectors.pkl.before-rollback-\(Self.later.id.description.prefix(8))", place)
      }
    }
  }
}
