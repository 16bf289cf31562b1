import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Folders that another tool's users have written.
@Suite(.enabled(if: TestServer.isAvailable)) struct ForeignFolderTests {
  /// Files that hold both ways: up makes `t` with 1,000 rows, down drops it.
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
    // The files have gone: the ledger's own texts undo them, outside a transaction where need be.
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

  // MARK: Flyway

  private func flyway() throws -> Folder {
    let folder = try Folder()
    try folder.write("INSERT INTO log VALUES ('1.9');", to: "V1.9__b.sql")
    try folder.write("INSERT INTO log VALUES ('1.10');", to: "V1_10__c.sql")
    try folder.write("CREATE TABLE log (what text, n serial);", to: "V1__a.sql")
    try folder.write("VACUUM log; INSERT INTO log VALUES ('2');", to: "V002__d.sql")
    try folder.write("executeInTransaction=false\n", to: "V002__d.sql.conf")
    try folder.write("DELETE FROM log WHERE what = '2';", to: "U2.0__d.sql")
    try folder.write("DELETE FROM log WHERE what = '1.10';", to: "U1.10__c.sql")
    try folder.write("DELETE FROM log WHERE what = '1.9';", to: "U1.9__b.sql")
    try folder.write("DROP TABLE log;", to: "U1__a.sql")
    try folder.write("INSERT INTO log VALUES ('again 1');", to: "R__z_again.sql")
    return folder
  }

  private func log(_ folder: Folder) throws -> String? {
    try folder.scalar("SELECT string_agg(what, ' ' ORDER BY n) FROM log")
  }

  @Test func `Flyway's versions run in order of number, its repeatables whenever they change`()
    throws
  {
    let folder = try flyway()
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.9 1.10 2 again 1")
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.9 1.10 2 again 1")
    try folder.write("INSERT INTO log VALUES ('again 2');", to: "R__z_again.sql")
    #expect(try folder.state.migrations.last?.kind == .repeated)
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.9 1.10 2 again 1 again 2")
    // What is undone may be what the repeatables stand on: they are run again afterwards.
    try folder.run(.down(.steps(1)))
    #expect(try log(folder) == "1.9 1.10 again 1 again 2")
    #expect(try folder.state.pending.map(\.version) == ["2", "R__z_again"])
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.9 1.10 again 1 again 2 2 again 2")
    try folder.run(.redo)
    #expect(try log(folder) == "1.9 1.10 again 1 again 2 again 2 2 again 2")
    try folder.run(.down(.to("V1__a.sql")))
    try folder.run(.down(.all))
    #expect(try folder.scalar("SELECT to_regclass('log') IS NULL") == true)
    #expect(try folder.state.applied.isEmpty)
    try folder.run(.up(.to("1.10")))
    #expect(try log(folder) == "1.9 1.10")
    #expect(throws: SchemaError.self) { try folder.run(.revert("R__z_again")) }
  }

  @Test func `a folder of Flyway's is taken over by baseline, and refuses what came too late`()
    throws
  {
    let folder = try flyway()
    try folder.database.connect().execute(script: "CREATE TABLE log (what text, n serial)")
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    #expect(try runner.baseline(to: "1.9").map(\.version) == ["1", "1.9"])
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.10 2 again 1")
    try folder.write("SELECT 1;", to: "V1.9.5__late.sql")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(error?.problem.contains("1.9.5 late is pending, though the later 2") == true)
  }

  // MARK: Sqitch

  private func sqitch() throws -> Folder {
    let folder = try Folder()
    try folder.write(
      """
      %syntax-version=1.0.0
      %project=shop
      %uri=https://example.org/shop/

      schema 2024-01-01T10:00:00Z Ann <ann@example.org> # the schema
      users [schema] 2024-01-02T10:00:00Z Ann <ann@example.org>
      @v1 2024-01-03T10:00:00Z Ann <ann@example.org> # released
      users [users@v1 !bots] 2024-01-04T10:00:00Z Ann <ann@example.org> # reworked
      parts/bolts [shop:users] 2024-01-05T10:00:00Z Ann <ann@example.org>
      """, to: "sqitch.plan")
    let scripts = [
      "verify/users@v1": "SELECT name FROM shop.users WHERE false;",
      "deploy/schema": "CREATE SCHEMA shop;", "revert/schema": "DROP SCHEMA shop;",
      "verify/schema": "SELECT pg_catalog.has_schema_privilege('shop', 'usage');",
      "deploy/users@v1": "CREATE TABLE shop.users (name text);",
      "revert/users@v1": "DROP TABLE shop.users;",
      "deploy/users": "ALTER TABLE shop.users ADD COLUMN mail text;",
      "revert/users": "ALTER TABLE shop.users DROP COLUMN mail;",
      "verify/users": "SELECT name, mail FROM shop.users WHERE false;",
      "deploy/parts/bolts": "CREATE TABLE shop.bolts (size int);",
      "revert/parts/bolts": "DROP TABLE shop.bolts;",
    ]
    for (name, statement) in scripts {
      let end = name.hasPrefix("verify") ? "ROLLBACK" : "COMMIT"
      try folder.write(
        "-- \(name) shop to pg\n\nBEGIN;\n\n\(statement)\n\n\(end);\n", to: "\(name).sql")
    }
    return folder
  }

  @Test func `a plan of Sqitch's is followed, a reworked change has both its scripts`() throws {
    let folder = try sqitch()
    #expect(
      try folder.set.migrations.map(\.fullName)
        == ["1_schema", "2_users@v1", "3_users", "4_parts/bolts"])
    try folder.run(.up(.to("@v1")))
    #expect(try columns(of: "users", in: folder) == "name")
    try folder.run(.up(.all))
    #expect(try columns(of: "users", in: folder) == "name mail")
    try folder.run(.down(.to("@v1")))
    #expect(try columns(of: "users", in: folder) == "name")
    try folder.run(.up(.all))
    try folder.run(.down(.all))
    #expect(try folder.scalar("SELECT to_regnamespace('shop') IS NULL") == true)
    try folder.run(.up(.all))
    try folder.run(.refresh)
    #expect(try columns(of: "bolts", in: folder) == "size")
  }

  private func columns(of table: String, in folder: Folder) throws -> String? {
    try folder.scalar(
      """
      SELECT string_agg(column_name, ' ' ORDER BY ordinal_position)
      FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = \(table)
      """)
  }

  @Test func `verify runs Sqitch's scripts of what is applied, and says what has none`() throws {
    let folder = try sqitch()
    try folder.run(.up(.all))
    func report() throws -> VerificationReport {
      try SchemaVerification(
        set: try folder.set, connection: try folder.database.connect(), environment: [:]
      ).run()
    }
    let sound = try report()
    #expect(sound.isSound, "\(sound)")
    #expect(
      sound.findings.map(\.title).suffix(3)
        == [
          "verify/schema.sql", "verify/users.sql",
          "verify scripts of Sqitch: 2 run, of 4 applied changes",
        ])
    #expect(
      sound.findings.last?.details == [
        "not run, the change was reworked since: 2_users@v1",
        "not verified, it has no verify script: 4_parts/bolts",
      ])
    try folder.database.connect().execute(script: "ALTER TABLE shop.users DROP COLUMN mail")
    #expect(try report().findings.filter { !$0.holds }.map(\.title) == ["verify/users.sql"])
    try folder.database.connect().execute(script: "ALTER TABLE shop.users ADD COLUMN mail text")
    try folder.run(.down(.to("@v1")))
    let earlier = try report().findings.map(\.title)
    #expect(earlier.contains("verify/users@v1.sql") && !earlier.contains("verify/users.sql"))
  }

  @Test func `a plan that was put in another order is refused`() throws {
    let folder = try sqitch()
    try folder.run(.up(.to("@v1")))
    let plan = folder.directory.file("sqitch.plan")
    let text = try String(contentsOfFile: plan, encoding: .utf8)
    try folder.write(
      text.replacing("users [schema]", with: "parts/bolts\nusers [schema]").replacing(
        "parts/bolts [shop:users] 2024-01-05T10:00:00Z Ann <ann@example.org>", with: ""),
      to: "sqitch.plan")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(
      error?.problem.contains(
        "deploy/parts/bolts.sql has changed since it was applied, under the name of users@v1")
        == true, "\(error?.problem ?? "")")
  }

  // MARK: What an earlier program did

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
    #expect(error?.problem.contains("ran its way down after its way up") == true)
    #expect(throws: SchemaError.self) { try folder.run(.down(.all)) }
    #expect(throws: SchemaError.self) { try folder.run(.revert("00001")) }
    try folder.run(.up(.all), force: true)
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }

  @Test(arguments: [
    (
      "goose",
      """
      CREATE TABLE goose_db_version (id serial, version_id bigint, is_applied bool);
      INSERT INTO goose_db_version (version_id, is_applied)
      VALUES (0, true), (1, true), (2, true), (2, false)
      """, "goose_db_version", "1 of these migrations are applied, up to 1,"
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
      "schema_version", "3 of these migrations are applied, up to 3"
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
    // A table of the tool's that says nothing stands in nobody's way.
    try folder.database.connect().execute(
      script: SQL(script: "DROP TABLE schema_migrations; DELETE FROM \(table)"))
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT count(*) FROM t") == 1000)
  }

  // MARK: New files

  @Test(arguments: [
    (["1_a.sql": "-- +goose Up\nSELECT 1;"], ["2_new.sql"], "-- +goose Up\n\n\n-- +goose Down\n\n"),
    (["009_a.sql": "-- +migrate Up\nSELECT 1;"], ["010_new.sql"], "-- +migrate Up"),
    (
      ["099_a.sql": "SELECT 1;", "tern.conf": ""], ["100_new.sql"], "---- create above / drop below"
    ),
    (["01_a.up.sql": "SELECT 1;"], ["02_new.up.sql", "02_new.down.sql"], ""),
    (["V1.9__a.sql": "SELECT 1;"], ["V1.10__new.sql"], ""),
    (["V9__a.sql": "", "U9__a.sql": ""], ["V10__new.sql", "U10__new.sql"], ""),
    (["1700000000000_a.sql": "-- Up Migration\nSELECT 1;"], ["000_new.sql"], "-- Down Migration"),
    (["1_a.sql": "SELECT 1;"], ["_new.sql"], "-- migrate:up"),
    ([:], ["_new.sql"], "-- migrate:up"),
  ])
  func `make writes in the folder's form, after its newest number`(
    files: [String: String], names: [String], text: String
  ) throws {
    let folder = try TemporaryDirectory("make")
    for (name, text) in files { try folder.write(text, to: name) }
    let written = try MigrationDraft(name: "New").write(to: folder.path)
    #expect(written.count == names.count)
    for (path, name) in zip(written, names) { #expect(path.hasSuffix(name), "\(path)") }
    #expect(try String(contentsOfFile: written[0], encoding: .utf8).contains(text) || text.isEmpty)
    let forms = try MigrationSet.read(directory: folder.path).forms
    #expect(forms.filter { !$0.isOwn }.count <= 1)
  }

  @Test(arguments: [
    ["sqitch.plan": "%project=p\n"], ["1_a.sql": "SELECT 1;\n--> statement-breakpoint\nSELECT 2;"],
    ["1_a.sql": "-- +goose Up\n", "2_b.sql": "-- migrate:up\n"],
  ])
  func `make refuses where it cannot write what the tool would take`(files: [String: String])
    throws
  {
    let folder = try TemporaryDirectory("make")
    for (name, text) in files { try folder.write(text, to: name) }
    #expect(throws: SchemaError.self) { try MigrationDraft(name: "New").write(to: folder.path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == files.count)
  }
}
