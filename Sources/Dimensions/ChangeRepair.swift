internal import Postgres
internal import OwnSchema

/// Repairs trigger functions that an earlier version of this program has left in a database where
/// dimensions were changed.
///
/// Any role could attach that version's trigger functions to a table of its own, where the
/// functions ran with their owner's rights.
struct ChangeRepair {
  let session: ChangeSession

  private var connection: Connection { session.connection }

  /// Brings the record of changes up to date and makes unsafe functions safe; changes nothing where
  /// neither is needed.
  func run() throws {
    guard try FerrySchema.installedVersion(on: connection) > 0 else { return }
    if try !FerrySchema.hasCurrentDimensionChanges(on: connection) {
      try session.retryingLock { try FerrySchema.installDimensionChanges(on: connection) }
    }
    for change in try exposed() {
      try session.retryingLock {
        // Whatever happens later, from here on no other role can use the function.
        try connection.execute(script: FollowTrigger.revocation(of: change.function))
        try rewrite(change.number)
      }
    }
  }

  /// Returns the trigger functions that other roles may execute, or whose search path lets them use
  /// operators of other roles, each with the number of its change.
  private func exposed() throws(PostgresError) -> [(function: QualifiedName, number: Int)] {
    let rows = try connection.query(
      ChangeQueries.exposedFunctions(pattern: "^\(FollowTrigger.prefix)[0-9]{1,18}$"))
    return try rows.map { (row) throws(PostgresError) in
      let name: String = try rows.value(row, 0)
      return (
        QualifiedName(schema: FerrySchema.name, Identifier(name)),
        Int(name.dropFirst(FollowTrigger.prefix.count)) ?? 0
      )
    }
  }

  /// Writes the function of an open change again; the function of any other change is no longer
  /// used.
  private func rewrite(_ number: Int) throws {
    guard
      let change = try ChangeRecords(connection: connection).all().first(where: {
        $0.id == number && [.filling, .swapped].contains($0.state)
      }), let table = try table(of: change)
    else { return }
    let column = try VectorColumn(table, column: Identifier(change.column), on: connection)
    let trigger = try FollowTrigger(change, column, on: connection)
    if change.state == .filling {
      try trigger.write(filling: column.otherColumn(change.to))
    } else {
      try trigger.write(keeping: column.otherColumn(change.from))
    }
  }

  /// Returns the table of a change; nil where it no longer exists.
  private func table(of change: ChangeRecord) throws(PostgresError) -> QualifiedName? {
    let rows = try connection.query(
      """
      SELECT n.nspname::text, c.relname::text FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(\(change.table))
      """)
    guard rows.rowCount == 1 else { return nil }
    return QualifiedName(
      schema: Identifier(try rows.value(0, 0)), Identifier(try rows.value(0, 1)))
  }
}
