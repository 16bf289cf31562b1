import Backups
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

/// A case of the planner: files, the database's answers, and the expected plan.
struct PlanCase: Sendable, CustomTestStringConvertible {
  /// The ledger's entry of a store.
  struct Entry: Sendable {
    /// True where the files are those that were migrated.
    var isSameFiles = true
    /// The dimension of the table when the store was migrated.
    var dimensions = 4
    var documents = 3
    var present = 3
  }

  /// The answers of the database.
  struct Database: Sendable {
    /// The dimension of the table; nil where there is none.
    var table: Int? = 4
    var hasLedger = true
    var entry: Entry?
    var hasWriter = false
    var hasDoubles = false
    var unlisted = UnlistedRows()
    var isReembedded = false
    var edited = 0
    var taken = 0
    var referring: [ReferringTable] = []
    var removals = DatabaseAnswers.Removals()
    var isLossRefused = false
  }

  /// The action that is planned for the store.
  enum Action: Sendable {
    case insert
    case replace(Int)
    case unchanged(missing: Int)
    case leaveEmpty
    /// The store is refused; the reason contains these words.
    case refuse(String)
    /// The store would be written; a dry run names an obstacle with these words.
    case obstacle(String)
  }

  let testDescription: String
  let content: Content
  let database: Database?
  let mode: MigrationOptions.Mode
  let change: @Sendable (inout MigrationOptions) -> Void
  let action: Action

  init(
    _ name: String, _ content: Content = .documents(3), _ database: Database? = Database(),
    _ mode: MigrationOptions.Mode = .live,
    change: @escaping @Sendable (inout MigrationOptions) -> Void = { _ in }, then action: Action
  ) {
    testDescription = name
    self.content = content
    self.database = database
    self.mode = mode
    self.change = change
    self.action = action
  }

  /// Makes the plan of the store `notes`.
  func plan() throws -> MigrationPlan {
    let folders = try StoreFolders(["notes": content])
    return try Planning(folders, mode, change: change).plan(database)
  }
}

/// A planner for a folder of stores.
struct Planning {
  let folders: StoreFolders
  let options: MigrationOptions

  init(
    _ folders: StoreFolders, _ mode: MigrationOptions.Mode = .live,
    change: (inout MigrationOptions) -> Void = { _ in }
  ) {
    self.folders = folders
    var options = MigrationOptions()
    options.mode = mode
    options.userDataDirectory = folders.root
    change(&options)
    self.options = options
  }

  static let writer = RunID()

  /// Returns the answers of a database, which are the same for all stores.
  func answers(_ database: PlanCase.Database) throws -> DatabaseAnswers {
    let name = QualifiedName(schema: "public", "vector_documents")
    var answers = DatabaseAnswers(name: name)
    answers.table = database.table.map { VectorTable(name: name, dimensions: $0) }
    answers.hasLedger = database.hasLedger
    answers.referring = database.referring
    answers.reembedded = database.isReembedded ? Failure(.source, "another model") : nil
    let folders = folders
    answers.entry = { name in
      guard let entry = database.entry else { return nil }
      let store = try folders.found(name.collection)
      let other = [UInt8](repeating: 0, count: 32)
      return LedgerEntry(
        id: 7, run: Self.writer,
        sourceDigest: entry.isSameFiles ? try SourceDigest(of: store).bytes : other,
        settings: MigrationOptions().settings(
          from: 4, to: entry.dimensions, keepsOriginals: false), sourceDimensions: 4,
        documents: entry.documents, present: entry.present)
    }
    answers.writer = { _ in database.hasWriter ? Self.writer : nil }
    answers.hasDoubles = { _ in database.hasDoubles }
    answers.unlisted = { _, choice in
      var rows = database.unlisted
      rows.choice = choice
      return rows
    }
    answers.edited = { _, _ in
      var edited = KeptDocuments()
      for number in 0..<database.edited { edited.add("d\(number)") }
      return edited
    }
    answers.taken = { reader in Array(try reader.documents().prefix(database.taken)) }
    answers.removals = { _ in database.removals }
    answers.refusalOfLosses = { removals in
      #expect(removals == database.removals)
      return database.isLossRefused ? Failure(.database, "comments would go") : nil
    }
    return answers
  }

  func plan(_ database: PlanCase.Database?, isTaken: Bool = false) throws -> MigrationPlan {
    try plan(answers: try database.map(answers), isTaken: isTaken)
  }

  func plan(
    answers: DatabaseAnswers?, isTaken: Bool = false, selecting collections: [String] = [],
    step: (FoundStore) throws -> Void = { _ in }
  ) throws -> MigrationPlan {
    let found = try folders.found()
    let engine: @Sendable () throws -> Engine = { try Engine(threads: 1) }
    let planner = Planner(
      options: options, keys: KeyRing(environment: [:]), database: answers, isTaken: isTaken,
      shared: SharedModels(found: found, engine: engine, isInterrupted: { false }),
      newDimensions: nil,
      quiet: QuietPeriod(
        environment: ["VECTOR_FERRY_QUIET_SECONDS": "0"], isInterrupted: { false }),
      engine: engine, isInterrupted: { false })
    let selected = found.filter {
      collections.isEmpty || collections.contains($0.name.collection)
    }
    return try planner.plan(found: found, selected: selected, step: step)
  }
}

extension StoreReader {
  /// Returns all documents of a store.
  fileprivate func documents() throws -> [Document] {
    rewind()
    var batch = DocumentBatch()
    var documents: [Document] = []
    while try next(&batch, limit: 10) { documents += batch.documents }
    return documents
  }
}
