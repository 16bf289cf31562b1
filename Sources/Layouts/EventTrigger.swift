internal import OwnSchema
package import Postgres

/// An event trigger: it fires for statements that define objects, also for statements of this
/// program.
package struct EventTrigger: Sendable, Equatable {
  /// The trigger's name and its event: `audit (ddl_command_end)`.
  package let words: String
  /// The function that the trigger calls.
  package let function: String
  /// True where the function sets its own search path, or is written in C.
  package let setsPath: Bool

  /// Reads the event triggers that are enabled in the database.
  package static func enabled(on connection: Connection) throws(PostgresError) -> [EventTrigger] {
    let rows = try connection.query(EventTriggerQueries.enabled)
    return try rows.map { (row) throws(PostgresError) in
      EventTrigger(
        words: try rows.value(row, 0), function: try rows.value(row, 1),
        setsPath: try rows.value(row, 2))
    }
  }

  /// The remedy for event triggers whose functions fail in a session that searches only pg_catalog.
  package static let remedy =
    "let the functions of the event triggers write every name with its schema, or set their search "
    + "path (ALTER FUNCTION … SET search_path = …)"
}

/// The objects that a run creates in a database before it writes the first row.
package struct NeededObjects {
  /// The schema in which the extension is to be created; nil where the extension already exists.
  let extensionSchema: Identifier?
  /// The table to be created, with its dimension; nil where the table already exists.
  let table: (name: QualifiedName, dimensions: Int)?
  /// The table of documents, whether or not it exists.
  let documents: QualifiedName

  /// Lists the objects that are missing.
  package init(
    extensionSchema: Identifier?, table: (name: QualifiedName, dimensions: Int)?,
    documents: QualifiedName
  ) {
    self.extensionSchema = extensionSchema
    self.table = table
    self.documents = documents
  }

  /// The error that makes the trial transaction roll back.
  private struct Undone: Error {}

  /// Creates all of these objects, and the kinds of objects that a run creates later, in a
  /// transaction that is rolled back.
  ///
  /// So the run learns before anything is copied whether event triggers refuse an object.
  package func tryOut(on connection: Connection) throws {
    do {
      try connection.transaction {
        if let extensionSchema {
          try connection.query(
            "CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA \(extensionSchema)")
        }
        try FerrySchema.installInTransaction(for: documents.quoted, on: connection)
        if let table, try VectorTable.find(table.name, on: connection) == nil {
          try VectorTable(name: table.name, dimensions: table.dimensions).create(
            on: connection, vectorSchema: try FerrySchema.vectorSchema(on: connection))
          if let obstacle = try VectorTable.find(table.name, on: connection)?.persistenceObstacle(
            on: connection)
          {
            throw SchemaError(
              "an event trigger causes this: \(obstacle.problem)",
              remedy: "let the event trigger ignore this table, or create the table first")
          }
        }
        try connection.query(
          "CREATE TEMPORARY TABLE vector_ferry_tried (number int) ON COMMIT DROP")
        try connection.query("CREATE INDEX ON pg_temp.vector_ferry_tried (number)")
        try connection.query("DROP TABLE pg_temp.vector_ferry_tried")
        throw Undone()
      }
    } catch is Undone {
    } catch let error as PostgresError where error.serverError != nil {
      throw SchemaError(
        "a trial to create what a run needs was refused: \(error)",
        remedy: "event triggers fire for this trial: "
          + (try EventTrigger.enabled(on: connection)).map(\.words).joined(separator: ", ")
          + "; \(EventTrigger.remedy)")
    }
  }
}
