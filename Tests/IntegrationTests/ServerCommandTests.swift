import TestSupport
import Testing

/// Tests `server …`, which controls the PostgreSQL server of the directory.
@Suite(.needsServer) struct ServerCommandTests {
  @Test func `it is started by psql, speaks of its own databases alone, and stops`() throws {
    let ferry = try Ferry()
    // Variables that name another server are ignored.
    let elsewhere = ["DATABASE_URL": "", "PGHOST": "192.0.2.1", "PGPORT": "9", "PGUSER": "nobody"]
    func server(_ words: String...) throws -> ProcessOutcome {
      try run(
        Ferry.binary, ["server"] + words, environment: Ferry.clean("", elsewhere),
        directory: ferry.folder.path)
    }
    defer { _ = try? server("stop") }
    #expect(try server("status").text.contains("State: not yet created"))
    let question = "SELECT current_database(), current_user"
    #expect(try server("psql", "-Atc", question).text == "vector_ferry|vector_ferry\n")
    #expect(
      try server("psql", "-d", "postgres", "-Atc", question).text == "postgres|vector_ferry\n")
    #expect(try server("psql", "postgres", "-Atc", question).text == "postgres|vector_ferry\n")
    #expect(try server("psql", "-c", "SELECT nothing").status == 1)
    #expect(try server("status").text.contains("State: running"))
    #expect(try server("url").text.hasPrefix("postgresql://vector_ferry@/vector_ferry?host="))
    #expect(try server("stop").text.contains("has stopped"))
    #expect(try server("stop").text.contains("was not running"))
    #expect(try server("status").text.contains("State: stopped"))
  }

  @Test func `a server that does not start is shown with the end of its log, line by line`() throws
  {
    let ferry = try Ferry()
    func server(_ words: String...) throws -> ProcessOutcome {
      try run(
        Ferry.binary, ["server"] + words, environment: Ferry.clean("", ["DATABASE_URL": ""]),
        directory: ferry.folder.path)
    }
    defer { _ = try? server("stop") }
    #expect(try server("start").status == 0)
    #expect(try server("stop").status == 0)
    try ferry.folder.write(
      "shared_buffers = lots\n", to: ".vector-ferry/postgres/postgresql.auto.conf")
    let outcome = try server("start")
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    let lines = outcome.errorText.split(separator: "\n")
    #expect(lines.first?.hasPrefix("error: the embedded server ended while starting") == true)
    #expect(lines.dropFirst().contains { $0.contains("shared_buffers") }, "\(outcome.errorText)")
    #expect(!outcome.errorText.contains(#"\n"#), "\(outcome.errorText)")
  }
}
