import Foundation
import OwnSchema
import Postgres
import TestSupport
import Testing

/// Tests queries in files of SQL, and the scripts that write them into Swift.
@Suite struct QueryFileTests {
  private static let scripts = "\(Oracle.repository)/Scripts"

  /// Returns the Swift code that is made from the file, or the refusal.
  private func swift(_ file: String, dialect: String = "PostgreSQL") throws -> ProcessOutcome {
    let folder = try TemporaryDirectory("queries")
    let path = try folder.write(file, to: "area_name.sql")
    let program = """
      import pathlib, sys
      sys.path.insert(0, sys.argv[1])
      sys.dont_write_bytecode = True
      import queries
      file = pathlib.Path(sys.argv[2])
      print(queries.swift(file, file.parent, "Module", sys.argv[3]))
      """
    return try TestSupport.run(
      "/usr/bin/env", ["python3", "-c", program, Self.scripts, path, dialect])
  }

  @Test func `a query becomes a function, with its values and names put in by type`() throws {
    let outcome = try swift(
      #"""
      -- Finds a row. It may
      -- be absent.
      -- query row(table: QualifiedName, key: Identifier, id: UUIDValue?,
      --   limit: Int)
      SELECT ':id', a::text, "b:id", :'limit' -- :id
      FROM :table

      -- Not a header.
      WHERE :"key" = :'id'::uuid LIMIT :limit;

      -- Sets two things.
      -- script settings
      SET a = 1;
      SET b = '\1';
      """#)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(
      outcome.text.hasSuffix(
        ##"""
        internal import Digests
        internal import Postgres

        /// The SQL of area_name.sql.
        enum AreaNameQueries {
          /// Finds a row. It may
          /// be absent.
          static func row(table: QualifiedName, key: Identifier, id: UUIDValue?, limit: Int) -> SQL {
        #"""
        SELECT ':id', a::text, "b:id", \#(limit) -- :id
        FROM \#(table)

        -- Not a header.
        WHERE \#(key) = \#(id)::uuid LIMIT \#(number: limit)
        """#
          }

          /// Sets two things.
          static let settings: SQL = #"""
        SET a = 1;
        SET b = '\1';
        """#
        }


        """##), "\(outcome.text)")
  }

  @Test func `a query of SQLite is text, and its numbered values stay`() throws {
    let outcome = try swift(
      """
      -- Reads columns.
      -- query row(columns: String)
      SELECT :columns FROM runs WHERE id = ?1;
      """, dialect: "SQLite")
    #expect(outcome.text.contains("static func row(columns: String) -> String {"))
    #expect(outcome.text.contains(##"SELECT \#(columns) FROM runs WHERE id = ?1"##))
  }

  @Test(arguments: [
    ("-- A.\n-- query a(b: Int)\nSELECT :'c', :'b';", "a has no parameter for :'c'"),
    ("-- A.\n-- query a(b: Int, c: Int)\nSELECT :'b';", "a does not use c"),
    ("-- A.\n-- query a(b: Identifier)\nSELECT :'b';", "a value of the type Identifier as :'b'"),
    ("-- A.\n-- query a(b: String)\nSELECT :\"b\";", "a value of the type String as :\"b\""),
    ("-- A.\n-- query a(b: String)\nSELECT :b;", "a value of the type String as :b"),
    ("-- A.\n-- query a(b: SQL)\nSELECT :'b';", "a value of the type SQL as :'b'"),
    ("-- A.\n-- query a\nSELECT 1", "a does not end with a semicolon"),
    ("-- query a\nSELECT 1;", "a query needs a comment"),
    ("-- A.\nSELECT 1;", "a file of queries begins with a query's comment"),
    ("-- A.\n-- query a\nSELECT 1;\n\n-- A.\n-- query a\nSELECT 2;", "two queries have one name"),
  ])
  func `a query that says other than it needs is refused`(file: String, why: String) throws {
    let outcome = try swift(file)
    #expect(outcome.status != 0)
    #expect(outcome.errorText.contains(why), "\(outcome.errorText)")
  }

  @Test(arguments: [
    (#"try query("""\#nSELECT a\#nFROM b\#nWHERE c\#nLIMIT 1\#n""")"#, true),
    (#"let part = """\#nx = 1\#nAND y = \(1 + (2))\#nAND z\#nAND q\#n""""#, true),
    (#"let sum = "SELECT a "\#n + "FROM b "\#n + "WHERE c "\#n + "LIMIT 1""#, true),
    (##"f(#"""\##nBEGIN\##n  x := '\(no)';\##n  RETURN y;\##nEND\##n"""#)"##, true),
    (#"try query("""\#nSELECT a\#nFROM b\#nWHERE c\#n""")"#, false),
    (#"let help = """\#nSelect a store.\#nFrom each\#nnone is taken,\#nor all.\#n""""#, false),
    (#"// """\#nlet a = /"[^"]+"/\#nlet b = ["SELECT a", "FROM b", "WHERE c", "LIMIT 1"]"#, false),
  ])
  func `long SQL in Swift is found, and nothing else`(code: String, isFound: Bool) throws {
    let folder = try TemporaryDirectory("long-sql")
    try folder.write(code, to: "Sources/A/A.swift")
    try folder.write("let a = \"\"\"\nSELECT\n1,\n2,\n3\n\"\"\"", to: "Sources/A/Generated/B.swift")
    let outcome = try TestSupport.run(
      "/usr/bin/env",
      ["python3", "\(Self.scripts)/long-sql.py", "--check", folder.file("Sources")])
    #expect(outcome.status == (isFound ? 1 : 0), "\(outcome.text) \(outcome.errorText)")
    #expect(outcome.text.contains("Sources/A/A.swift:1: SQL of ") == isFound)
    #expect(!outcome.text.contains("Generated"))
  }

  @Test func `no long SQL is left in Swift`() throws {
    let outcome = try TestSupport.run(
      "/usr/bin/env", ["python3", "\(Self.scripts)/long-sql.py", "--check"])
    #expect(outcome.status == 0, "\(outcome.text)")
  }

  /// No sample fits every parameter that is a piece of SQL, so queries with such a parameter are
  /// left out.
  @Test(.needsServer) func `psql reads the queries with its variables set`() throws {
    let program = """
      import pathlib, sys
      sys.path.insert(0, sys.argv[1])
      sys.dont_write_bytecode = True
      import queries
      samples = {"Int": "1", "Double": "1", "Bool": "true", "String": "x", "Literal": "1",
        "UUIDValue": "00000000-0000-0000-0000-000000000000", "ByteString": "x",
        "Identifier": "x", "QualifiedName": "public.x"}
      print("\\\\set VERBOSITY sqlstate\\nBEGIN;\\nSAVEPOINT here;")
      for file in sorted(pathlib.Path(sys.argv[1], "../Sources").glob("*/SQL/*.sql")):
        if file.parts[-3] in ("Journal", "Embedding", "LibraryFiles"): continue
        for query in queries.read(file):
          kinds = {name: kind.rstrip("?") for name, kind in query.parameters.items()}
          if query.kind == "part" or not set(kinds.values()) <= set(samples): continue
          for name, kind in kinds.items(): print(f"\\\\set {name} {samples[kind]}")
          print(f"\\\\warn {file.stem} {query.name}\\n{query.text}\\n;")
          print("ROLLBACK TO here;")
          for name in kinds: print(f"\\\\unset {name}")
      print("ROLLBACK;")
      """
    let script = try TestSupport.run("/usr/bin/env", ["python3", "-c", program, Self.scripts])
    #expect(script.status == 0, "\(script.errorText)")
    let database = try TestDatabase()
    let session = try database.connect()
    try session.query("CREATE EXTENSION vector")
    try FerrySchema.install(on: session)
    let outcome = try TestSupport.run(
      try TestServer.binaries.psql, ["-XAtq", "-d", try database.url], input: script.output)
    // 42601 means that the text is no valid SQL. Tables that only some databases have may be
    // missing.
    var name = ""
    var count = 0
    for line in outcome.errorText.split(separator: "\n") {
      #expect(!line.hasSuffix("42601"), "\(name): \(line)")
      if !line.contains("ERROR:") { (name, count) = (String(line), count + 1) }
    }
    #expect(count > 80)
  }
}
