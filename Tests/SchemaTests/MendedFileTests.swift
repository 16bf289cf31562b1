import MigrationFiles
import Foundation
import Postgres
import TestSupport
import Testing

import OwnSchema
@testable import Schema

/// Tests files that were changed after a run had stopped in the middle of them.
@Suite(.needsServer) struct MendedFileTests {
  @Test func `what is done is not done again in one transaction with the rest`() throws {
    let folder = try Folder()
    try folder.database.connect().query("CREATE TABLE t (id int)")
    let up = "-- migrate:up\nINSERT INTO t VALUES (1), (1);\nCREATE %@ i ON t (id);\n"
    try folder.write(
      up.replacingOccurrences(of: "%@", with: "UNIQUE INDEX CONCURRENTLY"), to: "001_fill.sql")
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    try folder.write(up.replacingOccurrences(of: "%@", with: "INDEX"), to: "001_fill.sql")
    let refusal = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(refusal?.problem.contains("one transaction") == true)
    #expect(try folder.scalar("SELECT count(*) FROM t") == 2)
    let alone = "-- migrate:up transaction:false"
    try folder.write(
      up.replacingOccurrences(of: "%@", with: "INDEX")
        .replacingOccurrences(of: "-- migrate:up", with: alone), to: "001_fill.sql")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT count(*) FROM t") == 2)
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }

  @Test func `what was undone half-way is compared before it goes on`() throws {
    let folder = try Folder()
    func write(_ down: String) throws {
      try folder.write(
        "-- migrate:up\nCREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c ();\n"
          + "-- migrate:down transaction:false\n\(down)\n", to: "001_three.sql")
    }
    try write("DROP TABLE a; DROP TABLE absent; DROP TABLE c;")
    try folder.run(.up(.all))
    #expect(throws: MigrationFailure.self) { try folder.run(.down(.batch)) }
    try write("DROP TABLE b; DROP TABLE IF EXISTS a; DROP TABLE c;")
    let refusal = #expect(throws: SchemaError.self) { try folder.run(.down(.batch)) }
    #expect(refusal?.problem.contains("have changed since") == true)
    try write("DROP TABLE a; DROP TABLE b; DROP TABLE c;")
    try folder.run(.down(.batch))
    let left: Int? = try folder.scalar(
      "SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b', 'c')")
    #expect(left == 0)
  }

  @Test func `a way down that failed as a whole is mended and goes on without force`() throws {
    let folder = try Folder()
    let up = "-- migrate:up\nCREATE TABLE a ();\n"
    try folder.write(up + "-- migrate:down\nDROP TABLE a;\nDROP TABLE absent;\n", to: "1_a.sql")
    try folder.run(.up(.all))
    for request in [SchemaRequest.down(.batch), .redo, .refresh, .revert("1")] {
      let failure = #expect(throws: MigrationFailure.self) { try folder.run(request) }
      let text = failure?.description ?? ""
      #expect(
        text.contains("1 is unchanged, because the down migration was rolled back"), "\(text)")
      #expect(text.contains("run the same command again") && !text.contains("schema up"), "\(text)")
    }
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
    try folder.write(up + "-- migrate:down\nDROP TABLE a;\n", to: "1_a.sql")
    // A change of another file, or of statements that were executed, still needs --force.
    #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    try folder.run(.redo)
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
    for text in ["CREATE TABLE a (b int);", "CREATE TABLE a (c int);"] {
      try folder.write("-- migrate:up\n\(text)\n-- migrate:down\nDROP TABLE a;\n", to: "1_a.sql")
      for request in [SchemaRequest.down(.batch), .redo, .refresh, .revert("1")] {
        #expect(throws: SchemaError.self) { try folder.run(request) }
      }
    }
    try folder.write(up + "-- migrate:down\nDROP TABLE a; SELECT 1;\n", to: "1_a.sql")
    try folder.run(.revert("1"))
    #expect(try folder.scalar("SELECT to_regclass('a') IS NULL") == true)
  }

  @Test func `a way down may be added to a file that had none`() throws {
    let folder = try Folder()
    try folder.write("CREATE TABLE a (t text DEFAULT 'x;');", to: "1_a.sql")
    try folder.run(.up(.all))
    let refusal = #expect(throws: SchemaError.self) { try folder.run(.down(.batch)) }
    #expect(refusal?.remedy == "write -- migrate:down")
    try folder.write(
      "-- migrate:up\nCREATE TABLE a (t text DEFAULT 'x;');\n-- migrate:down\nDROP TABLE a;",
      to: "1_a.sql")
    try folder.run(.down(.batch))
    #expect(try folder.scalar("SELECT to_regclass('a') IS NULL") == true)
  }

  @Test func `a failure of a migration that up leaves alone names the command that runs it`() throws
  {
    let folder = try Folder()
    try folder.write("-- migrate:up singly:true\nSELECT 1/0;", to: "7_a.sql")
    let failure = #expect(throws: MigrationFailure.self) { try folder.run(.apply(["7"])) }
    #expect(failure?.description.contains("run schema apply 7 again") == true)
  }

  @Test func `data that a statement brought belong to what is done`() throws {
    let folder = try Folder()
    func write(_ second: Int, _ rest: String) throws {
      try folder.write(
        "-- migrate:up transaction:false\nCREATE TABLE t (id int);\nCOPY t FROM stdin;\n1\n"
          + "\(second)\n\\.\n\(rest);\n", to: "001_copy.sql")
    }
    try write(2, "SELECT 1/0")
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    try write(22, "SELECT 1")
    #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    try write(2, "SELECT 1")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT sum(id) FROM t") == 3)
  }

  @Test func `an index of that name on another table is not taken for the one to build`() throws {
    let folder = try Folder()
    try folder.database.connect().execute(
      script: "CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE INDEX i ON u (a)")
    try folder.write("-- migrate:up\nCREATE INDEX CONCURRENTLY i ON t (a);\n", to: "001_index.sql")
    for _ in 0..<2 {
      #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    }
    try folder.database.connect().query("DROP INDEX i")
    try folder.run(.up(.all))
    #expect(
      try folder.scalar(
        "SELECT 't'::regclass = indrelid FROM pg_index WHERE indexrelid = 'i'::regclass") == true)
  }

  @Test func `line ends that were converted twice are line ends`() throws {
    let folder = try Folder()
    let text = "-- migrate:up\nCREATE TABLE t (id int);\n-- migrate:down\nDROP TABLE t;\n"
    try folder.write(text.replacingOccurrences(of: "\n", with: "\r\r\n"), to: "001_twice.sql")
    try folder.run(.up(.all))
    try folder.write(text, to: "001_twice.sql")
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
    try folder.run(.down(.batch))
  }

  @Test func `the schema vector_ferry does not go with tables of others in it`() throws {
    let folder = try Folder()
    func run(_ request: SchemaRequest) throws {
      let runner = SchemaRunner(
        connection: try folder.database.connect(), set: try .bundled("vector_documents"))
      _ = try runner.run(request, plan: try runner.plan(request))
    }
    try run(.up(.all))
    let session = try folder.database.connect()
    try session.execute(script: "CREATE TABLE vector_ferry.mine AS SELECT 1 AS id")
    let failure = #expect(throws: MigrationFailure.self) { try run(.down(.all)) }
    #expect(failure.map { "\($0.cause)".contains("mine") } == true)
    #expect(try session.scalar("SELECT count(*) FROM vector_ferry.mine") == 1)
    try session.execute(script: "ALTER TABLE vector_ferry.mine SET SCHEMA public")
    try run(.down(.all))
    #expect(try session.scalar("SELECT count(*) FROM public.mine") == 1)
  }
}
