import Foundation
import Postgres
import TestSupport
import Testing

/// Tests the checks at the beginning of every run.
@Suite(.needsServer)
struct OpeningTests {
  @Test(arguments: [["migrate"], ["migrate", "--dry-run"]])
  func `the database is looked at before stores are listed`(arguments: [String]) throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    try ferry.database.connect().execute(
      script: "CREATE EXTENSION vector; CREATE VIEW vector_documents AS SELECT 1 AS id")
    func run() throws -> ProcessOutcome {
      try TestSupport.run(
        Ferry.binary, arguments, environment: Ferry.clean(ferry.database.url, [:]),
        directory: ferry.folder.path)
    }
    let outcome = try run()
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect((outcome.text + outcome.errorText).contains("is not a table"))
    #expect(outcome.text.contains("Found 1 vector store") == arguments.contains("--dry-run"))
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data"))
    let before = try contents(of: ferry.folder.path)
    let live = try ferry.run()
    #expect(live.status == 3 && live.errorText.contains("is not a table"), "\(live.errorText)")
    #expect(try contents(of: ferry.folder.path) == before)
  }

  @Test func `all that stands against a run is said at once`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    #expect(try ferry.run().status == 0)
    let role = try Role("poor", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          GRANT USAGE ON SCHEMA vector_ferry TO \(role.name);
          GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO \(role.name);
          GRANT SELECT ON vector_documents TO \(role.name);
          """))
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    let outcome = try ferry.run("--force", environment: environment)
    #expect(outcome.status == 3)
    for words in [
      "lacks DELETE on documents, stores", "INSERT on documents, runs, stores",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vector_ferry",
      "lacks INSERT, DELETE, UPDATE on table public.vector_documents",
    ] {
      #expect(outcome.errorText.contains(words), "\(outcome.errorText)")
    }
    #expect(!outcome.text.contains("Found"), "\(outcome.text)")
  }

  @Test func `what should be looked at and does not stop a run is a warning`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    #expect(try ferry.run().status == 0)
    try ferry.database.connect().execute(
      script: """
        UPDATE pg_index SET indisvalid = false
        WHERE indexrelid = 'vector_documents_metadata_idx'::regclass
        """)
    let outcome = try ferry.run()
    #expect(outcome.status == 0)
    #expect(outcome.errorText.contains("vector_documents_metadata_idx is INVALID"))
  }

  @Test func `a lock of a moment does not stop a run, and the run waits for it`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    #expect(try ferry.run().status == 0)
    let holder = try ferry.database.connect()
    try holder.query("BEGIN")
    try holder.query("LOCK TABLE vector_documents IN SHARE MODE")
    let running = try ferry.start("--force")
    #expect(running.waitForError("holds ShareLock"), "\(running.errors)")
    try holder.query("COMMIT")
    #expect(try running.finish().status == 0)
  }

  @Test func `a dry run without a database says that the database's part is not known`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    let gone = ["DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"]
    let outcome = try ferry.run("--dry-run", environment: gone)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("its contents are not known"), "\(outcome.errorText)")
    #expect(outcome.text.contains("it was not read: cannot connect"), "\(outcome.text)")
    #expect(!outcome.text.contains("✅ Dry run completed"), "\(outcome.text)")
    let document = try Ferry.json(try ferry.run("--dry-run", "--json", environment: gone))
    #expect((document["database_not_looked_at"] as? String ?? "").contains("cannot connect"))
    let known = try Ferry.json(try ferry.run("--dry-run", "--json"))
    #expect(known["database_not_looked_at"] is NSNull)
  }
}
