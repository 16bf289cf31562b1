internal import MigrationFiles
internal import Postgres

extension MigrationLedger {
  /// Writes a migration's row, as a new row or in place of the migration's earlier row.
  ///
  /// The row of an applied migration is sent together with the COMMIT of the open transaction.
  func record(
    _ migration: SQLMigration, set: String, batch: Int, state: LedgerRow.State, done: Int,
    seconds: Double = 0, note: String? = nil
  ) throws(PostgresError) {
    // An existing row with the same number is used, whatever the name of its file was; it keeps its
    // batch.
    let statement = MigrationLedgerQueries.record(
      ledger: table, set: set, version: migration.version, title: migration.description,
      checksum: migration.checksum.description, batch: batch, seconds: seconds,
      state: state.rawValue, done: done, statements: migration.up.statements.count, note: note,
      up: migration.up.text, down: migration.down?.text, isApplying: state == .applying,
      row: Self.row(of: migration.version, set: set))
    if state == .applied {
      try connection.execute(withCommit: statement)
    } else {
      try connection.query(statement)
    }
  }

  /// Returns the SQL condition that chooses a migration's row; versions are compared as numbers, so
  /// `1` and `01` are the same.
  static func row(of version: String, set: String) -> SQL {
    let number = String(version.drop { $0 == "0" })
    return "set = \(set) AND ltrim(version, '0') = \(number)"
  }

  /// Records the number of executed statements of a migration that is not finished.
  ///
  /// - Parameter earlier: the number that must be recorded now, otherwise nothing is changed; nil
  ///   changes any number.
  func advance(_ version: String, set: String, done: Int, onlyFrom earlier: Int? = nil)
    throws(PostgresError)
  {
    let rows = try connection.query(
      """
      UPDATE \(table) SET statements_done = \(done)::int, in_doubt = NULL
      WHERE \(Self.row(of: version, set: set))
        AND (\(earlier)::bigint IS NULL OR statements_done = \(earlier)::bigint)
      """)
    guard rows.affectedRows == 1 || earlier != nil else {
      throw .unexpected(
        operation: "\(table)", what: "the row of \(version) was deleted meanwhile")
    }
  }

  /// Records the number of the statement that may be executed without being counted; nil records
  /// that there is none.
  func setDoubt(about number: Int?, version: String, set: String) throws(PostgresError) {
    try connection.query(
      """
      UPDATE \(table) SET in_doubt = \(number)::int
      WHERE \(Self.row(of: version, set: set)) AND in_doubt IS DISTINCT FROM \(number)::int
      """)
  }

  /// Records that undoing a migration has begun.
  func beginReverting(_ version: String, set: String, statements: Int) throws(PostgresError) {
    try connection.query(
      MigrationLedgerQueries.beginReverting(
        ledger: table, statements: statements, row: Self.row(of: version, set: set)))
  }

  /// Deletes the row of a migration that was undone.
  func remove(_ version: String, set: String) throws(PostgresError) {
    try connection.query(
      "DELETE FROM \(table) WHERE \(Self.row(of: version, set: set))")
  }

  /// Records the checksum of a migration's changed file, so that later runs accept this file; the
  /// text that was applied stays recorded.
  func accept(_ migration: SQLMigration, set: String) throws(PostgresError) {
    try connection.query(
      MigrationLedgerQueries.accept(
        ledger: table, checksum: migration.checksum.description,
        row: Self.row(of: migration.version, set: set)))
  }
}
