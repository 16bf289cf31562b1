internal import Ledger
internal import Postgres
internal import OwnSchema

/// Copies a dump's ledger entries of stores into the ledger of the target, under new ids: the
/// stores with their runs, documents, models, originals and replacements.
struct PartLedger {
  let table: QualifiedName
  /// The condition that selects stores of the table, by `user_id` and `collection_name` of `t`.
  let condition: SQL
  let scratch: Connection
  let target: Connection

  private static func own(_ name: String) -> QualifiedName {
    QualifiedName(schema: FerrySchema.name, Identifier(name))
  }

  private static func exists(_ name: String, on connection: Connection) throws(PostgresError)
    -> Bool
  {
    try connection.scalar("SELECT to_regclass(\(own(name).quoted)) IS NOT NULL") == true
  }

  /// The SQL for the ids of the selected stores in a ledger.
  private var stores: SQL {
    """
    (SELECT t.id FROM vector_ferry.stores t
     WHERE t.table_name = format('%I.%I', \(Literal(table.schema?.name ?? "public"))::text,
                                 \(Literal(table.name.name))::text) AND \(condition))
    """
  }

  /// Returns true where the dump has a ledger that lists any of the selected stores.
  func isThere() throws -> Bool {
    guard try Self.exists("stores", on: scratch) else { return false }
    return try scratch.scalar("SELECT EXISTS \(stores)") == true
  }

  /// Refuses a ledger of another version than this program's.
  func check() throws {
    let version = try FerrySchema.installedVersion(on: scratch)
    guard version == FerrySchema.currentVersion else {
      throw Failure(
        .preflight,
        "the ledger in the dump has version \(version), this program works with "
          + "\(FerrySchema.currentVersion)",
        remedy:
          "restore the whole dump into another database with --into NAME, and upgrade that "
          + "database with vector-ferry migrate"
      )
    }
  }

  /// Replaces the target's ledger entries of the stores, in the open transaction.
  ///
  /// - Returns: the number of copied stores.
  func copy() throws -> Int {
    try target.query("DELETE FROM vector_ferry.stores s WHERE s.id IN \(stores)")
    guard try isThere() else { return 0 }
    try fetchAll()
    try target.execute(script: PartQueries.number)
    try refuseOtherModels()
    try target.execute(script: PartQueries.insert)
    for name in ["documents", "originals", "replacements"] {
      guard try Self.exists(name, on: scratch) else { continue }
      try insert(name, key: "store_id", numbers: "part_stores")
    }
    try insert("projection_components", key: "projection_id", numbers: "part_projections")
    return try target.scalar("SELECT count(*) FROM pg_temp.part_stores") ?? 0
  }

  /// Copies the rows of the dump's ledger into temporary tables of the target.
  private func fetchAll() throws {
    let models: SQL = """
      (SELECT p.id FROM vector_ferry.projections p WHERE p.store_id IN \(stores)
       UNION SELECT s.projection_id FROM vector_ferry.stores s WHERE s.id IN \(stores))
      """
    try fetch("stores", where: "x.id IN \(stores)")
    try fetch("projections", where: "x.id IN \(models)")
    try fetch("projection_components", where: "x.projection_id IN \(models)")
    for name in ["documents", "replacements", "originals"]
    where try Self.exists(name, on: scratch) {
      if name == "originals" { try FerrySchema.installInTransaction(.originals, on: target) }
      try fetch(name, where: "x.store_id IN \(stores)")
    }
    // A rollback refers to the run that it takes back, which is therefore copied as well.
    try fetch("runs", where: PartQueries.neededRuns(stores: stores, models: models))
  }

  private func fetch(_ name: String, where condition: SQL) throws {
    let part = QualifiedName(schema: "pg_temp", Identifier("part_\(name)"))
    try target.query(
      "CREATE TEMPORARY TABLE \(part.name) (LIKE \(Self.own(name))) ON COMMIT DROP")
    let columns = try Self.columns(of: name, on: target)
    let list = SQL.joined(columns.map { "x.\($0)" }, separator: ", ")
    try PartTable.copy(
      "SELECT \(list) FROM \(Self.own(name)) x WHERE \(condition)", from: scratch, into: part,
      columns: columns, of: target)
  }

  private static func columns(of name: String, on connection: Connection) throws(PostgresError)
    -> [Identifier]
  {
    let rows = try connection.query(
      """
      SELECT attname::text FROM pg_attribute
      WHERE attrelid = to_regclass(\(own(name).quoted)) AND attnum > 0 AND NOT attisdropped
      ORDER BY attnum
      """)
    return try rows.map { (row) throws(PostgresError) in Identifier(try rows.value(row, 0)) }
  }

  /// Throws where a model that stores of the target share differs from the dump's model of the same
  /// kind and dimensions: vectors that different models have reduced cannot be compared.
  private func refuseOtherModels() throws {
    let other: Bool? = try target.scalar(PartQueries.hasOtherModel)
    guard other == true else { return }
    throw Failure(
      .preflight,
      "the dump and the target database each have a model that several stores share, but not the "
        + "same model: vectors that different models have reduced cannot be compared",
      remedy: "restore the whole dump into another database with --into NAME")
  }

  /// Writes the rows of one table of the ledger; the rows' keys get the new ids.
  private func insert(_ name: String, key: Identifier, numbers: Identifier) throws {
    let others = try Self.columns(of: name, on: target).filter { $0 != key }
    let list = SQL.joined(others.map { "\($0)" }, separator: ", ")
    let values = SQL.joined(others.map { "x.\($0)" }, separator: ", ")
    let part = QualifiedName(schema: "pg_temp", Identifier("part_\(name)"))
    try target.query(
      """
      INSERT INTO \(Self.own(name)) (\(key), \(list))
      SELECT n.new_id, \(values) FROM \(part) x JOIN pg_temp.\(numbers) n ON n.id = x.\(key)
      """)
  }
}
