import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that a text that the table refuses is shown nowhere and stored only in the backup,
/// whatever refuses the text and with whatever message.
@Suite(.needsServer)
struct RowValueTests {
  private static let canary = "canary-7781-quartz"

  /// A rule of the application, and the words for a document that breaks the rule.
  struct Rule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let script: String
    let said: [String]
  }

  /// Returns a trigger before every insert, with a function with this body.
  private static func trigger(_ body: String) -> String {
    """
    CREATE FUNCTION check_text() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN \(body) RETURN NEW; END $$;
    CREATE TRIGGER check_text BEFORE INSERT ON vector_documents
      FOR EACH ROW EXECUTE FUNCTION check_text();
    """
  }

  /// Returns a rule that computes a value from the planted text.
  private static func value(_ name: String, _ condition: String, _ said: [String]) -> Rule {
    Rule(
      testDescription: name,
      script: """
        ALTER TABLE vector_documents ADD CONSTRAINT made_of_text
          CHECK (text NOT LIKE '%quartz' OR \(condition))
        """,
      said: said + ["at position 1 (", "see the server's log"])
  }

  /// An expression of 3,200 characters that do not compress, which is too long for an index.
  private static let longHash = (0..<100).map { "md5(text || '\($0)')" }.joined(separator: " || ")

  /// An expression for the number in the planted text; this number must not be shown either.
  private static let number = "substr(text, position('-' in text) + 1, 4)::int"

  private static let rules = [
    value("a date", "make_date(\(number), 13, 1) IS NULL", ["22008", "does not fit"]),
    value("a time", "make_time(\(number), 1, 1) IS NULL", ["22008", "does not fit"]),
    value(
      "an index of a bit string", "get_bit(B'101', \(number)) IS NULL", ["2202E", "does not fit"]),
    value("a character", "chr(\(number) * 1000) IS NULL", ["54000"]),
    Rule(
      testDescription: "a text once",
      script: "ALTER TABLE vector_documents ADD CONSTRAINT text_once UNIQUE (text)",
      said: [
        "\"text_once\" of table public.vector_documents", "23505", "at position 4 (",
        "unique index or an exclusion constraint",
      ]),
    Rule(
      testDescription: "a text once for each user",
      script: "CREATE UNIQUE INDEX user_text_once ON vector_documents (user_id, md5(text))",
      said: [
        "\"user_text_once\" of table public.vector_documents", "at position 4 (",
        "unique index or an exclusion constraint",
      ]),
    Rule(
      testDescription: "a text once, looked at when all is done",
      script: """
        ALTER TABLE vector_documents ADD CONSTRAINT text_once UNIQUE (text)
          DEFERRABLE INITIALLY DEFERRED
        """,
      said: [
        "\"text_once\" of table public.vector_documents", "23505",
        "unique index or an exclusion constraint",
      ]),
    Rule(
      testDescription: "an exclusion",
      script: """
        ALTER TABLE vector_documents ADD CONSTRAINT no_other EXCLUDE USING btree (text WITH =)
        """,
      said: [
        "\"no_other\" of table public.vector_documents", "23P01", "at position 4 (",
        "unique index or an exclusion constraint",
      ]),
    Rule(
      testDescription: "a check",
      script: """
        ALTER TABLE vector_documents ADD CONSTRAINT plain_text CHECK (text NOT LIKE '%quartz')
        """,
      said: [
        "\"plain_text\"", "\"vector_documents\"", "23514", "at position 1 (", "change the document",
      ]),
    Rule(
      testDescription: "no null",
      script: """
        ALTER TABLE vector_documents ADD COLUMN kind text DEFAULT 'x' NOT NULL;
        """ + trigger("IF NEW.text LIKE '%quartz' THEN NEW.kind := NULL; END IF;"),
      said: ["\"kind\"", "\"vector_documents\"", "23502", "give the column a default"]),
    Rule(
      testDescription: "a foreign key",
      script: """
        CREATE TABLE known (text text PRIMARY KEY);
        INSERT INTO known SELECT 'Text number ' || i FROM generate_series(0, 9) i;
        ALTER TABLE vector_documents ADD CONSTRAINT is_known FOREIGN KEY (text) REFERENCES known
        """,
      said: ["\"is_known\"", "\"vector_documents\"", "23503", "what the foreign key refers to"]),
    Rule(
      testDescription: "a column of another type",
      script: """
        ALTER TABLE vector_documents ADD COLUMN number int GENERATED ALWAYS AS (
          CASE WHEN text LIKE '%quartz' THEN text::int END) STORED
        """,
      said: ["type integer", "22P02", "at position 1 (", "look at the table's columns"]),
    Rule(
      testDescription: "a short column",
      script: "ALTER TABLE vector_documents ALTER COLUMN text TYPE varchar(15)",
      said: ["at position 1 (", "holds at most 15 characters", "this stops 2 of its documents"]),
    Rule(
      testDescription: "an index that takes short texts",
      script: """
        CREATE INDEX by_text ON vector_documents ((\(longHash))) WHERE text LIKE '%quartz'
        """,
      said: ["\"by_text\"", "54000", "at position 1 ("]),
    Rule(
      testDescription: "a trigger that repeats the text",
      script: trigger("IF NEW.text LIKE '%quartz' THEN RAISE EXCEPTION 'not %', NEW.text; END IF;"),
      said: [
        "the function check_text() refused the statement (SQLSTATE P0001)", "at position 1 (",
        "repair the function",
      ]),
    Rule(
      testDescription: "a trigger that speaks as the server does",
      script: trigger(
        """
        IF NEW.text LIKE '%quartz' THEN
          RAISE check_violation USING MESSAGE = NEW.text, DETAIL = NEW.text, HINT = NEW.text,
            CONSTRAINT = NEW.text, TABLE = NEW.text, COLUMN = NEW.text, SCHEMA = NEW.text;
        END IF;
        """),
      said: [
        "the function check_text() refused the statement (SQLSTATE 23514)", "at position 1 (",
      ]),
    Rule(
      testDescription: "a trigger that fails as the disk does",
      script: trigger(
        """
        IF NEW.text LIKE '%quartz' THEN
          RAISE EXCEPTION SQLSTATE '53100' USING MESSAGE = NEW.text;
        END IF;
        """),
      said: ["the function check_text() refused the statement (SQLSTATE 53100)"]),
    Rule(
      testDescription: "a trigger that runs the text",
      script: trigger(
        "IF NEW.text LIKE '%quartz' THEN EXECUTE 'SELECT ' || quote_ident(NEW.text); END IF;"),
      said: ["the function check_text() refused the statement (SQLSTATE 42703)"]),
    Rule(
      testDescription: "a trigger that asserts",
      script: trigger("ASSERT NEW.text NOT LIKE '%quartz', NEW.text;"),
      said: ["the function check_text() refused the statement (SQLSTATE P0004)"]),
    value("an object by a name", "text::regclass::text <> ''", ["42P01", "no such table"]),
    value("a setting by a name", "current_setting(text) <> ''", ["42704", "no such object"]),
    value("a sequence by a name", "nextval(text::regclass) > 0", ["42P01", "no such table"]),
    value(
      "a function by a name", "(replace(text, '-', '_') || '(int)')::regprocedure::text <> ''",
      ["42883", "no such function"]),
    value(
      "a schema by a name", "('\"' || text || '\"')::regnamespace::text <> ''",
      ["3F000", "no such schema"]),
    value("a name that is none", "(text || '.x y')::regclass::text <> ''", ["SQLSTATE 42602"]),
    value("a file by a name", "pg_read_file(text) <> ''", ["58P01", "no such file"]),
    Rule(
      testDescription: "a trigger's table, its constraint named by the text",
      script: trigger(
        """
        IF NEW.text LIKE '%quartz' THEN
          EXECUTE format('CREATE TEMP TABLE t (a int CONSTRAINT %I UNIQUE)', NEW.text);
          INSERT INTO t VALUES (1), (1);
        END IF;
        """),
      said: [
        "the function check_text() refused the statement (SQLSTATE 23505)", "at position 1 (",
      ]),
    Rule(
      testDescription: "a trigger that looks for a database of the name",
      script: trigger(
        """
        IF NEW.text LIKE '%quartz' THEN
          PERFORM has_database_privilege(NEW.text, 'CONNECT');
        END IF;
        """),
      said: ["the function check_text() refused the statement (SQLSTATE 3D000)"]),
    Rule(
      testDescription: "another table of a trigger",
      script: "CREATE TABLE log (text text CONSTRAINT logged_once UNIQUE);"
        + trigger("INSERT INTO log VALUES (NEW.text);"),
      said: [
        "\"logged_once\" of table public.log", "23505",
        "unique index or an exclusion constraint",
      ]),
  ]

  /// Creates a store whose documents 1 and 4 have the planted text, and a table with the rule.
  private func world(_ script: String) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(
      user: "zoe", rows: Ferry.rows(2), texts: ["Text number 8", "Text number 9"])
    #expect(try ferry.run().status == 0)
    var texts = (0..<6).map { "Text number \($0)" }
    (texts[1], texts[4]) = (Self.canary, Self.canary)
    try ferry.writeStore(rows: Ferry.rows(6, seed: 4), texts: texts)
    try ferry.database.connect().execute(script: SQL(script: script))
    return ferry
  }

  /// Expects that the planted text is in no output of a command and in no file that is not a
  /// store's.
  private func expectNothingShown(
    _ outcomes: [ProcessOutcome], _ ferry: Ferry, _ comment: Comment
  ) throws {
    for outcome in outcomes {
      let all = outcome.text + outcome.errorText
      #expect(!all.contains("quartz") && !all.contains(" 7781"), "\(comment): \(all)")
    }
    var files = 0
    for (path, bytes) in try contents(of: ferry.folder.path)
    where !path.hasSuffix("/metadata.json") {
      files += 1
      for word in ["quartz", " 7781"] {
        #expect(bytes.range(of: Data(word.utf8)) == nil, "\(comment): \(path)")
      }
    }
    #expect(files > 3)
  }

  @Test(arguments: rules)
  func `secrets of a row: what a rule of the table refuses is named without a value`(rule: Rule)
    throws
  {
    let ferry = try world(rule.script)
    let live = try ferry.run()
    #expect(live.status == 1, "\(live.text)\(live.errorText)")
    for word in rule.said { #expect(live.text.contains(word), "\(word): \(live.text)") }
    #expect(!live.text.contains("another collection"), "\(live.text)")
    let json = try ferry.run("--json", "--failed")
    #expect(json.status == 1)
    let document = try JSONSerialization.jsonObject(with: json.output) as? [String: Any]
    let store = (document?["stores"] as? [[String: Any]])?.first
    let failure = try #require(store?["failure"] as? [String: Any])
    #expect(failure["kind"] as? String == "database" && failure["remedy"] != nil)
    let others = try [["status"], ["status", "--json"], ["history"], ["history", "--json"]]
      .map { try ferry.run(command: $0) }
    try expectNothingShown([live, json] + others, ferry, "\(rule.testDescription)")
    #expect(try ferry.counts() == ["zoe/notes": 2])
  }

  @Test func `secrets of a row: staged rows, and a rollback`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(6), texts: Ferry.texts(5) + [Self.canary], ids: (0..<6).map { "d\($0)" })
    #expect(try ferry.run().status == 0)
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        CREATE FUNCTION keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN RAISE EXCEPTION 'keep %', OLD.text USING DETAIL = OLD.text; END $$;
        CREATE TRIGGER keep_text BEFORE DELETE ON vector_documents
          FOR EACH ROW WHEN (OLD.text LIKE '%quartz') EXECUTE FUNCTION keep_text();
        """)
    let rollback = try ferry.run("rollback", "--yes")
    #expect(rollback.status != 0)
    #expect(
      (rollback.text + rollback.errorText).contains(
        "the function keep_text() refused the statement"),
      "\(rollback.text)\(rollback.errorText)")
    try session.execute(script: "DROP FUNCTION keep_text() CASCADE")
    #expect(try ferry.run("rollback", "--yes").status == 0)
    let role = try Role("bound", in: ferry)
    try session.execute(
      script: SQL(
        script: """
          CREATE UNIQUE INDEX text_once ON vector_documents (text);
          INSERT INTO vector_documents (user_id, collection_name, text, embedding)
            SELECT 'ann', 'other', '\(Self.canary)', '[1,2,3,4,5,6,7,8]';
          GRANT ALL ON ALL TABLES IN SCHEMA public, vector_ferry TO \(role.name);
          GRANT USAGE, CREATE ON SCHEMA public, vector_ferry TO \(role.name);
          GRANT ALL ON ALL SEQUENCES IN SCHEMA vector_ferry TO \(role.name);
          GRANT CREATE, TEMPORARY ON DATABASE \(ferry.database.name) TO \(role.name);
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          CREATE POLICY anns ON vector_documents USING (user_id = 'ann');
          """))
    let staged = try ferry.run(environment: ["DATABASE_URL": try ferry.url(as: role.name)])
    #expect(staged.status == 1, "\(staged.text)\(staged.errorText)")
    #expect(
      staged.text.contains("\"text_once\" of table public.vector_documents"), "\(staged.text)")
    try ferry.writeStore(user: "bob", rows: Ferry.rows(2), texts: [Self.canary, "x"])
    let policy = try ferry.run(
      "--user", "bob", environment: ["DATABASE_URL": try ferry.url(as: role.name)])
    #expect(policy.status == 1)
    #expect(policy.text.contains("let a policy of the table allow these rows"), "\(policy.text)")
    try expectNothingShown([rollback, staged, policy], ferry, "staged")
  }

  @Test func `secrets of a row: what a policy makes of a row that is only read`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(6), texts: Ferry.texts(5) + [Self.canary], ids: (0..<6).map { "d\($0)" })
    #expect(try ferry.run().status == 0)
    let role = try Role("reads", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          GRANT SELECT ON ALL TABLES IN SCHEMA public, vector_ferry TO \(role.name);
          GRANT USAGE, CREATE ON SCHEMA public, vector_ferry TO \(role.name);
          GRANT ALL ON ALL TABLES IN SCHEMA public, vector_ferry TO \(role.name);
          GRANT CREATE, TEMPORARY ON DATABASE \(ferry.database.name) TO \(role.name);
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          CREATE POLICY odd ON vector_documents
            USING (text NOT LIKE '%quartz' OR text::regconfig IS NOT NULL);
          """))
    let url = try ferry.url(as: role.name)
    var outcomes: [ProcessOutcome] = []
    for words in [
      ["verify"], ["status"], ["doctor"], ["migrate", "--dry-run", "--force"],
      ["migrate", "--force"], ["rollback", "--dry-run"],
    ] {
      let outcome = try ferry.run(command: words, environment: ["DATABASE_URL": url])
      if words == ["verify"] {
        #expect(outcome.status != 0)
        #expect(outcome.text.contains("no such object"), "\(outcome.text)\(outcome.errorText)")
      }
      outcomes.append(outcome)
    }
    try expectNothingShown(outcomes, ferry, "read")
  }

  @Test func `a taken id is told from a rule, also in a table of partitions`() throws {
    let ferry = try Ferry()
    try ferry.database.connect().execute(
      script: """
        CREATE EXTENSION vector;
        CREATE TABLE vector_documents (
          id uuid DEFAULT gen_random_uuid(), user_id varchar(255) NOT NULL,
          collection_name varchar(255) NOT NULL, text text NOT NULL, embedding vector(8) NOT NULL,
          metadata jsonb DEFAULT '{}', created_at timestamptz DEFAULT now(),
          PRIMARY KEY (user_id, id)) PARTITION BY HASH (user_id);
        CREATE TABLE part_0 PARTITION OF vector_documents FOR VALUES WITH (MODULUS 1, REMAINDER 0);
        """)
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    #expect(try ferry.run().status == 0)
    let moved: String? = try ferry.scalar(
      """
      UPDATE vector_documents SET collection_name = 'archive'
      WHERE id = (SELECT min(id::text)::uuid FROM vector_documents) RETURNING id::text
      """)
    let outcome = try ferry.run("--force")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("is in another collection"), "\(outcome.text)")
    #expect(outcome.text.contains("WHERE id = '\(try #require(moved))'"), "\(outcome.text)")
  }
}
