internal import Postgres

/// What the open transaction may have written, by the locks that it holds.
///
/// INSERT, UPDATE, DELETE and MERGE keep ROW EXCLUSIVE on their table until the transaction ends,
/// and DROP and ALTER keep stronger ones; unlike the server's counting, nobody can switch that off.
struct WriteLocks: Equatable {
  /// The relations whose rows may have been written, by number.
  private(set) var written: Set<Int> = []
  /// The server's own catalogues and their indexes among those, by number.
  private(set) var system: Set<Int> = []
  /// How many objects are held so that they can be changed or dropped.
  private(set) var strong = 0
  /// True where large objects may have been changed.
  private(set) var includeLargeObjects = false

  /// Asks the server about objects that are no table and about relations up to `last`.
  static func read(_ connection: Connection, upTo last: Int) throws(PostgresError) -> WriteLocks {
    let rows = try connection.query(
      """
      SELECT coalesce(l.relation, 0)::bigint, l.mode = 'RowExclusiveLock',
             coalesce(l.classid = 'pg_largeobject'::regclass, false), count(*)
      FROM pg_locks l
      WHERE l.pid = pg_backend_pid() AND l.granted
        AND (l.locktype = 'relation' AND l.relation <= \(last)::bigint::oid
             OR l.locktype = 'object')
        AND l.mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareRowExclusiveLock',
                       'ExclusiveLock', 'AccessExclusiveLock')
      GROUP BY 1, 2, 3
      """)
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

  /// The catalogues that statements have written to by themselves, by the number of an index.
  ///
  /// A definition keeps a lock on a catalogue at most; a statement that names the catalogue keeps
  /// them on its indexes, too. Long definitions are written to a catalogue's TOAST table, whose index
  /// tells nothing: who writes there by a statement of his own writes to the catalogue as well.
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

  /// Those of some tables that were written to though nothing of them, no look even, was counted.
  static func uncounted(_ tables: Set<Int>, on connection: Connection) throws(PostgresError)
    -> Set<Int>
  {
    guard !tables.isEmpty else { return [] }
    let list = SQL(script: tables.map { "\($0)" }.joined(separator: ","))
    let rows = try connection.query(
      """
      SELECT c.oid::bigint FROM pg_class c
      WHERE c.oid IN (\(list)) AND c.relkind = 'r' AND pg_stat_get_xact_numscans(c.oid) = 0
        AND NOT EXISTS (
          SELECT FROM pg_index x
          WHERE x.indrelid = c.oid AND pg_stat_get_xact_numscans(x.indexrelid) > 0)
      """)
    return Set(try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) })
  }
}
