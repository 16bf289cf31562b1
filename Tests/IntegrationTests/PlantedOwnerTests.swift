import Foundation
import Postgres
import TestSupport
import Testing

/// Tests objects with the names of this program's own objects that an ordinary role has made before
/// an operator with more rights runs the program.
@Suite(.needsServer)
struct PlantedOwnerTests {
  private let ferry: Ferry
  private let mallory: Role

  init() throws {
    ferry = try Ferry()
    mallory = try Role("mallory", in: ferry)
    try ferry.writeStore(rows: Ferry.rows(6), texts: Ferry.texts(6))
    try script(
      """
      CREATE EXTENSION vector;
      GRANT CREATE ON DATABASE \(ferry.database.name) TO \(mallory.name);
      GRANT CREATE, USAGE ON SCHEMA public TO \(mallory.name);
      CREATE TABLE hits (role text);
      GRANT INSERT ON hits TO PUBLIC;
      """)
  }

  private func script(_ text: String) throws {
    try ferry.database.connect().execute(script: SQL(script: text))
  }

  private func plant(_ text: String) throws {
    try mallory.connect().execute(script: SQL(script: text))
  }

  /// Expects that each command is refused before anything is copied or made, and runs no code of
  /// mallory.
  private func expectRefusal(of commands: [[String]], saying words: [String]) throws {
    for command in commands {
      let outcome = try ferry.run(command: command)
      let said = outcome.text + outcome.errorText
      #expect(outcome.status == 3, "\(command): \(said)")
      for word in words { #expect(said.contains(word), "\(word) in \(command): \(said)") }
    }
    #expect(try ferry.scalar("SELECT count(*) FROM hits") == 0)
    let copies = try? FileManager.default.contentsOfDirectory(
      atPath: ferry.folder.file("migration_backup"))
    #expect((copies ?? []).filter { $0.hasPrefix("2") } == [])
  }

  private func expectSuccess(of commands: [[String]]) throws {
    for command in commands {
      let outcome = try ferry.run(command: command)
      #expect(outcome.status == 0, "\(command): \(outcome.text)\(outcome.errorText)")
    }
  }

  private static let hit = "INSERT INTO public.hits VALUES (current_user)"

  private static let upDocuments = ["schema", "up", "--set", "vector_documents", "--yes"]
  private static let upGraph = ["schema", "up", "--set", "knowledge_graph", "--yes"]

  // MARK: The trigger's function

  @Test(arguments: ["trigger", "int"])
  func `a planted function is not taken for the trigger's own`(result: String) throws {
    let body = result == "int" ? "BEGIN RETURN 1; END" : "BEGIN \(Self.hit); RETURN NEW; END"
    let function = "public.vector_documents_touch_updated_at()"
    try plant(
      "CREATE FUNCTION \(function) RETURNS \(result) LANGUAGE plpgsql AS $$ \(body) $$")
    try expectRefusal(
      of: [["migrate", "--yes"], Self.upDocuments],
      saying: [
        function, "belongs to role \(mallory.name)",
        "otherwise check what the object contains and drop the object",
        "docs/SECURITY.md",
      ])
    let doctor = try ferry.run("doctor")
    #expect(doctor.status == 3 && doctor.text.contains(function), "\(doctor.text)")
    #expect(
      try ferry.scalar("SELECT to_regclass('public.vector_documents') IS NULL") == true)
    try script("DROP FUNCTION \(function)")
    try expectSuccess(of: [["migrate", "--yes"], Self.upDocuments])
  }

  @Test func `a function of the operator's own that is none for triggers is told before copies`()
    throws
  {
    try script(
      """
      CREATE FUNCTION public.vector_documents_touch_updated_at() RETURNS int
      LANGUAGE sql AS 'SELECT 1'
      """)
    try expectRefusal(
      of: [["migrate", "--yes"]], saying: ["is not a trigger function", "drop or rename"])
  }

  @Test func `a function of a role that is trusted is replaced`() throws {
    let owner = try Role("owner", in: ferry)
    try script(
      """
      CREATE FUNCTION public.vector_documents_touch_updated_at() RETURNS trigger
      LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      ALTER FUNCTION public.vector_documents_touch_updated_at OWNER TO \(owner.name);
      """)
    try expectRefusal(of: [["migrate", "--yes"]], saying: ["belongs to role \(owner.name)"])
    let me = try #require(try ferry.scalar("SELECT quote_ident(current_user)", as: String.self))
    try script("GRANT \(owner.name) TO \(me)")
    try withExtendedLifetime(owner) { try expectSuccess(of: [["migrate", "--yes"], ["doctor"]]) }
  }

  @Test func `a trigger that calls our function is told where another role owns the function`()
    throws
  {
    try expectSuccess(of: [["migrate", "--yes"]])
    try script("ALTER FUNCTION vector_documents_touch_updated_at OWNER TO \(mallory.name)")
    let doctor = try ferry.run("doctor")
    #expect(doctor.status == 3, "\(doctor.text)")
    #expect(doctor.text.contains("of the trigger vector_documents_updated_at"), "\(doctor.text)")
    #expect(try ferry.run("--force").status == 3)
  }

  // MARK: The ledger of migrations

  @Test func `a planted ledger of migrations is refused with its owner and its trigger`() throws {
    try plant(
      """
      CREATE TABLE public.schema_migrations (
        set text, version text, description text, checksum text, accepted_checksum text, batch int,
        applied_at timestamptz, duration interval, state text, statements_done int,
        statements int, note text, up_sql text, down_sql text, in_doubt int);
      CREATE FUNCTION public.note_it() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN \(Self.hit); RETURN NEW; END $$;
      CREATE TRIGGER planted BEFORE INSERT ON public.schema_migrations
        FOR EACH ROW EXECUTE FUNCTION public.note_it();
      """)
    let words = [mallory.name, "the trigger planted", "public.note_it()"]
    let commands = [Self.upGraph, ["schema", "up", "--set", "knowledge_graph", "--dry-run"]]
    try expectRefusal(of: commands, saying: words + ["belongs to role"])
    // The owner is trusted now, but the trigger's function belongs to another role.
    try script("ALTER TABLE public.schema_migrations OWNER TO CURRENT_USER")
    try expectRefusal(of: commands, saying: words + ["drop the trigger"])
    try script("DROP TRIGGER planted ON public.schema_migrations")
    try expectSuccess(of: [Self.upGraph])
  }

  @Test func `a view is no ledger of migrations, and is not even read`() throws {
    try plant(
      """
      CREATE FUNCTION public.note_it() RETURNS text LANGUAGE plpgsql AS
        $$ BEGIN \(Self.hit); RETURN 'x'; END $$;
      CREATE VIEW public.schema_migrations AS
        SELECT public.note_it() AS set, 'x' AS version, 'x' AS description, 'x' AS checksum,
          NULL::text AS accepted_checksum, 1 AS batch, now() AS applied_at,
          '0'::interval AS duration, 'applied' AS state, 1 AS statements_done, 1 AS statements,
          NULL::text AS note, 'x' AS up_sql, NULL::text AS down_sql, NULL::int AS in_doubt;
      """)
    try expectRefusal(
      of: [Self.upGraph, ["schema", "status", "--set", "knowledge_graph"]],
      saying: [mallory.name, "is not an ordinary table", "drop or rename that object"])
  }

  // MARK: The program's own schema

  @Test func `a planted schema vector_ferry is refused`() throws {
    try plant("CREATE SCHEMA vector_ferry")
    try expectRefusal(
      of: [["migrate", "--yes"], Self.upDocuments],
      saying: [
        "SCHEMA vector_ferry belongs to role \(mallory.name)",
        "otherwise check what the object contains and drop the object",
      ])
    let doctor = try ferry.run("doctor")
    #expect(doctor.status == 3 && doctor.text.contains("SCHEMA vector_ferry"), "\(doctor.text)")
    // The grant of the role makes it trusted.
    let me = try #require(try ferry.scalar("SELECT quote_ident(current_user)", as: String.self))
    try script("GRANT \(mallory.name) TO \(me)")
    try expectSuccess(of: [["migrate", "--yes"]])
  }

  @Test func `a table, a function and a trigger of others in the schema are refused by name`()
    throws
  {
    try expectSuccess(of: [["migrate", "--yes"]])
    for (name, change) in [
      ("TABLE vector_ferry.stores", "ALTER TABLE vector_ferry.stores OWNER TO"),
      ("FUNCTION vector_ferry.nearest", "ALTER FUNCTION vector_ferry.nearest OWNER TO"),
    ] {
      try script("\(change) \(mallory.name)")
      for command in [["migrate", "--force"], ["rollback", "--yes"]] {
        let outcome = try ferry.run(command: command)
        #expect(outcome.status == 3 && outcome.errorText.contains(name), "\(outcome.errorText)")
      }
      try script("\(change) CURRENT_USER")
    }
    try plant(
      """
      CREATE FUNCTION public.note_it() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN \(Self.hit); RETURN NEW; END $$
      """)
    try script(
      """
      CREATE TRIGGER planted BEFORE INSERT ON vector_ferry.runs
        FOR EACH ROW EXECUTE FUNCTION public.note_it()
      """)
    let outcome = try ferry.run("--force")
    #expect(
      outcome.status == 3 && outcome.errorText.contains("trigger planted on vector_ferry.runs"),
      "\(outcome.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM hits") == 0)
  }

  @Test func `a role that only writes goes on where the table's owner has made the ledger`() throws
  {
    let owner = try Role("owner", in: ferry)
    let writer = try Role("writer", in: ferry)
    try script("GRANT CREATE ON DATABASE \(ferry.database.name) TO \(owner.name)")
    try script("GRANT CREATE, USAGE ON SCHEMA public TO \(owner.name)")
    let first = try ferry.run(
      "--yes", environment: ["DATABASE_URL": try ferry.url(as: owner.name)])
    #expect(first.status == 0, "\(first.text)\(first.errorText)")
    let grants = try TestSupport.run(
      TestServer.binaries.psql,
      [
        "-Xq", "-v", "role=\(writer.name)", "-d", try ferry.database.url, "-f",
        "\(Oracle.repository)/Scripts/grants.sql",
      ])
    #expect(grants.status == 0, "\(grants.errorText)")
    try ferry.writeStore(user: "bob", rows: Ferry.rows(4), texts: Ferry.texts(4))
    let second = try withExtendedLifetime((owner, writer)) {
      try ferry.run(environment: ["DATABASE_URL": try ferry.url(as: writer.name)])
    }
    #expect(second.status == 0, "\(second.text)\(second.errorText)")
  }

  // MARK: Triggers of the application

  @Test func `a trigger is known by its function, not by its name`() throws {
    try expectSuccess(of: [["migrate", "--yes"]])
    #expect(try ferry.run("doctor").text.contains("none of the application's"))
    try script(
      """
      CREATE FUNCTION app() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER zz_vector_ferry_x BEFORE INSERT ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION app();
      DROP TRIGGER vector_documents_updated_at ON vector_documents;
      CREATE TRIGGER vector_documents_updated_at BEFORE INSERT OR UPDATE OR DELETE
        ON vector_documents FOR EACH ROW EXECUTE FUNCTION app();
      """)
    let told = try ferry.run("doctor").text
    #expect(told.contains("zz_vector_ferry_x (BEFORE INSERT)"), "\(told)")
    #expect(told.contains("vector_documents_updated_at (BEFORE INSERT OR DELETE OR UPDATE)"))
    // The program's function is recognized under another name, but not with another body.
    try script(
      """
      DROP TRIGGER zz_vector_ferry_x ON vector_documents;
      DROP TRIGGER vector_documents_updated_at ON vector_documents;
      CREATE TRIGGER renamed BEFORE UPDATE ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION vector_documents_touch_updated_at();
      """)
    #expect(try ferry.run("doctor").text.contains("none of the application's"))
    try script(
      """
      CREATE OR REPLACE FUNCTION vector_documents_touch_updated_at() RETURNS trigger
      LANGUAGE plpgsql AS $$ BEGIN NEW.text := ''; RETURN NEW; END $$
      """)
    #expect(try ferry.run("doctor").text.contains("renamed (BEFORE UPDATE)"))
  }
}
