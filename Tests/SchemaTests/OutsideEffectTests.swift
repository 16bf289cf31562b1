import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests that a trial executes nothing that a rollback cannot undo.
@Suite(.needsServer) struct OutsideEffectTests {
  private static let world = """
    CREATE TABLE t (a int, b text); INSERT INTO t SELECT i, 'x' FROM generate_series(1, 10) i;
    CREATE TABLE watched (a int); INSERT INTO watched VALUES (1);
    CREATE TABLE parent (a int PRIMARY KEY); INSERT INTO parent VALUES (1);
    CREATE TABLE child (a int REFERENCES parent ON DELETE CASCADE); INSERT INTO child VALUES (1);
    CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql
      AS $$BEGIN COPY t TO 'FILE'; RETURN 1; END$$;
    CREATE FUNCTION calls() RETURNS int LANGUAGE sql AS 'SELECT writes()';
    CREATE FUNCTION dynamic(name text) RETURNS int LANGUAGE plpgsql
      AS $$BEGIN EXECUTE format('COPY t TO %L', name); RETURN 1; END$$;
    CREATE FUNCTION harmless() RETURNS int LANGUAGE plpgsql
      AS $$BEGIN /* COPY t TO 'FILE' */ RETURN 1; END$$;
    CREATE PROCEDURE exports() LANGUAGE plpgsql AS $$BEGIN COPY t TO PROGRAM 'cat > FILE'; END$$;
    CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql
      AS $$BEGIN COPY t TO 'FILE'; RETURN NULL; END$$;
    CREATE TRIGGER fires AFTER INSERT OR UPDATE OR DELETE ON watched
      FOR EACH ROW EXECUTE FUNCTION fires();
    CREATE TRIGGER fires AFTER DELETE ON child FOR EACH ROW EXECUTE FUNCTION fires();
    SELECT lo_from_bytea(4242, 'x'); CREATE VIEW calling AS SELECT calls() AS c; CREATE VIEW over AS SELECT * FROM watched;
    """

  /// Each case has the words of the preview.
  @Test(arguments: [
    "COPY t TO 'FILE'", "COPY (SELECT 1) TO 'FILE' WITH (FORMAT csv)",
    "COPY t TO PROGRAM 'cat > FILE'", "COPY t FROM PROGRAM 'echo 11 > FILE'",
    "DO $$BEGIN COPY t TO 'FILE'; END$$",
    "DO $$BEGIN EXECUTE 'COPY t TO ' || quote_literal('FILE'); END$$",
    "DO $$BEGIN EXECUTE $x$COPY t TO PROGRAM 'cat > FILE'$x$; END$$",
    "DO $$BEGIN PERFORM 'LONG'; COPY t TO 'FILE'; END$$",
    "SELECT writes()", "SELECT calls()", "SELECT dynamic('FILE')", "CALL exports()",
    "DO $$BEGIN PERFORM calls(); END$$", "CREATE TABLE made AS SELECT writes()",
    "INSERT INTO watched VALUES (2)", "UPDATE over SET a = 3", "DELETE FROM parent",
    "SELECT * FROM calling",
    "CREATE FUNCTION fresh() RETURNS int LANGUAGE plpgsql AS $$BEGIN COPY t TO 'FILE'; RETURN 1; END$$; "
      + "SELECT fresh()",
    "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT writes()'; SELECT other()",
    "SELECT lo_export(4242, 'FILE')",
  ])
  func `a trial writes no file on the server and runs no program there`(statement: String) throws {
    for mode in ["", " transaction:false"] {
      let file = NSTemporaryDirectory() + "outside-effect-\(UUID().uuidString)"
      defer { unlink(file) }
      let folder = try Folder(world: Self.world.replacing("FILE", with: file))
      let text = statement.replacing("FILE", with: file)
        .replacing("LONG", with: String(repeating: "long ", count: 100))
      try folder.write("-- migrate:up\(mode)\n\(text);", to: "1_a.sql")
      try folder.write("CREATE TABLE later (a int);", to: "2_b.sql")
      let trial = try folder.preview(.up(.all))
      #expect(trial.failure == nil)
      #expect(!FileManager.default.fileExists(atPath: file), "\(text)")
      #expect(trial.losses.unknown.map(\.name) == ["unknown 1_a"], "\(text)")
      let reason = trial.losses.unknown.first?.reason ?? ""
      #expect(reason.contains("no rollback can undo"), "\(reason)")
      try folder.run(.up(.all), after: trial)
    }
  }

  @Test(arguments: [
    "SELECT harmless()", "INSERT INTO t VALUES (11)", "DROP FUNCTION calls() CASCADE",
    "COMMENT ON FUNCTION writes() IS 'COPY t TO the file'", "ALTER TABLE watched ADD COLUMN b int",
    "DO $$BEGIN PERFORM 1; -- copy t to the other table\nEND$$", "COPY t FROM 'FILE'",
    "DO $$DECLARE copy int := 1; BEGIN RAISE NOTICE 'on to %', copy; END$$",
    "CREATE OR REPLACE FUNCTION writes() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT calls()",
  ])
  func `what writes no file is tried though functions are there that would`(statement: String)
    throws
  {
    let file = NSTemporaryDirectory() + "outside-effect-\(UUID().uuidString)"
    try Data("12\ty\n".utf8).write(to: URL(fileURLWithPath: file))
    chmod(file, 0o644)
    defer { unlink(file) }
    let folder = try Folder(world: Self.world.replacing("FILE", with: file))
    try folder.write(statement.replacing("FILE", with: file), to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.failure == nil && trial.losses.unknown.isEmpty, "\(trial.losses.unknown)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("12\ty\n".utf8))
  }

  @Test func `a live run stops before such a statement where its name was not given`() throws {
    for mode in ["", " transaction:false"] {
      let file = NSTemporaryDirectory() + "outside-effect-\(UUID().uuidString)"
      defer { unlink(file) }
      let folder = try Folder(world: Self.world.replacing("FILE", with: file))
      try folder.write("-- migrate:up\(mode)\nCOPY t TO '\(file)';", to: "1_a.sql")
      let failure = #expect(throws: MigrationFailure.self) {
        try folder.run(.up(.all), after: SchemaTrial(), allowing: [])
      }
      #expect(failure?.description.contains("unknown 1_a would be lost") == true)
      #expect(!FileManager.default.fileExists(atPath: file))
      try folder.run(.up(.all), after: folder.preview(.up(.all)))
      #expect(FileManager.default.fileExists(atPath: file))
    }
  }

  @Test func `a dry run says why a statement was not tried`() throws {
    let folder = try Folder(world: Self.world)
    try folder.write(
      "COPY t TO '/absent/file'; VACUUM t; SELECT 1;", to: "1_a.sql")
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let trial = try runner.tryOut(try runner.plan(.up(.all)), .dryRun(isProduction: false))
    #expect(trial.entries.map(\.isTried) == [false, false, true])
    #expect(trial.entries[0].untried?.contains("no rollback can undo") == true)
    #expect(trial.entries[1].untried == "not allowed in a transaction")
    #expect(trial.entries[2].untried == nil)
  }
}
