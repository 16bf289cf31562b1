internal import Postgres
internal import OwnSchema

/// Makes trigger functions safe that an earlier version of this program has left in a database with
/// dimension changes.
///
/// Any role could attach these functions to a table of its own, where they ran with the rights of
/// their owner.
struct ChangeRepair {
  let session: ChangeSession

  private var connection: Connection { session.connection }

  /// Updates the table of changes and makes unsafe functions safe; changes nothing where this is
  /// not needed.
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

  /// Returns the unsafe trigger functions, each with the number of its change.
  ///
  /// A function is unsafe where other roles may execute it, or where its search path lets it use
  /// other roles' operators.
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

  /// Writes the function of an open change again; does nothing for another change, whose function
  /// is no longer used.
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

  /// Returns the name of the table that a change belongs to; nil where the table no longer exists.
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
