import Foundation
import Postgres
import TestSupport
import Testing

import MigrationFiles
import OwnSchema
import Schema
import ToolLedgers

@testable import Takeover

/// Tests taking over what other tools have applied.
@Suite(.needsServer) struct AdoptionTests {
  /// A tool's table as the tool makes it, with two applied migrations of the folder below.
  struct Case: Sendable, CustomTestStringConvertible {
    let tool: String
    let table: String
    let script: String
    let files: [String: String]
    var testDescription: String { tool }
  }

  private static let sections = [
    "20240101000001_a.sql": "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n",
    "20240101000002_b.sql": "-- migrate:up\nCREATE TABLE b ();\n-- migrate:down\nDROP TABLE b;\n",
    "20240101000003_c.sql": "-- migrate:up\nCREATE TABLE c ();\n-- migrate:down\nDROP TABLE c;\n",
  ]

  private static let plain = [
    "1_a.up.sql": "CREATE TABLE a ();", "1_a.down.sql": "DROP TABLE a;",
    "2_b.up.sql": "CREATE TABLE b ();", "2_b.down.sql": "DROP TABLE b;",
    "3_c.up.sql": "CREATE TABLE c ();", "3_c.down.sql": "DROP TABLE c;",
  ]

  /// The text of a file of Drizzle's.
  private static func drizzled(_ name: String) -> String {
    "CREATE TABLE \(name) ();\n--> statement-breakpoint\nSELECT 1;\n"
  }

  private static let drizzle = [
    "0000_a.sql": drizzled("a"), "0001_b.sql": drizzled("b"),
    "0002_c.sql": drizzled("c"),
    "meta/_journal.json": """
    {"version": "7", "dialect": "postgresql", "entries": [
      {"idx": 0, "version": "7", "when": 1700000000000, "tag": "0000_a", "breakpoints": true},
      {"idx": 1, "version": "7", "when": 1700000000001, "tag": "0001_b", "breakpoints": true},
      {"idx": 2, "version": "7", "when": 1700000000002, "tag": "0002_c", "breakpoints": true}]}
    """,
  ]

  private static func goose(_ name: String) -> String {
    "-- +goose Up\nCREATE TABLE \(name) ();\n-- +goose Down\nDROP TABLE \(name);\n"
  }

  static let cases = [
    Case(
      tool: "Rails", table: "schema_migrations",
      script: """
        CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
        CREATE TABLE ar_internal_metadata (key varchar, value varchar);
        INSERT INTO schema_migrations VALUES ('20240101000002'), ('20240101000001');
        """, files: sections),
    Case(
      tool: "dbmate", table: "schema_migrations",
      script: """
        CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
        INSERT INTO schema_migrations VALUES ('20240101000001'), ('20240101000002');
        """, files: sections),
    Case(
      tool: "golang-migrate", table: "schema_migrations",
      script: """
        CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
        INSERT INTO schema_migrations VALUES (2, false);
        """, files: plain),
    Case(
      tool: "Cartrita's migration runner", table: "schema_migrations",
      script: """
        CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY, description text,
          applied_at timestamptz DEFAULT now(), checksum varchar(64), execution_time_ms int);
        INSERT INTO schema_migrations VALUES ('20240101000001', 'a'), ('20240101000002', 'b');
        """, files: sections),
    Case(
      tool: "knex", table: "knex_migrations",
      script: """
        CREATE TABLE knex_migrations (id serial, name varchar(255), batch int,
          migration_time timestamptz);
        INSERT INTO knex_migrations (name, batch, migration_time)
        VALUES ('20240101000001_a.ts', 1, now()), ('20240101000002_b.ts', 1, now());
        """, files: sections),
    Case(
      tool: "goose", table: "goose_db_version",
      script: """
        CREATE TABLE goose_db_version (id serial, version_id bigint, is_applied bool,
          tstamp timestamp DEFAULT now());
        INSERT INTO goose_db_version (version_id, is_applied)
        VALUES (0, true), (1, true), (2, true), (3, true), (3, false);
        """,
      files: [
        "00001_a.sql": goose("a"), "00002_b.sql": goose("b"), "00003_c.sql": goose("c"),
      ]),
    Case(
      tool: "Flyway", table: "flyway_schema_history",
      script: """
        CREATE TABLE flyway_schema_history (installed_rank int, version varchar(50),
          description varchar(200), type varchar(20), script varchar(1000), checksum int,
          installed_by varchar(100), installed_on timestamp DEFAULT now(), execution_time int,
          success boolean);
        INSERT INTO flyway_schema_history (installed_rank, version, type, script, success)
        VALUES (1, '1', 'SQL', 'V1__a.sql', true), (2, '1.1', 'SQL', 'V1.1__b.sql', true),
               (3, '1.2', 'SQL', 'V1.2__c.sql', true), (4, '1.2', 'UNDO_SQL', 'U1.2__c.sql', true);
        """,
      files: [
        "V1__a.sql": "CREATE TABLE a ();", "V1.1__b.sql": "CREATE TABLE b ();",
        "V1.2__c.sql": "CREATE TABLE c ();",
      ]),
    Case(
      tool: "Drizzle", table: "drizzle.__drizzle_migrations",
      script: """
        CREATE SCHEMA drizzle;
        CREATE TABLE drizzle.__drizzle_migrations (id serial, hash text, created_at bigint);
        INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES
          (encode(sha256(convert_to('\(drizzled("a"))', 'UTF8')), 'hex'), 1700000000000),
          (encode(sha256(convert_to('\(drizzled("b"))', 'UTF8')), 'hex'), 1700000000001);
        """, files: drizzle),
    Case(
      tool: "SQLx", table: "_sqlx_migrations",
      script: """
        CREATE TABLE _sqlx_migrations (version bigint, description text, installed_on timestamptz,
          success boolean, checksum bytea, execution_time bigint);
        INSERT INTO _sqlx_migrations
        VALUES (1, 'a', now(), true, '', 1), (2, 'b', now(), true, '', 1);
        """, files: plain),
    Case(
      tool: "node-pg-migrate", table: "pgmigrations",
      script: """
        CREATE TABLE pgmigrations (id serial, name varchar(255), run_on timestamp);
        INSERT INTO pgmigrations (name, run_on) VALUES ('1_a', now()), ('2_b', now());
        """,
      files: [
        "1_a.sql": "-- Up Migration\nCREATE TABLE a ();\n-- Down Migration\nDROP TABLE a;",
        "2_b.sql": "-- Up Migration\nCREATE TABLE b ();\n-- Down Migration\nDROP TABLE b;",
        "3_c.sql": "-- Up Migration\nCREATE TABLE c ();\n-- Down Migration\nDROP TABLE c;",
      ]),
  ]

  /// A database and a folder as the tool has left them: the tables a and b exist.
  private struct World {
    let directory: TemporaryDirectory
    let database: TestDatabase
    let connection: Connection
    let runner: SchemaRunner

    init(_ script: String, files: [String: String], bundled: String? = nil) throws {
      directory = try TemporaryDirectory("adoption")
      database = try TestDatabase()
      for (name, text) in files { try directory.write(text, to: name) }
      connection = try database.connect()
      try connection.execute(script: SQL(script: script))
      var options = SchemaOptions()
      options.ledger = QualifiedName(schema: "public", "our_migrations")
      let set: MigrationSet =
        try bundled.map { try .bundled($0) }
        ?? MigrationSet.read(directory: directory.path).named("test")
      runner = SchemaRunner(connection: try database.connect(), set: set, options: options)
    }

    func adoption(from name: QualifiedName? = nil) throws -> Adoption {
      Adoption(
        of: try Adoption.source(named: name, for: runner.set, on: connection),
        state: try runner.state())
    }

    func contents(of table: String) throws -> String? {
      try connection.scalar(
        SQL(script: "SELECT string_agg(t::text, ';' ORDER BY t::text) FROM \(table) t"))
    }
  }

  @Test(arguments: cases)
  func `what a tool has applied is recognised, shown and taken over, and its table stays`(
    it: Case
  ) throws {
    let world = try World(
      it.script + "CREATE TABLE a (); CREATE TABLE b ();", files: it.files)
    let before = try #require(try world.contents(of: it.table))
    let adoption = try world.adoption()
    #expect(adoption.source.tool.name == it.tool)
    #expect(adoption.entries.map(\.fate) == [.marks, .marks])
    #expect(adoption.entries.map { $0.migration?.name } == ["a", "b"])
    #expect(try adoption.take(by: world.runner).map(\.name) == ["a", "b"])
    #expect(try world.runner.state().pending.map(\.description) == ["c"])
    let notes: [String?] = try world.runner.state().migrations.map { $0.row?.note }
    #expect(notes[0]?.contains("adopted from \(it.table) of \(it.tool)") == true)
    // The rest is applied by this program; its files' down parts undo what the tool has applied.
    _ = try world.runner.run(.up(.all), plan: try world.runner.plan(.up(.all)))
    #expect(try world.connection.scalar("SELECT to_regclass('c') IS NOT NULL") == true)
    if it.tool != "Flyway", it.tool != "Drizzle" {
      _ = try world.runner.run(.down(.all), plan: try world.runner.plan(.down(.all)))
      #expect(try world.connection.scalar("SELECT to_regclass('a') IS NULL") == true)
    }
    #expect(try world.contents(of: it.table) == before)
    // A second adoption finds nothing new.
    if it.tool == "Drizzle" {
      #expect(try world.adoption().entries.map(\.fate) == [.known, .known])
    }
  }

  @Test func `a migration that the tool calls failed is not marked, and those before it are`()
    throws
  {
    let world = try World(
      "CREATE TABLE schema_migrations (version bigint, dirty bool);"
        + "INSERT INTO schema_migrations VALUES (3, true)", files: Self.plain)
    let adoption = try world.adoption()
    #expect(adoption.entries.map(\.fate) == [.marks, .marks, .incomplete])
    #expect(try adoption.take(by: world.runner).map(\.name) == ["a", "b"])
  }

  @Test func `a row that is no migration of the folder is said, and the others are marked`() throws
  {
    let world = try World(
      "CREATE TABLE schema_migrations (version varchar(128));"
        + "INSERT INTO schema_migrations VALUES ('20240101000001'), ('20231231000000')",
      files: Self.sections)
    let adoption = try world.adoption()
    #expect(adoption.entries.map(\.fate) == [.unmatched, .marks])
    #expect(adoption.entries.map(\.record) == ["20231231000000", "20240101000001"])
  }

  @Test(arguments: [
    (
      "unified_embeddings",
      """
      CREATE TABLE schema_migrations (version varchar(50) PRIMARY KEY,
        applied_at timestamptz DEFAULT now(), description text);
      INSERT INTO schema_migrations (version, description)
      VALUES ('0001', 'Initial baseline'), ('0002_add_vector_extension', 'pgvector');
      """, ["0001", "0002"]
    ),
    (
      "forum_vectors",
      """
      CREATE TABLE knex_migrations (id serial, name text, batch int, migration_time timestamptz);
      INSERT INTO knex_migrations (name, batch, migration_time) VALUES
        ('20240211000001_initial_setup.ts', 1, now()),
        ('20240211000002_create_content_tables.ts', 1, now());
      """, ["20240211000001", "20240211000002"]
    ),
  ])
  func `the ledgers of the sets' own first tools are taken over`(
    set: String, script: String, versions: [String]
  ) throws {
    let world = try World(script, files: [:], bundled: set)
    #expect(try world.adoption().take(by: world.runner).map(\.version) == versions)
  }

  @Test func `with several ledgers one must be named, and a table of nobody's is refused`() throws {
    let world = try World(
      Self.cases[1].script + Self.cases[4].script + "CREATE TABLE odd (a int);"
        + "CREATE VIEW seen AS SELECT version FROM schema_migrations", files: Self.plain)
    let several = #expect(throws: SchemaError.self) { try world.adoption() }
    #expect(several?.problem.contains("schema_migrations (dbmate)") == true)
    #expect(several?.problem.contains("knex_migrations (knex)") == true)
    let named = try world.adoption(from: QualifiedName(schema: "public", "knex_migrations"))
    #expect(named.source.tool.name == "knex")
    for table in ["odd", "seen", "absent"] {
      #expect(throws: SchemaError.self) {
        try world.adoption(from: QualifiedName(schema: "public", Identifier(table)))
      }
    }
    let none = try World("SELECT 1", files: Self.plain)
    let error = #expect(throws: SchemaError.self) { try none.adoption() }
    #expect(error?.remedy.contains("--from") == true)
  }

  @Test(arguments: [
    ("Ecto", "CREATE TABLE schema_migrations (version bigint, inserted_at timestamp)"),
    (
      "Supabase",
      "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations "
        + "(version text, statements text[], name text)"
    ),
    ("sql-migrate", "CREATE TABLE gorp_migrations (id text, applied_at timestamptz)"),
    ("tern", "CREATE TABLE schema_version (version int)"),
    (
      "Sqitch",
      "CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text, change text, "
        + "project text, committed_at timestamptz)"
    ),
    (
      "Prisma",
      "CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, "
        + "migration_name text, logs text, rolled_back_at timestamptz, started_at timestamptz)"
    ),
    ("Alembic", "CREATE TABLE alembic_version (version_num varchar(32))"),
    (
      "Django", "CREATE TABLE django_migrations (id int, app text, name text, applied timestamptz)"
    ),
    ("TypeORM", "CREATE TABLE migrations (id serial, timestamp bigint, name varchar)"),
    ("Sequelize", "CREATE TABLE \"SequelizeMeta\" (name varchar(255))"),
    (
      "Liquibase",
      "CREATE TABLE databasechangelog (id text, author text, filename text, dateexecuted timestamp,"
        + " orderexecuted int)"
    ),
  ])
  func `each tool's table is recognised by its columns`(tool: String, script: String) throws {
    let world = try World(script, files: Self.plain)
    #expect(try ToolLedger.all(on: world.connection).map(\.tool.name) == [tool])
  }
}
