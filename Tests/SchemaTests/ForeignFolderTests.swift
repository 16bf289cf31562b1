import MigrationFiles
import Foundation
import Postgres
import TestSupport
import Testing

import OwnSchema
@testable import Schema

/// Tests folders that users of other tools have written.
@Suite(.needsServer) struct ForeignFolderTests {
  /// Files that contain both directions: up makes `t` with 1,000 rows, down drops it.
  static let bothWays: [(form: String, file: String, text: String)] = [
    (
      "goose", "00001_t.sql",
      "-- +goose Up\nUP\n\n-- +goose Down\nDOWN\n"
    ),
    (
      "goose, in any case", "20240101000000_t.sql",
      "-- a comment\n-- +GOOSE up\n-- +goose statementbegin\nUP\n-- +goose StatementEnd\n"
        + "-- +goose down\n-- +goose StatementBegin\nDOWN\n-- +goose StatementEnd\n"
    ),
    (
      "goose outside a transaction", "1_t.sql",
      "-- +goose NO TRANSACTION\n-- +goose Up\nUP\n-- +goose Down\nDOWN\n"
    ),
    (
      "sql-migrate", "20150101-t.sql",
      "-- +migrate Up\nUP\n-- +migrate Down\nDOWN\n"
    ),
    (
      "sql-migrate outside a transaction", "1_t.sql",
      "-- +migrate Up notransaction\nUP\n-- +migrate Down notransaction\nDOWN\n"
    ),
    ("tern", "001_t.sql", "UP\n---- create above / drop below ----\nDOWN\n"),
    ("node-pg-migrate", "1700000000000_t.sql", "-- Up Migration\nUP\n-- Down Migration\nDOWN\n"),
    ("dbmate", "20240101000000_t.sql", "-- migrate:up\nUP\n-- migrate:down\nDOWN\n"),
    (
      "dbmate outside a transaction", "1_t.sql",
      "-- migrate:up  transaction:false\nUP\n--migrate:down\ttransaction:false\nDOWN\n"
    ),
  ]

  static let up = """
    CREATE TABLE t (a int);
    INSERT INTO t SELECT generate_series(1, 1000);
    """

  static func file(_ form: String) throws -> (name: String, text: String) {
    let entry = try #require(bothWays.first { $0.form == form })
    return (
      entry.file,
      entry.text.replacing("UP\n", with: up + "\n").replacing("DOWN\n", with: "DROP TABLE t;\n")
    )
  }

  @Test(arguments: bothWays.map(\.form))
  func `up runs the way up alone, down the way down, and up again brings the rows back`(
    form: String
  ) throws {
    let folder = try Folder()
    let (name, text) = try Self.file(form)
    try folder.write(text, to: name)
    let migration = try #require(try folder.set.migrations.first)
    let isOutside = form.hasSuffix("outside a transaction")
    #expect(migration.up.refusesTransaction == isOutside)
    #expect(migration.down?.refusesTransaction == isOutside)
    for _ in 1...2 {
      try folder.run(.up(.all))
      #expect(try folder.scalar("SELECT count(*) FROM t") == 1000)
      try folder.run(.down(.all))
      #expect(try folder.scalar("SELECT to_regclass('t') IS NULL") == true)
    }
    try folder.run(.up(.all))
    try folder.run(.redo)
    #expect(try folder.scalar("SELECT count(*) FROM t") == 1000)
  }

  @Test(arguments: [
    ["1_t.up.sql": up, "1_t.down.sql": "DROP TABLE t;"],
    ["000001_t.up.sql": "-- no-transaction\n\(up)", "000001_t.down.sql": "DROP TABLE t;"],
    ["V1__t.sql": up, "U1__t.sql": "DROP TABLE t;"],
    [
      "V1__t.sql": up, "U1__t.sql": "DROP TABLE t;", "U1__t.sql.conf": "executeInTransaction=false",
    ],
    [
      "sqitch.plan": "%project=p\n\nt 2024-01-01T00:00:00Z A <a@b.c>\n", "deploy/t.sql": up,
      "revert/t.sql": "BEGIN; DROP TABLE t; COMMIT;", "verify/t.sql": "SELECT a FROM t;",
    ],
    [
      "0000_t.sql": up.replacing("\n", with: "--> statement-breakpoint\n"),
      "0001_no.sql": "SELECT 1;",
    ],
  ])
  func `up runs the file of the way up alone, down that of the way down`(files: [String: String])
    throws
  {
    let folder = try Folder()
    for (name, text) in files { try folder.write(text, to: name) }
    let migration = try #require(try folder.set.migrations.first)
    #expect(migration.up.refusesTransaction == (files["000001_t.up.sql"] != nil))
    #expect(migration.down?.refusesTransaction ?? false == (files["U1__t.sql.conf"] != nil))
    for _ in 1...2 {
      try folder.run(.up(.all))
      #expect(try folder.scalar("SELECT count(*) FROM t") == 1000)
      if files["0000_t.sql"] != nil {
        #expect(throws: SchemaError.self) { try folder.run(.down(.all)) }
        continue
      }
      try folder.run(.down(.all))
      #expect(try folder.scalar("SELECT to_regclass('t') IS NULL") == true)
    }
  }

  @Test func `every form reads each way's statements as its tool does`() throws {
    let folder = try Folder()
    try folder.write(
      """
      -- +goose Up
      -- +goose StatementBegin
      CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN; RETURN 1; END $$
      -- +goose StatementEnd
      CREATE TABLE a (b text);
      INSERT INTO a VALUES ('
      -- +goose Down
      ');
      -- +goose Down
      DROP TABLE a;
      DROP FUNCTION f();
      """.replacing("BEGIN;", with: "BEGIN"), to: "2_f.sql")
    try folder.write(
      """
      \u{FEFF}-- +goose NO TRANSACTION\r
      -- +goose Up\r
      CREATE INDEX CONCURRENTLY i ON a (b);\r
      VACUUM a;\r
      -- +goose Down\r
      DROP INDEX CONCURRENTLY i;\r
      """, to: "10_i.sql")
    #expect(try folder.set.migrations.map(\.up.statements.count) == [3, 2])
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT b FROM a") == "\n-- +goose Down\n")
    #expect(try folder.scalar("SELECT to_regclass('i') IS NOT NULL") == true)
    // The files are deleted: the ledger's texts undo the migrations, outside of a transaction where
    // needed.
    for name in ["2_f.sql", "10_i.sql"] {
      try FileManager.default.removeItem(atPath: folder.directory.file(name))
    }
    try folder.run(.down(.all), force: true)
    #expect(try folder.scalar("SELECT to_regclass('a') IS NULL") == true)
  }

  @Test func `tern's way without a transaction is followed for each way`() throws {
    let folder = try Folder()
    try folder.write(
      """
      CREATE TABLE a ()
      ---- create above / drop below ----
      ---- tern: disable-tx ----
      VACUUM;
      DROP TABLE a;
      """, to: "001_a.sql")
    try folder.write("---- tern: disable-tx ----\nREINDEX TABLE a;", to: "002_b.sql")
    let set = try folder.set
    #expect(set.migrations.map(\.up.refusesTransaction) == [false, true])
    #expect(set.migrations.map { $0.down?.refusesTransaction } == [true, nil])
    try folder.run(.up(.all))
    #expect(throws: SchemaError.self) { try folder.run(.down(.all)) }
    try FileManager.default.removeItem(atPath: folder.directory.file("002_b.sql"))
    _ = try folder.scalar("DELETE FROM schema_migrations WHERE version = '002'", as: String.self)
    try FileManager.default.removeItem(atPath: folder.directory.file("001_a.sql"))
    try folder.write("SELECT 1;", to: "003_c.sql")
    try folder.run(.down(.all), force: true)
    #expect(try folder.scalar("SELECT to_regclass('a') IS NULL") == true)
  }

  // MARK: What was applied before

  @Test func `a row of a program that ran both ways is not called applied`() throws {
    let folder = try Folder()
    let (name, text) = try Self.file("goose")
    try folder.write(text, to: name)
    try folder.run(.up(.all))
    try folder.database.connect().execute(script: "DROP TABLE t")
    _ = try folder.scalar(
      "UPDATE schema_migrations SET up_sql = \(text), down_sql = NULL", as: String.self)
    #expect(try folder.state.migrations.map(\.kind) == [.changed])
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(error?.problem.contains("ran the file's down part after its up part") == true)
    #expect(throws: SchemaError.self) { try folder.run(.down(.all)) }
    #expect(throws: SchemaError.self) { try folder.run(.revert("00001")) }
    try folder.run(.up(.all), force: true)
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }

  @Test(arguments: [
    (
      "goose",
      """
      CREATE TABLE goose_db_version (
        id serial, version_id bigint, is_applied bool, tstamp timestamp DEFAULT now());
      INSERT INTO goose_db_version (version_id, is_applied)
      VALUES (0, true), (1, true), (2, true), (2, false)
      """, "goose_db_version", "1 of the folder's migrations are applied, up to 1,"
    ),
    (
      "sql-migrate",
      """
      CREATE TABLE gorp_migrations (id text, applied_at timestamptz);
      INSERT INTO gorp_migrations VALUES ('20150101-t.sql', now())
      """, "gorp_migrations", "up to 20150101-t.sql"
    ),
    (
      "tern",
      "CREATE TABLE schema_version (version int); INSERT INTO schema_version VALUES (3)",
      "schema_version", "3 of the folder's migrations are applied, up to 3"
    ),
    (
      "node-pg-migrate",
      """
      CREATE TABLE pgmigrations (id serial, name text, run_on timestamp);
      INSERT INTO pgmigrations (name, run_on) VALUES ('1700000000000_t', now())
      """, "pgmigrations", "up to 1700000000000_t"
    ),
  ])
  func `what the folder's own tool has applied is not applied anew`(
    form: String, script: String, table: String, words: String
  ) throws {
    let folder = try Folder()
    let (name, text) = try Self.file(form)
    try folder.write(text, to: name)
    try folder.database.connect().execute(script: SQL(script: script))
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(error?.problem.contains(words) == true, "\(error?.problem ?? "")")
    #expect(error?.problem.hasPrefix(table) == true)
    #expect(try folder.scalar("SELECT to_regclass('t') IS NULL") == true)
    let version = try #require(try folder.set.migrations.first?.version)
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    #expect(try runner.baseline(to: version).count == 1)
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT to_regclass('t') IS NULL") == true)
    // An empty table of the other tool prevents nothing.
    try folder.database.connect().execute(
      script: SQL(script: "DROP TABLE schema_migrations; DELETE FROM \(table)"))
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT count(*) FROM t") == 1000)
  }
}
