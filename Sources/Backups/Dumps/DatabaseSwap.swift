internal import Clock
internal import Ledger
internal import Postgres

/// Gives a restored database its final name in one transaction, so that there is a database of this
/// name at every moment.
struct DatabaseSwap {
  let target: RestoreTarget
  let scratch: Identifier
  /// The properties that this role cannot give to another database.
  var lost: [LostProperty] = []

  private var connection: Connection { target.beside }

  /// Renames the databases; returns the new name of the database that was replaced, nil where none
  /// was.
  func run(replacing isReplacing: Bool) throws -> String? {
    let name = Identifier(target.name)
    guard isReplacing else {
      try connection.query("ALTER DATABASE \(scratch) RENAME TO \(name)")
      return nil
    }
    let former = Identifier(try freeName())
    do {
      try connection.transaction {
        try copyProperties(from: name)
        try connection.query("ALTER DATABASE \(name) RENAME TO \(former)")
        try connection.query("ALTER DATABASE \(scratch) RENAME TO \(name)")
      }
    } catch let error as PostgresError where error.serverError?.sqlState == "55006" {
      throw Failure(
        .preflight,
        "the database \(target.name) is in use\(try target.others().map { ": \($0)" } ?? "")",
        remedy: "stop the programs that use the database, and run again; nothing was replaced")
    }
    return former.name
  }

  /// Returns a free name for the former database; two databases may be replaced in the same second.
  private func freeName() throws -> String {
    let time = CalendarTime.now().compact
    for number in 1...99 {
      let name = Self.formerName(of: target.name, time + (number == 1 ? "" : "_\(number)"))
      let isTaken: Bool? = try connection.scalar(
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = \(name))")
      if isTaken == false { return name }
    }
    throw Failure(.preflight, "no free name was found for the old database \(target.name)")
  }

  /// Returns a former database's name, such as `app_before_20250112_143022`, cut to 63 bytes.
  private static func formerName(of name: String, _ time: String) -> String {
    let suffix = "_before_\(time)"
    var base = name[...]
    while base.utf8.count + suffix.utf8.count > 63 { base.removeLast() }
    return base + suffix
  }

  /// Gives the new database the properties that no dump holds: owner, settings, rights, comment
  /// and connection limit.
  private func copyProperties(from name: Identifier) throws {
    try copySettings(from: name)
    let row = try connection.query(
      """
      SELECT datconnlimit, datacl IS NOT NULL, pg_get_userbyid(datdba)::text,
             shobj_description(oid, 'pg_database')
      FROM pg_database WHERE datname = \(name.name)
      """)
    let limit: Int = try row.value(0, 0)
    try connection.query("ALTER DATABASE \(scratch) CONNECTION LIMIT \(number: limit)")
    if try row.value(0, 1) { try copyRights(from: name) }
    if let comment: String = try row.optional(0, 3) {
      try connection.query("COMMENT ON DATABASE \(scratch) IS \(Literal(comment))")
    }
    let owner = Identifier(try row.value(0, 2))
    try connection.query("ALTER DATABASE \(scratch) OWNER TO \(owner)")
  }

  /// Copies the settings; leaves out those that the plan has named as lost.
  private func copySettings(from name: Identifier) throws {
    for setting in try DatabaseSettings(of: name, on: connection).all() {
      guard !lost.contains(where: { $0.property == setting.description }) else { continue }
      try setting.set(on: scratch, connection)
    }
  }

  private func copyRights(from name: Identifier) throws {
    try connection.query("REVOKE ALL ON DATABASE \(scratch) FROM PUBLIC")
    let grants = try connection.query(DatabaseQueries.rights(database: name.name))
    for row in 0..<grants.rowCount {
      let right: String = try grants.value(row, 0)
      let role: String? = try grants.optional(row, 1)
      let receiver: SQL = role.map { "\(Identifier($0))" } ?? "PUBLIC"
      let option: SQL = try grants.value(row, 2) && role != nil ? " WITH GRANT OPTION" : ""
      try connection.query(
        "GRANT \(SQL(script: right)) ON DATABASE \(scratch) TO \(receiver)\(option)")
    }
  }
}
