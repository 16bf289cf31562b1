public import Postgres
internal import Schema
public import VectorIndex
internal import VectorMath

/// Changes the dimension of a vector column in place, while the application reads and writes.
///
/// A second column is kept in step by a trigger, filled batch by batch, indexed, and takes over the
/// name in one short transaction. Whatever is done is in the database: a run that was killed is
/// taken up by the next one. docs/DIMENSIONS.md tells what the application may do meanwhile.
public struct DimensionChange {
  /// What is to be changed, and how.
  public struct Options: Sendable {
    /// The table.
    public var table: QualifiedName
    /// The column.
    public var column: Identifier = "embedding"
    /// How many dimensions it is to have; nil goes on with the change that has begun.
    public var target: Int?
    /// Keeps the first components instead of projecting.
    public var truncates = false
    /// Fits a model to fewer rows than it has dimensions, too.
    public var acceptsFewRows = false
    /// Changes nothing where the measured recall@10 falls below this.
    public var minimumRecall = 0.95
    /// Builds an index over the new column before it takes over, where the table wants one.
    public var indexes = true
    /// Milliseconds to wait for the table's lock at a time.
    public var lockTimeout = 1000
    /// Seconds to wait for transactions of others that hold rows or are too old.
    public var holdTimeout = 600.0

    /// The usual way for a table.
    public init(table: QualifiedName) { self.table = table }
  }

  let options: Options
  let connection: Connection
  /// A second session, which looks at how far the first one's index is.
  let watcher: Connection?
  let observe: (DimensionEvent) -> Void
  let isInterrupted: @Sendable () -> Bool
  let hooks: StageHooks
  let session: ChangeSession
  let records: ChangeRecords

  /// A change that has touched nothing yet.
  public init(
    _ options: Options, connection: Connection, watcher: Connection? = nil,
    environment: [String: String] = [:],
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (DimensionEvent) -> Void = { _ in }
  ) {
    self.options = options
    self.connection = connection
    self.watcher = watcher
    self.observe = observe
    self.isInterrupted = isInterrupted
    hooks = StageHooks(environment: environment, isInterrupted: isInterrupted)
    session = ChangeSession(
      connection: connection, observe: observe, lockTimeout: options.lockTimeout,
      holdTimeout: options.holdTimeout)
    records = ChangeRecords(connection: connection)
  }

  /// Every change of this database, oldest first; writes nothing.
  public static func all(on connection: Connection) throws -> [ChangeRecord] {
    try ChangeRecords(connection: connection).all()
  }

  /// Mends what an earlier program has left unsafe in the database; nothing where nothing is.
  public static func repair(on connection: Connection) throws {
    let session = ChangeSession(connection: connection, observe: { _ in }, lockTimeout: 1000)
    try ChangeRepair(session: session).run()
  }

  /// Does it, or what is left of it.
  public func run() throws -> ChangeRecord {
    try session.open()
    let column = try VectorColumn(options.table, column: options.column, on: connection)
    try refuseMissingRights(column)
    try ChangeRepair(session: session).run()
    try settleUndone(column)
    let open = try records.open(column)
    if let open, let target = options.target, target != open.to {
      let way =
        open.state == .swapped ? "dimensions finish" : "dimensions change --to \(open.to)"
      throw Failure(
        .preflight, "a change of \(column.table).\(open.column) to \(open.to) dimensions has begun",
        remedy: "finish it (\(way)), or take it back (dimensions undo)")
    }
    let change = try open ?? begin(column)
    if change.state == .filling {
      try fill(change, column)
      hooks.reached(.changeSwapped)
    }
    try settle(change, column)
    hooks.reached(.changeSettled)
    return try records.all().first { $0.id == change.id } ?? change
  }

  // MARK: Beginning

  private func begin(_ column: VectorColumn) throws -> ChangeRecord {
    guard let target = options.target else {
      throw Failure(
        .preflight, "no change of \(column.table).\(column.name.name) has begun",
        remedy: "say how many dimensions it is to have (--to)")
    }
    try check(column, to: target)
    let stores = try storesCarriedOver(into: column)
    if stores > 0 { observe(.carriedOver(stores: stores)) }
    let (model, known) = try fit(column, target: target)
    hooks.reached(.changeFitted)
    try session.patiently { try FerrySchema.installDimensionChanges(on: connection) }
    let run = RunID()
    try LiveSession.register(run, on: connection)
    defer { LiveSession.finish(run, on: connection) }
    try session.patiently {
      var id = known
      if let model, id == nil {
        id = try ModelTable(connection: connection).insert(
          model.projection, owner: nil, run: run, population: model.projection.fittedRows)
      }
      let change = try records.begin(
        column, to: target, projection: id, recall: model?.fidelity.recall)
      try addColumn(column, target: target, change: change)
      hooks.reached(.changeBeforeBegin)
    }
    hooks.reached(.changeBegun)
    guard let change = try records.open(column) else {
      throw Failure(.database, "the change that has just begun is not there")
    }
    return change
  }

  /// How many stores of the table the ledger knows.
  private func storesCarriedOver(into column: VectorColumn) throws(PostgresError) -> Int {
    guard try FerrySchema.installedVersion(on: connection) > 0 else { return 0 }
    return try connection.scalar(
      "SELECT count(*) FROM vector_ferry.stores WHERE table_name = \(column.table)") ?? 0
  }

  func addColumn(_ column: VectorColumn, target: Int, change: Int) throws {
    let vector = QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector")
    try connection.query(
      """
      ALTER TABLE \(column.sql)
      ADD COLUMN \(column.companion(target)) \(vector)(\(number: target))
      """)
    try connection.execute(
      script: try column.properties(for: column.companion(target), on: connection))
    try FollowTrigger(change: change, column: column, on: connection)
      .install(filling: column.companion(target))
  }

  private func check(_ column: VectorColumn, to target: Int) throws {
    guard target != column.dimensions else {
      throw Failure(
        .preflight, "\(column.table).\(column.name.name) has \(target) dimensions already",
        remedy: "nothing is to be done")
    }
    try column.refuseDependents(on: connection)
    try column.refuseOriginals(on: connection)
    if try column.hasColumn(column.companion(target), on: connection) {
      throw Failure(
        .preflight, "\(column.table) has a column \(column.companion(target).name) already",
        remedy: "rename or drop it first")
    }
    _ = try returnsFromWidening(column, to: target)
  }
}

/// What happens while a dimension changes, for whoever shows it.
public enum DimensionEvent: Sendable {
  /// The table holds stores that a migration has carried over.
  case carriedOver(stores: Int)
  /// A model was fitted, or found, and measured.
  case fitted(FittedModel, on: ModelBasis)
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
  /// The trigger had been switched off: every row is filled anew.
  case startedOver
  /// A lock did not come in time.
  case retrying(attempt: Int, reason: String)
  /// The new column bears the name.
  case swapped
}
