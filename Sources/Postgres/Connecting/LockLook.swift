internal import CLibPQ
internal import Synchronization

/// One check, in a session of its own, of the locks that another session waits for.
final class LockLook: Sendable {
  /// The result of a check.
  enum Answer: Sendable {
    /// The session waits for no other session.
    case works
    /// The session waits for these sessions.
    case waits(LockWait.Subject, [Blocker])
    /// The check was not possible, for this reason.
    case impossible(String)
  }

  private let found = Mutex<Answer?>(nil)

  /// The result so far; nil while there is none.
  var answer: Answer? { found.withLock { $0 } }

  /// Begins to check which sessions `connection` waits for.
  init(_ connection: Connection) {
    // The session gets an application name of its own, which says what it does.
    let parameters =
      connection.parametersBeside(seconds: 5) + [("application_name", "vector-ferry locks")]
    let script = Self.script(
      process: connection.backendPID,
      application: connection.reportedSetting("application_name") ?? "",
      showsStatements: connection.isOperators)
    let isUnderWay = onOwnThread { [self] in
      let answer = Self.look(parameters, script)
      found.withLock { $0 = answer }
    }
    if !isUnderWay {
      found.withLock { $0 = .impossible("the system could not start another thread") }
    }
  }

  private static func look(
    _ parameters: [(keyword: String, value: String)], _ script: String
  ) -> Answer {
    let handle = parameters.withCArrays { PQconnectdbParams($0, $1, 0) }
    defer { PQfinish(handle) }
    guard let handle, PQstatus(handle) == CONNECTION_OK else {
      return .impossible("the server accepts no second session")
    }
    let result = PQexec(handle, script)
    defer { PQclear(result) }
    guard let result, PQresultStatus(result) == PGRES_TUPLES_OK else {
      return .impossible("a second session could not read the locks")
    }
    return answer(result)
  }

  private static func answer(_ rows: OpaquePointer) -> Answer {
    func text(_ row: Int32, _ column: Int32) -> String {
      PQgetvalue(rows, row, column).map { String(cString: $0) } ?? ""
    }
    guard PQntuples(rows) > 0 else {
      return .impossible(
        "the session's process is not known to the server, for example because of a pooler")
    }
    let kind = text(0, 0)
    if kind.isEmpty { return .works }
    let table = text(0, 1)
    let subject: LockWait.Subject =
      switch kind {
      case "transactionid", "tuple": .rows(of: table)
      case "relation", "extend", "page": .table(table)
      default: .other
      }
    var holders: [Blocker] = []
    for row in 0..<PQntuples(rows) where PQgetisnull(rows, row, 2) == 0 {
      holders.append(
        Blocker(
          process: Int(text(row, 2)).flatMap { $0 == 0 ? nil : $0 }, user: text(row, 3),
          application: text(row, 4), state: text(row, 5), since: text(row, 6), query: text(row, 7)))
    }
    return .waits(subject, holders)
  }

  /// Returns the query of the check, which finds one row for each holder of the lock.
  ///
  /// The query finds one row without a holder where there is no holder, and no row where the
  /// process number belongs to another session.
  ///
  /// - Parameter showsStatements: true where the operator's own statements wait; otherwise the
  ///   statements of other sessions are not shown, because they may contain a document's text.
  private static func script(process: Int, application: String, showsStatements: Bool) -> String {
    let statement: SQL = showsStatements ? Blocker.statement : "''"
    let query = SessionQueries.holders(
      columns: "\(Blocker.columns), \(statement)", process: process,
      application: Literal(application))
    return """
      SET search_path = pg_catalog, pg_temp; SET statement_timeout = '5s';
      SET standard_conforming_strings = on; SET DateStyle = ISO;
      \(query.text)
      """
  }
}
