internal import Ledger
package import Postgres
internal import Glibc

/// The database that a dump is restored into, and a session in another database that can create,
/// rename and drop it.
package struct RestoreTarget {
  /// The database's name.
  let name: String
  /// A session in another database of the server.
  let beside: Connection

  /// The state of the database with this name.
  package enum State: Sendable, Equatable {
    /// No database has the name.
    case absent
    /// The database contains no objects of its own.
    case empty
    /// The database contains objects.
    case filled(Filling)
  }

  /// The objects in a database: the numbers of them, and the names of some tables.
  package struct Filling: Sendable, Equatable {
    /// The number of tables in the database.
    let tables: Int
    /// The names of some of the tables.
    let names: [String]
    /// The number of other objects in the database: views, sequences, functions, types, schemas and
    /// large objects.
    let others: Int

    /// The objects in words: `3 tables (public.users, …) and 2 other objects`.
    package var description: String {
      let more = tables > names.count ? ", …" : ""
      let first =
        "\(tables) table\(tables == 1 ? "" : "s")"
        + (names.isEmpty ? "" : " (\(names.joined(separator: ", "))\(more))")
      return others == 0 ? first : "\(first) and \(others) other object\(others == 1 ? "" : "s")"
    }
  }

  /// Opens a session in another database of the same server; where there is none to connect to,
  /// uses `connection` itself, unless `connection` is in the named database.
  package init(name: String, like connection: Connection) throws {
    self.name = name
    var failure: (any Error)?
    for other in ["postgres", "template1"] where other != name {
      do {
        let target = connection.target(database: other)
        beside = try Connection.open(target, isInterrupted: connection.isInterruptedNow)
        return
      } catch {
        failure = error
      }
    }
    let current: String? = try connection.scalar("SELECT current_database()::text")
    guard let current, !current.utf8.elementsEqual(name.utf8) else {
      throw failure
        ?? Failure(.preflight, "no session could be opened in a database other than \(name)")
    }
    beside = connection
  }

  /// Opens a session in the database.
  func connect() throws(PostgresError) -> Connection {
    try Connection.open(
      beside.target(database: name), isInterrupted: beside.isInterruptedNow)
  }

  /// Reads the state of the database; changes nothing.
  func state() throws -> State {
    let exists: Bool? = try beside.scalar(
      "SELECT EXISTS (SELECT FROM pg_database WHERE datname = \(name))")
    guard exists == true else { return .absent }
    let isTemplate: Bool? = try beside.scalar(
      "SELECT datistemplate FROM pg_database WHERE datname = \(name)")
    guard isTemplate != true else {
      throw Failure(
        .preflight,
        "the database \(name) is a template: everything that is restored into it would be copied "
          + "into every new database",
        remedy: "name another database with --into")
    }
    let session = try connect()
    let own: SQL = """
      (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
      """
    let isFree: SQL = """
      NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
      """
    let tables = try session.query(RestoreTargetQueries.tables(own: own, isFree: isFree))
    let others: Int? = try session.scalar(
      RestoreTargetQueries.otherObjects(own: own, isFree: isFree))
    let filling = Filling(
      tables: tables.rowCount == 0 ? 0 : try tables.value(0, 1),
      names: try tables.map { (row) throws(PostgresError) in try tables.value(row, 0) },
      others: others ?? 0)
    return filling.tables + filling.others == 0 ? .empty : .filled(filling)
  }

  /// Reads the database's tablespace, and whether this role may create objects there; nil where the
  /// database does not exist, or is in the tablespace that new databases get by default.
  private func tablespace() throws(PostgresError) -> (name: String, mayUse: Bool)? {
    let rows = try beside.query(RestoreTargetQueries.tablespace(database: name))
    guard rows.rowCount == 1 else { return nil }
    return (try rows.value(0, 0), try rows.value(0, 1))
  }

  /// Returns the tablespace for the database that replaces this one; nil for the tablespace that
  /// new databases get by default.
  func usableTablespace() throws(PostgresError) -> Identifier? {
    guard let place = try tablespace(), place.mayUse else { return nil }
    return Identifier(place.name)
  }

  /// Returns the database's tablespace as a lost property if a database that replaces this one could
  /// not be made in the same tablespace; otherwise an empty array.
  func lostTablespace() throws(PostgresError) -> [LostProperty] {
    guard let place = try tablespace(), !place.mayUse else { return [] }
    return [
      LostProperty(
        property: "tablespace \(place.name)",
        reason: "this role may not create objects in the tablespace")
    ]
  }

  /// Returns the other sessions in the database, in words; nil where there are none.
  func others() throws(PostgresError) -> String? {
    // The server lists a session, such as one of this program, for a moment after its end.
    for _ in 0..<20 {
      guard try sessions() != nil else { return nil }
      usleep(50_000)
    }
    return try sessions()
  }

  private func sessions() throws(PostgresError) -> String? {
    let rows = try beside.query(RestoreTargetQueries.sessions(database: name))
    guard rows.rowCount > 0 else { return nil }
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0, as: String.self) }
      .joined(separator: ", ")
  }
}
