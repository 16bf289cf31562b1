import Foundation
import Postgres
import TestSupport
import Testing

/// Tests triggers that write to rows of the table that are not rows of the store: rows of another
/// user, of another collection, or of the application in the store's collection.
@Suite(.needsServer)
struct OtherRowsTests {
  /// A trigger, and the expected outcome of a run.
  struct Trigger: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var timing = "AFTER INSERT"
    let body: String
    /// The words of the refusal; nil where the run must succeed.
    var said: String? = "rows of the table that are not of this store"
    var settings = ""
  }

  private static let strangers = """
    INSERT INTO vector_documents (user_id, collection_name, text, embedding)
    SELECT u, c, 'text ' || i, '[1,2,3,4,5,6,7,8]'
    FROM generate_series(1, 3) i, (VALUES ('eve', 'notes'), ('ann', 'diary'), ('ann', 'notes'))
      AS of (u, c);
    """

  private static let copy = """
    IF NEW.collection_name = 'notes' THEN
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      VALUES (NEW.user_id, 'archive', NEW.text, NEW.embedding);
    END IF;
    """

  private static let triggers = [
    Trigger(
      testDescription: "takes another user's rows away",
      body: "DELETE FROM vector_documents WHERE user_id = 'eve';"),
    Trigger(
      testDescription: "takes another collection's rows away, before",
      timing: "BEFORE INSERT",
      body: "DELETE FROM vector_documents WHERE collection_name = 'diary';"),
    Trigger(
      testDescription: "takes another user's rows away at COMMIT", timing: "DEFERRED",
      body: "DELETE FROM vector_documents WHERE user_id = 'eve';"),
    Trigger(testDescription: "copies under another collection", body: copy),
    Trigger(
      testDescription: "copies in a block of its own",
      body: "BEGIN \(copy) EXCEPTION WHEN others THEN NULL; END;"),
    Trigger(
      testDescription: "changes another user's rows",
      body: "UPDATE vector_documents SET text = upper(text) WHERE user_id = 'eve';"),
    Trigger(
      testDescription: "changes the application's rows beside the store's",
      body: """
        UPDATE vector_documents SET text = upper(text)
        WHERE user_id = 'ann' AND collection_name = 'notes' AND text LIKE 'text %';
        """),
    Trigger(
      testDescription: "exchanges a row beside the store's for another",
      body: """
        DELETE FROM vector_documents WHERE user_id = 'ann' AND text = 'text 2';
        IF FOUND THEN
          INSERT INTO vector_documents (user_id, collection_name, text, embedding)
          VALUES ('ann', 'notes', 'another', NEW.embedding), ('ann', 'diary', 'x', NEW.embedding);
        END IF;
        """),
    Trigger(
      testDescription: "copies where the server does not count", body: copy,
      settings: "ALTER DATABASE {db} SET track_counts = off;"),
    Trigger(
      testDescription: "fills a column of the store's rows",
      body: "UPDATE vector_documents SET length = length(text) WHERE id = NEW.id;", said: nil),
    Trigger(
      testDescription: "writes a row and takes it back",
      body: "BEGIN \(copy) RAISE 'no'; EXCEPTION WHEN others THEN NULL; END;", said: nil),
  ]

  /// Creates a table with rows of other users, and a store of 5 documents.
  private func world(_ trigger: Trigger, table: String = DatabaseCase.world) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    let late = trigger.timing == "DEFERRED"
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          \(table)
          ALTER TABLE vector_documents ADD COLUMN length int;
          \(Self.strangers)
          \(trigger.settings.replacingOccurrences(of: "{db}", with: ferry.database.name))
          CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            \(trigger.body)
            RETURN \(trigger.timing.contains("DELETE") ? "OLD" : "NEW");
          END $$;
          CREATE \(late ? "CONSTRAINT" : "") TRIGGER app_fire
          \(late ? "AFTER INSERT" : trigger.timing) ON vector_documents
          \(late ? "DEFERRABLE INITIALLY DEFERRED" : "") FOR EACH ROW EXECUTE FUNCTION fire();
          """))
    return ferry
  }

  @Test(arguments: triggers)
  func `a run that changes rows of others is rolled back`(trigger: Trigger) throws {
    let ferry = try world(trigger)
    let before = try ferry.contentDigest()
    let outcome = try ferry.run("--alongside")
    guard let said = trigger.said else {
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      #expect(try ferry.run("verify").status == 0)
      #expect(try ferry.counts() == ["ann/notes": 8, "ann/diary": 3, "eve/notes": 3])
      return
    }
    #expect(outcome.status == 4, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains(said), "\(outcome.text)")
    #expect(outcome.text.contains("app_fire ("), "\(outcome.text)")
    #expect(try ferry.contentDigest() == before)
  }

  @Test func `a rollback that changes rows of others is taken back`() throws {
    let copyOld = Self.copy.replacingOccurrences(of: "NEW", with: "OLD")
    let bodies = [
      "DELETE FROM vector_documents WHERE user_id = 'eve';", copyOld,
      "UPDATE vector_documents SET text = upper(text) WHERE user_id = 'eve';",
    ]
    for body in bodies {
      let ferry = try world(
        Trigger(testDescription: "rollback", timing: "AFTER DELETE", body: body))
      #expect(try ferry.run("--alongside").status == 0)
      let before = try ferry.contentDigest()
      let outcome = try ferry.run("rollback", "--yes")
      let text = outcome.text + outcome.errorText
      #expect(outcome.status == 1, "\(text)")
      #expect(text.contains("rows of the table that are not of this store"), "\(text)")
      #expect(text.contains("app_fire (AFTER DELETE)"), "\(text)")
      #expect(try ferry.contentDigest() == before)
      try ferry.database.connect().execute(script: "DROP FUNCTION fire() CASCADE")
      #expect(try ferry.run("rollback", "--yes").status == 0)
    }
  }

  /// TRUNCATE resets the server's counters, so no count shows the lost rows.
  @Test(arguments: ["INSERT", "DELETE"])
  func `a trigger that empties the table and keeps the store's rows is noticed`(event: String)
    throws
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(6), texts: Ferry.texts(6))
    try ferry.writeStore(user: "eve", rows: Ferry.rows(5, seed: 3), texts: Ferry.texts(5))
    #expect(try ferry.run("--user", "eve").status == 0)
    if event == "DELETE" { #expect(try ferry.run("--user", "ann").status == 0) }
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          CREATE TABLE public.queue (number int);
          CREATE FUNCTION public.enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN INSERT INTO public.queue VALUES (1); RETURN NULL; END $$;
          CREATE TRIGGER later AFTER \(event) ON public.vector_documents
            FOR EACH STATEMENT EXECUTE FUNCTION public.enqueue();
          CREATE FUNCTION public.keep_ann() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            -- What is inserted below is queued, too.
            IF to_regclass('pg_temp.kept') IS NOT NULL THEN RETURN NULL; END IF;
            CREATE TEMPORARY TABLE kept AS SELECT * FROM public.vector_documents
              WHERE user_id = 'ann';
            TRUNCATE public.vector_documents;
            INSERT INTO public.vector_documents SELECT * FROM pg_temp.kept;
            DROP TABLE pg_temp.kept;
            RETURN NULL;
          END $$;
          CREATE CONSTRAINT TRIGGER last AFTER INSERT ON public.queue DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION public.keep_ann();
          """))
    let outcome =
      event == "INSERT" ? try ferry.run("--user", "ann") : try ferry.run("rollback", "--yes")
    let said = outcome.text + outcome.errorText
    #expect(outcome.status == (event == "INSERT" ? 4 : 1), "\(said)")
    #expect(said.contains("emptied or rewritten (TRUNCATE)"), "\(said)")
    let count = try ferry.scalar(
      "SELECT count(*) FROM vector_documents WHERE user_id = 'eve'", as: Int.self)
    #expect(count == 5)
  }

  @Test func `rows that go with those of an earlier run are noticed`() throws {
    let ferry = try world(
      Trigger(testDescription: "cascade", body: "NULL;"),
      table: DatabaseCase.world + "ALTER TABLE vector_documents ADD COLUMN parent uuid "
        + "REFERENCES vector_documents ON DELETE CASCADE;")
    #expect(try ferry.run("--alongside").status == 0)
    try ferry.database.connect().execute(
      script: """
        UPDATE vector_documents SET parent = (SELECT min(document_id::text)::uuid
          FROM vector_ferry.documents) WHERE user_id = 'eve'
        """)
    let before = try ferry.contentDigest()
    try ferry.writeStore(rows: [], texts: [])
    let again = try ferry.run("--alongside")
    #expect(again.status == 1, "\(again.text)\(again.errorText)")
    #expect(again.text.contains("public.vector_documents: 3 rows are deleted"), "\(again.text)")
    let rollback = try ferry.run("rollback", "--yes")
    #expect(rollback.status == 1, "\(rollback.text)\(rollback.errorText)")
    #expect(try ferry.contentDigest() == before)
  }

  @Test func `a partition of another user is the table's`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    try ferry.database.connect().execute(
      script: """
        CREATE EXTENSION vector;
        CREATE TABLE vector_documents (
          id uuid NOT NULL DEFAULT gen_random_uuid(), user_id varchar(255) NOT NULL,
          collection_name varchar(255) NOT NULL, text text NOT NULL, embedding vector(8) NOT NULL,
          metadata jsonb, created_at timestamptz, PRIMARY KEY (id, user_id))
        PARTITION BY LIST (user_id);
        CREATE TABLE anns PARTITION OF vector_documents FOR VALUES IN ('ann');
        CREATE TABLE others PARTITION OF vector_documents DEFAULT;
        INSERT INTO vector_documents (user_id, collection_name, text, embedding)
        VALUES ('eve', 'notes', 'hers', '[1,2,3,4,5,6,7,8]');
        CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN DELETE FROM others WHERE user_id = 'eve'; RETURN NEW; END $$;
        CREATE TRIGGER app_fire AFTER INSERT ON anns FOR EACH ROW EXECUTE FUNCTION fire();
        """)
    let outcome = try ferry.run()
    #expect(outcome.status == 4, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("app_fire (AFTER INSERT)"), "\(outcome.text)")
    #expect(try ferry.counts() == ["eve/notes": 1])
  }

  @Test func `counters that are off are told`() throws {
    let ferry = try world(
      Trigger(
        testDescription: "off", body: "NULL;",
        settings: "ALTER DATABASE {db} SET track_counts = off;"))
    let dry = try ferry.run("--dry-run", "--alongside")
    #expect((dry.text + dry.errorText).contains("track_counts is off"), "\(dry.text)")
    let doctor = try ferry.run("doctor")
    #expect(doctor.text.contains("track_counts is off"), "\(doctor.text)")
    let live = try ferry.run("--alongside")
    #expect(live.status == 0, "\(live.text)\(live.errorText)")
    #expect((live.text + live.errorText).contains("track_counts is off"), "\(live.errorText)")
  }
}
