internal import Machine
internal import Models
internal import Ledger
internal import Postgres
internal import Layouts
internal import OwnSchema

/// One worker's session with the prepared database of a live run.
struct LiveSession {
  /// The session with the server; replaced where it breaks.
  var connection: Connection
  /// The prepared database, which all workers of the run share.
  var prepared: PreparedDatabase

  /// The table that the documents are written to.
  var table: VectorTable { prepared.table }
  /// The id of the run that the session belongs to.
  var run: RunID { prepared.run }

  /// Marks the run's row as finished.
  func close() { RunRow.finish(run, on: connection) }
}

/// The prepared database of a live run, with the extension, the ledger, the table, and the run's
/// own row.
struct PreparedDatabase: Sendable {
  let table: VectorTable
  let run: RunID
  /// The run's backup folder, where fitted models are also saved as files; nil where the run has no
  /// such folder.
  let models: String?
  /// The number of stores that are migrated at the same time.
  let jobs: Int
  /// True where the run can store originals in the database: vectors before they were reduced.
  var canKeepOriginals = false
  /// The models that stores share; nil before they are prepared.
  var shared: SharedModels?

  /// Creates the parts of the database that are missing, each in its own transaction.
  init(
    plan: MigrationPlan, facts: ServerFacts, run: RunID, models: String?, on connection: Connection
  )
    throws
  {
    self.run = run
    self.models = models
    jobs = plan.jobs
    if facts.vectorVersion == nil {
      try connection.transaction {
        // IF NOT EXISTS is not enough where two sessions create the extension at once: one would
        // fail because the name exists.
        try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
        // The extension goes into the schema where the application would create it, so that the
        // application's sessions find the type without naming the schema.
        try connection.query(
          "CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA \(facts.currentSchema ?? "public")")
      }
    }
    try FerrySchema.install(for: plan.target.table.quoted, on: connection)
    table = try Self.table(plan.target, on: connection)
    try RunRow.register(run, on: connection)
  }

  private static func table(_ target: MigrationPlan.Target, on connection: Connection) throws
    -> VectorTable
  {
    if target.mustBeCreated {
      let vector = try FerrySchema.vectorSchema(on: connection)
      try connection.transaction {
        try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
        guard try VectorTable.find(target.table, on: connection) == nil else { return }
        try VectorTable(name: target.table, dimensions: target.dimensions)
          .create(on: connection, vectorSchema: vector)
      }
    }
    guard let table = try VectorTable.find(target.table, on: connection) else {
      throw Failure(
        .preflight, "table \(target.table) does not exist any more", remedy: "run again")
    }
    // An event trigger may have changed the table that was just created.
    if let obstacle = try table.persistenceObstacle(on: connection) { throw obstacle }
    guard table.dimensions == target.dimensions else {
      throw Failure(
        .preflight, "table \(table.name) was created meanwhile with another dimension",
        remedy: "run again")
    }
    return table
  }
}
