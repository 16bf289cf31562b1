public import Postgres

/// The tables and indexes of a database, as far as they are not the system's.
public struct CatalogSnapshot: Sendable, Equatable {
  /// Tables with their schema where that is not `public`.
  public let tables: Set<String>
  /// Indexes, each with its method such as `hnsw`.
  public let indexes: [String: String]
  /// Indexes that a failed build has left unusable.
  public let invalidIndexes: Set<String>

  /// Reads both; writes nothing.
  public static func read(_ connection: Connection) throws(PostgresError) -> CatalogSnapshot {
    let rows = try connection.query(
      """
      SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
             coalesce(a.amname, '')::text, c.relkind IN ('i', 'I'), coalesce(i.indisvalid, true)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_am a ON a.oid = c.relam
      LEFT JOIN pg_index i ON i.indexrelid = c.oid
      WHERE c.relkind IN ('r', 'p', 'i', 'I') AND n.nspname !~ '^pg_'
        AND n.nspname <> 'information_schema'
      """)
    var tables: Set<String> = []
    var indexes: [String: String] = [:]
    var invalid: Set<String> = []
    for row in 0..<rows.rowCount {
      let name: String = try rows.value(row, 0)
      if try rows.value(row, 2, as: Bool.self) {
        indexes[name] = try rows.value(row, 1, as: String.self)
        if try !rows.value(row, 3, as: Bool.self) { invalid.insert(name) }
      } else {
        tables.insert(name)
      }
    }
    return CatalogSnapshot(tables: tables, indexes: indexes, invalidIndexes: invalid)
  }

  /// What is there now and was not there in `earlier`.
  public func change(since earlier: CatalogSnapshot) -> CatalogChange {
    CatalogChange(
      tables: tables.subtracting(earlier.tables).sorted(),
      indexes: indexes.filter { earlier.indexes[$0.key] == nil }.map { ($0.key, $0.value) }
        .sorted { $0.0 < $1.0 }.map { CatalogChange.Index(name: $0.0, method: $0.1) },
      droppedTables: earlier.tables.subtracting(tables).sorted(),
      droppedIndexes: Set(earlier.indexes.keys).subtracting(indexes.keys).sorted())
  }
}

/// What a run has changed among tables and indexes.
public struct CatalogChange: Sendable, Equatable {
  /// An index and its method.
  public struct Index: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The access method, `hnsw` say.
    public let method: String
  }

  /// Tables that are new.
  public var tables: [String] = []
  /// Indexes that are new.
  public var indexes: [Index] = []
  /// Tables that have gone.
  public var droppedTables: [String] = []
  /// Indexes that have gone.
  public var droppedIndexes: [String] = []
}
