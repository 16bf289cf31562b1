import MigrationFiles
import Postgres
import TestSupport
import Testing

import OwnSchema
@testable import Schema

/// Tests migrations that are chosen by name or by a condition, or that are marked as applied.
@Suite(.needsServer) struct NamedMigrationTests {
  private func folder() throws -> Folder {
    let folder = try Folder()
    try folder.write("-- migrate:up\nCREATE TABLE t (a int);\n", to: "1_t.sql")
    try folder.write(
      """
      -- migrate:up singly:true
      -- migrate:when SELECT count(*) > 5 FROM t
      CREATE INDEX big ON t (a);
      -- migrate:down
      DROP INDEX big;
      """, to: "2_big.sql")
    try folder.write("-- migrate:up singly:true\nCREATE TABLE odd ();\n", to: "3_odd.sql")
    return folder
  }

  @Test func `what is advisable is applied when its condition holds, and not before`() throws {
    let folder = try folder()
    try folder.run(.up(.all))
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let early = try runner.plan(.applyAdvisable)
    #expect(early.steps.isEmpty)
    #expect(early.leftAside.count == 1 && early.leftAside[0].contains("2_big is not advisable now"))
    try folder.database.connect().execute(script: "INSERT INTO t SELECT generate_series(1, 6)")
    #expect(try folder.run(.applyAdvisable).steps.map(\.version) == ["2"])
    #expect(try folder.scalar("SELECT to_regclass('big') IS NOT NULL") == true)
    // Where the condition cannot be evaluated, the migration is not applied.
    #expect(try folder.scalar("SELECT to_regclass('odd') IS NULL") == true)
    #expect(try folder.run(.applyAdvisable).steps.isEmpty)
    try folder.run(.revert("big"))
    #expect(try folder.scalar("SELECT to_regclass('big') IS NULL") == true)
  }

  @Test func `an advisable migration waits until what its condition asks about is there`() throws {
    let folder = try folder()
    let error = #expect(throws: SchemaError.self) { try folder.run(.applyAdvisable) }
    #expect(error?.problem.contains("2_big") == true)
  }

  @Test func `a baseline marks what is there, runs nothing, and up goes on behind it`() throws {
    let folder = try Folder()
    for name in ["1_a", "2_b", "3_c"] {
      try folder.write(
        """
        -- migrate:up
        CREATE TABLE \(name.suffix(1)) ();
        -- migrate:down
        DROP TABLE \(name.suffix(1));
        """, to: "\(name).sql")
    }
    try folder.write("-- migrate:up singly:true\nCREATE TABLE odd ();\n", to: "0_odd.sql")
    try folder.database.connect().execute(script: "CREATE TABLE a (); CREATE TABLE b ()")
    func baseline(_ word: String) throws -> [String] {
      try SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
        .baseline(to: word).map(\.fullName)
    }
    #expect(throws: SchemaError.self) { try baseline("9") }
    #expect(try baseline("b") == ["1_a", "2_b"])
    #expect(try baseline("2") == [])
    #expect(try folder.state.migrations.compactMap { $0.row?.state } == [.baseline, .baseline])
    #expect(try folder.run(.up(.all)).steps.map(\.version) == ["3"])
    #expect(try folder.scalar("SELECT to_regclass('odd') IS NULL") == true)
    // A migration that was marked can be undone like one that was executed.
    try folder.run(.down(.all))
    #expect(
      try folder.scalar(
        "SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b', 'c')") == 0)
  }
}
