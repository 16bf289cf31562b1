public import Postgres

/// VectorFerry's own schema, `vector_ferry`: what it wrote, for whom, and from what.
public enum FerrySchema {
  /// The schema's name.
  public static let name: Identifier = "vector_ferry"

  /// The version that this program makes and understands.
  public static let currentVersion = 1

  /// The version that is there; zero where the schema is absent.
  public static func installedVersion(on connection: Connection) throws(PostgresError) -> Int {
    let table = QualifiedName(schema: name, "version")
    let exists: Bool? = try connection.scalar("SELECT to_regclass(\(table.quoted)) IS NOT NULL")
    guard exists == true else { return 0 }
    return try connection.scalar("SELECT max(number) FROM \(table)") ?? 0
  }

  /// Makes what is missing; one session at a time, the others find it done.
  public static func install(on connection: Connection) throws {
    try connection.transaction {
      // Held until commit: two sessions that make one schema at once would fail by name.
      try connection.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
      let version = try installedVersion(on: connection)
      guard version <= currentVersion else { throw newer(version) }
      guard version < currentVersion else { return }
      try connection.execute(script: SQL(script: version1))
    }
  }

  /// The refusal of a schema that a later program made.
  public static func newer(_ version: Int) -> SchemaError {
    SchemaError(
      "schema vector_ferry has version \(version), this program knows \(currentVersion)",
      remedy: "use the newer VectorFerry that made it")
  }

  /// A store is one row of `stores`; its documents are listed with the fingerprint of what was
  /// written, so that a later run can tell its own untouched rows from everybody else's.
  private static let version1 = """
    CREATE SCHEMA IF NOT EXISTS vector_ferry;

    CREATE TABLE vector_ferry.version (
      number int PRIMARY KEY,
      installed_at timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE vector_ferry.runs (
      id uuid PRIMARY KEY,
      started_at timestamptz NOT NULL DEFAULT now(),
      finished_at timestamptz,
      host text NOT NULL,
      pid int NOT NULL,
      program_version text NOT NULL
    );

    CREATE TABLE vector_ferry.stores (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      table_name text NOT NULL,
      user_id varchar(255) NOT NULL,
      collection_name varchar(255) NOT NULL,
      run_id uuid NOT NULL REFERENCES vector_ferry.runs,
      source_path text NOT NULL,
      source_digest bytea NOT NULL,
      settings text NOT NULL,
      documents bigint NOT NULL,
      source_dimensions int NOT NULL,
      dimensions int NOT NULL,
      content_digest bytea NOT NULL,
      state text NOT NULL CHECK (state IN ('migrated')),
      migrated_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (table_name, user_id, collection_name)
    );

    CREATE TABLE vector_ferry.documents (
      store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
      document_id uuid NOT NULL,
      position bigint NOT NULL,
      fingerprint bytea NOT NULL,
      has_timestamp boolean NOT NULL,
      PRIMARY KEY (store_id, document_id)
    );

    INSERT INTO vector_ferry.version (number) VALUES (1);
    """
}

/// Keys of the advisory locks that this program takes; all in one namespace of its own.
public enum AdvisoryLock {
  /// Making the schema or the application's table.
  public static let schema = 0x7666_0001_0000_0000

  /// One store in one table: a 64-bit FNV-1a hash in the namespace.
  public static func store(table: QualifiedName, user: String, collection: String) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in "\(table.quoted)\u{0}\(user)\u{0}\(collection)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    return Int(bitPattern: UInt(hash & 0x0000_FFFF_FFFF_FFFF | 0x7666_0000_0000_0000))
  }
}
