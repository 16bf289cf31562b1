internal import Postgres

/// The numbers of rows that a session has inserted, updated and deleted in each table since it last
/// reported to the server.
///
/// PostgreSQL counts for each session separately, and counts changes of system catalogues as well.
/// Within a transaction the counts only grow, except that they begin again for a table that
/// TRUNCATE empties.
struct RowActivity: Equatable {
  /// The counts of one table.
  struct Counts: Equatable {
    var inserted = 0
    var updated = 0
    var deleted = 0

    static func - (left: Counts, right: Counts) -> Counts {
      Counts(
        inserted: left.inserted - right.inserted, updated: left.updated - right.updated,
        deleted: left.deleted - right.deleted)
    }

    static func + (left: Counts, right: Counts) -> Counts {
      Counts(
        inserted: left.inserted + right.inserted, updated: left.updated + right.updated,
        deleted: left.deleted + right.deleted)
    }
  }

  /// The counts of each changed table, by the table's number.
  private(set) var tables: [Int: Counts] = [:]
  /// The names of the changed tables that are system catalogues, by the table's number.
  private(set) var catalogues: [Int: String] = [:]
  /// The number of the open transaction.
  private(set) var transaction = 0
  /// False where the server does not count for this session at present (`track_counts`).
  private(set) var isCounted = true

  /// Creates a value in which no table has changed.
  init() {}

  /// Creates the value from the answer to `LossesQueries.rowActivity`.
  init(_ rows: QueryResult) throws(PostgresError) {
    for row in 0..<rows.rowCount {
      let number: Int = try rows.value(row, 0)
      guard number > 0 else {
        if number == 0 { isCounted = false }
        if number < 0 { transaction = try rows.value(row, 2) }
        continue
      }
      tables[number] = Counts(
        inserted: try rows.value(row, 2), updated: try rows.value(row, 3),
        deleted: try rows.value(row, 4))
      if let name: String = try rows.optional(row, 1) { catalogues[number] = name }
    }
  }

  /// Returns the changes between an earlier moment of the same transaction and this moment.
  func change(since earlier: RowActivity) -> [Int: Counts] {
    tables.reduce(into: [:]) { changes, table in
      let change = table.value - (earlier.tables[table.key] ?? Counts())
      if change != Counts() { changes[table.key] = change }
    }
  }

  /// Returns the system catalogues in which rows were updated or deleted since an earlier moment.
  func changedCatalogues(since earlier: RowActivity) -> (updated: Set<String>, deleted: Set<String>)
  {
    var (updated, deleted): (Set<String>, Set<String>) = ([], [])
    for (number, change) in change(since: earlier) {
      guard let name = catalogues[number] else { continue }
      if change.updated != 0 { updated.insert(name) }
      if change.deleted != 0 { deleted.insert(name) }
    }
    return (updated, deleted)
  }

  /// Adds counts of changes that were rolled back, so that later comparisons with this value leave
  /// them out.
  mutating func add(_ undone: [Int: Counts]) {
    for (table, counts) in undone { tables[table] = (tables[table] ?? Counts()) + counts }
  }
}
