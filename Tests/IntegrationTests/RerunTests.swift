import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct RerunTests {
  /// Creates a store of ten documents and a second store, both migrated.
  private func migrated() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    try ferry.writeStore(
      collection: "other", rows: Ferry.rows(3, seed: 2), texts: Ferry.texts(3))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return ferry
  }

  /// Returns the digest of a new database after one migration of the present files.
  private func freshDigest(of ferry: Ferry) throws -> String? {
    let fresh = try Ferry()
    try FileManager.default.copyItem(
      atPath: ferry.folder.file("user_data"), toPath: fresh.folder.file("user_data"))
    try fresh.run()
    return try undated(fresh)
  }

  /// Returns the contents without `created_at`, which is the time of the run where an entry has no
  /// time.
  private func undated(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(
      """
      SELECT md5(string_agg(concat_ws('|', id, user_id, collection_name, text, metadata, embedding),
                            E'\\n' ORDER BY id)) FROM vector_documents
      """)
  }

  @Test(arguments: [13, 7, 0])
  func `a store that grew, shrank or was emptied is replaced without orphans`(count: Int) throws {
    let ferry = try migrated()
    let other: String? = try ferry.scalar(
      "SELECT string_agg(xmin::text, ',' ORDER BY id) FROM vector_documents WHERE collection_name = 'other'"
    )
    try ferry.writeStore(rows: Ferry.rows(count), texts: Ferry.texts(count))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts()["ann/notes"] ?? 0 == count)
    #expect(try undated(ferry) == freshDigest(of: ferry))
    let after: String? = try ferry.scalar(
      "SELECT string_agg(xmin::text, ',' ORDER BY id) FROM vector_documents WHERE collection_name = 'other'"
    )
    #expect(after == other)
  }

  @Test func `a changed vector and a changed text are carried over`() throws {
    let ferry = try migrated()
    var rows = Ferry.rows(10)
    var texts = Ferry.texts(10)
    rows[4][0] = 0.25
    texts[7] = "Another text"
    try ferry.writeStore(rows: rows, texts: texts)
    try ferry.run()
    #expect(try undated(ferry) == freshDigest(of: ferry))
    let first: Int? = try ferry.scalar(
      "SELECT count(*) FROM vector_documents WHERE (embedding::real[])[1] = 0.25")
    #expect(first == 1)
  }

  @Test func `repeated source ids are all kept, and met again`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(4), texts: Ferry.texts(4), ids: ["same", "same", "other", "same"])
    try ferry.run()
    #expect(try ferry.counts() == ["ann/notes": 4])
    let versions = try ferry.rowVersions()
    try ferry.run()
    #expect(try ferry.rowVersions() == versions)
    let digest = try undated(ferry)
    try ferry.run("--force")
    #expect(try undated(ferry) == digest)
    // Rows that are equal to the files are not written again.
    #expect(try ferry.rowVersions() == versions)
  }

  @Test func `rows of the application stay, edited rows stop the store until --force`() throws {
    let ferry = try migrated()
    let session = try ferry.database.connect()
    try session.query(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      SELECT user_id, collection_name, 'added by the application', embedding
      FROM vector_documents WHERE collection_name = 'notes' LIMIT 1
      """)
    try ferry.writeStore(rows: Ferry.rows(9), texts: Ferry.texts(9))
    #expect(try ferry.run().status == 0)
    #expect(try ferry.counts()["ann/notes"] == 10)

    try session.query(
      "UPDATE vector_documents SET text = 'edited' WHERE text = 'Text number 3, naïve 🦊' AND collection_name = 'notes'"
    )
    try ferry.writeStore(rows: Ferry.rows(8), texts: Ferry.texts(8))
    let refused = try ferry.run()
    #expect(refused.status == 1)
    #expect(refused.text.contains("1 of the store's documents was changed in the database"))
    #expect(try ferry.counts()["ann/notes"] == 10)
    #expect(try ferry.run("--force").status == 0)
    #expect(try ferry.counts()["ann/notes"] == 9)
    let edited: Int? = try ferry.scalar(
      "SELECT count(*) FROM vector_documents WHERE text = 'edited'")
    #expect(edited == 0)
  }

  @Test(arguments: [false, true])
  func `a row that the application moved to another collection is named`(isForced: Bool) throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(20), texts: Ferry.texts(20))
    #expect(try ferry.run().status == 0)
    let session = try ferry.database.connect()
    let moved: String? = try session.scalar(
      """
      UPDATE vector_documents SET collection_name = 'archive'
      WHERE id = (SELECT min(id::text)::uuid FROM vector_documents) RETURNING id::text
      """)
    if !isForced { try ferry.writeStore(rows: Ferry.rows(21), texts: Ferry.texts(21)) }
    let outcome = isForced ? try ferry.run("--force") : try ferry.run()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("is in another collection"), "\(outcome.text)")
    #expect(outcome.text.contains(try #require(moved)))
    #expect(try ferry.counts() == ["ann/archive": 1, "ann/notes": 19])
    try session.query("UPDATE vector_documents SET collection_name = 'notes'")
    #expect(try ferry.run("--force").status == 0)
    #expect(try ferry.counts() == ["ann/notes": isForced ? 20 : 21])
  }

  @Test func `deleted rows are told, and --force restores them`() throws {
    let ferry = try migrated()
    try ferry.database.connect().query(
      "DELETE FROM vector_documents WHERE text = 'Text number 3, naïve 🦊' AND collection_name = 'notes'"
    )
    let told = try ferry.run()
    #expect(told.status == 0)
    #expect(told.errorText.contains("1 of its documents have been deleted"))
    #expect(try ferry.counts()["ann/notes"] == 9)
    try ferry.run("--force", "--collection", "notes")
    #expect(try ferry.counts()["ann/notes"] == 10)
  }

  @Test func `a table that exists is used as it is`() throws {
    let ferry = try Ferry()
    try ferry.database.connect().execute(
      script: """
        CREATE EXTENSION vector; CREATE SCHEMA app;
        CREATE TABLE app."My docs" (
          id uuid PRIMARY KEY, user_id text NOT NULL, collection_name text, text text,
          embedding vector(16) NOT NULL, metadata jsonb, created_at timestamptz, mark int DEFAULT 7)
        """)
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    let outcome = try ferry.run("--table", "app.My docs")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Extending 8 to 16 dimensions"))
    #expect(try ferry.counts(table: "app.\"My docs\"") == ["ann/notes": 5])
    let tails: Int? = try ferry.scalar(
      "SELECT count(*) FROM app.\"My docs\" WHERE mark = 7 AND (embedding::real[])[9:16] = array_fill(0::real, ARRAY[8])"
    )
    #expect(tails == 5)
    let second = try ferry.run("--table", "app.My docs")
    #expect(second.text.contains("unchanged"))
  }

  @Test(arguments: ["other", String(repeating: "x", count: 63), "documents"])
  func `a second table is made beside the first, never among the ledger's`(table: String) throws {
    let ferry = try migrated()
    let outcome = try ferry.run("--table", table)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts(table: "public.\(table)") == ["ann/notes": 10, "ann/other": 3])
  }

  @Test(arguments: ["vector_ferry.stores", "pg_catalog.docs"])
  func `a table in a schema that is not the application's is refused`(table: String) throws {
    let ferry = try migrated()
    let backups = try contents(of: ferry.folder.file("migration_backup")).keys.sorted()
    let outcome = try ferry.run("--table", table)
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("is not for tables of documents"))
    #expect(try contents(of: ferry.folder.file("migration_backup")).keys.sorted() == backups)
  }

  @Test func `a dropped table is filled again`() throws {
    let ferry = try migrated()
    try ferry.database.connect().query("DROP TABLE vector_documents")
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 10, "ann/other": 3])
    try ferry.database.connect().query("TRUNCATE vector_documents")
    #expect(try ferry.run().status == 0)
    #expect(try ferry.counts() == ["ann/notes": 10, "ann/other": 3])
  }

  @Test func `names that would leave a literal are carried over as names`() throws {
    let ferry = try Ferry()
    let users = ["x\u{600}'; DROP TABLE vector_documents; --", "q'\u{301}\\", "\"quoted\" user"]
    for user in users {
      try ferry.writeStore(user: user, rows: Ferry.rows(2), texts: Ferry.texts(2))
    }
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try Set(ferry.counts().keys) == Set(users.map { "\($0)/notes" }))
  }

  @Test func `a number that is no number is named in the operator's own file`() throws {
    let ferry = try Ferry()
    var rows = Ferry.rows(4)
    rows[2][5] = .nan
    try ferry.writeStore(rows: rows, texts: Ferry.texts(4))
    let outcome = try ferry.run()
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("user_data/ann/vector_store_notes/vectors.pkl, row 2"))
  }

  @Test func `a slip in --user is refused beside a name that fits`() throws {
    let ferry = try migrated()
    let outcome = try ferry.run("--user", "ann", "--user", "anne")
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("--user anne: there is no such store"))
  }

  @Test func `vectors arrive bit for bit where nothing is reduced`() throws {
    let ferry = try Ferry()
    let rows: [[Double]] = [
      [-0.0, 1e-45, 0.1, 1 / 3], [1.2345678901234567e16, 1e-40, -1.5, 16777217], [0, 0, 0, 0],
    ]
    try ferry.writeStore(rows: rows, texts: Ferry.texts(3))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let stored = try ferry.database.connect().query(
      """
      SELECT encode(vector_send(t.embedding), 'hex')
      FROM vector_ferry.documents d JOIN vector_documents t ON t.id = d.document_id
      ORDER BY d.position
      """)
    for (index, row) in rows.enumerated() {
      let bits = row.map { String(format: "%08x", Float($0).bitPattern) }.joined()
      #expect(try stored.value(index, 0, as: String.self) == "00040000" + bits)
    }
  }
}
