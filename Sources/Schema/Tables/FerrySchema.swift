internal import Digests
public import Postgres

/// VectorFerry's own schema, `vector_ferry`: what it wrote, for whom, and from what.
public enum FerrySchema {
  /// The schema's name.
  public static let name: Identifier = "vector_ferry"

  /// The version that this program makes and understands.
  public static let currentVersion = 8

  /// The version that is there; zero where the schema is absent.
  public static func installedVersion(on connection: Connection) throws(PostgresError) -> Int {
    guard try has("version", on: connection) else { return 0 }
    let table = QualifiedName(schema: name, "version")
    return try connection.scalar("SELECT max(number) FROM \(table)") ?? 0
  }

  /// True where the schema has a table of this name.
  ///
  /// The catalogue is read: `to_regclass` may answer from before a lock that the session has waited
  /// for, with what its process remembers.
  public static func has(_ table: String, on connection: Connection) throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE n.nspname OPERATOR(pg_catalog.=) \(name.name)::pg_catalog.text
          AND c.relname OPERATOR(pg_catalog.=) \(table)::pg_catalog.text)
      """) ?? false
  }

  /// Makes what is missing, or brings an older version up; one session at a time, the others find
  /// it done.
  public static func install(on connection: Connection) throws {
    try connection.transaction { try installInTransaction(on: connection) }
  }

  /// Makes what is missing within the transaction that is open.
  static func installInTransaction(on connection: Connection) throws {
    try connection.asOurs { try makeWhatIsMissing(on: connection) }
  }

  private static func makeWhatIsMissing(on connection: Connection) throws {
    // Held until commit: two sessions that make one schema at once would fail by name.
    try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
    let version = try installedVersion(on: connection)
    guard version <= currentVersion else { throw newer(version) }
    guard version < currentVersion else { return }
    let vector = try vectorSchema(on: connection)
    for step in steps(vector: QualifiedName(schema: vector, "vector"))
    where step.version > version {
      try connection.execute(script: step.script)
    }
    try upgradeDimensionChanges(on: connection)
    let tuned = try TunedSettings(on: connection)
    try connection.execute(script: functions(vectorSchema: vector))
    try tuned.restore(on: connection, vectorSchema: vector)
  }

  /// The schema that holds pgvector's types and operators.
  public static func vectorSchema(on connection: Connection) throws -> Identifier {
    let name: String? = try connection.scalar(
      """
      SELECT n.nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'vector'
      """)
    guard let name else {
      throw SchemaError(
        "extension \"vector\" is not in this database", remedy: "run: CREATE EXTENSION vector")
    }
    return Identifier(name)
  }

  /// The refusal of a schema that a later program made.
  public static func newer(_ version: Int) -> SchemaError {
    SchemaError(
      "schema vector_ferry has version \(version), this program knows \(currentVersion)",
      remedy: "use the newer VectorFerry that made it")
  }
}

/// Keys of the advisory locks that this program takes; all in one namespace of its own.
public enum AdvisoryLock {
  /// Making the schema or the application's table.
  public static let schema = 0x7666_0001_0000_0000

  /// Running SQL migrations in this database.
  public static let migrations = 0x7666_0002_0000_0000

  /// Changing the dimension of a column.
  public static let dimensions = 0x7666_0003_0000_0000

  /// Embedding the chunks of a content of the set semantic_search: this and the content's number.
  public static let contents = 0x7666_0004_0000_0000

  /// One store in one table.
  public static func store(table: QualifiedName, user: String, collection: String) -> Int {
    key("\(table.quoted)\u{0}\(user)\u{0}\(collection)")
  }

  /// Building, repairing and dropping the vector indexes of one table.
  public static func indexes(of table: QualifiedName) -> Int { key("\(table.quoted)\u{0}") }

  /// A 64-bit FNV-1a hash in the namespace.
  private static func key(_ text: String) -> Int {
    Int(bitPattern: UInt(FNV1a.hash(text.utf8) & 0x0000_FFFF_FFFF_FFFF | 0x7666_0000_0000_0000))
  }
}
