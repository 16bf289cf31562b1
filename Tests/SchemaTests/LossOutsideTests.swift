import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests that a trial never changes the server permanently, by whatever statement.
@Suite(.enabled(if: TestServer.isAvailable)) struct LossOutsideTests {
  @Test(arguments: [
    "SELECT pg_create_physical_replication_slot('NAME', true)",
    "SELECT pg_create_logical_replication_slot('NAME', 'pgoutput')",
    "SELECT pg_copy_physical_replication_slot('absent', 'NAME')",
    "SELECT pg_copy_logical_replication_slot('absent', 'NAME')",
    "SELECT pg_drop_replication_slot('absent')",
    "SELECT pg_replication_slot_advance('absent', '0/1')",
    "SELECT * FROM pg_logical_slot_get_changes('absent', NULL, NULL)",
    "SELECT pg_replication_origin_create('NAME')", "SELECT pg_replication_origin_drop('absent')",
    "SELECT pg_replication_origin_advance('absent', '0/1')",
    "SELECT pg_replication_origin_session_setup('absent')",
    "SELECT pg_logical_emit_message(false, 'a', 'b')", "SELECT pg_create_restore_point('NAME')",
    "SELECT pg_promote()", "SELECT pg_terminate_backend(0)", "SELECT pg_cancel_backend(0)",
    "SELECT pg_rotate_logfile()", "SELECT pg_stat_reset()",
    "SELECT pg_stat_reset_shared('bgwriter')",
    "SELECT pg_stat_reset_single_table_counters('t'::regclass)",
    "DO $$BEGIN PERFORM pg_stat_reset_slru(NULL); END$$",
    "SELECT heap_force_kill('t'::regclass, ARRAY['(0,1)']::tid[])",
    "SELECT heap_force_freeze('t'::regclass, ARRAY['(0,1)']::tid[])",
    "SELECT switch()", "SELECT drops('absent')",
    "CREATE FUNCTION fresh() RETURNS void LANGUAGE internal AS 'pg_stat_reset'; SELECT fresh()",
  ])
  func `a trial calls no function that changes the server for good`(statement: String) throws {
    let name = "slot_\(UUID().uuidString.prefix(8).lowercased())"
    let folder = try Folder(
      world: """
        CREATE TABLE t (a int); INSERT INTO t VALUES (1);
        CREATE FUNCTION switch() RETURNS pg_lsn LANGUAGE internal AS 'pg_switch_wal';
        CREATE FUNCTION drops(name) RETURNS void LANGUAGE internal AS 'pg_drop_replication_slot';
        """)
    try folder.write(statement.replacing("NAME", with: name) + ";", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.failure == nil)
    #expect(trial.losses.unknown.map(\.name) == ["unknown 1_a"])
    let slots: SQL = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = \(name)"
    #expect(try folder.scalar(slots) == 0)
    #expect(try folder.scalar("SELECT count(*) FROM t") == 1)
  }

  private static let export = "lo_export(4242, 'FILE')"

  /// Each case is the SQL that prepares the database, and a statement.
  @Test(arguments: [
    ("CREATE TABLE d (a int, b int DEFAULT EXPORT)", "INSERT INTO d (a) VALUES (1)"),
    ("CREATE TABLE d (a int CHECK (EXPORT > 0))", "INSERT INTO d VALUES (1)"),
    (
      "CREATE TABLE d (a int); CREATE RULE r AS ON INSERT TO d DO ALSO SELECT EXPORT",
      "INSERT INTO d VALUES (1)"
    ),
    (
      "CREATE TABLE d (a int); INSERT INTO d VALUES (1);"
        + "ALTER TABLE d ADD CONSTRAINT c CHECK (EXPORT > 0) NOT VALID",
      "ALTER TABLE d VALIDATE CONSTRAINT c"
    ),
    ("CREATE DOMAIN m AS int CHECK (EXPORT > 0)", "SELECT 1::m"),
    ("CREATE DOMAIN m AS int CHECK (EXPORT > 0); CREATE TABLE d (a m)", "INSERT INTO d VALUES (1)"),
    (
      "CREATE DOMAIN m AS int CHECK (EXPORT > 0); CREATE TABLE d (a m[])",
      "INSERT INTO d VALUES ('{1}')"
    ),
    (
      "CREATE DOMAIN m AS int CHECK (EXPORT > 0);"
        + "CREATE FUNCTION f(m) RETURNS int LANGUAGE sql AS 'SELECT 1'", "SELECT f(1)"
    ),
    ("CREATE VIEW w AS SELECT EXPORT AS c", "SELECT * FROM w"),
    (
      "CREATE OPERATOR ### (leftarg = oid, rightarg = text, function = lo_export)",
      "SELECT 4242::oid ### 'FILE'::text"
    ),
    (
      "CREATE FUNCTION alias(oid, text) RETURNS int LANGUAGE internal AS 'be_lo_export'",
      "SELECT alias(4242, 'FILE')"
    ),
    (
      "CREATE FUNCTION alias(oid, text) RETURNS int LANGUAGE internal AS 'be_lo_export';"
        + "CREATE TABLE d (a int, b int DEFAULT alias(4242, 'FILE'))",
      "INSERT INTO d (a) VALUES (1)"
    ),
    (
      "CREATE TABLE d (a int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql"
        + " AS $$BEGIN RETURN NEW; END$$; CREATE TRIGGER f BEFORE INSERT ON d FOR EACH ROW"
        + " WHEN (EXPORT > 0) EXECUTE FUNCTION f()", "INSERT INTO d VALUES (1)"
    ),
    (
      "CREATE TABLE d (a int); ALTER TABLE d ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
        + "CREATE POLICY p ON d USING (EXPORT > 0)", "SELECT * FROM d"
    ),
    ("", "CREATE TABLE d (a int, b int DEFAULT EXPORT); INSERT INTO d (a) VALUES (1)"),
  ])
  func `a trial follows defaults, checks, rules, domains, operators, policies and aliases`(
    world: String, statement: String
  ) throws {
    let file = NSTemporaryDirectory() + "loss-outside-\(UUID().uuidString)"
    defer { unlink(file) }
    func filled(_ text: String) -> String {
      text.replacing("EXPORT", with: Self.export).replacing("FILE", with: file)
    }
    let folder = try Folder(world: "SELECT lo_from_bytea(4242, 'x'); \(filled(world))")
    try folder.write("\(filled(statement));", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.failure == nil)
    #expect(!FileManager.default.fileExists(atPath: file))
    #expect(trial.losses.unknown.map(\.name) == ["unknown 1_a"])
    try folder.run(.up(.all), after: trial)
  }

  @Test(arguments: [
    "INSERT INTO t VALUES ('pg_stat_reset and lo_export')", "SELECT a FROM t",
    "CREATE TABLE neu (a text DEFAULT 'dblink')", "UPDATE t SET a = 'pg_promote'",
  ])
  func `what only names such a function in a value is tried`(statement: String) throws {
    let folder = try Folder(
      world: """
        CREATE FUNCTION dblink_exec(text) RETURNS void LANGUAGE internal AS 'pg_stat_reset';
        CREATE TABLE t (a text); INSERT INTO t VALUES (NULL);
        """)
    try folder.write("\(statement);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.failure == nil && trial.losses.unknown.isEmpty, "\(trial.losses.unknown)")
  }

  // MARK: Sequences

  @Test(arguments: [
    ("SELECT nextval('s')", "DO $$BEGIN PERFORM setval('s', 2147483647); END$$", 2),
    ("SELECT nextval('s')", "SELECT jumps()", 2), ("SELECT 1", "SELECT jumps()", 1),
    ("SELECT setval('s', 10, false)", "SELECT jumps()", 10),
    ("SELECT setval('s', 10, false)", "DO $$BEGIN PERFORM setval('s', 3); END$$", 10),
    ("SELECT nextval('s')", "INSERT INTO watched VALUES (1); SELECT setval('s', 7)", 2),
  ])
  func `a trial puts a sequence back that its code has set`(
    world: String, statement: String, next: Int
  ) throws {
    let folder = try Folder(
      world: """
        CREATE SEQUENCE s AS int; CREATE TABLE watched (a int);
        CREATE FUNCTION jumps() RETURNS bigint LANGUAGE sql AS 'SELECT setval(''s'', 2147483647)';
        CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql
          AS $$BEGIN PERFORM jumps(); RETURN NULL; END$$;
        CREATE TRIGGER fires AFTER INSERT ON watched FOR EACH ROW EXECUTE FUNCTION fires();
        \(world);
        """)
    try folder.write("\(statement);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.failure == nil && trial.losses.unknown.isEmpty, "\(trial.losses.unknown)")
    #expect(try folder.scalar("SELECT nextval('s')") == next)
  }
}
