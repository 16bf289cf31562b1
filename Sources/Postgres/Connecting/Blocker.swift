/// A session that another one waits for.
public struct Blocker: Sendable, Equatable {
  /// The process that serves it; nil where the server does not tell, as with a prepared transaction.
  public let process: Int?
  /// The role that it runs as.
  public let user: String
  /// What it calls itself.
  public let application: String
  /// What it is doing, such as `idle in transaction`.
  public let state: String
  /// When its transaction began, in UTC.
  public let since: String
  /// Its last statement, cut; empty where it is not to be shown.
  public let query: String

  /// In words: process, role, program, state, since when, and what it did last.
  public var description: String {
    guard let process else { return "a prepared transaction" }
    var text = "process \(process)"
    let facts = [
      user.isEmpty ? "" : "user \(user)", application, state, since.isEmpty ? "" : "since \(since)",
    ].filter { !$0.isEmpty }
    if !facts.isEmpty { text += " (\(facts.joined(separator: ", ")))" }
    return query.isEmpty ? text : "\(text): \(query)"
  }

  /// The columns of `pg_stat_activity` that say who a session is.
  static let columns: SQL = """
    coalesce(a.usename::text, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
    coalesce(to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '')
    """

  /// Asks who a process serves, and what it did last.
  public static func read(_ process: Int, on connection: Connection) throws(PostgresError)
    -> Blocker
  {
    let rows = try connection.query(
      """
      SELECT \(columns), coalesce(left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80), '')
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
