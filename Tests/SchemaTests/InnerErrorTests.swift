import Postgres
import TestSupport
import Testing

import MigrationFiles
import OwnSchema
@testable import Schema

/// Tests what is said of errors inside of blocks and functions, and of transactions.
@Suite(.needsServer) struct InnerErrorTests {
  /// A file, the place that the error must name, and words that it must contain.
  private static let cases: [(text: String, place: String, words: [String])] = [
    (
      """
      CREATE TABLE t (a int);
      DO $$
      BEGIN
        PERFORM 1;
        INSERT INTO nope
          VALUES (1);
      END $$;
      """, "1_a.sql:5:15: relation \"nope\" does not exist",
      [
        "in the inner query INSERT INTO nope VALUES (1), at its character 13",
        "in line 4 of the block, at SQL statement",
      ]
    ),
    (
      """
      DO LANGUAGE plpgsql $body$ DECLARE n int; BEGIN
        n := missing + 1;
      END $body$;
      """, "1_a.sql:2:8: column \"missing\" does not exist", ["in line 2 of the block"]
    ),
    (
      """
      CREATE FUNCTION inner_f() RETURNS int LANGUAGE plpgsql AS $$
      BEGIN
        RETURN (SELECT a FROM gone);
      END $$;

      CREATE FUNCTION outer_f() RETURNS int LANGUAGE plpgsql AS $$
      BEGIN
        RETURN inner_f();
      END $$;
      SELECT outer_f();
      """, "1_a.sql:3",
      [
        "in line 3 of inner_f(), at RETURN (", "1_a.sql:3)", "in line 3 of outer_f(), at RETURN (",
        "1_a.sql:8)",
      ]
    ),
    (
      """
      DO $$
      BEGIN
        EXECUTE 'SELECT * FROM ' || 'made_up';
      END $$;
      """, "1_a.sql:3: relation \"made_up\" does not exist",
      ["in the inner query SELECT * FROM made_up, at its character 15"]
    ),
  ]

  @Test(arguments: cases.indices)
  func `an error inside of a block or function is told with its place in the file`(index: Int)
    throws
  {
    let (text, place, words) = Self.cases[index]
    let folder = try Folder()
    try folder.write(text, to: "1_a.sql")
    let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    let description = failure?.description ?? ""
    for word in [place] + words { #expect(description.contains(word), "\(word) in \(description)") }
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let trial = try runner.tryOut(try runner.plan(.up(.all)), .preview(seconds: 10))
    #expect(trial.failure?.contains(place) == true, "\(trial.failure ?? "")")
  }

  @Test(arguments: [
    ("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;", "1_a.sql:4:1"),
    ("SELECT 1;\nSTART TRANSACTION;\nSELECT 2;\nBEGIN;", "1_a.sql:2:1"),
    ("COMMIT;\nSELECT 1;\n  BEGIN;", "1_a.sql:3:3"),
  ])
  func `a transaction that is not ended is told with the BEGIN that is open`(
    text: String, place: String
  ) throws {
    let folder = try Folder()
    try folder.write(text, to: "1_a.sql")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(
      error?.problem.contains("\(place): this transaction is begun and not ended") == true,
      "\(error?.problem ?? "")")
  }

  @Test func `COPY FROM stdout has its data in the file, as psql reads it`() throws {
    let folder = try Folder()
    try folder.write(
      "CREATE TABLE t (a int, b text);\nCOPY t FROM STDOUT;\n1\tone\n2\t\\N\n\\.\nSELECT 1;",
      to: "1_a.sql")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT count(*) FROM t") == 2)
    try folder.write("COPY t TO stdin;", to: "2_b.sql")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(error?.problem.contains("has nowhere to write to") == true)
  }

  @Test(arguments: [
    "SET TRANSACTION READ ONLY;\nSELECT 1;", "SET LOCAL transaction_read_only = on;\nSELECT 1;",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE;\nSELECT 1;",
  ])
  func `a transaction that could not record the migration is refused by its place`(text: String)
    throws
  {
    let folder = try Folder()
    try folder.write(text, to: "1_a.sql")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(
      error?.problem.contains("1_a.sql:1:1: this statement makes the migration's transaction")
        == true)
    try folder.write("BEGIN;\n\(text)\nCOMMIT;", to: "1_a.sql")
    try folder.run(.up(.all))
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }

  @Test(arguments: ["", " transaction:false"])
  func `a bare SET TRANSACTION leaves the ledger and the trial as they are`(option: String) throws {
    let folder = try Folder()
    try folder.write(
      "-- migrate:up\(option)\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE t ();",
      to: "1_a.sql")
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let trial = try runner.tryOut(try runner.plan(.up(.all)), .preview(seconds: 10))
    #expect(trial.failure == nil && trial.losses.unknown.isEmpty, "\(trial)")
    try folder.run(.up(.all))
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
    #expect(try folder.scalar("SELECT to_regclass('t') IS NOT NULL") == true)
  }
}
