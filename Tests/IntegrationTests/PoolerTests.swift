import Foundation
import Postgres
import TestSupport
import Testing

/// Tests commands through a connection pooler.
@Suite(.enabled(if: TestServer.isAvailable && Pooler.isAvailable)) struct PoolerTests {
  @Test(arguments: ["transaction", "session"])
  func `a pooler is refused by name, and nothing is touched`(mode: String) throws {
    let ferry = try Ferry()
    let pooler = try Pooler(mode: mode, database: ferry.database)
    let outcome = try ferry.run(
      "schema", "up", "--set", "forum_vectors", "--yes", "--database-url", pooler.url)
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("through a pooler"))
    #expect(outcome.errorText.contains("--allow-pooler"))
    #expect(try ferry.scalar("SELECT to_regclass('schema_migrations') IS NULL") == true)
  }

  @Test func `a pooler of sessions serves where it is allowed, and passes no setting on`() throws {
    let ferry = try Ferry()
    let pooler = try Pooler(mode: "session", database: ferry.database)
    for way in ["up", "down"] {
      let outcome = try ferry.run(
        "schema", way, "--set", "forum_vectors", "--yes", "--allow-pooler", "--database-url",
        pooler.url)
      #expect(outcome.status == 0, "\(outcome.errorText)")
    }
    let next = try TestSupport.run(
      try TestServer.binaries.psql, ["-X", "-A", "-t", "-d", pooler.url, "-c", "SHOW lock_timeout"])
    #expect(next.text.trimmingCharacters(in: .whitespacesAndNewlines) == "0", "\(next.errorText)")
  }

  @Test(arguments: ["transaction", "session"])
  func `a pooler's sessions keep their settings`(mode: String) throws {
    let ferry = try Ferry()
    let pooler = try Pooler(mode: mode, database: ferry.database)
    let first = try Connection.open(
      ConnectionTarget(source: "test", url: pooler.url), settings: .untouched)
    let interval: SQL = "SELECT current_setting('client_connection_check_interval')"
    #expect(try first.scalar(interval, as: String.self) == "0")
    #expect(try ferry.database.connect().scalar(interval, as: String.self) == "1s")
    try ferry.writeStore(rows: Ferry.rows(4), texts: Ferry.texts(4))
    let outcome = try ferry.run("--database-url", pooler.url)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try first.scalar(interval, as: String.self) == "0")
  }
}
