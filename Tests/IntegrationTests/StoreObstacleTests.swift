import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that a dry run reports what would stop a live run in the transaction of a store, and
/// fails.
@Suite(.needsServer)
struct StoreObstacleTests {
  /// Creates a store that was migrated and whose files have changed since.
  private func changed(_ script: String) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    try ferry.database.connect().execute(script: SQL(script: script))
    try ferry.writeStore(rows: Ferry.rows(12), texts: Ferry.texts(12))
    return ferry
  }

  /// Expects that a dry run and a live run fail for the same reason.
  private func expect(_ ferry: Ferry, _ reason: String) throws {
    let digest = try ferry.contentDigest()
    for flags in [["--dry-run"], []] {
      let outcome = try ferry.run(command: ["migrate"] + flags)
      #expect(outcome.status == 1, "\(flags) \(outcome.text)\(outcome.errorText)")
      #expect(outcome.text.contains(reason), "\(flags) \(outcome.text)")
      #expect(outcome.text.contains("✅") == false, "\(flags) \(outcome.text)")
      #expect(outcome.text.contains("Failed: 1"), "\(flags) \(outcome.text)")
    }
    let dry = try ferry.run("--dry-run")
    #expect(dry.text.contains("A live run would stop here: "), "\(dry.text)")
    let store = try Ferry.store(ferry.run("--dry-run", "--json"))
    #expect(store["outcome"] as? String == "failed")
    #expect(store["action"] as? String == "replace")
    let failure = try #require(store["failure"] as? [String: Any])
    #expect((failure["reason"] as? String)?.contains(reason) == true)
    #expect(try ferry.contentDigest() == digest)
  }

  @Test func `rows that were edited in the database stop a dry run, too`() throws {
    let ferry = try changed(
      "UPDATE vector_documents SET text = text || ' edited' WHERE text ~ 'number (2|5),'")
    try expect(ferry, "2 of the store's documents were changed in the database after the migration")
    let forced = try ferry.run("--dry-run", "--force")
    #expect(forced.status == 0, "\(forced.text)\(forced.errorText)")
    #expect(!forced.text.contains("would stop"), "\(forced.text)")
    #expect(try ferry.run("--force").status == 0)
    let after = try ferry.run("--dry-run")
    #expect(after.status == 0, "\(after.text)\(after.errorText)")
  }

  @Test func `a document that was moved to another collection stops a dry run, too`() throws {
    let ferry = try changed(
      """
      UPDATE vector_documents SET collection_name = 'archive' WHERE text ~ 'number 3,'
      """)
    try expect(ferry, "is in another collection already")
    try ferry.database.connect().execute(
      script: "UPDATE vector_documents SET collection_name = 'notes'")
    let after = try ferry.run("--dry-run")
    #expect(after.status == 0, "\(after.text)\(after.errorText)")
    #expect(try ferry.run().status == 0)
  }

  @Test func `with counters off, a dry run knows that losses cannot be counted`() throws {
    let ferry = try changed(
      """
      CREATE TABLE comments (document uuid REFERENCES vector_documents ON DELETE CASCADE);
      """)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    #expect(try ferry.run("--dry-run").status == 0)
    try ferry.database.connect().execute(
      script: SQL(script: "ALTER DATABASE \(ferry.database.name) SET track_counts = off"))
    try expect(ferry, "track_counts is off")
    #expect(try ferry.run("--dry-run", "--allow-loss", "comments").status == 0)
    #expect(try ferry.run("--allow-loss", "comments").status == 0)
  }

  @Test func `a table's name with a control character is offered as a shell takes it`() throws {
    let ferry = try changed(
      """
      CREATE TABLE "a\nb'c" (document uuid REFERENCES vector_documents ON DELETE CASCADE);
      INSERT INTO "a\nb'c" SELECT id FROM vector_documents;
      """)
    try ferry.writeStore(rows: Ferry.rows(9), texts: Ferry.texts(9))
    let dry = try ferry.run("--dry-run")
    #expect(dry.text.contains(#"add --allow-loss $'public.a\012b\'c'"#), "\(dry.text)")
    #expect(try ferry.run("--allow-loss", "public.a\nb'c").status == 0)
  }

  /// A column that is too narrow, the words of the refusal, and the statement that makes the column
  /// wide enough.
  struct NarrowColumn: Sendable, CustomTestStringConvertible {
    let type: String
    let column: String
    let reason: String
    var testDescription: String { "\(column) \(type)" }
  }

  @Test(arguments: [
    NarrowColumn(
      type: "varchar(4)", column: "user_id",
      reason: "the user name has 5 characters; the column user_id of "),
    NarrowColumn(
      type: "varchar(6)", column: "collection_name", reason: "the collection name has 7 characters"),
    NarrowColumn(
      type: "varchar(30)", column: "text",
      reason: "has a text of 31 characters; the column text of "),
    NarrowColumn(
      type: "timestamptz(0)", column: "created_at",
      reason: "has a time with more digits of a second; the column created_at of "),
    NarrowColumn(
      type: "timestamptz(3)", column: "created_at", reason: "holds 3 of 6 digits of a second"),
  ])
  func `a column that is too narrow stops a dry run, too`(_ narrow: NarrowColumn) throws {
    let ferry = try Ferry()
    let long = "\u{1F600}" + String(repeating: "é", count: 30)
    try ferry.writeStore(
      user: "annie", collection: "letters", rows: Ferry.rows(3), texts: ["short", long, long],
      extra: ["timestamp": "2024-05-05T10:00:00.123456"])
    try ferry.writeStore(user: "bob", collection: "small", rows: Ferry.rows(2), texts: ["a", "b"])
    let table: (String) -> String = { type in
      """
      CREATE EXTENSION IF NOT EXISTS vector;
      CREATE TABLE vector_documents (
        id uuid PRIMARY KEY, user_id text, collection_name text, text text, embedding vector(8),
        metadata jsonb, created_at timestamptz, updated_at timestamptz DEFAULT now());
      ALTER TABLE vector_documents ALTER COLUMN \(narrow.column) TYPE \(type)
      """
    }
    try ferry.database.connect().execute(script: SQL(script: table(narrow.type)))
    let doctor = try ferry.run("doctor")
    #expect(doctor.status == 0, "\(doctor.text)\(doctor.errorText)")
    #expect(
      (doctor.text + doctor.errorText).contains("the column \(narrow.column) of "),
      "\(doctor.text)")
    var remedy = ""
    for flags in [["--dry-run", "--json"], ["--json"]] {
      let outcome = try ferry.run(command: ["migrate"] + flags)
      #expect(outcome.status == 1, "\(flags) \(outcome.text)\(outcome.errorText)")
      let stores = try #require(try Ferry.json(outcome)["stores"] as? [[String: Any]])
      let store = stores.first { $0["user"] as? String == "annie" }
      let failure = try #require(store?["failure"] as? [String: Any], "\(outcome.text)")
      #expect((failure["reason"] as? String)?.contains(narrow.reason) == true, "\(failure)")
      remedy = try #require(failure["remedy"] as? String)
      #expect(
        try ferry.scalar("SELECT count(*) FROM vector_documents WHERE user_id = 'annie'") == 0)
    }
    // The other store fits into the column and was migrated.
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents") == 2)
    // The remedy is one statement, which solves the problem.
    try ferry.database.connect().execute(script: SQL(script: remedy))
    let after = try ferry.run("--dry-run")
    #expect(after.status == 0, "\(after.text)\(after.errorText)")
    #expect(try ferry.run().status == 0)
    #expect(!(try ferry.run("doctor").text.contains("the column \(narrow.column) of ")))
  }
}
