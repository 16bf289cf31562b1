import Foundation
import Postgres
import TestSupport
import Testing

/// Tests the second half of the matrix of databases: triggers, rules and tables of every kind.
@Suite(.needsServer)
struct DatabaseObjectTests {
  private static let row = "a matrix of databases"

  private static func trigger(
    _ name: String, _ timing: String, _ body: String, _ outcome: DatabaseCase.Outcome,
    holds: String = "SELECT true", before: String = ""
  ) -> DatabaseCase {
    DatabaseCase(
      name: name,
      script: """
        \(DatabaseCase.world)
        CREATE TABLE audit (id uuid, what text);
        CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$
        \(body)
        $$;
        \(before)
        CREATE \(timing.contains("DEFERRED") ? "CONSTRAINT " : "")TRIGGER app_fire \(timing)
        EXECUTE FUNCTION fire();
        """,
      outcome: outcome, holds: holds)
  }

  private static let each = "ON vector_documents FOR EACH ROW"
  private static let late = "ON vector_documents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
  private static let copy = """
    IF NOT NEW.metadata ? 'copy' THEN
      INSERT INTO vector_documents (user_id, collection_name, text, embedding, metadata)
      VALUES (NEW.user_id, NEW.collection_name, NEW.text, NEW.embedding,
              NEW.metadata || '{"copy": 1}');
    END IF;
    """

  private static let triggers = [
    trigger(
      "after: writes elsewhere, by bare names", "AFTER INSERT \(each)",
      "BEGIN INSERT INTO audit VALUES (NEW.id, 'new'); RETURN NULL; END", .whole,
      holds: "SELECT count(*) = 40 FROM audit"),
    trigger(
      "at COMMIT: writes elsewhere", "AFTER INSERT \(late)",
      "BEGIN INSERT INTO audit VALUES (NEW.id, 'new'); RETURN NULL; END", .whole,
      holds: "SELECT count(*) = 40 FROM audit"),
    trigger(
      "before: the application's own form of dates", "BEFORE INSERT \(each)",
      """
      BEGIN
        IF '31/12/2024'::date <> make_date(2024, 12, 31) THEN RAISE 'not its own DateStyle'; END IF;
        RETURN NEW;
      END
      """, .whole, before: "ALTER DATABASE {db} SET DateStyle = 'ISO, DMY';"),
    trigger(
      "before: sets what it likes for the session", "BEFORE INSERT \(each)",
      """
      BEGIN
        PERFORM set_config('search_path', 'pg_temp, public', false);
        PERFORM set_config('standard_conforming_strings', 'off', false);
        PERFORM set_config('synchronous_commit', 'off', false);
        PERFORM set_config('quote_all_identifiers', 'on', false);
        RETURN NEW;
      END
      """, .whole),
    trigger(
      "before: another text", "BEFORE INSERT \(each)",
      "BEGIN NEW.text := upper(NEW.text); RETURN NEW; END", .rolledBack(4, "read back differently")),
    trigger(
      "before: another id", "BEFORE INSERT \(each)",
      "BEGIN NEW.id := gen_random_uuid(); RETURN NEW; END", .rolledBack(4, "0 were read back")),
    trigger(
      "before: another collection", "BEFORE INSERT \(each)",
      "BEGIN NEW.collection_name := 'other'; RETURN NEW; END", .rolledBack(4, "0 were read back")),
    trigger(
      "before: keeps every row out", "BEFORE INSERT \(each)", "BEGIN RETURN NULL; END",
      .rolledBack(1, "20 rows were sent, the server took 0")),
    trigger(
      "before: a copy under a new id", "BEFORE INSERT \(each)",
      "BEGIN \(copy) RETURN NEW; END",
      .rolledBack(4, "the collection should have 20 rows and has 40")),
    trigger(
      "after: a copy under a new id", "AFTER INSERT \(each)",
      "BEGIN \(copy) RETURN NULL; END",
      .rolledBack(4, "the collection should have 20 rows and has 40")),
    trigger(
      "at COMMIT: takes a row away", "AFTER INSERT \(late)",
      """
      BEGIN
        DELETE FROM vector_documents WHERE id = NEW.id AND text LIKE '%number 3,%'; RETURN NULL;
      END
      """, .rolledBack(4, "19 were read back")),
    trigger(
      "at COMMIT: changes a row", "AFTER INSERT \(late)",
      """
      BEGIN
        UPDATE vector_documents SET text = 'late' WHERE id = NEW.id AND text LIKE '%number 3,%';
        RETURN NULL;
      END
      """, .rolledBack(4, "1 documents read back differently")),
    trigger(
      "at COMMIT: a copy under a new id", "AFTER INSERT \(late)",
      "BEGIN \(copy) RETURN NULL; END",
      .rolledBack(4, "the collection should have 20 rows and has 40")),
    trigger(
      "before: keeps rows from going", "BEFORE DELETE \(each)", "BEGIN RETURN NULL; END",
      .stays("20 rows should have been deleted, but the server deleted 0")),
    trigger(
      "after: puts back what goes", "AFTER DELETE \(each)",
      """
      BEGIN
        OLD.id := gen_random_uuid(); INSERT INTO vector_documents SELECT OLD.*; RETURN NULL;
      END
      """, .stays("the collection should have 0 rows and has 20")),
    trigger(
      "at COMMIT: puts back what goes", "AFTER DELETE \(late)",
      """
      BEGIN
        OLD.id := gen_random_uuid(); INSERT INTO vector_documents SELECT OLD.*; RETURN NULL;
      END
      """, .stays("the collection should have 0 rows and has 20")),
    DatabaseCase(
      name: "a rule: nothing goes",
      script: DatabaseCase.world
        + "CREATE RULE kept AS ON DELETE TO vector_documents DO INSTEAD NOTHING;",
      outcome: .stays("20 rows should have been deleted, but the server deleted 0")),
  ]

  @Test func `triggers and rules lose, double and change nothing unseen`() throws {
    for row in Self.triggers {
      let run = try MatrixRun(row)
      let planned = try run.run("migrate", "--dry-run")
      let name = row.name.hasPrefix("a rule") ? "kept (rule ON DELETE)" : "app_fire ("
      #expect(planned.text.contains(name), "\(row.name): \(planned.text)")
      #expect(try run.run("doctor").text.contains(name), "\(row.name)")
      try run.check()
    }
    FaultLog.note(Self.row, Self.triggers.count, "databases with triggers and rules")
  }

  @Test func `what does not fire is not listed, and what keeps rows out has a remedy`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          \(DatabaseCase.world)
          CREATE RULE adds AS ON INSERT TO vector_documents DO ALSO SELECT 1;
          CREATE RULE takes AS ON DELETE TO vector_documents DO ALSO SELECT 1;
          CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
          CREATE TRIGGER app_fire BEFORE INSERT ON vector_documents
          FOR EACH ROW EXECUTE FUNCTION fire();
          """))
    for outcome in [try ferry.run("--dry-run"), try ferry.run("doctor")] {
      #expect(outcome.text.contains("takes (rule ON DELETE)"), "\(outcome.text)")
      #expect(!outcome.text.contains("adds (rule"), "\(outcome.text)")
    }
    let live = try ferry.run()
    #expect(live.status == 1)
    #expect(live.text.contains("5 rows were sent, the server took 0"), "\(live.text)")
    #expect(live.text.contains("discards some rows: make the trigger return them"), "\(live.text)")
  }

  // MARK: Tables

  private static func partitioned(by key: String, _ partitions: String) -> String {
    """
    CREATE EXTENSION vector;
    CREATE TABLE vector_documents (
      id uuid NOT NULL, user_id varchar(255) NOT NULL, collection_name varchar(255) NOT NULL,
      text text NOT NULL, embedding vector(8) NOT NULL, metadata jsonb, created_at timestamptz,
      PRIMARY KEY (\(key.contains("user") ? "id, user_id" : "id"))) PARTITION BY \(key);
    \(partitions)
    """
  }

  private static let hashed = """
    CREATE TABLE part_0 PARTITION OF vector_documents FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE {kind} TABLE part_1 PARTITION OF vector_documents
      FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    """

  private static let tables = [
    DatabaseCase(
      name: "unlogged",
      script: DatabaseCase.world + "ALTER TABLE vector_documents SET UNLOGGED;",
      outcome: .refused("public.vector_documents is UNLOGGED")),
    DatabaseCase(
      name: "temporary, by its schema", script: "CREATE EXTENSION vector;",
      arguments: ["--table", "pg_temp.vector_documents"], outcome: .refused("pg_temp")),
    DatabaseCase(
      name: "partitioned by hash",
      script: partitioned(by: "HASH (id)", hashed.replacingOccurrences(of: "{kind}", with: ""))),
    DatabaseCase(
      name: "partitioned by user",
      script: partitioned(
        by: "LIST (user_id)",
        """
        CREATE TABLE anns PARTITION OF vector_documents FOR VALUES IN ('ann');
        CREATE TABLE others PARTITION OF vector_documents DEFAULT;
        """)),
    DatabaseCase(
      name: "no partition for a user",
      script: partitioned(
        by: "LIST (user_id)",
        "CREATE TABLE anns PARTITION OF vector_documents FOR VALUES IN ('nobody');"),
      outcome: .rolledBack(1, "no partition of relation")),
    DatabaseCase(
      name: "a partition is unlogged",
      script: partitioned(
        by: "HASH (id)", hashed.replacingOccurrences(of: "{kind}", with: "UNLOGGED")),
      outcome: .refused("public.part_1 is UNLOGGED")),
    DatabaseCase(
      name: "a parent with an heir",
      script: DatabaseCase.world + """
        CREATE TABLE heirs (extra text) INHERITS (vector_documents);
        INSERT INTO heirs (user_id, collection_name, text, embedding)
        VALUES ('someone', 'notes', 'an heir', '[1,0,0,0,0,0,0,0]');
        """,
      holds: "SELECT count(*) = 1 FROM heirs", table: "ONLY public.vector_documents"),
    DatabaseCase(
      name: "an heir itself",
      script: """
        CREATE EXTENSION vector; CREATE TABLE parents (id uuid, text text);
        CREATE TABLE vector_documents (
          PRIMARY KEY (id), user_id varchar(255), collection_name varchar(255),
          embedding vector(8), metadata jsonb, created_at timestamptz) INHERITS (parents);
        """),
    DatabaseCase(
      name: "a view",
      script: DatabaseCase.world + """
        ALTER TABLE vector_documents RENAME TO real_documents;
        CREATE VIEW vector_documents AS SELECT * FROM real_documents;
        """,
      outcome: .refused("is not a table")),
  ]

  @Test func `tables of other kinds are right or refused`() throws {
    for row in Self.tables {
      try MatrixRun(row).check()
    }
    FaultLog.note(Self.row, Self.tables.count, "tables of other kinds")
  }

  /// True where the server has the extension file_fdw, for foreign tables that are files.
  private static let hasFileWrapper: Bool = {
    let found: Bool? = try? Ferry().scalar(
      "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'file_fdw')")
    return found == true
  }()

  @Test(.enabled(if: hasFileWrapper, "the server has no file_fdw"))
  func `a foreign table is refused`() throws {
    try MatrixRun(
      DatabaseCase(
        name: "foreign",
        script: """
          CREATE EXTENSION vector; CREATE EXTENSION file_fdw;
          CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
          CREATE FOREIGN TABLE vector_documents (
            id uuid, user_id varchar(255), collection_name varchar(255), text text,
            embedding vector(8), metadata jsonb, created_at timestamptz)
          SERVER files OPTIONS (filename '/dev/null', format 'csv');
          """,
        outcome: .refused("is a foreign table"))
    ).check()
  }

  // MARK: Durability

  @Test func `commits that a crash takes back are never made, and the setting is told`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    let name = ferry.database.name
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          ALTER DATABASE \(name) SET synchronous_commit = off;
          \(DatabaseCase.world)
          CREATE TABLE seen (setting text);
          CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NULL;
          END $$;
          CREATE TRIGGER note AFTER INSERT OR DELETE ON vector_documents
          FOR EACH STATEMENT EXECUTE FUNCTION note();
          """))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("synchronous_commit is off"), "\(outcome.errorText)")
    #expect(try ferry.run("doctor").text.contains("synchronous_commit is off"))
    #expect(try ferry.run("rollback", "--yes").status == 0)
    #expect(
      try ferry.scalar("SELECT string_agg(DISTINCT setting, ',') FROM seen", as: String.self)
        == "on")
  }
}
