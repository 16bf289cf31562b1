import SQLText
import Foundation
import TestSupport
import Testing

import MigrationFiles
import OwnSchema

/// Tests that everything unknown in another tool's folder is refused with name and place, and never
/// left out.
@Suite struct ForeignRefusalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let files: [String: String]
    /// Words of the refusal, each in the problem or in the remedy.
    let words: [String]
    var testDescription: String { words.joined(separator: " … ") }

    init(_ files: [String: String], _ words: String...) {
      self.files = files
      self.words = words
    }
  }

  static let directives = [
    Case(["1_a.sql": "-- +goose Up\nSELECT 1;\n-- +goose SomethingNew\n"], "1_a.sql:3:1", "goose"),
    Case(["1_a.sql": "-- +goose\nSELECT 1;"], "1_a.sql:1:1", "not known"),
    Case(["1_a.sql": "-- +goose Up\nSELECT 1\n-- +goose Down\n"], "1_a.sql:3:1", "no semicolon"),
    Case(["1_a.sql": "-- +goose Up\n-- +goose Up\n"], "1_a.sql:2:1", "twice"),
    Case(["1_a.sql": "-- +goose Down\nSELECT 1;\n-- +goose Up\n"], "1_a.sql:1:1", "before any"),
    Case(["1_a.sql": "-- +goose Down\nSELECT 1;\n"], "1_a.sql:1:1", "before any -- +goose Up"),
    Case(["1_a.sql": "SELECT 1;\n-- +goose Up\n"], "1_a.sql:1:1", "before the first -- +goose Up"),
    Case(["1_a.sql": "-- +goose Up\nSELECT 1; -- +goose Down\nSELECT 2;"], "1_a.sql:2:11", "own"),
    Case(["1_a.sql": "-- +goose ENVSUB ON\n-- +goose Up\n"], "1_a.sql:1:1", "environment"),
    Case(
      ["1_a.sql": "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n"], "1_a.sql:2:1", "closed"),
    Case(["1_a.sql": "-- +goose Up\n-- +goose StatementEnd\n"], "1_a.sql:2:1", "ends nothing"),
    Case(["1_a.sql": "-- +goose StatementBegin\nSELECT 1;\n"], "1_a.sql:1:1", "before the first"),
    Case(
      [
        "1_a.sql": "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\nSELECT 1; "
          + "SELECT 2;\n-- +goose StatementEnd\n"
      ], "1_a.sql:3:1", "several statements"),
    Case(["1_a.sql": "-- see +goose Down below\nSELECT 1;"], "1_a.sql:1:1", "goose"),
    Case(["1_a.sql": "-- +migrate Up foo\nSELECT 1;"], "1_a.sql:1:1", "sql-migrate"),
    Case(["1_a.sql": "-- +migrate up\nSELECT 1;"], "1_a.sql:1:1", "sql-migrate"),
    Case(["1_a.sql": "--+migrate Up\nSELECT 1;"], "1_a.sql:1:1", "one space"),
    Case(["1_a.sql": "-- +migrate Sideways\nSELECT 1;"], "1_a.sql:1:1", "not known"),
    Case(["1_a.sql": "SELECT 1;\n---- Create above / drop below ----\n"], "1_a.sql:2:1", "letter"),
    Case(["1_a.sql": "SELECT 1;\n-- create above / drop below\n"], "1_a.sql:2:1", "tern wants"),
    Case(["1_a.sql": "---- tern: something ----\nSELECT 1;"], "1_a.sql:1:1", "disable-tx"),
    Case(
      [
        "1_a.sql": "---- create above / drop below ----\n---- create above / drop below ----\n"
      ], "1_a.sql:2:1", "twice"),
    Case(
      ["1_a.sql": "{{ template \"a.sql\" . }}\n---- create above / drop below ----\n"],
      "1_a.sql:1:1", "template"),
    Case(
      ["1_a.sql": "---- create above / drop below ----", "2_b.sql": "SELECT '{{x}}';"],
      "2_b.sql:1:9",
      "template"),
    Case(["tern.conf": "", "1_a.sql": "SELECT '{{.name}}';"], "1_a.sql:1:9", "template"),
    Case(["1_a.sql": "-- migrate:up foo:bar\nSELECT 1;"], "1_a.sql:1:1", "foo:bar"),
    Case(["1_a.sql": "-- migrate:sideways\nSELECT 1;"], "1_a.sql:1:1", "not known"),
    Case(
      ["1_a.sql": "-- MIGRATE:UP\nSELECT 1;\n-- MIGRATE:DOWN\n"], "1_a.sql:1:1", "small letters"),
    Case(["1_a.sql": "-- migrate:up\nSELECT 1; -- migrate:down\nSELECT 2;"], "1_a.sql:2:11", "own"),
    Case(["1_a.sql": "SELECT 1;\n-- Down Migration\nSELECT 2;"], "1_a.sql:1:1", "-- Up Migration"),
  ]

  static let otherTools = [
    Case(["1_a.sql": "--liquibase formatted sql\n--changeset a:1\nSELECT 1;"], "Liquibase", ":1:1"),
    Case(["1_a.sql": "SELECT 1;\n--changeset bob:2\n--rollback SELECT 2;"], "Liquibase", ":2:1"),
    Case(["1_a.sql": "-- atlas:txmode none\nSELECT 1;"], "Atlas", ":1:1"),
    Case(["1_a.sql": "-- // first\nSELECT 1;\n-- //@UNDO\nSELECT 2;"], "MyBatis", ":3:1"),
    Case(["1_a.sql": "-- !Ups\nSELECT 1;\n-- !Downs\nSELECT 2;"], "Play", ":1:1"),
    Case(["1_a.sql": "-- rambler up\nSELECT 1;\n-- rambler down\nSELECT 2;"], "rambler", ":1:1"),
    Case(["1_a.sql": "-- +micrate Up\nSELECT 1;\n-- +micrate Down\nSELECT 2;"], "micrate", ":1:1"),
    Case(
      ["1_a.sql": "-- ==== UP ====\nSELECT 1;\n-- ==== DOWN ====\nSELECT 2;"], ":3:1",
      "down migration"),
    Case(["1_a.sql": "SELECT 1;\n-- rollback\nSELECT 2;"], "1_a.sql:2:1", "down migration"),
    Case(
      ["1_a.sql": "SELECT 1;\n--\u{A0}migrate:down\nSELECT 2;"], "1_a.sql:2:1", "down migration"),
    Case(["1_a.sql": "-- Up Migration: a\nSELECT 1;\n-- Down Migration: b\nSELECT 2;"], ":3:1"),
    Case(["1_a.sql": "SELECT 1;\n/* */ -- x\n--- [Rollback script] ---\nSELECT 2;"], ":3:1"),
    Case(["1_a.sql": "SELECT 1;\n-- goose Down\nSELECT 2;"], "1_a.sql:2:1", "down migration"),
    Case(
      ["1_a.sql": "/* up */\nSELECT 1;\n/* down */\nSELECT 2;"], "1_a.sql:3:1", "down migration"),
    Case(
      ["1_a.sql": "SELECT 1;\n/**\n * Migrate: down\n **/\nSELECT 2;"], ":2:1", "down migration"),
    Case(["1_a.sql": "SELECT 1;\n/* +goose Down */ SELECT 2;"], "1_a.sql:2:1", "down migration"),
    Case(["1_up.sql": "SELECT 1;", "2_rollback.sql": "SELECT 2;"], "1_up.sql", "up migration"),
    Case(
      ["1_a.sql": "SELECT 1;", "2_rollback.sql": "SELECT 2;"], "2_rollback.sql", "down migration"),
    Case(
      ["1_a_up.sql": "SELECT 1;", "2_a_down.sql": "SELECT 2;"], "2_a_down.sql", "down migration"),
    Case(["1_a.sql": "SELECT 1;", "2_a-Undo.sql": "SELECT 2;"], "2_a-Undo.sql", "down migration"),
    Case(
      ["1_a.up.sql": "SELECT 1;", "1_a.revert.sql": "SELECT 2;"], "1_a.revert.sql", ".down.sql"),
    Case(["1_a.up.sql": "SELECT 1;", "2_a.dn.sql": "SELECT 2;"], "2_a.dn.sql", "down migration"),
    Case(
      ["1_a.UP.sql": "SELECT 1;", "1_a.DOWN.sql": "SELECT 2;"], "1_a.DOWN.sql", "down migration"),
    Case(
      ["1_up_a.sql": "SELECT 1;", "2_down_a.sql": "SELECT 2;"], "2_down_a.sql", "down migration"),
    Case(
      ["1_a.sql": "-- migrate:up\nSELECT 1;\n-- down\nSELECT 2;"], "1_a.sql:3:1", "down migration"),
    Case(
      ["1_a.sql": "-- migrate:up\nSELECT 1;\n--migrate down\nSELECT 2;"], ":3:1", "down migration"),
    Case(
      ["1_a.sql": "-- +goose Up\nSELECT 1;\n-- goose Down\nSELECT 2;"], ":3:1", "down migration"),
    Case(
      ["1_a.sql": "-- +goose Up\nSELECT 1;\n-- + goose Down\nSELECT 2;"], ":3:1", "down migration"),
    Case(["1_a.sql": "-- +migrate Up\nSELECT 1;\n/* down */\nSELECT 2;"], ":3:1", "down migration"),
    Case(["1_a.sql": "-- name: up\nSELECT 1;\n-- name: down\nSELECT 2;"], ":3:1", "down migration"),
    Case(["1_a.sql": "SELECT 1;\n---- to revert ----\nSELECT 2;"], ":2:1", "down migration"),
    Case(["1_a.sql": "SELECT 1;\n-- To undo this migration:\nSELECT 2;"], ":2:1", "down migration"),
    Case(["1_a/up.sql": "SELECT 1;", "1_a/down.sql": "", "2_b.sql": "SELECT 2;"], "Diesel"),
    Case(["1_a.sql": "SELECT 1;", "2_b.pgsql": "SELECT 2;"], "2_b.pgsql", "left out"),
    Case(["v1__a.sql": "SELECT 1;"], "v1__a.sql", "Flyway", "capital"),
    Case(["20240101_a/migration.sql": "SELECT 1;"], "Prisma", "20240101_a/migration.sql"),
    Case(["migration_lock.toml": ""], "Prisma"),
    Case(["2024-01-01_a/up.sql": "SELECT 1;", "2024-01-01_a/down.sql": ""], "Diesel"),
    Case(["up.sql": "SELECT 1;", "down.sql": "SELECT 2;"], "Diesel", "up.sql"),
    Case(["alembic.ini": "", "env.py": ""], "Alembic", "alembic upgrade head --sql"),
    Case(["db.changelog-master.xml": "", "1_a.sql": ""], "Liquibase", "changelog-master.xml"),
    Case(["sqitch.conf": ""], "Sqitch", "sqitch.plan"),
    Case(["1_a.sql": "SELECT 1;", "2_b.go": ""], "2_b.go", "not SQL"),
    Case(["20240101_a.rb": ""], "20240101_a.rb", "not SQL"),
    Case(["001.do.a.sql": "", "001.undo.a.sql": ""], "Postgrator"),
    Case(["1_a.sql": "SELECT 1;", "1_a.rollback.sql": "SELECT 2;"], "yoyo"),
    Case(["20240101-a-down.sql": "SELECT 1;"], "db-migrate"),
    Case(["1_a.SQL": "SELECT 1;"], "1_a.SQL"),
    Case(["2_a.down.sql": "SELECT 1;"], "2_a.down.sql has no up migration"),
    Case(
      ["1_a.up.sql": "SELECT 1;", "1_b.down.sql": "SELECT 2;"], "1_b.down.sql has no up migration"),
  ]

  static let mixtures = [
    Case(
      ["1_a.sql": "-- +goose Up\nSELECT 1;", "2_b.sql": "-- migrate:up\nSELECT 2;"], "1_a.sql",
      "2_b.sql", "goose", "dbmate"),
    Case(["1_a.sql": "-- +goose Up\nSELECT 1;", "2_b.sql": "SELECT 2;"], "1_a.sql", "2_b.sql"),
    Case(["1_a.sql": "SELECT 2;", "2_b.sql": "-- +migrate Up\nSELECT 1;"], "1_a.sql", "2_b.sql"),
    Case(
      ["1_a.sql": "-- +goose Up\nSELECT 1;", "2_b.up.sql": "SELECT 2;"], "1_a.sql", "2_b.up.sql"),
    Case(
      ["1_a.sql": "-- +goose Up\nSELECT 1;\n-- +migrate Down\nSELECT 2;"], "1_a.sql:3:1", "line 1"),
    Case(["1_a.sql": "-- migrate:up\nSELECT 1;\n-- +goose Down\n"], "1_a.sql:3:1", "dbmate"),
    Case(["1_a.up.sql": "-- +goose Up\nSELECT 1;"], "1_a.up.sql:1:1", "name says its direction"),
    Case(["1_a.up.sql": "-- migrate:down\nSELECT 1;"], "1_a.up.sql:1:1", "the other direction"),
    Case(["V1__a.sql": "SELECT 1;", "2_b.sql": "SELECT 2;"], "V1__a.sql", "2_b.sql", "Flyway"),
    Case(["V1__a.sql": "-- +goose Up\nSELECT 1;"], "V1__a.sql:1:1", "goose", "Flyway"),
    Case(["1-a.sql": "SELECT 1;"], "1-a.sql does not have the name of a migration"),
    Case(["1-a.sql": "-- +goose Up\nSELECT 1;"], "1-a.sql does not have the name of a migration"),
    Case(
      ["sqitch.plan": "%project=p\n", "1_a.sql": "SELECT 1;"], "sqitch.plan", "1_a.sql", "Sqitch"),
  ]

  static let flyway = [
    Case(["V1__a.sql": "", "V1.0__b.sql": ""], "V1.0__b.sql", "same version"),
    Case(["V1__a.sql": "", "V01__b.sql": ""], "V1__a.sql", "same version"),
    Case(["V1__a.sql": "", "U1__a.sql": "", "U1.0__b.sql": ""], "U1__a.sql", "same version"),
    Case(["V1__a.sql": "", "U2__b.sql": ""], "U2__b.sql", "no V file"),
    Case(["B5__a.sql": "", "V6__b.sql": ""], "B5__a.sql", "baseline"),
    Case(["V1__a.sql": "", "afterMigrate.sql": ""], "afterMigrate.sql", "callback"),
    Case(["V1__a.sql": "", "V2__b.java": ""], "V2__b.java", "not SQL"),
    Case(["V1__a.sql": "", "more/V2__b.sql": ""], "more/V2__b.sql", "one folder"),
    Case(["V1__a.sql": "SELECT 1;\nSELECT '${schema}';"], "V1__a.sql:2:9", "${…}"),
    Case(
      ["V1__a.sql": "", "V1__a.sql.conf": "# c\nencoding=UTF-8"], "V1__a.sql.conf:2", "encoding"),
    Case(["V1__a.sql": "", "flyway.conf": "\nflyway.sqlMigrationPrefix=X"], "flyway.conf:2"),
    Case(["V1__a.sql": "", "V__b.sql": ""], "V__b.sql"),
  ]

  static let sqitch = [
    Case(["sqitch.plan": "a 2024-01-01T00:00:00Z A <a@b>\n"], "sqitch.plan", "names no project"),
    Case(["sqitch.plan": "%project=p\n\na\n"], "sqitch.plan:3", "deploy/a.sql does not exist"),
    Case(["sqitch.plan": "%project=p\n%odd=1\n"], "sqitch.plan:2", "%odd=1"),
    Case(["sqitch.plan": "%project=p\n\na [b]\n"], "sqitch.plan:3", "depends on b"),
    Case(["sqitch.plan": "%project=p\n\na [other:b]\n"], "sqitch.plan:3", "another project"),
    Case(["sqitch.plan": "%project=p\n\na\nb [!a]\n"], "sqitch.plan:4", "conflicts with a"),
    Case(["sqitch.plan": "%project=p\n\na\na\n"], "sqitch.plan:4", "no tag between"),
    Case(["sqitch.plan": "%project=p\n\na\n@v\n@v\n"], "sqitch.plan:5", "twice"),
    Case(["sqitch.plan": "%project=p\n\n@v\n"], "sqitch.plan:3", "before any change"),
    Case(["sqitch.plan": "%project=p\n\n-a\n"], "sqitch.plan:3", "reverted"),
    Case(["sqitch.plan": "%project=p\n\n../a\n"], "sqitch.plan:3", "not the name"),
    Case(
      ["sqitch.plan": "%project=p\n\na\n", "deploy/a.sql": "SELECT :'x';"], "deploy/a.sql:1:8",
      "psql"),
    Case(
      ["sqitch.plan": "%project=p\n\na\n", "deploy/a.sql": "CREATE SCHEMA :s;"], "deploy/a.sql:1:15"
    ),
    Case(["sqitch.plan": "%project=p\n\na\n", "deploy/a.sql": "\\set x 1\n"], "deploy/a.sql:1:1"),
    Case(
      ["sqitch.plan": "%project=p\n\na\n", "deploy/a.sql": "", "deploy/b.sql": ""], "deploy/b.sql"),
    Case(
      ["sqitch.plan": "%project=p\n", "sqitch.conf": "[core]\n\tengine = mysql"], "sqitch.conf:2",
      "engine"),
    Case(
      ["sqitch.plan": "%project=p\n", "sqitch.conf": "[core]\n\ttop_dir = sql"], "sqitch.conf:2"),
    Case(
      [
        "sqitch.plan": "%project=p\n\na\n", "deploy/a.sql": "",
        "verify/a.sql": "SELECT 1; COMMIT; SELECT 2;",
      ], "verify/a.sql:1:11", "middle"),
    Case(
      [
        "sqitch.plan": "%project=p\n\na\n", "deploy/a.sql": "",
        "verify/a.sql": "COPY a FROM stdin;\n1\n\\.\n",
      ], "verify/a.sql:1:1", "COPY"),
  ]

  private static func journal(_ tags: String...) -> String {
    let entries = tags.enumerated().map { index, tag in
      #"{"idx":\#(index),"version":"7","when":170000000000\#(index),"tag":"\#(tag)","breakpoints":true}"#
    }
    return #"{"version":"7","dialect":"postgresql","entries":[\#(entries.joined(separator: ","))]}"#
  }

  static let drizzle = [
    Case(["meta/_journal.json": journal("0000_a")], "_journal.json lists 0000_a.sql", "not in"),
    Case(
      ["meta/_journal.json": journal("0000_a"), "0000_a.sql": "", "0001_b.sql": ""],
      "0001_b.sql is not in meta/_journal.json"),
    Case(
      ["meta/_journal.json": journal("1_a", "0_b"), "0_b.sql": "", "1_a.sql": ""],
      "lists 1_a.sql before 0_b.sql"),
    Case(["meta/_journal.json": journal("0_a", "0_a"), "0_a.sql": ""], "lists 0_a.sql twice"),
    Case(
      ["meta/_journal.json": journal("0_a"), "0_a.sql": "", "V1__b.sql": ""],
      "V1__b.sql is not in meta/_journal.json"),
    Case(["meta/_journal.json": "[", "0_b.sql": ""], "_journal.json", "not a journal"),
    Case(["meta/_journal.json": #"{"entries":[{"idx":0}]}"#], "_journal.json", "not a journal"),
    Case(
      ["meta/_journal.json": journal("0000_a"), "0000_a.sql": "-- +goose Up\nSELECT 1;"],
      "0000_a.sql", "goose", "Drizzle"),
  ]

  @Test func `a journal of Drizzle makes a folder Drizzle's, with or without breakpoints`() throws {
    let folder = try TemporaryDirectory("drizzle")
    try folder.write(Self.journal("0000_a", "0001_b"), to: "meta/_journal.json")
    try folder.write("CREATE TABLE a (n int);", to: "0000_a.sql")
    try folder.write("SELECT 1;", to: "0001_b.sql")
    try folder.write("SELECT true;", to: "verify.sql")
    let set = try MigrationSet.read(directory: folder.path)
    #expect(set.forms == [.drizzle])
    #expect(set.migrations.map(\.fullName) == ["0000_a", "0001_b"])
    #expect(set.migrations.allSatisfy { $0.down == nil })
  }

  @Test(arguments: directives + otherTools + mixtures + flyway + sqitch + drizzle)
  func `what is not understood is refused with its place`(it: Case) throws {
    let folder = try TemporaryDirectory("foreign")
    for (name, text) in it.files { try folder.write(text, to: name) }
    let error = #expect(throws: SchemaError.self) {
      try MigrationSet.read(directory: folder.path)
    }
    for word in it.words {
      #expect(error?.description.contains(word) == true, "\(word) in \(error?.description ?? "")")
    }
  }

  @Test(arguments: [
    "SELECT '\n-- +goose Down\n';", "SELECT $$\n-- +goose Down\n$$;",
    "/*\n-- +goose Down\n-- migrate:down\n*/ SELECT 1;", "SELECT \"\n-- migrate:down\n\" FROM a;",
    "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $f$ SELECT '\n---- create above / drop below "
      + "----\n' $f$;",
    "COPY a FROM stdin;\n-- +migrate Down\n-- Down Migration\n\\.\n",
    "-- down with the old\nSELECT 1;",
    "-- Rollback: see the wiki\nSELECT 1;", "-- migrations: none yet\n",
    "-- Migrate: the users\nSELECT 1;", "SELECT '${a}', '{{1,2},{3,4}}'::int[], a[1:n];",
    "CREATE TABLE a ( -- up migration\n b int -- down\n);", "-- ROLLBACK;\nSELECT 1;",
  ])
  func `a mark in a string, in data or in the middle of a comment is none`(text: String) throws {
    let folder = try TemporaryDirectory("plain")
    try folder.write(text, to: "1_a.sql")
    let set = try MigrationSet.read(directory: folder.path)
    #expect(set.forms == [.plain])
    #expect(set.migrations.count == 1 && set.migrations[0].down == nil)
    #expect(set.migrations[0].up.statements.count == (text.hasPrefix("-- migrations") ? 0 : 1))
  }

  @Test func `files in folders inside are left alone, and said`() throws {
    let folder = try TemporaryDirectory("inside")
    try folder.write("SELECT 1;", to: "1_a.sql")
    try folder.write("SELECT 2;", to: "old/0_b.sql")
    try folder.write("x", to: "old/notes.txt")
    let set = try MigrationSet.read(directory: folder.path)
    #expect(set.migrations.count == 1)
    #expect(set.named("other").reading?.unreadFiles == ["old/0_b.sql"])
  }

  @Test func `plain words are a comment where marks say which way is which`() throws {
    let folder = try TemporaryDirectory("plain")
    try folder.write(
      "-- migrate:up\n-- Up Migration\nSELECT 1;\n-- Down\nSELECT 2;\n-- migrate:down\nSELECT 3;",
      to: "1_a.sql")
    try folder.write("-- Down Migration\nSELECT 1;", to: "2_b.down.sql")
    try folder.write("SELECT 1;", to: "2_b.up.sql")
    let set = try MigrationSet.read(directory: folder.path)
    #expect(set.forms == [.sections, .pairs])
    #expect(set.migrations.map(\.up.statements.count) == [2, 1])
    #expect(set.migrations.map { $0.down?.statements.count } == [1, 1])
  }
}
