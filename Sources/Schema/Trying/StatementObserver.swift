internal import SQLText
internal import Bounds
internal import Postgres

/// Finds the effects of a statement on tables that existed before the statement.
struct StatementObserver {
  let connection: Connection
  let isProduction: Bool

  /// The state of the tables before a statement, and the warnings about it.
  struct Facts {
    /// The names of the existing tables and indexes, by their numbers.
    let relations: [Int: String]
    /// The number of each table's file, and the estimated number of rows, by the table's name.
    let files: [String: (node: Int, rows: Double)]
    let warnings: [String]
  }

  /// A lock that this session holds on a relation; the number of the relation is kept, because its
  /// name may change.
  struct HeldLock: Hashable {
    let relation: Int
    let mode: String
  }

  /// The number of rows above which a lock during a scan is noticeable.
  static let manyRows = 10_000.0

  /// Reads the state of the tables before a statement.
  ///
  /// - Parameter estimates: the estimated numbers of rows from before the trial, because rewriting
  ///   a table resets the server's estimate.
  func facts(of statement: SQLStatement?, rows estimates: [String: Double]?)
    throws(PostgresError) -> Facts
  {
    // Tables get the names that statements use: without a schema if it is in the search path.
    let written = try connection.asWritten { () throws(PostgresError) in
      try connection.query(
        """
        SELECT c.oid::pg_catalog.int8, c.oid::pg_catalog.regclass::pg_catalog.text
        FROM pg_catalog.pg_class c
        """)
    }
    var names: [Int: String] = [:]
    for row in 0..<written.rowCount {
      names[try written.value(row, 0)] = try written.value(row, 1, as: String.self)
    }
    let rows = try connection.query(CatalogueQueries.files)
    var relations: [Int: String] = [:]
    var files: [String: (node: Int, rows: Double)] = [:]
    for row in 0..<rows.rowCount {
      let number: Int = try rows.value(row, 0)
      guard let name = names[number] else { continue }
      relations[number] = name
      if try rows.value(row, 3, as: Bool.self) {
        files[name] = (try rows.value(row, 1), try rows.value(row, 2))
      }
    }
    return Facts(
      relations: relations, files: files,
      warnings: statement.map { statement in
        warnings(about: statement, rows: { estimates?[$0] ?? 0 })
      } ?? [])
  }

  /// Finds the tables that have another file than in `before`, because they were rewritten under an
  /// exclusive lock.
  func rewrites(since before: Facts) throws(PostgresError) -> [String] {
    var found: [String] = []
    for (name, file) in before.files.sorted(by: { $0.key < $1.key }) {
      let node: Int? = try connection.asWritten { () throws(PostgresError) in
        try connection.scalar(
          """
          SELECT pg_catalog.pg_relation_filenode(
            pg_catalog.to_regclass(\(name)))::pg_catalog.int8
          """)
      }
      if let node, node != 0, node != file.node {
        found.append("rewrites the whole table \(name) (about \(Int(saturating: file.rows)) rows)")
      }
    }
    return found
  }

  /// Reads the locks that this session holds on the relations of the database.
  static func heldLocks(_ connection: Connection) throws(PostgresError) -> Set<HeldLock> {
    let rows = try connection.query(
      """
      SELECT l.relation::bigint, l.mode FROM pg_locks l
      WHERE l.pid = pg_backend_pid() AND l.granted AND l.locktype = 'relation'
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """)
    return Set(
      try rows.map { (row) throws(PostgresError) in
        HeldLock(relation: try rows.value(row, 0), mode: try rows.value(row, 1))
      })
  }

  /// Returns the locks that a statement takes according to PostgreSQL's manual, for statements that
  /// cannot be tried.
  func documentedLocks(of statement: SQLStatement) -> [SchemaTrial.Lock] {
    let share = "ShareUpdateExclusiveLock"
    switch statement.form {
    case .buildIndex(let index): return [SchemaTrial.Lock(relation: index.table, mode: share)]
    case .reindex(let target, _): return [SchemaTrial.Lock(relation: target, mode: share)]
    case .dropIndex(let names):
      return names.map { SchemaTrial.Lock(relation: $0, mode: share) }
    case .detach(let parent, let partition):
      return [
        SchemaTrial.Lock(relation: parent, mode: share),
        SchemaTrial.Lock(relation: partition, mode: "AccessExclusiveLock"),
      ]
    default: return []
    }
  }

  /// Returns warnings about a statement that is dangerous for large tables, even where a trial on
  /// small tables shows no danger.
  func warnings(about statement: SQLStatement, rows: (String) -> Double) -> [String] {
    var found: [String] = []
    if let index = statement.indexCreation, !index.isConcurrent, rows(index.table) > Self.manyRows {
      found.append(
        "blocks writing to \(index.table) (about \(Int(saturating: rows(index.table))) rows) "
          + "while the index is built; CREATE INDEX CONCURRENTLY avoids that"
      )
    }
    if statement.begins(with: "ALTER", "TABLE") {
      found += alterWarnings(statement, rows: rows)
    }
    if isProduction, statement.drops { found.append("removes rows or objects in production") }
    if statement.begins(with: "VACUUM"), statement.words.contains(where: { $0.isWord("FULL") }) {
      found.append("VACUUM FULL locks the table while the whole table is rewritten")
    }
    return found
  }

  private func alterWarnings(_ statement: SQLStatement, rows: (String) -> Double) -> [String] {
    guard let (table, _) = statement.qualifiedName(at: statement.alteredTableStart) else {
      return []
    }
    let isFilled = rows(table) > 0
    var found: [String] = []
    if let type = statement.index(of: "TYPE"), statement.index(of: "ALTER", from: 2) ?? type < type
    {
      found.append("changing a column's type rewrites \(table) under an exclusive lock")
    }
    if isFilled, statement.contains("NOT", "NULL"), statement.index(of: "ADD") != nil,
      statement.index(of: "DEFAULT") == nil
    {
      found.append("NOT NULL without a default fails on \(table), which holds rows")
    }
    if isFilled, statement.contains("SET", "NOT", "NULL") {
      found.append("SET NOT NULL scans \(table) under an exclusive lock; validate a CHECK first")
    }
    if isFilled, statement.contains("ADD", "CONSTRAINT") || statement.contains("ADD", "FOREIGN"),
      !statement.contains("NOT", "VALID"), !statement.contains("USING", "INDEX")
    {
      found.append("scans \(table) while it is locked; ADD … NOT VALID, then VALIDATE, avoids that")
    }
    if statement.index(of: "RENAME") != nil {
      found.append("running applications still use the old name")
    }
    return found
  }
}
