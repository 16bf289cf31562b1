import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct VerifyTests {
  /// Creates two migrated stores: one with unchanged vectors, and one with reduced vectors.
  private func migrated() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(40), texts: Ferry.texts(40),
      extra: ["timestamp": "2024-05-01T10:00:00", "tags": ["a", "b"]])
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(30, dimensions: 12, seed: 3), texts: Ferry.texts(30))
    let outcome = try ferry.run("--dimensions", "8", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return ferry
  }

  private func document(_ outcome: ProcessOutcome) throws -> [[String: Any]] {
    let document = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
    return try #require(document?["stores"] as? [[String: Any]])
  }

  @Test func `what was carried over is verified, and nothing is written by that`() throws {
    let ferry = try migrated()
    let before = (try contents(of: ferry.folder.path), try ferry.rowVersions())
    for arguments in [[], ["--against", "backup"], ["--json"]] {
      let outcome = try TestSupport.run(
        Ferry.binary, ["verify"] + arguments, environment: Ferry.clean(ferry.database.url, [:]),
        directory: ferry.folder.path)
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    }
    let outcome = try ferry.run("verify")
    #expect(outcome.text.contains("Vectors: 40 bit for bit"))
    #expect(outcome.text.contains("Vectors: 30 bit for bit"))
    #expect(outcome.text.contains("Recall@10 through PostgreSQL: 1.000"))
    #expect(try contents(of: ferry.folder.path) == before.0)
    #expect(try ferry.rowVersions() == before.1)
  }

  /// Changes in the database, each with the finding of the verification.
  private static let faults: [(String, kind: String, parts: [String])] = [
    ("UPDATE vector_documents SET text = 'edited' WHERE id = ", "edited", ["text"]),
    ("UPDATE vector_documents SET metadata = '{}' WHERE id = ", "edited", ["metadata"]),
    (
      "UPDATE vector_documents SET created_at = created_at + interval '1 microsecond' WHERE id = ",
      "edited", ["created_at"]
    ),
    (
      "UPDATE vector_documents SET embedding = embedding * '[1,1,1,1,1,1,1,1.01]'::vector WHERE id = ",
      "edited", ["vector"]
    ),
    ("DELETE FROM vector_documents WHERE id = ", "missing", []),
    ("UPDATE vector_documents SET user_id = 'eve' WHERE id = ", "missing", []),
    ("DELETE FROM vector_ferry.documents WHERE document_id = ", "unlisted", []),
  ]

  @Test(arguments: faults.indices)
  func `one changed row is found and named, and the exit code is 4`(fault: Int) throws {
    let (statement, kind, parts) = Self.faults[fault]
    let ferry = try migrated()
    let id: String? = try ferry.scalar(
      """
      SELECT document_id::text FROM vector_ferry.documents d
      JOIN vector_ferry.stores s ON s.id = d.store_id WHERE s.user_id = 'ann' AND position = 17
      """)
    try ferry.database.connect().execute(
      script: SQL(script: "\(statement) '\(try #require(id))'"))
    let outcome = try ferry.run("verify", "--json")
    #expect(outcome.status == 4, "\(outcome.text)\(outcome.errorText)")
    let stores = try document(outcome)
    let ann = try #require(stores.first { $0["user"] as? String == "ann" })
    let differences = try #require(ann["differences"] as? [String: Any])
    #expect(differences["count"] as? Int == 1, "\(ann)")
    let first = try #require((differences["first"] as? [[String: Any]])?.first)
    #expect(first["kind"] as? String == kind)
    #expect(first["id"] as? String == id)
    #expect(first["position"] as? Int == 17)
    #expect(first["parts"] as? [String] == parts)
    let bob = try #require(stores.first { $0["user"] as? String == "bob" })
    #expect(bob["outcome"] as? String == "verified")
  }

  @Test func `a single bit of a vector is found where nothing was reduced`() throws {
    let ferry = try migrated()
    try ferry.database.connect().execute(
      script: """
        UPDATE vector_documents t SET embedding = (
          SELECT array_agg(CASE WHEN i = 3 THEN x * 1.0000001::real ELSE x END ORDER BY i)::vector
          FROM unnest(t.embedding::real[]) WITH ORDINALITY u(x, i))
        WHERE text = 'Text number 5, naïve 🦊' AND user_id = 'ann'
        """)
    let outcome = try ferry.run("verify", "--user", "ann")
    #expect(outcome.status == 4, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("(position 5): vector"))
  }

  @Test func `reduced vectors are projected again, and a changed one is found`() throws {
    let ferry = try migrated()
    try ferry.database.connect().execute(
      script: """
        UPDATE vector_documents SET embedding = embedding * '[1.001,1,1,1,1,1,1,1]'::vector
        WHERE text = 'Text number 5, naïve 🦊' AND user_id = 'bob'
        """)
    let outcome = try ferry.run("verify", "--user", "bob")
    #expect(outcome.status == 4, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("(position 5): vector"))
  }

  @Test func `rows of the application are no difference, and are counted`() throws {
    let ferry = try migrated()
    try ferry.database.connect().query(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      SELECT user_id, collection_name, 'added', embedding FROM vector_documents
      WHERE user_id = 'ann' LIMIT 2
      """)
    let outcome = try ferry.run("verify")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Added by the application: 2"))
  }

  @Test func `files that changed since differ, and the backup does not`() throws {
    let ferry = try migrated()
    var texts = Ferry.texts(39)
    texts[3] = "Another text"
    try ferry.writeStore(
      rows: Array(Ferry.rows(40).prefix(39)), texts: texts,
      extra: ["timestamp": "2024-05-01T10:00:00", "tags": ["a", "b"]])
    let outcome = try ferry.run("verify")
    #expect(outcome.status == 4, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("1 changed, 1 unexpected"))
    #expect(outcome.errorText.contains("the files have changed since they were migrated"))
    #expect(try ferry.run("verify", "--against", "backup").status == 0)
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data"))
    let gone = try ferry.run("verify")
    #expect(gone.status == 0, "\(gone.text)\(gone.errorText)")
    #expect(gone.text.contains("Compared with the backup migration_backup/"))
  }

  @Test func `a store that was never migrated is not verified`() throws {
    let ferry = try migrated()
    try ferry.writeStore(user: "eve", rows: Ferry.rows(2), texts: Ferry.texts(2))
    let outcome = try ferry.run("verify")
    #expect(outcome.status == 4)
    #expect(outcome.text.contains("the store was never migrated (no ledger entry)"))
    #expect(outcome.text.contains("Remedy: run vector-ferry migrate"))
    #expect(try ferry.run("verify", "--user", "ann").status == 0)
    // For a store that migrate would refuse, the verification does not say that migrate would
    // migrate it.
    try ferry.writeStore(user: "eve", rows: Ferry.rows(2), texts: Ferry.texts(3))
    let refused = try ferry.run("verify", "--user", "eve")
    #expect(refused.status == 4)
    #expect(refused.text.contains("migrate would refuse this store: "), "\(refused.text)")
    #expect(!refused.text.contains("Remedy: run vector-ferry migrate"), "\(refused.text)")
    let json = try Ferry.json(try ferry.run("verify", "--user", "eve", "--json"))
    let stores = try #require(json["stores"] as? [[String: Any]])
    #expect(stores.first?["refusal"] is [String: Any], "\(stores)")
  }

  @Test func `rows whose ledger was removed are told, not called nothing`() throws {
    let ferry = try migrated()
    try ferry.database.connect().query("DROP SCHEMA vector_ferry CASCADE")
    let outcome = try ferry.run("verify")
    #expect(outcome.status == 3)
    #expect(
      outcome.errorText.contains(
        "no ledger (schema vector_ferry), although table public.vector_documents holds rows"),
      "\(outcome.errorText)")
  }

  @Test func `an empty database, a missing table and a slip are told, with nothing verified`()
    throws
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(2), texts: Ferry.texts(2))
    let empty = try ferry.run("verify")
    #expect(empty.status == 3)
    #expect(empty.errorText.contains("nothing has been migrated into this database"))
    try ferry.run()
    #expect(try ferry.run("verify", "--table", "other").status == 3)
    let slip = try ferry.run("verify", "--user", "anne")
    #expect(slip.status == 3)
    #expect(slip.errorText.contains("--user anne: there is no such store"))
  }

  @Test func `0 visible rows under row-level security are never verified`() throws {
    let ferry = try migrated()
    let role = "reader_\(ferry.database.name)"
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE ROLE \(role) LOGIN;
          GRANT USAGE ON SCHEMA vector_ferry TO \(role);
          GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO \(role);
          GRANT SELECT ON vector_documents TO \(role);
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          CREATE POLICY own ON vector_documents USING (user_id = 'ann');
          """))
    defer {
      _ = try? session.execute(
        script: SQL(script: "DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)"))
    }
    let url = try ferry.url(as: role)
    let own = try ferry.run("verify", "--user", "ann", environment: ["DATABASE_URL": url])
    #expect(own.status == 0, "\(own.text)\(own.errorText)")
    let hidden = try ferry.run("verify", "--user", "bob", environment: ["DATABASE_URL": url])
    #expect(hidden.status == 4, "\(hidden.text)\(hidden.errorText)")
    #expect(hidden.text.contains("not one row is visible to this role"))
  }

  @Test func `encrypted samples are verified with their key, and fail without`() throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    let key = ["ENCRYPTION_MASTER_KEY": Ferry.sampleKey]
    #expect(try ferry.run(environment: key).status == 0)
    let outcome = try ferry.run("verify", environment: key)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.run("verify").status == 4)
  }

  @Test func `a store that was never migrated, or was rolled back, is told as that`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    #expect(try ferry.run().status == 0)
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3), texts: Ferry.texts(3))
    let outcome = try ferry.run("verify")
    #expect(outcome.status == 4)
    #expect(outcome.text.contains("bob/notes: NOT MIGRATED"), "\(outcome.text)")
    #expect(
      outcome.text.contains("the store was never migrated (no ledger entry)"), "\(outcome.text)")
    #expect(!outcome.text.contains("0 in the files") && !outcome.text.contains("✅"))
    let stores = try document(try ferry.run("verify", "--json"))
    let bob = try #require(stores.first { $0["user"] as? String == "bob" })
    #expect(bob["outcome"] as? String == "not_migrated")
    #expect((bob["documents"] as? [String: Any])?["source"] is NSNull)
    #expect(try ferry.run("rollback", "--yes").status == 0)
    let taken = try ferry.run("verify", "--user", "ann")
    #expect(taken.status == 4)
    #expect(taken.text.contains("the store was rolled back by run "), "\(taken.text)")
  }

  @Test func `a slip among names that match is refused`() throws {
    let ferry = try migrated()
    let outcome = try ferry.run("verify", "--user", "ann", "--user", "bbo")
    #expect(outcome.status == 3, "\(outcome.text)")
    #expect(
      outcome.errorText.contains("--user bbo: there is no such store"), "\(outcome.errorText)")
  }

  @Test func `what was not looked at is said, and what was compared with what`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(1), texts: Ferry.texts(1))
    #expect(try ferry.run().status == 0)
    let single = try ferry.run("verify")
    #expect(single.status == 0)
    #expect(single.text.contains("search: the store has a single document"), "\(single.text)")
    #expect(single.text.contains("Not everything was checked in 1 store"), "\(single.text)")
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    #expect(try ferry.run().status == 0)
    #expect(try !ferry.run("verify").text.contains("Not everything"))
    #expect(
      try ferry.run("verify", "--queries", "0").text.contains("--queries 0 asks for no searches"))
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data"))
    let copies = try ferry.run("verify")
    #expect(copies.status == 0, "\(copies.text)\(copies.errorText)")
    #expect(copies.text.contains("✅ The database holds the same as the backups"), "\(copies.text)")
  }

  @Test func `verifying backups where there are none is no success`() throws {
    let ferry = try Ferry()
    let outcome = try ferry.run("backups", "verify")
    #expect(outcome.status == 3 && outcome.errorText.contains("nothing was verified"))
    try ferry.folder.write("half", to: "migration_backup/20260101_000000/ann/notes/vectors.pkl")
    #expect(try ferry.run("backups", "verify").status == 4)
  }
}
