import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests temporary objects of a migration, which are lost when the session ends.
@Suite(.needsServer) struct TemporaryObjectTests {
  private static let tables = """
    -- migrate:up
    CREATE TABLE posts (id serial PRIMARY KEY, body text);
    CREATE INDEX posts_body ON posts (body);
    INSERT INTO posts (body) VALUES ('kept');
    -- migrate:down
    DROP TABLE posts;
    """

  /// Opens a session like that of the command.
  private func session(in folder: Folder) throws -> Connection {
    try Connection.open(folder.database.target, settings: .operators)
  }

  private func verify(_ folder: Folder) throws -> VerificationReport {
    try SchemaVerification(
      set: folder.set, connection: session(in: folder), environment: [:]
    ).run()
  }

  private func up(_ folder: Folder, observe: @escaping (SchemaEvent) -> Void = { _ in }) throws
    -> SchemaOutcome
  {
    let runner = SchemaRunner(
      connection: try session(in: folder), set: try folder.set,
      observe: observe)
    return try runner.run(.up(.all), plan: try runner.plan(.up(.all)))
  }

  @Test(arguments: [
    "pg_temp, public", "pg_temp, \"$user\", public", "\"PG_temp, x\", pg_temp, public",
    "nowhere, pg_temp, public",
  ])
  func `tables are permanent where the path begins with the schema of temporary ones`(
    path: String
  ) throws {
    let folder = try Folder()
    try folder.write(Self.tables, to: "1_posts.sql")
    try folder.write(
      "-- migrate:up transaction:false\nCREATE TABLE notes ();\nSELECT 1;", to: "2_notes.sql")
    try folder.database.connect().execute(
      script: SQL(script: "ALTER DATABASE \(folder.database.name) SET search_path = \(path)"))
    let outcome = try up(folder)
    #expect(outcome.temporary == [])
    #expect(outcome.created.tables == ["notes", "posts", "schema_migrations"])
    #expect(try folder.scalar("SELECT count(*) FROM public.posts") == 1)
    #expect(try folder.scalar("SELECT to_regclass('public.notes') IS NOT NULL") == true)
    #expect(try verify(folder).isSound)
  }

  @Test(arguments: ["pg_temp", "nowhere, pg_temp"])
  func `where no schema is left that stays, the server makes no table without one`(path: String)
    throws
  {
    let folder = try Folder()
    try folder.write(Self.tables, to: "1_posts.sql")
    try folder.database.connect().execute(
      script: SQL(script: "ALTER DATABASE \(folder.database.name) SET search_path = \(path)"))
    let failure = #expect(throws: MigrationFailure.self) { try up(folder) }
    #expect(failure?.cause.serverError?.sqlState == "3F000")
    try folder.write("CREATE TABLE public.posts ();", to: "1_posts.sql")
    #expect(try up(folder).created.tables == ["posts"])
  }

  @Test func `what a file itself makes temporary is told beforehand, afterwards and in the ledger`()
    throws
  {
    let folder = try Folder()
    try folder.write(
      "SET search_path = pg_temp, public;\nCREATE TABLE posts (id serial);", to: "1_posts.sql")
    try folder.write(
      """
      -- migrate:up transaction:false
      CREATE TEMP TABLE staging AS SELECT 1;
      CREATE TYPE pg_temp.mood AS ENUM ('x');
      CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE TABLE kept ();
      """, to: "2_mixed.sql")
    try folder.write("CREATE TABLE more ();", to: "3_more.sql")
    let trier = SchemaRunner(
      connection: try session(in: folder), set: try folder.set)
    let trial = try trier.tryOut(try trier.plan(.up(.all)), .dryRun(isProduction: false))
    let expected = [["table posts"], ["function f", "table staging", "type mood"]]
    #expect(trial.temporary.map { $0.objects.map(\.name).sorted() } == expected)
    var told: [[String]] = []
    let outcome = try up(folder) { event in
      if case .temporary(_, let objects) = event { told.append(objects.map(\.name).sorted()) }
    }
    #expect(told == expected)
    #expect(outcome.temporary.map(\.name).sorted() == expected.flatMap { $0 }.sorted())
    let notes = try folder.state.migrations.map { $0.row?.note }
    #expect(
      notes[0] == "temporary objects, deleted when the session that made them ends: table posts")
    #expect(notes[1]?.contains("table staging") == true && notes[2] == nil)
    let findings = try verify(folder).findings.filter { !$0.holds }
    #expect(findings.flatMap(\.details) == ["posts of 1_posts does not exist"])
  }

  @Test func `verify tells tables that are gone, and none that a later migration has taken`() throws
  {
    let folder = try Folder()
    try folder.database.connect().execute(script: "CREATE SCHEMA app")
    try folder.write(
      """
      CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE public.c (); CREATE TABLE "D d" ();
      CREATE TABLE e (); CREATE TEMPORARY TABLE passing ();
      CREATE TABLE parts (n int) PARTITION BY RANGE (n);
      CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9);
      """, to: "1_a.sql")
    try folder.write(
      """
      DROP TABLE IF EXISTS public.a, nothing; ALTER TABLE b RENAME TO b2;
      ALTER TABLE c SET SCHEMA app; ALTER TABLE "D d" RENAME TO d;
      """, to: "2_b.sql")
    try folder.write("SET search_path = app;\nCREATE TABLE own ();", to: "3_own.sql")
    _ = try up(folder)
    #expect(try verify(folder).findings.filter { !$0.holds || $0.isOpen } == [])
    let owner = try folder.database.connect()
    /// Statements, each with the tables that verify reports as missing.
    let steps: [(script: SQL, gone: [String])] = [
      ("DROP TABLE b2", ["b2 of 1_a does not exist"]),
      ("DROP TABLE app.own", ["b2 of 1_a does not exist", "own of 3_own does not exist"]),
    ]
    for step in steps {
      try owner.execute(script: step.script)
      #expect(try verify(folder).findings.filter { !$0.holds }.flatMap(\.details) == step.gone)
    }
    try owner.execute(script: "CREATE TABLE b2 (); CREATE TABLE app.own ()")
    try folder.write("DO $$BEGIN EXECUTE 'DROP TABLE ' || 'e'; END$$;", to: "4_do.sql")
    _ = try up(folder)
    let report = try verify(folder)
    #expect(report.isSound)
    #expect(report.findings.filter(\.isOpen).flatMap(\.details) == ["e of 1_a does not exist"])
    try owner.execute(script: "DROP TABLE part")
    let later = try verify(folder)
    #expect(later.isSound)
    #expect(
      later.findings.filter(\.isOpen).flatMap(\.details)
        == ["e of 1_a does not exist", "part of 1_a does not exist"])
  }

  @Test func `verify reads names as the server does, and tells what stands in a table's place`()
    throws
  {
    let folder = try Folder()
    try folder.write(
      #"""
      CREATE TABLE Ünï (); CREATE TABLE U&"d\0061t\+000061" (); CREATE TABLE pg_temp.passing ();
      CREATE TABLE old (); ALTER INDEX old RENAME TO new; CREATE UNLOGGED TABLE quick ();
      CREATE TABLE posts (id int); CREATE TABLE notes (id int);
      """#, to: "1_a.sql")
    _ = try up(folder)
    #expect(try verify(folder).findings.filter { !$0.holds || $0.isOpen } == [])
    try folder.database.connect().execute(
      script: """
        ALTER TABLE posts RENAME TO posts_before; CREATE VIEW posts AS TABLE posts_before;
        ALTER TABLE notes SET UNLOGGED;
        """)
    let report = try verify(folder)
    #expect(report.isSound)
    #expect(
      report.findings.filter(\.isOpen).flatMap(\.details)
        == ["posts of 1_a is a view now", "notes of 1_a is an UNLOGGED table now"])
  }
}
