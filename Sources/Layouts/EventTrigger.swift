internal import OwnSchema
package import Postgres

/// A trigger on statements that define objects, which fires for this program's as well.
package struct EventTrigger: Sendable, Equatable {
  /// Its name and its event, in words: `audit (ddl_command_end)`.
  package let words: String
  /// The function that it calls.
  package let function: String
  /// True where the function sets a search path of its own, or is written in C.
  package let setsPath: Bool

  /// Those that are enabled in the database.
  package static func enabled(on connection: Connection) throws(PostgresError) -> [EventTrigger] {
    let rows = try connection.query(
      """
      SELECT e.evtname || ' (' || e.evtevent || ')', p.oid::regprocedure::text,
             l.lanname IN ('c', 'internal')
               OR EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search\\_path=%')
      FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid
      JOIN pg_language l ON l.oid = p.prolang
      WHERE e.evtenabled IN ('O', 'A') AND e.evtevent IN
        ('ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite')
      ORDER BY e.evtname
      """)
    return try rows.map { (row) throws(PostgresError) in
      EventTrigger(
        words: try rows.value(row, 0), function: try rows.value(row, 1),
        setsPath: try rows.value(row, 2))
    }
  }

  /// What lets the functions of such triggers run in a session that searches the server's schema
  /// alone.
  package static let remedy =
    "let their functions name everything with its schema, or ALTER FUNCTION … SET search_path = …"
}

/// What a run makes in a database before it writes the first row.
package struct NeededObjects {
  /// Where the extension is to be made; nil where it is there.
  let extensionSchema: Identifier?
  /// The table to be made, and how wide; nil where it is there.
  let table: (name: QualifiedName, dimensions: Int)?
  /// The table of documents, whether or not it is there.
  let documents: QualifiedName

  /// What is missing.
  package init(
    extensionSchema: Identifier?, table: (name: QualifiedName, dimensions: Int)?,
    documents: QualifiedName
  ) {
    self.extensionSchema = extensionSchema
    self.table = table
    self.documents = documents
  }

  /// A thrown rollback.
  private struct Undone: Error {}

  /// Makes all of it, and the kinds of objects that a run makes later, in a transaction that is
  /// rolled back: what an event trigger refuses is then known before anything is copied.
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
          if let obstacle = try VectorTable.find(table.name, on: connection)?.impermanence(
            on: connection)
          {
            throw SchemaError(
              "an event trigger makes it so: \(obstacle.problem)",
              remedy: "let the event trigger leave this table alone, or make the table beforehand")
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
        "making what a run needs was tried and rolled back, and was refused: \(error)",
        remedy: "event triggers fire for it: "
          + (try EventTrigger.enabled(on: connection)).map(\.words).joined(separator: ", ")
          + "; \(EventTrigger.remedy)")
    }
  }
}
