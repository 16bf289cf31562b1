import Testing

@testable import Postgres

/// Tests the recognition of reasons why no session could be opened.
struct ConnectionProblemTests {
  @Test(
    arguments: [
      (
        "connection to server at \"127.0.0.1\", port 1 failed: Connection refused  Is the server "
          + "running on that host and accepting TCP/IP connections?", nil, .refused
      ),
      (
        "connection to server on socket \"/x/.s.PGSQL.5432\" failed: No such file or directory",
        nil,
        .noSocket
      ),
      (
        "could not translate host name \"h\" to address: Name or service not known", nil,
        .unknownHost
      ),
      ("no answer within 5 seconds", nil, .noAnswer),
      ("connection to server at \"10.0.0.1\" failed: No route to host", nil, .noAnswer),
      ("fe_sendauth: no password supplied", nil, .noPassword),
      ("FATAL: password authentication failed for user \"ann\"", "28P01", .wrongPassword),
      ("FATAL: role \"ann\" does not exist", "28000", .unknownRole),
      ("FATAL: no pg_hba.conf entry for host \"::1\", user \"ann\"", "28000", .notAdmitted),
      ("FATAL: Peer authentication failed for user \"ann\"", "28000", .notAdmitted),
      ("FATAL: database \"d\" does not exist", "3D000", .unknownDatabase),
      ("FATAL: permission denied for database \"d\"", "42501", .forbidden),
      ("FATAL: sorry, too many clients already", "53300", .tooManySessions),
      ("FATAL: the database system is starting up", "57P03", .notReady),
      ("server does not support SSL, but SSL was required", nil, .noTLS),
      ("SSL error: certificate verify failed", nil, .badTLS),
      ("root certificate file \"/x\" does not exist", nil, .badTLS),
      ("received invalid response to SSL negotiation: H", nil, .noPostgreSQL),
      ("something that nobody knows", nil, nil), ("FATAL: odd", "XX000", nil),
    ] as [(String, String?, ConnectionProblem?)])
  func `the server's code and libpq's words tell the problem`(
    reason: String, sqlState: String?, problem: ConnectionProblem?
  ) {
    #expect(ConnectionProblem(reason: reason, sqlState: sqlState) == problem)
  }

  @Test func `every problem has a remedy`() {
    for problem in ConnectionProblem.allCases {
      #expect(problem.remedy.count > 20 && !problem.remedy.hasSuffix("."), "\(problem)")
    }
  }

  @Test(arguments: ["mysql://u:secret@h/x", "http://h/secret", "mongodb+srv://u:secret@h/"])
  func `the URL of something else is named as such, and nothing of it is shown`(url: String) throws
  {
    let error = #expect(throws: PostgresError.self) {
      try ConnectionTarget(source: "--database-url", url: url)
    }
    let text = try #require(error).description
    #expect(text.contains("must begin with postgresql://"), "\(text)")
    #expect(!text.contains("secret"), "\(text)")
  }
}
