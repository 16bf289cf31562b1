/// A session for which another session waits.
public struct Blocker: Sendable, Equatable {
  /// The number of the session's process; nil where the server does not show one, as for a prepared
  /// transaction.
  public let process: Int?
  /// The role of the session.
  public let user: String
  /// The application name of the session.
  public let application: String
  /// The state of the session, such as `idle in transaction`.
  public let state: String
  /// The time in UTC when the session's transaction began.
  public let since: String
  /// The last statement of the session, shortened; empty where the statement must not be shown.
  public let query: String

  /// The session in words: process, role, program, state, since when, and its last statement.
  public var description: String {
    guard let process else { return "a prepared transaction" }
    var text = "process \(process)"
    let facts = [
      user.isEmpty ? "" : "user \(user)", application, state, since.isEmpty ? "" : "since \(since)",
    ].filter { !$0.isEmpty }
    if !facts.isEmpty { text += " (\(facts.joined(separator: ", ")))" }
    return query.isEmpty ? text : "\(text): \(query)"
  }

  /// The columns of `pg_stat_activity` that describe a session.
  static let columns: SQL = """
    coalesce(a.usename::text, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
    coalesce(to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '')
    """

  /// The expression for a session's last statement, shortened to 80 characters on one line.
  static let statement: SQL = """
    coalesce(left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80), '')
    """

  /// Reads the session of a process, with its last statement; all texts are empty where the process
  /// has no session.
  public static func read(_ process: Int, on connection: Connection) throws(PostgresError)
    -> Blocker
  {
    let rows = try connection.query(
      """
      SELECT \(columns), \(statement)
      FROM pg_stat_activity a WHERE a.pid = \(process)
      """)
    guard rows.rowCount > 0 else {
      return Blocker(process: process, user: "", application: "", state: "", since: "", query: "")
    }
    return Blocker(
      process: process, user: try rows.value(0, 0), application: try rows.value(0, 1),
      state: try rows.value(0, 2), since: try rows.value(0, 3), query: try rows.value(0, 4))
  }
}
