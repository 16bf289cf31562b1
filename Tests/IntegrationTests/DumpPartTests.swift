import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct DumpPartTests {
  private func migrated(_ options: String...) throws -> (Ferry, dump: String) {
    let ferry = try Ferry()
    for (index, user) in ["ann", "bob"].enumerated() {
      try ferry.writeStore(
        user: user, rows: Ferry.rows(12, dimensions: 16, seed: UInt64(index + 1)),
        texts: Ferry.texts(12))
    }
    let words = ["migrate", "--dimensions", "8", "--min-recall", "0"] + options
    let run = try TestSupport.run(
      Ferry.binary, words, environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(run.status == 0, "\(run.text)\(run.errorText)")
    let made = try ferry.run("backups", "dump")
    #expect(made.status == 0, "\(made.text)\(made.errorText)")
    let folder = ferry.folder.file("migration_backup/dumps")
    let dump = try FileManager.default.contentsOfDirectory(atPath: folder)
      .first { $0.hasSuffix(".dump") }
    return (ferry, try #require(dump))
  }

  private func restore(_ ferry: Ferry, _ dump: String, _ words: String...) throws
    -> ProcessOutcome
  {
    try TestSupport.run(
      Ferry.binary,
      ["backups", "restore", "--dump", dump, "--into", ferry.database.name] + words,
      environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
  }

  /// Returns all contents of the ledger except the ids of the ledger's own rows.
  private func ledger(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(
      """
      SELECT string_agg(concat_ws('|', s.user_id, s.run_id, encode(s.content_digest, 'hex'),
          s.settings, s.documents, s.recall, p.kind, p.total_energy, p.store_id = s.id,
          (SELECT count(*) || md5(string_agg(d.fingerprint::text, '' ORDER BY d.position))
           FROM vector_ferry.documents d WHERE d.store_id = s.id),
          (SELECT md5(string_agg(c.component::text, '' ORDER BY c.piece, c.number))
           FROM vector_ferry.projection_components c WHERE c.projection_id = p.id),
          md5(p.images::text), p.energies::text, p.aligned_dimensions, p.piece_size),
        E'\\n' ORDER BY s.user_id)
      FROM vector_ferry.stores s LEFT JOIN vector_ferry.projections p ON p.id = s.projection_id
      """)
  }

  @Test(arguments: [[], ["--keep-original", "always"], ["--projection", "shared"]])
  func `one user comes back with all that the ledger says, and verify is green`(
    options: [String]
  ) throws {
    let (ferry, dump) = try migratedWith(options)
    let (content, record) = (try ferry.contentDigest(), try ledger(ferry))
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        DELETE FROM vector_documents WHERE user_id = 'ann';
        DELETE FROM vector_ferry.stores WHERE user_id = 'ann';
        INSERT INTO vector_documents (user_id, collection_name, text, embedding)
          SELECT 'eve', 'own', 'of the application', embedding FROM vector_documents LIMIT 1
        """)
    let outcome = try restore(ferry, dump, "--user", "ann")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("12 rows, equal to what was dumped"), "\(outcome.text)")
    #expect(try ferry.counts() == ["ann/notes": 12, "bob/notes": 12, "eve/own": 1])
    try session.query("DELETE FROM vector_documents WHERE user_id = 'eve'")
    #expect(try ferry.contentDigest() == content)
    #expect(try ledger(ferry) == record)
    let verified = try ferry.run("verify")
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
    // The next run finds the restored stores unchanged.
    #expect(try ferry.run("--dimensions", "8").text.contains("Unchanged: 2") || !options.isEmpty)
  }

  private func migratedWith(_ options: [String]) throws -> (Ferry, dump: String) {
    options.isEmpty ? try migrated() : try migrated(options[0], options[1])
  }

  @Test func `rows that are there are named, and go only on request, after a dump`() throws {
    let (ferry, dump) = try migrated()
    let content = try ferry.contentDigest()
    let session = try ferry.database.connect()
    try session.query("UPDATE vector_documents SET text = 'edited' WHERE user_id = 'ann'")
    try session.query("UPDATE vector_documents SET text = 'edited too' WHERE user_id = 'bob'")
    let edited = try ferry.contentDigest()
    let refused = try restore(ferry, dump, "--user", "ann", "--collection", "notes")
    #expect(refused.status == 3)
    #expect(refused.errorText.contains("the rows of ann in notes"), "\(refused.errorText)")
    #expect(refused.errorText.contains("12 rows"), "\(refused.errorText)")
    let dry = try restore(ferry, dump, "--user", "ann", "--replace", "--dry-run")
    #expect(
      dry.status == 0 && dry.text.contains("12 rows in the target will be replaced"), "\(dry.text)")
    #expect(try ferry.contentDigest() == edited)
    let outcome = try restore(ferry, dump, "--user", "ann", "--replace", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Dumped the present contents to"))
    let others: Int? = try session.scalar(
      "SELECT count(*) FROM vector_documents WHERE text = 'edited too' AND user_id = 'bob'")
    #expect(others == 12)
    try session.query("UPDATE vector_documents SET text = 'x' WHERE user_id = 'bob'")
    #expect(try restore(ferry, dump, "--user", "bob", "--replace", "--yes").status == 0)
    #expect(try ferry.contentDigest() == content)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `killed before its COMMIT, a part is wholly as it was`() throws {
    let (ferry, dump) = try migrated()
    try ferry.database.connect().query(
      "UPDATE vector_documents SET text = 'edited' WHERE user_id = 'ann'")
    let (content, record) = (try ferry.contentDigest(), try ledger(ferry))
    let running = try ferry.start(
      "backups", "restore", "--dump", dump, "--into", ferry.database.name, "--user", "ann",
      "--replace", "--yes", environment: ["VECTOR_FERRY_PAUSE_AT": "part-copied"])
    #expect(running.waitForError("paused at part-copied"))
    running.signal(SIGKILL)
    _ = try running.finish()
    try ferry.settle()
    #expect(try ferry.contentDigest() == content)
    #expect(try ledger(ferry) == record)
    #expect(try restore(ferry, dump, "--user", "ann", "--replace", "--yes").status == 0)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `a table that was lost comes back with indexes, triggers and ledger`() throws {
    let (ferry, dump) = try migrated()
    let (content, record) = (try ferry.contentDigest(), try ledger(ferry))
    let session = try ferry.database.connect()
    let definition: SQL = """
      SELECT (SELECT string_agg(indexdef, ';' ORDER BY indexdef) FROM pg_indexes
              WHERE tablename = 'vector_documents')
        || (SELECT string_agg(pg_get_triggerdef(oid), ';') FROM pg_trigger
            WHERE tgrelid = to_regclass('vector_documents'))
      """
    let before: String? = try session.scalar(definition)
    try session.execute(
      script: """
        DROP TABLE vector_documents; DROP FUNCTION vector_documents_touch_updated_at;
        DELETE FROM vector_ferry.stores WHERE user_id = 'bob'
        """)
    let outcome = try restore(ferry, dump, "--table", "vector_documents")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try session.scalar(definition, as: String.self) == before)
    #expect(try ferry.contentDigest() == content)
    #expect(try ledger(ferry) == record)
    #expect(try ferry.run("verify").status == 0)
    // The same part is restored into a database that has no objects and not even the extension.
    let empty = try TestDatabase()
    let second = try TestSupport.run(
      Ferry.binary,
      ["backups", "restore", "--dump", dump, "--into", empty.name, "--table", "vector_documents"],
      environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    #expect(second.status == 0, "\(second.text)\(second.errorText)")
    #expect(try DumpWorld.digest(empty.url).contains("public.vector_documents="))
    let rows = try DumpWorld.number(empty.url, "SELECT count(*) FROM vector_documents")
    #expect(rows == 24)
  }

  @Test func `any table is restored; what refers to its rows, or fits badly, is named`() throws {
    let ferry = try Ferry()
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        CREATE TABLE topics (id serial PRIMARY KEY, name text NOT NULL, size int
          GENERATED ALWAYS AS (length(name)) STORED);
        CREATE TABLE "odd ""table" (id int GENERATED ALWAYS AS IDENTITY, t text);
        CREATE TABLE posts (topic int REFERENCES topics ON DELETE CASCADE);
        INSERT INTO topics (name) SELECT 'topic ' || i FROM generate_series(1, 7) i;
        INSERT INTO "odd ""table" (t) VALUES ('a'), (NULL), ('');
        INSERT INTO posts VALUES (1);
        CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
        CREATE TABLE uses (part int REFERENCES parts_1 ON DELETE CASCADE);
        INSERT INTO parts VALUES (1); INSERT INTO uses VALUES (1)
        """)
    #expect(try ferry.run("backups", "dump").status == 0)
    let dumps = try FileManager.default.contentsOfDirectory(
      atPath: ferry.folder.file("migration_backup/dumps"))
    let dump = try #require(dumps.first { $0.hasSuffix(".dump") })
    let digest = try DumpWorld.digest(ferry.database.url)
    let refused = try restore(ferry, dump, "--table", "topics", "--replace", "--yes")
    #expect(refused.status == 3 && refused.errorText.contains("posts refers to public.topics"))
    let part = try restore(ferry, dump, "--table", "parts", "--replace", "--yes")
    #expect(part.status == 3, "\(part.text)\(part.errorText)")
    #expect(part.errorText.contains("uses refers to public.parts"), "\(part.errorText)")
    try session.execute(
      script: "DELETE FROM posts; DELETE FROM topics; DROP TABLE \"odd \"\"table\"")
    let odd = try restore(ferry, dump, "--table", "odd \"table")
    #expect(odd.status == 0, "\(odd.text)\(odd.errorText)")
    let topics = try restore(ferry, dump, "--table", "public.topics")
    #expect(topics.status == 0, "\(topics.text)\(topics.errorText)")
    try session.query("INSERT INTO posts VALUES (1)")
    #expect(try DumpWorld.digest(ferry.database.url) == digest)
    let next: Int? = try session.scalar("INSERT INTO topics (name) VALUES ('new') RETURNING id")
    #expect(next == 8)
    let nothing = try restore(ferry, dump, "--table", "nothing")
    #expect(nothing.status == 3)
    #expect(nothing.errorText.contains("the dump has no table public.nothing"))
    try session.execute(
      script: """
        DELETE FROM posts; DELETE FROM topics;
        ALTER TABLE topics DROP COLUMN size, ALTER COLUMN name TYPE varchar
        """)
    let changed = try restore(ferry, dump, "--table", "topics")
    #expect(changed.status == 3)
    #expect(
      changed.errorText.contains("column name of public.topics is text in the dump and"),
      "\(changed.errorText)")
    let nobody = try restore(ferry, dump, "--table", "topics", "--user", "ann")
    #expect(nobody.status == 3, "\(nobody.text)\(nobody.errorText)")
  }

  @Test func `rows of other tables that a trigger takes away stop a part`() throws {
    let (ferry, dump) = try migrated()
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        CREATE TABLE notes AS SELECT id AS document FROM vector_documents;
        CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN DELETE FROM notes WHERE document = OLD.id; RETURN NULL; END $$;
        CREATE TRIGGER app_forget AFTER DELETE ON vector_documents
          FOR EACH ROW EXECUTE FUNCTION forget()
        """)
    let content = try ferry.contentDigest()
    let refused = try restore(ferry, dump, "--user", "ann", "--replace", "--yes")
    #expect(refused.status == 3, "\(refused.text)\(refused.errorText)")
    #expect(refused.errorText.contains("public.notes: 12 rows are deleted"), "\(refused.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM notes") == 24)
    #expect(try ferry.contentDigest() == content)
    try session.execute(script: "ALTER TABLE vector_documents DISABLE TRIGGER app_forget")
    let outcome = try restore(ferry, dump, "--user", "ann", "--replace", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM notes") == 24)
  }

  @Test func `a user whom the dump does not know is refused, and nothing goes`() throws {
    let (ferry, dump) = try migrated()
    try ferry.database.connect().execute(
      script: """
        INSERT INTO vector_documents (user_id, collection_name, text, embedding)
          SELECT 'eve', 'own', 'of the application', embedding FROM vector_documents LIMIT 1
        """)
    let content = try ferry.contentDigest()
    let outcome = try restore(ferry, dump, "--user", "eve", "--replace", "--yes")
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("the dump has no rows of eve"), "\(outcome.errorText)")
    #expect(try ferry.contentDigest() == content)
  }
}
