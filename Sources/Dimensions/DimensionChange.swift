internal import Machine
package import Models
internal import Ledger
package import Embedding
package import Postgres
internal import OwnSchema
package import VectorIndex
internal import VectorMath

/// Changes the dimension of a vector column in place, while the application reads and writes.
///
/// A trigger keeps a second column up to date; this column is filled batch by batch, indexed, and
/// gets the original name in one short transaction. All progress is in the database: where a run
/// was killed, the next one continues. docs/DIMENSIONS.md describes what the application may do
/// meanwhile.
package struct DimensionChange {
  /// The operator's choices for a change.
  package struct Options: Sendable {
    /// The table to change.
    package var table = QualifiedName("vector_documents")
    /// The column to change.
    package var column: Identifier = "embedding"
    /// The new dimension; nil to continue a change that has begun, or where the embedding model
    /// decides.
    package var target: Int?
    /// True where vectors are cut to their first components instead of projected.
    package var truncates = false
    /// True where a model may be fitted to fewer rows than it has dimensions.
    package var acceptsFewRows = false
    /// The column of the texts, where they are embedded again; nil for `text`, or for the column
    /// that an open change has begun with.
    package var textColumn: Identifier?
    /// The version of the embedding model for the record; nil for the model's tag.
    package var modelVersion: String?
    /// The smallest measured recall@10 with which the column is changed.
    package var minimumRecall = 0.95
    /// True where an index is built on the new column before the swap, if the table needs one.
    package var indexes = true
    /// How many milliseconds each attempt waits for the table's lock.
    package var lockTimeout = 1000
    /// The seconds to wait for transactions of other sessions: those that hold rows without a
    /// new vector, and those that began before rows were filled.
    package var holdTimeout = 600.0

    /// Creates the default choices for the default table.
    package init() {}
  }

  let options: Options
  let connection: Connection
  /// A second session, which observes the progress of an index build in the first session.
  let watcher: Connection?
  /// The service that embeds texts; nil where new vectors are made from the old vectors.
  let embedder: Embedder?
  let observe: (DimensionEvent) -> Void
  let isInterrupted: @Sendable () -> Bool
  let hooks: StageHooks
  let session: ChangeSession
  let records: ChangeRecords

  /// Prepares a change; nothing is changed yet.
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

  /// Returns every change of this database, the oldest first; writes nothing.
  package static func all(on connection: Connection) throws -> [ChangeRecord] {
    try ChangeRecords(connection: connection).all()
  }

  /// Repairs unsafe objects that an earlier version of this program has left in the database;
  /// changes nothing else.
  package static func repair(on connection: Connection) throws {
    let session = ChangeSession(connection: connection, observe: { _ in }, lockTimeout: 1000)
    try ChangeRepair(session: session).run()
  }

  /// Carries out the change, or the rest of a change that was stopped.
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

  /// Refuses to continue a change to another dimension than the requested one.
  func refuseOtherTarget(_ open: ChangeRecord) throws(Failure) {
    guard let target = options.target, target != open.to else { return }
    let way = open.state == .swapped ? "dimensions finish" : "dimensions change --to \(open.to)"
    throw Failure(
      .preflight, "a change of \(open.table).\(open.column) to \(open.to) dimensions has begun",
      remedy: "finish the change (\(way)), or undo the change (dimensions undo)")
  }

  // MARK: Beginning

  private func begin(_ column: VectorColumn) throws -> ChangeRecord {
    if let embedder { return try beginReembedding(column, embedder) }
    let target = try target(for: column)
    try check(column, to: target)
    // A shared model of the database can be used only where its schema has the current version.
    if (1..<FerrySchema.currentVersion).contains(try FerrySchema.installedVersion(on: connection)) {
      try FerrySchema.install(for: column.table, on: connection)
    }
    let (model, known) = try fit(column, target: target)
    try reportListedStores(of: column)
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

  /// Returns the requested dimension; throws where none was requested.
  func target(for column: VectorColumn) throws(Failure) -> Int {
    if let target = options.target { return target }
    throw Failure(
      .preflight, "no change of \(column.table).\(column.name.name) has begun",
      remedy: "say how many dimensions the column is to have (--to)")
  }

  /// Creates the column, the trigger and the record of the change in one transaction.
  func begin(
    _ column: VectorColumn, to target: Int, recall: Double?,
    _ method: () throws -> ChangeRecord.Method
  ) throws -> ChangeRecord {
    hooks.reached(.changeFitted)
    try session.retryingLock {
      try FerrySchema.installDimensionChanges(for: column.table, on: connection)
    }
    let change = try session.retryingLock {
      let change = try records.begin(column, to: target, method: try method(), recall: recall)
      try addColumn(column, change)
      hooks.reached(.changeBeforeBegin)
      return change
    }
    hooks.reached(.changeBegun)
    return change
  }

  /// Reports how many stores of the table the ledger lists: verify, rollback and migrate will no
  /// longer find their vectors as written.
  func reportListedStores(of column: VectorColumn) throws {
    let stores = try listedStores(into: column)
    if stores > 0 { observe(.carriedOver(stores: stores)) }
  }

  /// Counts the stores of the table that the ledger lists.
  private func listedStores(into column: VectorColumn) throws(PostgresError) -> Int {
    guard try FerrySchema.installedVersion(on: connection) > 0 else { return 0 }
    return try connection.scalar(
      "SELECT count(*) FROM vector_ferry.stores WHERE table_name = \(column.table)") ?? 0
  }

  func addColumn(_ column: VectorColumn, _ change: ChangeRecord) throws {
    let target = column.otherColumn(change.to)
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
          : "vectors of two models are distinguished by their dimension: let the model make "
            + "vectors of another dimension (--embedding-dimensions), or fill another table")
    }
    try refuseObstacles(column)
    if try column.hasColumn(column.otherColumn(target), on: connection) {
      throw Failure(
        .preflight, "\(column.table) has a column \(column.otherColumn(target).name) already",
        remedy: "rename or drop that column first")
    }
    if embedder == nil { _ = try returnsFromWidening(column, to: target) }
  }

  /// Refuses conditions of the table that prevent any change of the column.
  func refuseObstacles(_ column: VectorColumn) throws {
    try column.refuseDependents(on: connection)
    try column.refuseOriginals(on: connection)
    try column.refuseLaterTriggers(on: connection)
  }
}

/// An event during a dimension change, for display.
package enum DimensionEvent: Sendable {
  /// The table holds this many stores that were migrated.
  case carriedOver(stores: Int)
  /// A model was fitted or found in the database, and then measured.
  case fitted(FittedModel, on: ModelBasis)
  /// These texts will now be sent; the service was checked.
  case embedding(TextSurvey)
  /// The column had this dimension before, for vectors of another model.
  case servedBefore(dimensions: Int)
  /// The service refused a text.
  case refused(key: String, reason: String)
  /// The embeddings of the last rows took longer than writers may wait; the next attempt leaves at
  /// most `lastBatchLimit` rows to the end.
  case late(seconds: Double, lastBatchLimit: Int)
  /// `done` rows were filled in this pass over the table, of all rows that have lacked a new vector
  /// since the pass began.
  case filling(done: Int, of: Int)
  /// No index is built, for this reason.
  case noIndex(reason: String)
  /// An event during the building of the index.
  case indexing(IndexEvent)
  /// The index was built.
  case indexed(IndexBuild.Outcome)
  /// The change waits for another session's transaction.
  case waiting(pid: Int, about: String)
  /// Rows may have changed without the trigger: every row is filled again.
  case startedOver
  /// A lock was not obtained in time, and is tried again.
  case retrying(attempt: Int, reason: String)
  /// The new column has the original name now.
  case swapped
}
