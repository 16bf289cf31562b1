internal import Ledger
internal import Postgres
internal import OwnSchema

extension VectorColumn {
  /// Throws where objects depend on the column: after the swap they would silently use the old
  /// column, and they would be dropped together with it.
  ///
  /// Vector indexes on the whole column are allowed, because another index is built on the new
  /// column. NOT NULL, which is a constraint since PostgreSQL 18, is moved to the new column. The
  /// change's own trigger is allowed, too.
  func refuseDependents(on connection: Connection) throws {
    let rows = try connection.query(
      VectorColumnQueries.dependents(
        table: table, column: name.name, replacedIndexes: VectorColumnQueries.replacedIndexes,
        prefix: FollowTrigger.namePrefix))
    let objects = try rows.map { (row) throws(PostgresError) -> SQL in
      let part: [Int] = [
        try rows.value(row, 0), try rows.value(row, 1), try rows.value(row, 2),
      ]
      return """
        SELECT pg_catalog.pg_describe_object(
          \(part[0])::pg_catalog.oid, \(part[1])::pg_catalog.oid, \(part[2])::pg_catalog.int4)
        """
    }
    // The server's functions are called with the settings of the application's sessions.
    let names = try objects.compactMap { object in
      try connection.asApplication { try connection.scalar(object, as: String.self) }
    }.sorted()
    guard names.isEmpty else {
      throw Failure(
        .preflight,
        "objects that depend on the column would still use the old column: "
          + "\(names.joined(separator: ", "))",
        remedy: "drop these objects first and create them again afterwards")
    }
  }

  /// Throws where triggers could change a row after the change's own trigger: the new vector would
  /// then not fit the row.
  func refuseLaterTriggers(on connection: Connection) throws {
    let names = try laterTriggers(on: connection)
    guard let first = names.first else { return }
    throw Failure(
      .preflight,
      "triggers of \(table) fire after the trigger that keeps the new column up to date, which "
        + "would not see their changes: \(names.map(\.name).joined(separator: ", "))",
      remedy:
        "make them fire earlier (ALTER TRIGGER \(first) ON \(table) RENAME TO …; the order is "
        + "that of their names), and run again")
  }

  /// Returns the triggers that fire after the change's own trigger and may change the row.
  func laterTriggers(on connection: Connection) throws(PostgresError) -> [Identifier] {
    let rows = try connection.query(
      VectorColumnQueries.laterTriggers(table: table, prefix: FollowTrigger.namePrefix))
    return try rows.map { (row) throws(PostgresError) in Identifier(try rows.value(row, 0)) }
  }

  /// Throws where stores of the table keep originals.
  ///
  /// An original belongs to its document only while the vector stays the same; after the change
  /// searches would silently ignore the originals.
  func refuseOriginals(on connection: Connection) throws {
    guard name.name == "embedding", try FerrySchema.installedVersion(on: connection) >= 3 else {
      return
    }
    let stores: Int? = try connection.scalar(
      "SELECT count(*) FROM vector_ferry.stores WHERE table_name = \(table) AND keeps_original")
    guard let stores, stores > 0 else { return }
    throw Failure(
      .preflight,
      "\(stores) stores of \(table) keep originals, which search ranks by: after the change the "
        + "originals would match no vector",
      remedy: "migrate those stores into a table of the new dimension (--table NAME --dimensions N "
        + "--keep-original always), or first stop keeping their originals: UPDATE vector_ferry.stores SET "
        + "keeps_original = false WHERE table_name = \(Literal(table).quoted)")
  }

  /// Returns statements that give the column `target` this column's properties except its type:
  /// comment, statistics target, storage, compression and options.
  func properties(for target: Identifier, on connection: Connection) throws(PostgresError) -> SQL {
    let compression: SQL = connection.serverVersion >= 140_000 ? "a.attcompression::text" : "''"
    let row = try connection.query(
      VectorColumnQueries.properties(compression: compression, table: table, column: name.name))
    guard row.rowCount == 1 else { return "" }
    var changes: [SQL] = []
    if let target = try row.optional(0, 1, as: Int.self), target >= 0 {
      changes.append("SET STATISTICS \(number: target)")
    }
    if let storage = try row.optional(0, 2, as: String.self) {
      changes.append("SET STORAGE \(SQL(script: storage))")
    }
    if let compression = try row.optional(0, 3, as: String.self) {
      changes.append("SET COMPRESSION \(SQL(script: compression))")
    }
    if let options = try row.optional(0, 4, as: String.self) {
      changes.append("SET (\(SQL(script: options)))")
    }
    let comment: SQL = try row.optional(0, 0, as: String.self).map { "\(Literal($0))" } ?? "NULL"
    return SQL.joined(
      changes.map { "ALTER TABLE \(sql) ALTER COLUMN \(target) \($0);" }
        + ["COMMENT ON COLUMN \(sql).\(target) IS \(comment);"], separator: "\n")
  }
}
