import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that a waiting run names the session that holds the lock.
@Suite(.needsServer)
struct LockWaitTests {
  /// The object that the other session has locked.
  enum Held: String, CaseIterable {
    case rows, table

    fileprivate var statement: SQL {
      switch self {
      case .rows: "UPDATE vector_documents SET updated_at = updated_at"
      case .table: "LOCK TABLE vector_documents IN ACCESS EXCLUSIVE MODE"
      }
    }

    fileprivate var words: String {
      self == .rows ? "rows of public.vector_documents" : "waiting for public.vector_documents"
    }
  }

  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(12), texts: Ferry.texts(12))
    let outcome = try ferry.run("--dimensions", "6", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return ferry
  }

  private func holder(_ ferry: Ferry, _ held: Held) throws -> Connection {
    let session = try ferry.database.connect()
    try session.execute(script: "SET application_name = 'a slow report'; BEGIN;")
    try session.execute(script: held.statement)
    return session
  }

  private static let cases: [(words: [String], held: Held)] = [
    (["migrate", "--force", "--dimensions", "6", "--min-recall", "0"], .rows),
    (["migrate", "--force", "--dimensions", "6", "--min-recall", "0"], .table),
    (["rollback", "--yes"], .rows), (["rollback", "--yes"], .table), (["verify"], .table),
    (["projection", "refit", "ann/notes", "--min-recall", "0"], .table),
  ]

  @Test(arguments: cases.indices)
  func `a command that waits names who holds it up, and goes on when it is free`(index: Int) throws
  {
    let (words, held) = Self.cases[index]
    let ferry = try ferry()
    if words.contains("--force") {
      // The rows must differ from the files, because a run does not write equal rows.
      try ferry.database.connect().query("UPDATE vector_documents SET text = text || '!'")
    }
    let session = try holder(ferry, held)
    let run = try ferry.start(words)
    let isNamed = run.waitForError("held by process \(session.backendPID)", seconds: 30)
    #expect(isNamed, "\(words) \(held): \(run.errors)")
    #expect(run.errors.contains(held.words), "\(run.errors)")
    for word in [
      "user \(try TestServer.address.user)", "a slow report", "idle in transaction", "UTC",
    ] {
      #expect(run.errors.contains(word), "\(word): \(run.errors)")
    }
    // The other session's statement is not shown: it may contain a document's text.
    #expect(!run.errors.contains("SET updated_at"), "\(run.errors)")
    try session.execute(script: "ROLLBACK")
    let outcome = try run.finish()
    #expect(outcome.status == 0, "\(words): \(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.components(separatedBy: "held by").count <= 4)
  }

  @Test func `schema names the holder of a table's lock with its last statement, and goes on`()
    throws
  {
    let ferry = try Ferry()
    try ferry.folder.write("CREATE TABLE t (a int);", to: "m/1_t.sql")
    #expect(try ferry.run("schema", "up", "--dir", "m", "--yes").status == 0)
    try ferry.folder.write("ALTER TABLE t ADD b int;", to: "m/2_t.sql")
    let session = try ferry.database.connect()
    try session.execute(
      script: "SET application_name = 'a slow report'; BEGIN; SELECT count(*) AS slow FROM t;")
    let run = try ferry.start(
      "schema", "up", "--dir", "m", "--yes", "--trial-seconds", "0", "--lock-timeout", "30")
    let isNamed = run.waitForError("held by process \(session.backendPID)", seconds: 30)
    #expect(isNamed, "\(run.errors)")
    for word in [
      "waiting for public.t", "a slow report", "idle in transaction", "UTC",
      "SELECT count(*) AS slow FROM t",
    ] { #expect(run.errors.contains(word), "\(word): \(run.errors)") }
    try session.execute(script: "ROLLBACK")
    let outcome = try run.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
  }

  @Test func `it is said again while the wait goes on`() throws {
    let ferry = try ferry()
    let session = try holder(ferry, .rows)
    let run = try ferry.start("rollback", "--yes")
    #expect(
      run.waitForErrors("held by process \(session.backendPID)", count: 2, seconds: 60),
      "\(run.errors)")
    try session.execute(script: "ROLLBACK")
    #expect(try run.finish().status == 0)
  }

  @Test func `where no further session may be had, it says that it cannot be seen`() throws {
    let ferry = try ferry()
    let role = try Role("waiting", in: ferry)
    let admin = try ferry.database.connect()
    try admin.execute(
      script: SQL(
        script: """
          GRANT ALL ON ALL TABLES IN SCHEMA public, vector_ferry TO \(role.name);
          GRANT USAGE ON SCHEMA vector_ferry TO \(role.name);
          ALTER ROLE \(role.name) CONNECTION LIMIT 1;
          """))
    let session = try holder(ferry, .table)
    let run = try ferry.start(
      ["verify"], environment: ["DATABASE_URL": try ferry.url(as: role.name)])
    #expect(
      run.waitForError("The server has not answered a statement", seconds: 60), "\(run.errors)")
    #expect(run.errors.contains("accepts no second session"), "\(run.errors)")
    try session.execute(script: "ROLLBACK")
    _ = try run.finish()
  }
}
