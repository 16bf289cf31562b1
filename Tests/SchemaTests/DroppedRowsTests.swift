import Postgres
import TestSupport
import Testing

@testable import Schema

/// What a plan says about rows that go.
@Suite(.enabled(if: TestServer.isAvailable)) struct DroppedRowsTests {
  private static let world = """
    CREATE SCHEMA a; CREATE SCHEMA "B c"; CREATE EXTENSION vector;
    CREATE TYPE a.mood AS ENUM ('good');
    CREATE TABLE a.one (x int PRIMARY KEY); INSERT INTO a.one VALUES (1), (2);
    CREATE TABLE "B c"."T t" (x int); INSERT INTO "B c"."T t" VALUES (1);
    CREATE TABLE refers (x int REFERENCES a.one, m a.mood); INSERT INTO refers VALUES (1, 'good');
    CREATE TABLE p (x int) PARTITION BY LIST (x);
    CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p VALUES (1), (1), (1);
    CREATE TABLE parent (x int); CREATE TABLE child () INHERITS (parent);
    INSERT INTO child VALUES (1);
    CREATE TABLE docs (e vector(2), n int); INSERT INTO docs VALUES ('[1,2]', 1);
    CREATE TABLE nothing (e vector(2), m a.mood);
    """

  @Test(arguments: [
    ("DROP SCHEMA a CASCADE", ["a.one 2", "column m of refers 1"]),
    (
      "DROP SCHEMA IF EXISTS a, \"B c\" CASCADE",
      ["a.one 2", "column m of refers 1", "\"B c\".\"T t\" 1"]
    ),
    ("DROP SCHEMA a", []), ("DROP SCHEMA absent CASCADE", []),
    ("DROP TABLE a.one", ["a.one 2"]), ("DROP TABLE a.one, p CASCADE", ["a.one 2", "p 3"]),
    ("DROP TABLE p CASCADE", ["p 3"]), ("DROP TABLE parent CASCADE", ["parent 1"]),
    ("DROP TABLE IF EXISTS absent, docs", ["docs 1"]),
    ("DROP TYPE a.mood CASCADE", ["column m of refers 1"]),
    ("DROP EXTENSION vector CASCADE", ["column e of docs 1"]),
    ("TRUNCATE a.one", ["a.one 2"]),
    ("TRUNCATE TABLE ONLY a.one CASCADE", ["a.one 2", "refers 1"]),
    ("TRUNCATE p1", []), ("DROP TABLE nothing", []), ("DROP INDEX p", []),
    ("SELECT 1", []),
  ])
  func `rows that go are told, those behind CASCADE too`(statement: String, told: [String]) throws {
    let folder = try Folder()
    try folder.database.connect().execute(script: SQL(script: Self.world))
    try folder.write(statement, to: "1_a.sql")
    let session = try folder.database.connect()
    let plan = try SchemaRunner(connection: session, set: try folder.set).plan(.up(.all))
    let rows = try plan.droppedRows(on: session)
    #expect(rows.map { "\($0.place) \($0.count)" } == told)
  }
}
