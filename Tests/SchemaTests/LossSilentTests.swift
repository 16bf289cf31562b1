import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests losses that no statement of the migration shows.
@Suite(.enabled(if: TestServer.isAvailable)) struct LossSilentTests {
  private static let filled = """
    CREATE TABLE t (a int, b text); INSERT INTO t SELECT i, 'x' FROM generate_series(1, 10) i;
    CREATE TABLE other (a int); INSERT INTO other SELECT generate_series(1, 3);
    """

  // MARK: At COMMIT

  /// Returns a trigger that waits for COMMIT, and then defers itself once more.
  private static func chain(until last: Int) -> String {
    """
    CREATE TABLE q (gen int);
    CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
      IF NEW.gen < \(last) THEN
        SET CONSTRAINTS ALL DEFERRED; INSERT INTO q VALUES (NEW.gen + 1);
      ELSE DELETE FROM t; END IF; RETURN NULL; END$$;
    CREATE CONSTRAINT TRIGGER again AFTER INSERT ON q DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION again();
    """
  }

  @Test(arguments: [2, 3, 20])
  func `what a trigger queues while COMMIT fires it is seen, too`(last: Int) throws {
    for mode in ["", " transaction:false"] {
      let folder = try Folder(world: Self.filled + Self.chain(until: last))
      try folder.write("-- migrate:up\(mode)\nINSERT INTO q VALUES (1);", to: "1_a.sql")
      let trial = try folder.preview(.up(.all))
      #expect(trial.losses.losses.map(\.told) == ["rows public.t 10"])
      #expect(throws: MigrationFailure.self) {
        try folder.run(.up(.all), after: trial, allowing: [])
      }
      #expect(try folder.scalar("SELECT count(*) FROM t") == 10)
      try folder.run(.up(.all), after: trial)
      #expect(try folder.scalar("SELECT count(*) FROM t") == 0)
    }
  }

  @Test func `triggers that queue one another without end are not committed unnamed`() throws {
    let folder = try Folder(world: Self.filled + Self.chain(until: 400))
    try folder.write("INSERT INTO q VALUES (1);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.unknown.map(\.name) == ["unknown 1_a"])
    let failure = #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: [])
    }
    #expect(failure?.description.contains("unknown 1_a would be lost") == true)
    #expect(try folder.scalar("SELECT count(*) FROM t") == 10)
  }

  // MARK: Outside of transactions

  private static let functions = """
    CREATE FUNCTION takes() RETURNS int LANGUAGE plpgsql AS $$BEGIN DELETE FROM other; RETURN 1; END$$;
    CREATE FUNCTION same(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
    CREATE FUNCTION bad(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT takes()';
    """
  private static let turned = """
    CREATE FUNCTION later(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE INDEX i ON t (later(a));
    CREATE OR REPLACE FUNCTION later(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT takes()';
    """
  private static let watching = """
    CREATE FUNCTION watches() RETURNS event_trigger LANGUAGE plpgsql
      AS $$BEGIN DELETE FROM other; END$$;
    CREATE EVENT TRIGGER watches ON ddl_command_end WHEN TAG IN ('CREATE INDEX')
      EXECUTE FUNCTION watches();
    """

  @Test(arguments: [
    ("", "CREATE INDEX CONCURRENTLY ON t (bad(a))", true),
    ("", "CREATE INDEX CONCURRENTLY ON t (a) WHERE bad(a) > 0", true),
    ("", "CREATE INDEX CONCURRENTLY ON t (same(a))", false),
    ("", "CREATE INDEX CONCURRENTLY ON t (abs(a))", false),
    (turned, "VACUUM ANALYZE t", true), (turned, "VACUUM", true),
    (turned, "REINDEX INDEX CONCURRENTLY i", true), (turned, "REINDEX TABLE CONCURRENTLY t", true),
    ("CREATE INDEX i ON t (same(a));", "VACUUM FULL t", false),
    ("CREATE INDEX i ON t (same(a));", "REINDEX INDEX CONCURRENTLY i", false),
    (watching, "CREATE INDEX CONCURRENTLY ON t (a)", true),
    (watching, "VACUUM t", false),
  ])
  func `code that runs under a statement outside of transactions makes it unknown`(
    world: String, statement: String, isUnknown: Bool
  ) throws {
    let folder = try Folder(world: Self.filled + Self.functions + world)
    try folder.write("-- migrate:up transaction:false\n\(statement);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.failure == nil && trial.losses.losses.isEmpty)
    #expect(
      trial.losses.unknown.map(\.name) == (isUnknown ? ["unknown 1_a"] : []),
      "\(trial.losses.unknown)")
    guard isUnknown else {
      try folder.run(.up(.all), after: trial, allowing: [])
      return
    }
    #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: [])
    }
    #expect(try folder.scalar("SELECT count(*) FROM other") == 3)
    try folder.run(.up(.all), after: trial)
  }

  // MARK: Row types, materialized views, numbers

  @Test func `a column of a table goes from the values of its row type in other tables`() throws {
    let folder = try Folder(
      world: """
        CREATE TABLE addr (street text, city text);
        CREATE TABLE cust (id int, a addr); INSERT INTO cust VALUES (1, ROW('x', 'y')), (2, NULL);
        CREATE TABLE many (a addr[]); INSERT INTO many VALUES (ARRAY[ROW('x', 'y')::addr]);
        """)
    try folder.write("ALTER TABLE addr DROP COLUMN city;", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(
      trial.losses.losses.map(\.told) == [
        "public.addr.city 0", "values public.cust.a 1 the values lose the attribute city",
        "values public.many.a ? values inside of the column's values lose the attribute city",
      ])
    let failure = #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: ["public.addr.city"])
    }
    #expect(failure?.description.contains("values public.cust.a") == true)
    try folder.run(.up(.all), after: trial)
  }

  @Test(arguments: ["", "CONCURRENTLY "])
  func `rows that go from a materialized view with REFRESH are told`(manner: String) throws {
    let folder = try Folder(
      world: """
        CREATE TABLE src AS SELECT i FROM generate_series(1, 7) i;
        CREATE MATERIALIZED VIEW mv AS SELECT * FROM src; CREATE UNIQUE INDEX ON mv (i);
        CREATE MATERIALIZED VIEW same AS SELECT * FROM src; CREATE UNIQUE INDEX ON same (i);
        DELETE FROM src WHERE i > 2; REFRESH MATERIALIZED VIEW same;
        """)
    try folder.write(
      """
      REFRESH MATERIALIZED VIEW \(manner)mv; REFRESH MATERIALIZED VIEW \(manner)same;
      """, to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.losses.map(\.told) == ["rows public.mv 5"])
    #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: [])
    }
    #expect(try folder.scalar("SELECT count(*) FROM mv") == 7)
    try folder.run(.up(.all), after: trial)
    #expect(try folder.scalar("SELECT count(*) FROM mv") == 2)
  }

  @Test(arguments: [
    ("double precision", "real", "0.1", true), ("double precision", "real", "19.99", true),
    ("double precision", "real", "1.5", false), ("real", "double precision", "0.1", false),
    ("double precision", "numeric", "0.1", false),
    ("double precision[]", "real[]", "'{0.1}'", true),
    ("double precision[]", "real[]", "'{0.5}'", false),
    ("real[]", "double precision[]", "'{0.1}'", false),
  ])
  func `digits that a narrower number type cuts off are told`(
    old: String, new: String, value: String, goes: Bool
  ) throws {
    let folder = try Folder(
      world: "CREATE TABLE n (id int, x \(old)); INSERT INTO n VALUES (1, \(value)), (2, NULL)")
    try folder.write("ALTER TABLE n ALTER COLUMN x TYPE \(new);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.losses.map(\.name) == (goes ? ["values public.n.x"] : []))
    guard goes else {
      try folder.run(.up(.all), after: trial, allowing: [])
      return
    }
    #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: [])
    }
    try folder.run(.up(.all), after: trial)
  }
}
