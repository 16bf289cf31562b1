import Foundation
import Postgres
import TestSupport
import Testing

/// Tests tables of the application whose rows refer to documents: no row is lost without a message.
@Suite(.needsServer)
struct ReferenceTests {
  /// Tables of the application: comments are deleted with their document, replies with their
  /// comment, and marks lose the reference.
  static let tables = """
    ALTER TABLE vector_documents ADD COLUMN note text;
    UPDATE vector_documents SET note = 'note of ' || id;
    CREATE TABLE comments (id serial PRIMARY KEY, document uuid NOT NULL
      REFERENCES vector_documents ON DELETE CASCADE);
    CREATE TABLE replies (comment int NOT NULL REFERENCES comments ON DELETE CASCADE);
    CREATE TABLE marks (document uuid REFERENCES vector_documents ON DELETE SET NULL);
    INSERT INTO comments (document) SELECT id FROM vector_documents ORDER BY id;
    INSERT INTO replies SELECT id FROM comments;
    INSERT INTO marks SELECT id FROM vector_documents;
    """

  /// A query for all rows that refer to documents, and for the application's own column.
  private static let references = """
    SELECT md5(string_agg(r, ',' ORDER BY r)) FROM (
      SELECT 'c' || id || document FROM comments UNION ALL SELECT 'r' || comment FROM replies
      UNION ALL SELECT 'm' || coalesce(document::text, '-') FROM marks
      UNION ALL SELECT 'n' || note FROM vector_documents WHERE note IS NOT NULL) r (r)
    """

  func references(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(SQL(script: Self.references))
  }

  func count(_ ferry: Ferry, _ condition: String) throws -> Int? {
    try ferry.scalar(SQL(script: "SELECT count(*) FROM \(condition)"))
  }

  /// Creates a migrated store of ten documents, and the application's tables.
  func migrated(_ script: String = Self.tables, extra: [String: Any] = [:]) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10), extra: extra)
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    try ferry.database.connect().execute(script: SQL(script: script))
    return ferry
  }

  private func versions(_ ferry: Ferry) throws -> [String: String] {
    let rows = try ferry.database.connect().query(
      "SELECT id::text, xmin::text FROM vector_documents")
    return Dictionary(
      uniqueKeysWithValues: try (0..<rows.rowCount).map {
        (try rows.value($0, 0, as: String.self), try rows.value($0, 1, as: String.self))
      })
  }

  // MARK: In place

  @Test func `what is unchanged is not written, and what changed is changed where it stands`()
    throws
  {
    let ferry = try migrated()
    try ferry.database.connect().query(
      "UPDATE vector_documents SET created_at = created_at - interval '1 day'")
    let before = (try references(ferry), try versions(ferry))
    let times: SQL = "SELECT string_agg(created_at::text, ',' ORDER BY id) FROM vector_documents"
    let created: String? = try ferry.scalar(times)
    var (rows, texts) = (Ferry.rows(10), Ferry.texts(10))
    rows[4][0] = 0.25
    texts[7] = "Another text"
    try ferry.writeStore(rows: rows, texts: texts)
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try references(ferry) == before.0)
    #expect(try ferry.scalar(times) == created)
    let after = try versions(ferry)
    #expect(after.count { before.1[$0.key] == $0.value } == 8)
    #expect(try count(ferry, "vector_documents WHERE text = 'Another text'") == 1)
    #expect(try ferry.run("verify").status == 0)
    #expect(try ferry.run().text.contains("Unchanged: 1"))
    // --force finds nothing to write.
    #expect(try ferry.run("--force").status == 0)
    #expect(try versions(ferry) == after)
  }

  @Test func `texts and vectors may change places among the documents`() throws {
    let ferry = try migrated(extra: ["timestamp": "2024-05-01T10:00:00"])
    let before = try references(ferry)
    try ferry.writeStore(
      rows: Ferry.rows(10).reversed(), texts: Ferry.texts(10).reversed(),
      extra: ["timestamp": "2024-06-01T10:00:00"])
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try references(ferry) == before)
    #expect(try count(ferry, "vector_documents WHERE created_at < '2024-05-31'") == 0)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `--force changes edited rows where they stand`() throws {
    let ferry = try migrated()
    let before = (try references(ferry), try ferry.contentDigest())
    try ferry.database.connect().query(
      "UPDATE vector_documents SET text = 'edited' WHERE text LIKE '%number 3,%'")
    var texts = Ferry.texts(10)
    texts[5] = "Another text"
    try ferry.writeStore(rows: Ferry.rows(10), texts: texts)
    let refused = try ferry.run()
    #expect(refused.status == 1 && refused.text.contains("--force replaces this document"))
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    let forced = try ferry.run("--force")
    #expect(forced.status == 0, "\(forced.text)\(forced.errorText)")
    #expect(try references(ferry) == before.0)
    #expect(try ferry.contentDigest() == before.1)
    // The same holds for a row that the ledger no longer lists.
    let session = try ferry.database.connect()
    try session.query("UPDATE vector_documents SET text = 'edited' WHERE text LIKE '%number 3,%'")
    try session.query("DROP SCHEMA vector_ferry CASCADE")
    #expect(try ferry.run("--force").status == 0)
    #expect(try references(ferry) == before.0)
    #expect(try ferry.contentDigest() == before.1)
  }

  @Test func `a store whose vectors are made shorter is changed in place by its new model`() throws
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(10, dimensions: 12), texts: Ferry.texts(10))
    #expect(try ferry.run("--dimensions", "8").status == 0)
    try ferry.database.connect().execute(
      script: SQL(
        script: Self.tables + """
          INSERT INTO vector_documents (user_id, collection_name, text, embedding)
          SELECT user_id, collection_name, 'added', embedding FROM vector_documents LIMIT 1
          """))
    let before = try references(ferry)
    var texts = Ferry.texts(11)
    texts[2] = "Another text"
    try ferry.writeStore(rows: Ferry.rows(11, dimensions: 12, seed: 5), texts: texts)
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Converted 1 document of the application"), "\(outcome.text)")
    #expect(try references(ferry) == before)
    #expect(try ferry.counts() == ["ann/notes": 12])
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `under row-level security rows are changed in place, by the policies`() throws {
    let ferry = try Ferry()
    let role = try Role("owner", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          CREATE EXTENSION vector;
          GRANT CREATE, TEMPORARY ON DATABASE \(ferry.database.name) TO \(role.name);
          GRANT CREATE ON SCHEMA public TO \(role.name);
          SET ROLE \(role.name);
          \(DatabaseCase.table)
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          ALTER TABLE vector_documents FORCE ROW LEVEL SECURITY;
          CREATE POLICY own ON vector_documents
            USING (user_id = current_setting('vector_ferry.user_id', true));
          """))
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    let first = try ferry.run(command: [], environment: environment)
    #expect(first.status == 0, "\(first.text)\(first.errorText)")
    try ferry.database.connect().execute(script: SQL(script: Self.tables))
    let before = try references(ferry)
    var texts = Ferry.texts(10)
    texts[7] = "Another text"
    try ferry.writeStore(rows: Ferry.rows(10), texts: texts)
    let outcome = try ferry.run(command: [], environment: environment)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try references(ferry) == before)
    #expect(try count(ferry, "vector_documents WHERE text = 'Another text'") == 1)
    // A policy that allows no change of a row stops the store.
    try ferry.database.connect().query(
      "CREATE POLICY fixed ON vector_documents AS RESTRICTIVE FOR UPDATE USING (false)")
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    let stopped = try ferry.run(command: [], environment: environment)
    #expect(stopped.status == 1)
    #expect(stopped.text.contains("the server changed 0"), "\(stopped.text)")
    #expect(try count(ferry, "vector_documents WHERE text = 'Another text'") == 1)
  }

  @Test func `a rule that cannot hold while rows change places is named, with a remedy`() throws {
    let ferry = try migrated("CREATE UNIQUE INDEX once ON vector_documents (user_id, md5(text))")
    let digest = try ferry.contentDigest()
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10).reversed())
    let refused = try ferry.run()
    #expect(refused.status == 1)
    #expect(refused.text.contains("\"once\""), "\(refused.text)")
    #expect(refused.text.contains("vector-ferry rollback"), "\(refused.text)")
    #expect(!refused.text.contains("naïve") && !refused.errorText.contains("naïve"))
    #expect(try ferry.contentDigest() == digest)
    #expect(try ferry.run("rollback", "--yes").status == 0)
    let again = try ferry.run()
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    // One document gets the text of another document that is removed.
    var texts = Array(Ferry.texts(10).reversed().dropLast())
    texts[0] = Ferry.texts(1)[0]
    try ferry.writeStore(rows: Array(Ferry.rows(9)), texts: texts)
    let taken = try ferry.run()
    #expect(taken.status == 0, "\(taken.text)\(taken.errorText)")
  }

  @Test func `a role that may not change rows is told before anything is written`() throws {
    let ferry = try Ferry()
    let role = try Role("reader", in: ferry)
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    #expect(try ferry.run().status == 0)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          GRANT USAGE ON SCHEMA vector_ferry TO \(role.name);
          GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vector_ferry TO \(role.name);
          GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, vector_ferry TO \(role.name);
          GRANT SELECT, INSERT, DELETE ON vector_documents TO \(role.name);
          """))
    let outcome = try ferry.run(
      command: [], environment: ["DATABASE_URL": try ferry.url(as: role.name)])
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("lacks UPDATE on table"), "\(outcome.errorText)")
  }

  // MARK: Documents that are removed

  @Test func `rows that go with documents are counted, named and allowed by table`() throws {
    let ferry = try migrated()
    let before = (try references(ferry), try ferry.contentDigest())
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let dry = try ferry.run("--dry-run")
    #expect(dry.status == 1, "\(dry.text)\(dry.errorText)")
    for words in [
      "A live run would stop here: rows of other tables would be deleted or changed by foreign "
        + "keys together with 3",
      "public.comments (comments_document_fkey, ON DELETE CASCADE)",
      "public.replies (replies_comment_fkey, ON DELETE CASCADE, through public.comments)",
      "public.marks (marks_document_fkey, ON DELETE SET NULL)",
      "Deletes 3 rows", "public.comments: 3 rows are deleted; needs --allow-loss public.comments",
      "public.replies: 3 rows are deleted", "public.marks: 3 rows are changed",
    ] { #expect(dry.text.contains(words), "\(words): \(dry.text)") }
    let planned = try Ferry.store(ferry.run("--dry-run", "--json"))
    #expect(planned["removes"] as? Int == 3)
    #expect((planned["losses"] as? [[String: Any]])?.count == 3)

    for arguments in [[], ["--allow-loss", "comments", "--allow-loss", "public.marks"]] {
      let refused = try ferry.run(command: ["migrate"] + arguments)
      #expect(refused.status == 1, "\(refused.text)\(refused.errorText)")
      #expect(refused.text.contains("with 3 documents that are no longer in the files"))
      #expect(refused.text.contains("public.replies: 3 rows are deleted"), "\(refused.text)")
      #expect(refused.text.contains("public.comments: 3 rows are deleted") == arguments.isEmpty)
      #expect(refused.text.contains("add --allow-loss public."), "\(refused.text)")
      #expect(try references(ferry) == before.0)
      #expect(try ferry.contentDigest() == before.1)
    }
    let leave = ["comments", "public.marks", "public.replies"].flatMap { ["--allow-loss", $0] }
    #expect(try ferry.run(command: ["migrate", "--dry-run"] + leave).status == 0)
    let slip = try ferry.run("--allow-loss", "coments")
    #expect(slip.status == 3)
    #expect(slip.errorText.contains("--allow-loss coments names no table"), "\(slip.errorText)")
    let allowed = try ferry.run(
      "--json", "--allow-loss", "comments", "--allow-loss", "public.marks", "--allow-loss",
      "public.replies")
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    let losses = try #require(try Ferry.store(allowed)["losses"] as? [[String: Any]])
    #expect(losses.map { $0["deleted"] as? Int } == [3, 0, 3])
    #expect(losses.map { $0["changed"] as? Int } == [0, 3, 0])
    #expect(try count(ferry, "comments") == 7)
    #expect(try count(ferry, "marks WHERE document IS NULL") == 3)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `what a trigger adds elsewhere is no loss, and what cannot be counted stops`() throws {
    let ferry = try migrated(
      """
      CREATE TABLE audit (document uuid REFERENCES vector_documents ON DELETE SET NULL, id uuid);
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO audit (id) VALUES (OLD.id); RETURN NULL; END $$;
      CREATE TRIGGER app_note AFTER DELETE ON vector_documents FOR EACH ROW EXECUTE FUNCTION note();
      """)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try count(ferry, "audit") == 3)

    try ferry.database.connect().execute(
      script: SQL(script: "ALTER DATABASE \(ferry.database.name) SET track_counts = off"))
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    let stopped = try ferry.run()
    #expect(stopped.status == 1, "\(stopped.text)\(stopped.errorText)")
    #expect(stopped.text.contains("track_counts is off"), "\(stopped.text)")
    #expect(try ferry.counts() == ["ann/notes": 7])
    #expect(try ferry.run("--allow-loss", "audit").status == 0)
    #expect(try ferry.run("doctor").text.contains("public.audit (audit_document_fkey"))
  }

  @Test func `with counters off, keys within the table stop what deletes documents`() throws {
    let ferry = try migrated(
      """
      ALTER TABLE vector_documents ADD COLUMN parent uuid
        REFERENCES vector_documents ON DELETE CASCADE;
      INSERT INTO vector_documents (user_id, collection_name, text, embedding, parent)
      SELECT 'eve', 'own', 'hers', embedding, id FROM vector_documents;
      """)
    try ferry.database.connect().execute(
      script: SQL(script: "ALTER DATABASE \(ferry.database.name) SET track_counts = off"))
    let digest = try ferry.contentDigest()
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    for words in [[], ["rollback", "--yes"]] {
      let stopped = try ferry.run(command: words)
      #expect(stopped.status == 1, "\(stopped.text)\(stopped.errorText)")
      #expect(
        stopped.text.contains("public.vector_documents: an unknown number of rows"),
        "\(stopped.text)")
      #expect(try ferry.contentDigest() == digest)
    }
  }

  @Test func `a key on a column that changes is told with what helps`() throws {
    let ferry = try migrated(
      """
      ALTER TABLE vector_documents ADD UNIQUE (id, text);
      CREATE TABLE quotes (document uuid, words text,
        FOREIGN KEY (document, words) REFERENCES vector_documents (id, text));
      INSERT INTO quotes SELECT id, text FROM vector_documents;
      """)
    var texts = Ferry.texts(10)
    texts[7] = "Another text"
    try ferry.writeStore(rows: Ferry.rows(10), texts: texts)
    let refused = try ferry.run()
    #expect(refused.status == 1)
    #expect(refused.text.contains("refer to a value that a document had before"), "\(refused.text)")
    #expect(!refused.text.contains("such as the user"), "\(refused.text)")
  }

  @Test func `a key that refuses is named with its table, and no value`() throws {
    let ferry = try migrated(
      """
      CREATE TABLE bills (document uuid REFERENCES vector_documents);
      INSERT INTO bills SELECT id FROM vector_documents;
      """)
    let digest = try ferry.contentDigest()
    var texts = Ferry.texts(10)
    texts[7] = "Another text"
    try ferry.writeStore(rows: Ferry.rows(10), texts: texts)
    #expect(try ferry.run().status == 0)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let refused = try ferry.run()
    #expect(refused.status == 1)
    #expect(refused.text.contains("\"bills_document_fkey\" on table \"bills\""), "\(refused.text)")
    #expect(refused.text.contains("documents that stay in the files are kept"), "\(refused.text)")
    #expect(!refused.text.contains("ON DELETE CASCADE"), "\(refused.text)")
    #expect(try ferry.contentDigest() != digest)
    #expect(try ferry.counts() == ["ann/notes": 10])
  }

  @Test func `partitions, keys on other columns and keys of a partition count as well`() throws {
    let ferry = try migrated(
      """
      CREATE TABLE likes (document uuid REFERENCES vector_documents ON DELETE CASCADE, n int)
        PARTITION BY LIST (n);
      CREATE TABLE likes_1 PARTITION OF likes FOR VALUES IN (1);
      CREATE TABLE likes_2 PARTITION OF likes FOR VALUES IN (2);
      INSERT INTO likes SELECT id, i FROM vector_documents, generate_series(1, 2) i;
      ALTER TABLE vector_documents ADD UNIQUE (text);
      CREATE TABLE titles (text text REFERENCES vector_documents (text) ON UPDATE SET NULL);
      INSERT INTO titles SELECT text FROM vector_documents;
      """)
    var texts = Ferry.texts(10)
    texts[7] = "Another text"
    try ferry.writeStore(rows: Ferry.rows(10), texts: texts)
    let changed = try ferry.run()
    #expect(changed.status == 1, "\(changed.text)\(changed.errorText)")
    #expect(changed.text.contains("public.titles: 1 row is changed"), "\(changed.text)")
    try ferry.database.connect().query("DROP TABLE titles")
    try ferry.writeStore(rows: Ferry.rows(9), texts: Ferry.texts(9))
    let dry = try ferry.run("--dry-run")
    #expect(dry.text.contains("public.likes: 2 rows are deleted"), "\(dry.text)")
    let refused = try ferry.run()
    #expect(refused.text.contains("public.likes: 2 rows are deleted"), "\(refused.text)")
    #expect(try ferry.run("--allow-loss", "likes").status == 0)
  }

  // MARK: Rollback

  @Test func `a rollback names what would go, and takes it only with leave`() throws {
    let ferry = try migrated()
    let before = (try references(ferry), try ferry.contentDigest())
    let dry = try ferry.run("rollback", "--dry-run")
    #expect(dry.status == 1, "\(dry.text)")
    #expect(dry.text.contains("A live run would stop here: rows of other tables"), "\(dry.text)")
    #expect(dry.text.contains("public.comments: 10 rows are deleted"), "\(dry.text)")
    #expect(dry.text.contains("public.replies: 10 rows are deleted"), "\(dry.text)")
    #expect(dry.text.contains("public.marks: 10 rows are changed"), "\(dry.text)")
    let store = try Ferry.store(ferry.run("rollback", "--dry-run", "--json"))
    #expect((store["losses"] as? [Any])?.count == 3 && (store["referring"] as? [Any])?.count == 3)
    let refused = try ferry.run("rollback", "--yes")
    #expect(refused.status == 1, "\(refused.text)\(refused.errorText)")
    #expect(refused.text.contains("with 10 documents that are removed"), "\(refused.text)")
    #expect(try references(ferry) == before.0)
    #expect(try ferry.contentDigest() == before.1)
    #expect(try ferry.run("rollback", "--yes", "--allow-loss", "mark").status == 3)
    let allowed = try ferry.run(
      "rollback", "--yes", "--allow-loss", "marks", "--allow-loss", "comments", "--allow-loss",
      "replies")
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    #expect(
      allowed.errorText.contains("public.comments: 10 rows are deleted"), "\(allowed.errorText)")
    #expect(try ferry.counts() == [:])
    #expect(try count(ferry, "comments") == 0)
  }

  @Test func `a rollback to the state before changes rows where they stand`() throws {
    let ferry = try migrated(extra: ["timestamp": "2024-05-01T10:00:00"])
    let before = (try references(ferry), try ferry.contentDigest(), try versions(ferry))
    var texts = Ferry.texts(12)
    texts[7] = "Another text"
    try ferry.writeStore(
      rows: Ferry.rows(12), texts: texts, extra: ["timestamp": "2024-05-01T10:00:00"])
    #expect(try ferry.run().status == 0)
    try ferry.database.connect().query(
      """
      INSERT INTO comments (document) SELECT id FROM vector_documents WHERE text LIKE '%number 11,%'
      """)
    let refused = try ferry.run("rollback", "--restore", "--yes")
    #expect(refused.status == 1, "\(refused.text)\(refused.errorText)")
    #expect(refused.text.contains("public.comments: 1 row is deleted"), "\(refused.text)")
    let outcome = try ferry.run("rollback", "--restore", "--yes", "--allow-loss", "comments")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Removed 2 rows"), "\(outcome.text)")
    #expect(outcome.text.contains("Brought back 10 documents"), "\(outcome.text)")
    #expect(try references(ferry) == before.0)
    #expect(try ferry.contentDigest() == before.1)
    #expect(try versions(ferry).count { before.2[$0.key] == $0.value } == 9)
  }
}
