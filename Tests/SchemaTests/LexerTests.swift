import Postgres
import TestSupport
import Testing

import SQLText

/// Tests that the program splits a text into the same statements as the server's parser, and that
/// executing them one by one has the same result.
@Suite(.needsServer) struct LexerTests {
  /// Constants and names that contain characters with another meaning outside of them.
  static let atoms: [String] = [
    "'a;b'", "'it''s; fine'", "''", "'--no'", "'/*no'", "'$$;'", "'back\\'", "e'q\\';x'",
    "E'\\\\'", "E'a''b;'", "E'\\x3b'", "E'a'\n'b\\';c'", "E'a' -- c\n 'b;'::text", "'a'\n';b'",
    "E'a' -- c\n'\\'b;'", "E'a'--\r'\\';'", "E'a'\n-- c\n-- d\n'\\'b;'",
    "E'a' -- c\n -- ';\n'\\';'",
    "'a' -- c\n';b\\'",
    "U&'\\0061;'", "U&'d!0061;' UESCAPE '!'", "B'0101'", "X'1F'", "N'n;n'", "$$;$$", "$$a'b;$$",
    "$$--;$$", "$a$ $$;$$ $a$", "$_$;$_$", "$é$;$é$", "$a1$;$a1$", "$A$ $a$;$a$ $A$", "$$/*;$$",
    "1 AS \"a;b\"", "1 AS \"q\"\"u;o\"", "1 AS U&\"d\\0061t;\"", "1 AS a$b$c", "1 AS _$", "1 AS é",
    "(1)", "((1),(2))", "ARRAY[1,2]", "1--;\n+1", "1/*;*/+1", "1/*/*;*/;*/+1", "2*/*;*/3",
    "1.5e3", "0x1F", "1_000", "'a'::text||';'", "CASE WHEN true THEN 1 END",
    "'tab\t;'", "'line\n;\n'", "E'\\'' || ';'", "$q$ $q $q1$ ; $q$",
  ]

  static let texts: [String] = [
    "", ";", ";;;", " \n\t", "-- only\n", "/* only ; */", "SELECT 1", "SELECT 1;", "SELECT 1;;",
    ";SELECT 1", "SELECT 1;SELECT 2", "SELECT 1; -- a;b", "SELECT 1 -- a;b\n;SELECT 2",
    "/*;*/SELECT 1;/*;*/", "SELECT 1;\r\nSELECT 2;\r\n", "SELECT 1\n;\n\nSELECT 2\n",
    "CREATE TABLE x(a int);INSERT INTO x VALUES(1);SELECT * FROM x",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2';SELECT f()",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1; SELECT 2$$;SELECT f()",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;SELECT f()",
    "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 ELSE 2 END; END; SELECT 3",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC; SELECT 1; END; SELECT f()",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end; END; SELECT f()",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS case; END; SELECT f()",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 'END;'::text; SELECT 2; END; SELECT 1",
    "CREATE FUNCTION f() RETURNS int begin/*;*/atomic select 1; end; SELECT 1",
    "CREATE PROCEDURE p() BEGIN ATOMIC SELECT 1; SELECT 2; END; CALL p()",
    "CREATE FUNCTION \"begin\"() RETURNS int RETURN 1; SELECT 1",
    "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT 2",
    "CREATE FUNCTION f() RETURNS int RETURN 1; SELECT 2",
    "CREATE TABLE x(a int); CREATE RULE r AS ON INSERT TO x DO ALSO (SELECT 1; SELECT 2); SELECT 3",
    "CREATE TABLE x(\"begin\" int, \"end\" int); SELECT 1",
    "DO $$BEGIN PERFORM 1; PERFORM 2; END$$; SELECT 1",
    "DO $do$BEGIN EXECUTE $x$SELECT 1;$x$; END$do$; SELECT 1",
    "DO LANGUAGE plpgsql 'BEGIN PERFORM 1; END'; SELECT 2",
    "PREPARE p AS SELECT $1::int; EXECUTE p(1); DEALLOCATE p",
    "SELECT 1 WHERE 'a' ~ '^;$'; SELECT 2", "SELECT '{\"a\":1}'::jsonb->>'a;'; SELECT 2",
    "SELECT '{\"a\":1}'::jsonb ? 'a'; SELECT 2", "SELECT @ -5; SELECT 2", "SELECT 5 % 2; SELECT 2",
    "SELECT 2 <> 3; SELECT 2", "SELECT 1 OPERATOR(pg_catalog.+) 2; SELECT 2",
    "SELECT (SELECT ';'); SELECT 2", "VALUES (';'),(';'); SELECT 2", "TABLE pg_am; SELECT 2",
    "WITH x AS (SELECT 1) SELECT * FROM x; SELECT 2", "EXPLAIN SELECT ';'; SELECT 2",
    "COMMENT ON SCHEMA public IS 'a;b'; SELECT 2", "SET search_path = public; SELECT 2",
    "SELECT 1 \"a--b\"; SELECT 2", "SELECT 1 \"a/*b\"; SELECT 2", "SELECT 1 \"a'b\"; SELECT 2",
    "SELECT 1 \"a$$b\"; SELECT 2", "SELECT\u{0B}1;\u{0C}SELECT 2", "SELECT 'é日本;'; SELECT 2",
    "SELECT 1 AS 日本; SELECT 2",
    "CREATE TABLE x(a int DEFAULT 1, b text DEFAULT ';'); DROP TABLE x",
    "CREATE VIEW v AS SELECT ';'::text AS a; SELECT * FROM v",
    "CREATE TYPE t AS ENUM (';', '--'); DROP TYPE t", "GRANT SELECT ON pg_am TO PUBLIC; SELECT 2",
    "SELECT 1 /* a /* b */ c */; SELECT 2", "SELECT 1 /* ' */; SELECT 2",
    "SELECT 1 -- '\n; SELECT 2",
    "SELECT 1 -- $$\n; SELECT 2", "SELECT 1 /* $$ */; SELECT 2", "SELECT 1 /* -- */; SELECT 2",
    "SELECT 1; SELECT 1/0; SELECT 2", "SELEKT 1; SELECT 2", "SELECT ); SELECT 2",
  ]

  static var cases: [String] {
    texts + atoms.map { "SELECT \($0); SELECT 2" }
      + atoms.map { "SELECT 1 /*';*/; SELECT \($0) -- ;'\n; SELECT $x$;$x$" }
  }

  @Test func `there are at least 150 cases`() { #expect(Self.cases.count >= 150) }

  @Test func `statements begin and end where the server sees them`() throws {
    let database = try TestDatabase()
    let session = try database.connect()
    for text in Self.cases {
      let statements = try StatementSplitter.statements(of: text)
      let whole = Self.outcome(session) { try session.execute(script: SQL(script: text)) }
      let pieces = Self.outcome(session) {
        try statements.flatMap { try session.execute(script: SQL(script: $0.text)) }
      }
      #expect(whole == pieces, "\(text)")
    }
  }

  /// The server reads a whole text under one setting; psql and this program use the setting at each
  /// place.
  @Test func `strings are read as the session's setting has it at that place`() throws {
    let database = try TestDatabase()
    let session = try database.connect()
    let text = """
      SET standard_conforming_strings TO 'off'; SELECT 'a\\';b';
      SET standard_conforming_strings = on; SELECT 'a\\'; SELECT 3
      """
    let statements = try StatementSplitter.statements(of: text)
    #expect(statements.count == 5)
    for statement in statements { try session.execute(script: SQL(script: statement.text)) }
  }

  /// Returns the command tags or the error's code of `body`, inside a transaction that is rolled
  /// back.
  private static func outcome(_ session: Connection, _ body: () throws -> [String]) -> [String] {
    defer {
      _ = try? session.execute(script: "ROLLBACK")
      _ = try? session.execute(script: "RESET ALL")
    }
    do {
      try session.execute(script: "BEGIN")
      return try body().filter { !$0.isEmpty }
    } catch let error as PostgresError {
      return ["error \(error.serverError?.sqlState ?? "?")"]
    } catch { return ["error"] }
  }

  @Test(arguments: [
    ("SELECT 'a;\nSELECT 2", "1:8", "quote"), ("SELECT 1;\n SELECT \"a", "2:9", "quote"),
    ("SELECT 1;\n/* a /* b */", "2:1", "comment"), ("SELECT $a$ ; $b$", "1:8", "$a$"),
    ("SELECT E'a\\'", "1:9", "quote"), ("SELECT 1;\n\\d\n", "2:1", "psql"),
    ("SELECT 1 \\g", "1:10", "psql"), ("\\restrict abc\nSELECT 1;", "1:1", "psql"),
    ("COPY a TO STDOUT;", "1:1", "nowhere"), ("COPY a FROM stdin;\n1\n", "1:19", "not closed"),
    ("COPY a FROM STDIN", "1:1", "no data"), ("é 'é", "1:3", "quote"),
  ])
  func `what cannot be split is refused with its place`(
    text: String, place: String, word: String
  ) throws {
    let fault = #expect(throws: SyntaxFault.self) { try StatementSplitter.statements(of: text) }
    #expect(fault?.position.description == place)
    #expect(fault?.problem.contains(word) == true, "\(fault?.problem ?? "")")
  }

  @Test func `data of COPY are taken whole, whatever they hold`() throws {
    let text = "COPY a (b) FROM stdin; -- rest\n';\n-- migrate:down\n\\\\.\n\\.\nSELECT 1;"
    let statements = try StatementSplitter.statements(of: text)
    #expect(statements.count == 2)
    #expect(
      statements.first?.copyData.map { String(decoding: $0, as: UTF8.self) }
        == "';\n-- migrate:down\n\\\\.\n")
  }

  @Test(arguments: [
    ("CREATE INDEX CONCURRENTLY i ON t (a)", true),
    ("create unique index concurrently on t (a)", true),
    ("CREATE INDEX i ON t (a)", false), ("DROP INDEX CONCURRENTLY IF EXISTS a, b.c", true),
    ("DROP INDEX a", false), ("REINDEX INDEX CONCURRENTLY a", true),
    ("REINDEX (CONCURRENTLY, VERBOSE) TABLE a", true), ("REINDEX TABLE a", false),
    ("REINDEX DATABASE a", true), ("VACUUM", true), ("VACUUM (ANALYZE) a", true),
    ("ANALYZE a", false), ("ALTER TABLE a DETACH PARTITION b CONCURRENTLY", true),
    ("ALTER TABLE a DETACH PARTITION b", false), ("ALTER TYPE a ADD VALUE 'b'", true),
    ("ALTER TYPE a RENAME VALUE 'b' TO 'c'", false), ("CREATE DATABASE a", true),
    ("ALTER SYSTEM SET a = 1", true), ("CLUSTER", true), ("CLUSTER a", false),
    ("REFRESH MATERIALIZED VIEW CONCURRENTLY a", false), ("SELECT 'VACUUM'", false),
    ("CREATE TABLESPACE a LOCATION '/'", true),
    ("ROLLBACK TO SAVEPOINT s", false), ("ROLLBACK WORK TO s", false),
    ("COMMIT PREPARED 'a'", true),
    ("ROLLBACK PREPARED 'a'", true), ("SELECT set_config('a', 'b', false)", false),
    ("DROP DATABASE a", true),
  ])
  func `statements that stand alone are known`(text: String, alone: Bool) throws {
    #expect(try StatementSplitter.statements(of: text).first?.form.mustRunAlone == alone)
  }
}
