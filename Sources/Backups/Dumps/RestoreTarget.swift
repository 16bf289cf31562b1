internal import Ledger
package import Postgres
internal import Glibc

/// The database that a dump goes into, and a session beside it that can make, rename and drop it.
package struct RestoreTarget {
  /// The database's name.
  let name: String
  /// A session in another database of the server.
  let beside: Connection

  /// What is there under the name.
  package enum Standing: Sendable, Equatable {
    /// No database has the name.
    case absent
    /// It holds nothing of anybody's.
    case empty
    /// It holds something.
    case filled(Filling)
  }

  /// What a database holds, in names and numbers.
  package struct Filling: Sendable, Equatable {
    /// How many tables.
    let tables: Int
    /// The names of some of them.
    let names: [String]
    /// How many views, sequences, functions, types and schemas.
    let others: Int

    /// `3 tables (public.users, …) and 2 other objects`.
    package var description: String {
      let more = tables > names.count ? ", …" : ""
      let first =
        "\(tables) table\(tables == 1 ? "" : "s")"
        + (names.isEmpty ? "" : " (\(names.joined(separator: ", "))\(more))")
      return others == 0 ? first : "\(first) and \(others) other object\(others == 1 ? "" : "s")"
    }
  }

  /// Opens a session beside the database of a server that `connection` is a session of.
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
      throw failure ?? Failure(.preflight, "no session beside the database \(name) can be had")
    }
    beside = connection
  }

  /// A session in the database.
  func connect() throws(PostgresError) -> Connection {
    try Connection.open(
      beside.target(database: name), isInterrupted: beside.isInterruptedNow)
  }

  /// Looks; changes nothing.
  func standing() throws -> Standing {
    let exists: Bool? = try beside.scalar(
      "SELECT EXISTS (SELECT FROM pg_database WHERE datname = \(name))")
    guard exists == true else { return .absent }
    let isTemplate: Bool? = try beside.scalar(
      "SELECT datistemplate FROM pg_database WHERE datname = \(name)")
    guard isTemplate != true else {
      throw Failure(
        .preflight,
        "the database \(name) is a template: what is restored there would come with every new one",
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
    let tables = try session.query(
      """
      SELECT n.nspname || '.' || c.relname, count(*) OVER ()
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'f', 'm') AND n.oid IN \(own) AND \(isFree)
      ORDER BY 1 LIMIT 5
      """)
    let others: Int? = try session.scalar(
      """
      SELECT (SELECT count(*) FROM pg_class c WHERE c.relkind IN ('v', 'S') AND
                c.relnamespace IN \(own) AND \(isFree))
        + (SELECT count(*) FROM pg_proc c WHERE c.pronamespace IN \(own) AND \(isFree))
        + (SELECT count(*) FROM pg_type c WHERE c.typtype IN ('e', 'd', 'r') AND
             c.typnamespace IN \(own) AND \(isFree))
        + (SELECT count(*) FROM pg_namespace c WHERE c.oid IN \(own)
             AND c.nspname <> 'public' AND \(isFree))
        + (SELECT count(*) FROM pg_largeobject_metadata)
      """)
    let filling = Filling(
      tables: tables.rowCount == 0 ? 0 : try tables.value(0, 1),
      names: try tables.map { (row) throws(PostgresError) in try tables.value(row, 0) },
      others: others ?? 0)
    return filling.tables + filling.others == 0 ? .empty : .filled(filling)
  }

  /// Who else is in the database, in words; nil where nobody is.
  func others() throws(PostgresError) -> String? {
    // A session that has just ended, such as one of ours, is seen for a moment longer.
    for _ in 0..<20 {
      guard try sessions() != nil else { return nil }
      usleep(50_000)
    }
    return try sessions()
  }

  private func sessions() throws(PostgresError) -> String? {
    let rows = try beside.query(
      """
      SELECT coalesce(nullif(application_name, ''), 'a session') || ' of '
        || coalesce(usename::text, 'a role') || ' (server process ' || pid || ')'
      FROM pg_stat_activity
      WHERE datname = \(name) AND coalesce(backend_type, 'client backend') = 'client backend'
      ORDER BY pid LIMIT 5
      """)
    guard rows.rowCount > 0 else { return nil }
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0, as: String.self) }
      .joined(separator: ", ")
  }
}
