import Foundation
import Postgres
import TestSupport
import Testing

/// Tests triggers and rules of the application that delete rows of other tables.
@Suite(.needsServer)
struct TriggeredLossTests {
  private static let notes = """
    CREATE TABLE notes (document uuid, id serial);
    INSERT INTO notes SELECT id FROM vector_documents;
    CREATE TABLE tags (note int);
    INSERT INTO tags SELECT id FROM notes;
    """

  /// The ways in which notes are deleted with their documents.
  private static let ways = [
    """
    CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN DELETE FROM notes WHERE document = OLD.id; RETURN NULL; END $$;
    CREATE TRIGGER app_forget AFTER DELETE ON vector_documents
      FOR EACH ROW EXECUTE FUNCTION forget();
    """,
    """
    CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN DELETE FROM notes WHERE document = OLD.id; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER app_forget AFTER DELETE ON vector_documents
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION forget();
    """,
    """
    CREATE RULE app_forget AS ON DELETE TO vector_documents
      DO ALSO DELETE FROM notes WHERE document = OLD.id;
    """,
  ]

  private func migrated(_ script: String) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    try ferry.database.connect().execute(script: SQL(script: Self.notes + script))
    return ferry
  }

  private func count(_ ferry: Ferry, _ table: String) throws -> Int? {
    try ferry.scalar(SQL(script: "SELECT count(*) FROM \(table)"))
  }

  @Test(arguments: ways)
  func `a run and a rollback stop, name them, and go on with leave`(way: String) throws {
    let ferry = try migrated(way)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let digest = try ferry.contentDigest()
    for words in [[], ["rollback", "--yes"]] {
      let stopped = try ferry.run(command: words)
      #expect(stopped.status == 1, "\(stopped.text)\(stopped.errorText)")
      let rows = words.isEmpty ? 3 : 10
      #expect(
        stopped.text.contains("public.notes: \(rows) rows are deleted"),
        "\(stopped.text)\(stopped.errorText)")
      #expect(stopped.text.contains("add --allow-loss public.notes"), "\(stopped.text)")
      #expect(stopped.text.contains("app_forget"), "\(stopped.text)")
      #expect(try count(ferry, "notes") == 10)
      #expect(try ferry.contentDigest() == digest)
    }
    let slip = try ferry.run("--allow-loss", "note")
    #expect(slip.status == 3, "\(slip.text)\(slip.errorText)")
    let allowed = try ferry.run("--allow-loss", "notes")
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    #expect(allowed.errorText.contains("public.notes: 3 rows are deleted"), "\(allowed.errorText)")
    #expect(try count(ferry, "notes") == 7)
    let back = try ferry.run("rollback", "--yes", "--allow-loss", "public.notes")
    #expect(back.status == 0, "\(back.text)\(back.errorText)")
    #expect(try count(ferry, "notes") == 0)
    #expect(try count(ferry, "tags") == 10)
  }

  @Test func `a trigger on INSERT that deletes elsewhere stops the first run of a store, too`()
    throws
  {
    let ferry = try migrated(
      """
      CREATE FUNCTION clear() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN DELETE FROM notes; RETURN NEW; END $$;
      CREATE TRIGGER app_clear BEFORE INSERT ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION clear();
      """)
    try ferry.writeStore(user: "ben", rows: Ferry.rows(3), texts: Ferry.texts(3))
    let stopped = try ferry.run()
    #expect(stopped.status == 1, "\(stopped.text)\(stopped.errorText)")
    #expect(stopped.text.contains("public.notes: 10 rows are deleted"), "\(stopped.text)")
    #expect(try ferry.counts() == ["ann/notes": 10])
    #expect(try count(ferry, "notes") == 10)
  }

  /// Statements for which the server counts no deleted row, each with the table that loses its
  /// rows.
  static let uncounted = [
    ("TRUNCATE notes", "notes"), ("DROP TABLE notes", "notes"),
    ("ALTER TABLE notes ALTER document TYPE text USING NULL", "notes"),
    ("TRUNCATE months_1", "months"), ("DROP TABLE months_1", "months"),
    ("TRUNCATE referring", "referring"),
  ]

  @Test(arguments: uncounted)
  func `a table that is emptied, dropped or rewritten by a trigger stops a run and a rollback`(
    statement: String, table: String
  ) throws {
    let ferry = try migrated(
      """
      CREATE TABLE months (n int) PARTITION BY LIST (n);
      CREATE TABLE months_1 PARTITION OF months FOR VALUES IN (1);
      INSERT INTO months VALUES (1), (1);
      CREATE TABLE referring (document uuid REFERENCES vector_documents ON DELETE SET NULL);
      INSERT INTO referring VALUES (NULL);
      CREATE FUNCTION clear() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN \(statement); RETURN NULL; END $$;
      CREATE TRIGGER app_clear AFTER DELETE ON vector_documents
        FOR EACH STATEMENT EXECUTE FUNCTION clear();
      """)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let digest = try ferry.contentDigest()
    for words in [[], ["rollback", "--yes"]] {
      let stopped = try ferry.run(command: words)
      #expect(stopped.status == 1, "\(stopped.text)\(stopped.errorText)")
      #expect(
        stopped.text.contains("public.\(table): emptied, rewritten or dropped"),
        "\(stopped.text)\(stopped.errorText)")
      #expect(stopped.text.contains("add --allow-loss public.\(table)"), "\(stopped.text)")
      #expect(stopped.text.contains("app_clear"), "\(stopped.text)")
      #expect(try ferry.contentDigest() == digest)
    }
    #expect(try count(ferry, "notes") == 10)
    #expect(try count(ferry, "months") == 2)
    let allowed = try ferry.run("--allow-loss", table)
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    #expect(allowed.errorText.contains("public.\(table): emptied"), "\(allowed.errorText)")
  }

  /// Returns triggers at COMMIT that defer themselves again, and run `statement` after some rounds.
  private static func again(_ statement: String, rounds: Int) -> String {
    """
    CREATE TABLE tick (n int);
    CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      done int := (SELECT count(*) FROM tick);
    BEGIN
      IF done < \(rounds) THEN
        SET CONSTRAINTS ALL DEFERRED;
        INSERT INTO tick VALUES (done);
      ELSIF done = \(rounds) THEN
        INSERT INTO tick VALUES (done);
        \(statement);
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER app_again AFTER INSERT ON tick
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION again();
    CREATE CONSTRAINT TRIGGER app_again AFTER INSERT OR UPDATE OR DELETE ON vector_documents
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION again();
    """
  }

  @Test(arguments: [
    ("DELETE FROM notes", 1, "public.notes: 10 rows are deleted"),
    ("TRUNCATE notes", 7, "public.notes: emptied"),
    ("DELETE FROM vector_documents WHERE user_id = 'ben'", 1, "3 deleted"),
    ("DELETE FROM vector_documents WHERE user_id = 'ben'", 20, "3 deleted"),
    ("SELECT", 1_000_000, "still queue other triggers for COMMIT"),
  ])
  func `triggers at COMMIT that defer others again are fired to their end`(
    statement: String, rounds: Int, said: String
  ) throws {
    let ferry = try Ferry()
    try ferry.writeStore(user: "ben", rows: Ferry.rows(3), texts: Ferry.texts(3))
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    try ferry.database.connect().execute(
      script: "CREATE TABLE notes AS SELECT id FROM vector_documents WHERE user_id = 'ann'")
    try ferry.database.connect().execute(
      script: SQL(
        script: Self.again(statement == "SELECT" ? "PERFORM 1" : statement, rounds: rounds)))
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let digest = try ferry.contentDigest()
    for words in [["migrate", "--user", "ann"], ["rollback", "--user", "ann", "--yes"]] {
      let stopped = try ferry.run(command: words)
      #expect([1, 4].contains(stopped.status), "\(stopped.text)\(stopped.errorText)")
      #expect(stopped.text.contains(said), "\(stopped.text)\(stopped.errorText)")
      #expect(try ferry.contentDigest() == digest)
      #expect(try count(ferry, "notes") == 10)
      #expect(try count(ferry, "tick") == 0)
    }
  }

  @Test func `triggers at COMMIT that come to an end stop nothing`() throws {
    let ferry = try migrated(Self.again("INSERT INTO notes VALUES (NULL)", rounds: 20))
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try count(ferry, "notes") == 11)
  }

  @Test(arguments: ["BEGIN PERFORM forget_all(); RETURN NULL; END", nil])
  func `a trigger that switches the counting off stops a run and a rollback`(calling: String?)
    throws
  {
    let body = """
      BEGIN
        PERFORM set_config('track_counts', 'off', true);
        DELETE FROM notes;
        PERFORM set_config('track_counts', 'on', true);
        RETURN NULL;
      END
      """
    let ferry = try migrated(
      """
      CREATE FUNCTION forget_all() RETURNS \(calling == nil ? "trigger" : "int") LANGUAGE plpgsql
        AS $$ \(body) $$;
      CREATE FUNCTION calling() RETURNS trigger LANGUAGE plpgsql AS $$ \(calling ?? body) $$;
      CREATE TRIGGER app_forget AFTER DELETE ON vector_documents FOR EACH STATEMENT
        EXECUTE FUNCTION \(calling == nil ? "forget_all" : "calling")();
      """)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let digest = try ferry.contentDigest()
    for words in [[], ["rollback", "--yes"]] {
      let stopped = try ferry.run(command: words)
      #expect(stopped.status == 1, "\(stopped.text)\(stopped.errorText)")
      #expect(stopped.text.contains("forget_all(), which mentions track_counts"), "\(stopped.text)")
      #expect(try ferry.contentDigest() == digest)
      #expect(try count(ferry, "notes") == 10)
    }
  }

  @Test(arguments: ["a.b", "Odd \"Name\".x, y"])
  func `the name that a refusal proposes is taken`(name: String) throws {
    let quoted = Identifier(name).quoted
    let ferry = try migrated(
      """
      CREATE TABLE \(quoted) (n int);
      INSERT INTO \(quoted) VALUES (1);
      CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN DELETE FROM \(quoted); RETURN NULL; END $$;
      CREATE TRIGGER app_forget AFTER DELETE ON vector_documents
        FOR EACH STATEMENT EXECUTE FUNCTION forget();
      """)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let stopped = try ferry.run()
    #expect(stopped.status == 1 && stopped.text.contains("--allow-loss "), "\(stopped.text)")
    for given in ["public.\(name)", "public.\(quoted)"] {
      let rows = given == "public.\(name)" ? 7 : 6
      try ferry.writeStore(rows: Ferry.rows(rows), texts: Ferry.texts(rows))
      let allowed = try ferry.run("--allow-loss", given)
      #expect(allowed.status == 0, "\(given): \(allowed.text)\(allowed.errorText)")
    }
  }

  @Test func `tables that other sessions empty and drop meanwhile stop nothing`() throws {
    let ferry = try migrated("CREATE TABLE more (n int); INSERT INTO more VALUES (1);")
    let rollback = try ferry.start(
      "rollback", "--yes", environment: ["VECTOR_FERRY_PAUSE_AT": "rollback-removed"])
    #expect(rollback.waitForError("paused at rollback-removed"), "\(rollback.errors)")
    let session = try ferry.database.connect()
    for statement in ["TRUNCATE notes", "DROP TABLE tags", "VACUUM FULL more"] {
      try session.query(SQL(script: statement))
    }
    rollback.signal(SIGUSR1)
    #expect(try rollback.finish().status == 0, "\(rollback.errors)")
    #expect(try ferry.counts() == [:])
    #expect(try count(ferry, "notes") == 0)
  }

  @Test func `what a trigger inserts and changes elsewhere stops nothing`() throws {
    let ferry = try migrated(
      """
      CREATE TABLE totals (n int);
      INSERT INTO totals VALUES (10);
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN UPDATE totals SET n = n - 1; INSERT INTO notes VALUES (OLD.id); RETURN NULL; END $$;
      CREATE TRIGGER app_note AFTER DELETE ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION note();
      """)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try count(ferry, "notes") == 13)
  }
}
