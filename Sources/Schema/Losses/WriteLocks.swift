internal import Postgres

/// The relations that the open transaction may have written to, according to its locks.
///
/// INSERT, UPDATE, DELETE and MERGE hold a ROW EXCLUSIVE lock on their table until the transaction
/// ends, and DROP and ALTER hold stronger locks. A migration can switch off the server's counts,
/// but not its locks.
struct WriteLocks: Equatable {
  /// The numbers of the relations whose rows may have been written.
  private(set) var written: Set<Int> = []
  /// The numbers of the system catalogues, and of their indexes, in `written`.
  private(set) var system: Set<Int> = []
  /// The number of objects that are locked so that they can be changed or dropped.
  private(set) var strong = 0
  /// True where large objects may have been changed.
  private(set) var includeLargeObjects = false

  /// Reads the locks of this session; locks on relations with numbers above `last` are left out.
  static func read(_ connection: Connection, upTo last: Int) throws(PostgresError) -> WriteLocks {
    let rows = try connection.query(LossesQueries.writeLocks(last: last))
    var locks = WriteLocks()
    for row in 0..<rows.rowCount {
      let relation: Int = try rows.value(row, 0)
      let isRowExclusive: Bool = try rows.value(row, 1)
      if try rows.value(row, 2, as: Bool.self) { locks.includeLargeObjects = true }
      if relation > 0, relation < 16384 {
        if isRowExclusive { locks.system.insert(relation) }
      } else if relation > 0, isRowExclusive {
        locks.written.insert(relation)
      } else {
        locks.strong += try rows.value(row, 3, as: Int.self)
      }
    }
    return locks
  }

  /// Returns the catalogues that statements name as the table that they write to, by the numbers of
  /// their indexes.
  ///
  /// Creating or changing an object locks at most the catalogue itself; a statement that names the
  /// catalogue locks its indexes as well. The index of a catalogue's TOAST table is left out,
  /// because long definitions are written there, too.
  static func catalogues(of relations: Set<Int>, on connection: Connection) throws(PostgresError)
    -> [Int: String]
  {
    guard !relations.isEmpty else { return [:] }
    let list = SQL(script: relations.map { "\($0)" }.joined(separator: ","))
    let rows = try connection.query(
      """
      SELECT x.indexrelid::bigint, c.relname::text
      FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
      WHERE x.indexrelid IN (\(list)) AND c.relkind = 'r'
      """)
    var found: [Int: String] = [:]
    for row in 0..<rows.rowCount { found[try rows.value(row, 0)] = try rows.value(row, 1) }
    return found
  }

  /// Finds those of the given tables that the open transaction has not read, according to the
  /// server's counts.
  static func uncounted(_ tables: Set<Int>, on connection: Connection) throws(PostgresError)
    -> Set<Int>
  {
    guard !tables.isEmpty else { return [] }
    let list = SQL(script: tables.map { "\($0)" }.joined(separator: ","))
    let rows = try connection.query(LossesQueries.uncounted(tables: list))
    return Set(try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) })
  }
}
