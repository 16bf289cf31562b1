package import Models
internal import Ledger
package import Embedding
package import Postgres
internal import OwnSchema
package import VectorIndex
internal import VectorMath

/// Changes the dimension of a vector column in place, while the application reads and writes.
///
/// A second column is kept in step by a trigger, filled batch by batch, indexed, and takes over the
/// name in one short transaction. Whatever is done is in the database: a run that was killed is
/// taken up by the next one. docs/DIMENSIONS.md tells what the application may do meanwhile.
package struct DimensionChange {
  /// What is to be changed, and how.
  package struct Options: Sendable {
    /// The table.
    package var table = QualifiedName("vector_documents")
    /// The column.
    package var column: Identifier = "embedding"
    /// How many dimensions it is to have; nil goes on with the change that has begun.
    package var target: Int?
    /// Keeps the first components instead of projecting.
    package var truncates = false
    /// Fits a model to fewer rows than it has dimensions, too.
    package var acceptsFewRows = false
    /// The column of the texts, where these are embedded anew; nil for `text`, or for the one that
    /// the change has begun with.
    package var textColumn: Identifier?
    /// What is noted as the version of the embedding model; nil for its tag.
    package var modelVersion: String?
    /// Changes nothing where the measured recall@10 falls below this.
    package var minimumRecall = 0.95
    /// Builds an index over the new column before it takes over, where the table wants one.
    package var indexes = true
    /// Milliseconds to wait for the table's lock at a time.
    package var lockTimeout = 1000
    /// Seconds to wait for transactions of others that hold rows or are too old.
    package var holdTimeout = 600.0

    /// The usual way for the usual table.
    package init() {}
  }

  let options: Options
  let connection: Connection
  /// A second session, which looks at how far the first one's index is.
  let watcher: Connection?
  /// Who embeds texts anew; nil where vectors are made of vectors.
  let embedder: Embedder?
  let observe: (DimensionEvent) -> Void
  let isInterrupted: @Sendable () -> Bool
  let hooks: StageHooks
  let session: ChangeSession
  let records: ChangeRecords

  /// A change that has touched nothing yet.
  package init(
    _ options: Options, connection: Connection, watcher: Connection? = nil,
    embedder: Embedder? = nil, environment: [String: String] = [:],
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (DimensionEvent) -> Void = { _ in }
  ) {
    self.options = options
    self.connection = connection
    self.watcher = watcher
    self.embedder = embedder
    self.observe = observe
    self.isInterrupted = isInterrupted
    hooks = StageHooks(environment: environment, isInterrupted: isInterrupted)
    session = ChangeSession(
      connection: connection, observe: observe, lockTimeout: options.lockTimeout,
      holdTimeout: options.holdTimeout)
    records = ChangeRecords(connection: connection)
  }

  /// Every change of this database, oldest first; writes nothing.
  package static func all(on connection: Connection) throws -> [ChangeRecord] {
    try ChangeRecords(connection: connection).all()
  }

  /// Mends what an earlier program has left unsafe in the database; nothing where nothing is.
  package static func repair(on connection: Connection) throws {
    let session = ChangeSession(connection: connection, observe: { _ in }, lockTimeout: 1000)
    try ChangeRepair(session: session).run()
  }

  /// Does it, or what is left of it.
  package func run() throws -> ChangeRecord {
    try session.open()
    let column = try VectorColumn(options.table, column: options.column, on: connection)
    try refuseMissingRights(column)
    try ChangeRepair(session: session).run()
    try settleUndone(column)
    let open = try records.open(column)
    if let open {
      try refuseOtherTarget(open)
      try refuseOtherWay(open)
    }
    let change = try open ?? begin(column)
    if change.state == .filling {
      do {
        try fill(change, column)
      } catch let error as EmbeddingError {
        throw Self.broken(error)
      }
      hooks.reached(.changeSwapped)
    }
    try settle(change, column)
    hooks.reached(.changeSettled)
    return try records.all().first { $0.id == change.id } ?? change
  }

  /// Refuses to go on with a change to another dimension than the one that is asked for.
  func refuseOtherTarget(_ open: ChangeRecord) throws(Failure) {
    guard let target = options.target, target != open.to else { return }
    let way = open.state == .swapped ? "dimensions finish" : "dimensions change --to \(open.to)"
    throw Failure(
      .preflight, "a change of \(open.table).\(open.column) to \(open.to) dimensions has begun",
      remedy: "finish it (\(way)), or take it back (dimensions undo)")
  }

  // MARK: Beginning

  private func begin(_ column: VectorColumn) throws -> ChangeRecord {
    if let embedder { return try beginReembedding(column, embedder) }
    let target = try target(for: column)
    try check(column, to: target)
    let (model, known) = try fit(column, target: target)
    try tellStores(of: column)
    let run = RunID()
    defer { RunRow.finish(run, on: connection) }
    return try begin(column, to: target, recall: model?.fidelity.recall) {
      guard let model else { return .zeros }
      if let known { return .projection(known) }
      try RunRow.register(run, on: connection)
      return .projection(
        try ModelTable(connection: connection).insert(
          model.projection, owner: nil, run: run, population: model.projection.fittedRows))
    }
  }

  /// What was asked for.
  func target(for column: VectorColumn) throws(Failure) -> Int {
    if let target = options.target { return target }
    throw Failure(
      .preflight, "no change of \(column.table).\(column.name.name) has begun",
      remedy: "say how many dimensions it is to have (--to)")
  }

  /// Makes column, trigger and record, in one transaction.
  func begin(
    _ column: VectorColumn, to target: Int, recall: Double?,
    _ method: () throws -> ChangeRecord.Method
  ) throws -> ChangeRecord {
    hooks.reached(.changeFitted)
    try session.patiently {
      try FerrySchema.installDimensionChanges(for: column.table, on: connection)
    }
    let change = try session.patiently {
      let change = try records.begin(column, to: target, method: try method(), recall: recall)
      try addColumn(column, change)
      hooks.reached(.changeBeforeBegin)
      return change
    }
    hooks.reached(.changeBegun)
    return change
  }

  /// Says that verify, rollback and migrate will miss what they know of the table.
  func tellStores(of column: VectorColumn) throws {
    let stores = try storesCarriedOver(into: column)
    if stores > 0 { observe(.carriedOver(stores: stores)) }
  }

  /// How many stores of the table the ledger knows.
  private func storesCarriedOver(into column: VectorColumn) throws(PostgresError) -> Int {
    guard try FerrySchema.installedVersion(on: connection) > 0 else { return 0 }
    return try connection.scalar(
      "SELECT count(*) FROM vector_ferry.stores WHERE table_name = \(column.table)") ?? 0
  }

  func addColumn(_ column: VectorColumn, _ change: ChangeRecord) throws {
    let target = column.companion(change.to)
    let vector = QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector")
    try connection.query(
      """
      ALTER TABLE \(column.sql)
      ADD COLUMN \(target) \(vector)(\(number: change.to))
      """)
    try connection.execute(
      script: try column.properties(for: target, on: connection))
    try FollowTrigger(change, column, on: connection).install(filling: target)
  }

  func check(_ column: VectorColumn, to target: Int) throws {
    guard target != column.dimensions else {
      throw Failure(
        .preflight, "\(column.table).\(column.name.name) has \(target) dimensions already",
        remedy: embedder == nil
          ? "nothing is to be done"
          : "vectors of two models are told apart by their dimension: have it make others "
            + "(--embedding-dimensions), or fill another table")
    }
    try refuseObstacles(column)
    if try column.hasColumn(column.companion(target), on: connection) {
      throw Failure(
        .preflight, "\(column.table) has a column \(column.companion(target).name) already",
        remedy: "rename or drop it first")
    }
    if embedder == nil { _ = try returnsFromWidening(column, to: target) }
  }

  /// Refuses what stands against any change of the column.
  func refuseObstacles(_ column: VectorColumn) throws {
    try column.refuseDependents(on: connection)
    try column.refuseOriginals(on: connection)
    try column.refuseLaterTriggers(on: connection)
  }
}

/// What happens while a dimension changes, for whoever shows it.
package enum DimensionEvent: Sendable {
  /// The table holds stores that a migration has carried over.
  case carriedOver(stores: Int)
  /// A model was fitted, or found, and measured.
  case fitted(FittedModel, on: ModelBasis)
  /// So many texts are about to be sent; the service has shown that it can do them.
  case embedding(TextSurvey)
  /// The column had this dimension before, for vectors of another model.
  case servedBefore(dimensions: Int)
  /// A text was refused.
  case refused(key: String, reason: String)
  /// The last rows' embeddings took longer than writers may wait; so many are tried next.
  case late(seconds: Double, handful: Int)
  /// So many rows are filled by this run, and so many waited when it began.
  case filling(done: Int, of: Int)
  /// No index is built, and why.
  case noIndex(reason: String)
  /// What the building of the index tells.
  case indexing(IndexEvent)
  /// The index is built.
  case indexed(IndexBuild.Outcome)
  /// Another session's transaction must end first.
  case waiting(pid: Int, about: String)
  /// Rows may have changed without the trigger: every row is filled anew.
  case startedOver
  /// A lock did not come in time.
  case retrying(attempt: Int, reason: String)
  /// The new column bears the name.
  case swapped
}
