internal import Layouts
internal import Ledger
internal import Postgres
internal import OwnSchema
internal import Stores

/// The state of each store according to the database: the ledger's entry for it, and the rows that
/// exist.
struct LedgerStatus {
  /// A store as the ledger lists it.
  struct Entry {
    let name: StoreName
    /// The table with its schema, for display.
    let table: String
    let run: String
    let documents: Int
    let migratedAt: String
    /// The time when the store was migrated, in milliseconds since 1970: a run that fails may begin
    /// in the same second in which another run committed.
    let migratedMilliseconds: Int
    /// The measured recall of reduced vectors alone; nil where no recall was measured.
    let recall: Double?
    /// The measured recall of searches that rank by kept originals; nil where no such recall was
    /// measured.
    let rerankedRecall: Double?
    /// The number of the store's listed rows that exist; nil where they could not be counted, or
    /// where the table does not exist.
    var present: Int?
    /// The reason why the rows could not be counted; nil where they were counted, or where the
    /// table does not exist.
    var obstacle: String?
    var isTableGone = false
  }

  /// A rollback: its id, and the time and the host of its beginning.
  struct Rollback {
    let run: String
    let startedAt: String
    let host: String
  }

  /// Every store that the ledger lists.
  private(set) var entries: [Entry] = []
  /// The rollbacks that the ledger knows; the keys are the ids of the runs that they rolled back.
  private(set) var rollbacks: [String: Rollback] = [:]
  /// True where the database has no schema `vector_ferry`: nothing was migrated into it, or the
  /// schema was dropped.
  let isAbsent: Bool

  /// Reads the ledger in one READ ONLY transaction, and counts the rows of each table.
  init(_ connection: Connection) throws {
    let version = try FerrySchema.installedVersion(on: connection)
    guard version <= FerrySchema.currentVersion else { throw FerrySchema.newer(version) }
    isAbsent = version == 0
    guard !isAbsent else { return }
    try Self.read(connection) {
      try readEntries(version, connection)
      if version >= 4 { try readRollbacks(connection) }
    }
    for table in Set(entries.map(\.table)) { count(table, on: connection) }
  }

  private mutating func readEntries(_ version: Int, _ connection: Connection) throws {
    let rows = try connection.query(
      StatusQueries.entries(
        shownTime: LedgerTime.shown("migrated_at"),
        milliseconds: LedgerTime.milliseconds("migrated_at"),
        recall: version >= 3 ? "recall" : "NULL::float8",
        ranked: version >= 12 ? "reranked_recall" : "NULL::float8"))
    entries = try (0..<rows.rowCount).map { row in
      Entry(
        name: StoreName(user: try rows.value(row, 0), collection: try rows.value(row, 1)),
        table: try rows.value(row, 2), run: try rows.value(row, 3),
        documents: try rows.value(row, 4), migratedAt: try rows.value(row, 5),
        migratedMilliseconds: try rows.value(row, 6),
        recall: try rows.optional(row, 7), rerankedRecall: try rows.optional(row, 8))
    }
  }

  private mutating func readRollbacks(_ connection: Connection) throws {
    let rows = try connection.query(
      """
      SELECT takes_back::text, id::text, host,
             \(LedgerTime.shown("started_at"))
      FROM vector_ferry.runs WHERE takes_back IS NOT NULL ORDER BY started_at
      """)
    for row in 0..<rows.rowCount {
      rollbacks[try rows.value(row, 0)] = Rollback(
        run: try rows.value(row, 1), startedAt: try rows.value(row, 3),
        host: try rows.value(row, 2))
    }
  }

  /// Counts the rows of each store that the ledger lists and that exist in a table; where the rows
  /// cannot be counted, records the reason in each entry.
  private mutating func count(_ table: String, on connection: Connection) {
    let places = entries.indices.filter { entries[$0].table == table }
    do {
      guard let name = try LedgerStatus.name(table, on: connection) else {
        for place in places { entries[place].isTableGone = true }
        return
      }
      let isHidden: Bool? = try connection.scalar(
        "SELECT row_security_active(to_regclass(\(name.quoted)))")
      if isHidden == true {
        for place in places { try countVisible(place, in: name, on: connection) }
      } else {
        let present = try Self.read(connection) {
          try connection.query("\(Self.counting(table, in: name)) GROUP BY 1, 2")
        }
        for place in places { entries[place].present = 0 }
        let byName = Dictionary(
          places.map { (entries[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        for row in 0..<present.rowCount {
          let name = StoreName(
            user: try present.value(row, 0), collection: try present.value(row, 1))
          if let place = byName[name] { entries[place].present = try present.value(row, 2) }
        }
      }
    } catch {
      for place in places { entries[place].obstacle = Failure(error).reason }
    }
  }

  /// Counts the rows of one store on behalf of its user, because policies may show rows only to
  /// their own user.
  private mutating func countVisible(
    _ place: Int, in name: QualifiedName, on connection: Connection
  ) throws {
    let entry = entries[place]
    let found = try Self.read(connection) {
      try RowSecurity.act(for: entry.name.user, on: connection)
      return try connection.query(
        """
        \(Self.counting(entry.table, in: name)) AND s.user_id = \(Literal(entry.name.user))
          AND s.collection_name = \(Literal(entry.name.collection)) GROUP BY 1, 2
        """)
    }
    let present: Int = found.rowCount == 1 ? try found.value(0, 2) : 0
    if present == entry.documents {
      entries[place].present = present
    } else {
      entries[place].obstacle = "row-level security may hide rows from this role"
    }
  }

  /// Runs `body` in a read-only transaction with timeouts, so that a status command does not hang.
  private static func read<Result>(_ connection: Connection, _ body: () throws -> Result) throws
    -> Result
  {
    // Policies of row-level security may run any code on a row that is read.
    try connection.handlingRows {
      try connection.transaction(.repeatableRead, readOnly: true) {
        try connection.query("SET LOCAL lock_timeout = '2s'")
        try connection.query("SET LOCAL statement_timeout = '60s'")
        return try body()
      }
    }
  }

  private static func counting(_ table: String, in name: QualifiedName) -> SQL {
    StatusQueries.counts(rows: VectorTable(name: name, dimensions: 1).rows, table: Literal(table))
  }

  /// Returns the table's name, parsed for quoting; nil where the table does not exist.
  private static func name(_ table: String, on connection: Connection) throws -> QualifiedName? {
    guard let name = QualifiedName(parsing: table) else { return nil }
    let exists: Bool? = try connection.scalar("SELECT to_regclass(\(name.quoted)) IS NOT NULL")
    return exists == true ? name : nil
  }
}
