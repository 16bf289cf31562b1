internal import Machine
package import Models
internal import Ledger
package import Embedding
package import Postgres
internal import OwnSchema
package import VectorIndex
internal import VectorMath

/// Changes the dimension of a vector column while the application reads and writes the table.
///
/// A second column is filled batch by batch and indexed, while a trigger keeps it up to date; then
/// it gets the original name in one short transaction. All progress is stored in the database: a
/// run that was killed is continued by the next run. docs/DIMENSIONS.md describes what the
/// application may do meanwhile.
package struct DimensionChange {
  /// The operator's choices for a dimension change.
  package struct Options: Sendable {
    /// The table whose column changes.
    package var table = QualifiedName("vector_documents")
    /// The column whose dimension changes.
    package var column: Identifier = "embedding"
    /// The new dimension; nil where a change that has begun is continued, or where the embedding
    /// model determines it.
    package var target: Int?
    /// True where vectors are cut to their first components; false where a model projects them.
    package var truncates = false
    /// True where a model may be fitted to fewer rows than it has dimensions.
    package var acceptsFewRows = false
    /// The column of the texts that are embedded again; nil for the column `text`, or for the
    /// column of an open change.
    package var textColumn: Identifier?
    /// The version of the embedding model to record; nil for the tag in the model's name.
    package var modelVersion: String?
    /// The smallest measured recall@10 that the operator accepts.
    package var minimumRecall = 0.95
    /// True where an index is built on the new column before the swap, if the table needs one.
    package var indexes = true
    /// The milliseconds that each attempt waits for the lock of the table.
    package var lockTimeout = 1000
    /// The seconds to wait for transactions of other sessions, which hold rows without a new vector
    /// or began before rows were filled.
    package var holdTimeout = 600.0

    /// Creates the default choices for the table `vector_documents`.
    package init() {}
  }

  let options: Options
  let connection: Connection
  /// A second session, which watches an index build in the first session; nil for none.
  let watcher: Connection?
  /// The service that embeds texts; nil where the new vectors are made from the old vectors.
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

  /// Returns the records of all dimension changes in this database, the oldest first.
  package static func all(on connection: Connection) throws -> [ChangeRecord] {
    try ChangeRecords(connection: connection).all()
  }

  /// Makes unsafe trigger functions of an earlier version of this program safe; changes nothing
  /// else.
  package static func repair(on connection: Connection) throws {
    let session = ChangeSession(connection: connection, observe: { _ in }, lockTimeout: 1000)
    try ChangeRepair(session: session).run()
  }

  /// Makes the change, or continues a change that has begun.
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

  /// Throws where the open change is to another dimension than the operator requests.
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

  /// Returns the dimension that the operator requests; throws where no dimension was requested.
  func target(for column: VectorColumn) throws(Failure) -> Int {
    if let target = options.target { return target }
    throw Failure(
      .preflight, "no change of \(column.table).\(column.name.name) has begun",
      remedy: "say how many dimensions the column is to have (--to)")
  }

  /// Begins a change: creates the new column, the trigger and the record of the change in one
  /// transaction.
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

  /// Reports the number of stores that the ledger lists for this table: verify, rollback and
  /// migrate will not find the vectors of these stores as they were written.
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

  /// Throws where something in the table prevents any change of the column: dependent objects,
  /// originals or triggers.
  func refuseObstacles(_ column: VectorColumn) throws {
    try column.refuseDependents(on: connection)
    try column.refuseOriginals(on: connection)
    try column.refuseLaterTriggers(on: connection)
  }
}

/// The events of a dimension change that are shown to the operator.
package enum DimensionEvent: Sendable {
  /// The table contains the documents of this many migrated stores.
  case carriedOver(stores: Int)
  /// A model was fitted, or was found in the database, and was then measured.
  case fitted(FittedModel, on: ModelBasis)
  /// The service was checked, and these texts are sent now.
  case embedding(TextSurvey)
  /// The column had this dimension before, with vectors of another model.
  case servedBefore(dimensions: Int)
  /// The service has refused a text; `key` is the key of the row.
  case refused(key: String, reason: String)
  /// The embeddings of the last rows took longer than other sessions may wait to write.
  ///
  /// The next attempt leaves at most `lastBatchLimit` rows to the end.
  case late(seconds: Double, lastBatchLimit: Int)
  /// The number of rows that were filled in this pass over the table, and the number of rows that
  /// have lacked a new vector since the pass began.
  case filling(done: Int, of: Int)
  /// No index is built on the new column, for this reason.
  case noIndex(reason: String)
  /// An event of the index build.
  case indexing(IndexEvent)
  /// The index was built.
  case indexed(IndexBuild.Outcome)
  /// The change waits for a transaction of another session.
  case waiting(pid: Int, about: String)
  /// Rows may have changed without the trigger, so that every row is filled again.
  case startedOver
  /// A lock was not free in time; the program tries again.
  case retrying(attempt: Int, reason: String)
  /// The new column has the original name now.
  case swapped
}
