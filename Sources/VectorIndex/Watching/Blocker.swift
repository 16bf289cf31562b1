internal import Postgres

/// A session that a build waits for.
public struct Blocker: Sendable, Equatable {
  /// The process that serves it; nil where the server does not tell, as with a prepared transaction.
  public let process: Int?
  /// What it calls itself.
  public let application: String
  /// What it is doing, such as `idle in transaction`.
  public let state: String
  /// When its transaction began, in UTC.
  public let since: String
  /// Its last statement, cut.
  public let query: String

  /// In words: process, program, state, since when, and what it did last.
  public var description: String {
    guard let process else { return "a prepared transaction" }
    var text = "process \(process)"
    let facts = [application, state, since.isEmpty ? "" : "since \(since)"].filter { !$0.isEmpty }
    if !facts.isEmpty { text += " (\(facts.joined(separator: ", ")))" }
    return query.isEmpty ? text : "\(text): \(query)"
  }

  static func read(_ process: Int, on connection: Connection) throws(PostgresError) -> Blocker {
    let rows = try connection.query(
      """
      SELECT coalesce(application_name, ''), coalesce(state, ''),
             coalesce(to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), ''),
             coalesce(left(regexp_replace(query, '\\s+', ' ', 'g'), 80), '')
      FROM pg_stat_activity WHERE pid = \(process)
      """)
    guard rows.rowCount > 0 else {
      return Blocker(process: process, application: "", state: "", since: "", query: "")
    }
    return Blocker(
      process: process, application: try rows.value(0, 0), state: try rows.value(0, 1),
      since: try rows.value(0, 2), query: try rows.value(0, 3))
  }
}
