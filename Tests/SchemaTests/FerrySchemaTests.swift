import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

import Layouts
import OwnSchema

/// Tests the schema `vector_ferry` as the files of SQL make it.
@Suite(.needsServer)
struct FerrySchemaTests {
  /// A database with pgvector in a schema, and a session in the database.
  private struct Place {
    let database: TestDatabase
    let session: Connection

    init(vectorSchema: Identifier = "public") throws {
      database = try TestDatabase()
      session = try database.connect()
      try session.query("CREATE SCHEMA IF NOT EXISTS \(vectorSchema)")
      try session.query("CREATE EXTENSION vector WITH SCHEMA \(vectorSchema)")
    }
  }

  /// Returns the body of a function, as the server stores it.
  private func body(_ function: String, on session: Connection) throws -> String? {
    try session.scalar(
      """
      SELECT prosrc FROM pg_proc
      WHERE pronamespace = 'vector_ferry'::regnamespace AND proname = \(function)
      """)
  }

  // MARK: Files

  @Test func `versions are numbered from one on, and functions lie in files of their names`() {
    for (index, file) in FerrySchema.versions.enumerated() {
      let number = "\(index + 1)"
      #expect(file.name.hasPrefix(String(repeating: "0", count: 4 - number.count) + number + "_"))
    }
    for file in FerrySchema.functions {
      let name = file.name.dropLast(".sql".count)
      #expect(file.text.contains("CREATE OR REPLACE FUNCTION vector_ferry.\(name)("))
      #expect(file.text.contains("SET search_path = pg_catalog, pg_temp"), "\(name)")
    }
  }

  @Test func `the Swift that carries the files is what they say`() throws {
    let script = "\(Oracle.repository)/Scripts/embed-sets.py"
    let check = try TestSupport.run("/usr/bin/env", ["python3", script, "--check"])
    #expect(check.status == 0, "\(check.errorText)")
  }

  @Test func `the stand-in and the variables are replaced once, and casts stay`() {
    let file = SQLFile(
      ("f.sql", "SELECT a::text, b[1:n] FROM :table, pgvector.vector, :other; -- of pgvector 0.8"))
    #expect(
      file.script(vectorSchema: "o\"d", variables: ["table": "\":table pgvector.x\""]).text
        == "SELECT a::text, b[1:n] FROM \":table pgvector.x\", \"o\"\"d\".vector, :other; "
        + "-- of pgvector 0.8")
  }

  @Test func `the two functions that search by cosine have one body`() throws {
    let bodies = try ["similarity_search", "nearest"].map { name in
      let text = FerryFiles.file(name, in: FerryFiles.functions).text
      let start = try #require(text.range(of: "  store vector_ferry.stores :="))
      let end = try #require(text.range(of: "\n$$;", options: .backwards))
      return text[start.lowerBound..<end.lowerBound]
    }
    #expect(bodies[0] == bodies[1])
  }

  @Test func `psql takes every file as it stands, and makes what the program makes`() throws {
    let byPsql = try Place(vectorSchema: "pgvector")
    let root = "\(Oracle.repository)/Sources/OwnSchema/SQL"
    let variables = [
      "table=public.vector_documents", "dimensions=16",
      "user_collection_index=vector_documents_user_collection_idx",
      "metadata_index=vector_documents_metadata_idx",
      "touch_function=public.vector_documents_touch_updated_at",
      "touch_trigger=vector_documents_updated_at", "ledger=public.schema_migrations",
    ]
    func files(_ folder: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted()
        .map { "\(folder)/\($0)" }
    }
    // The policies are created, and dropped again.
    let policies = [
      "isolate_ledger", "show_dimension_changes", "release_ledger", "isolate_users",
      "release_users",
    ].map { "policies/\($0).sql" }
    #expect(try files("policies") == policies.sorted())
    let all = try ["versions", "parts", "functions", "objects"].flatMap(files) + policies
    for file in all {
      let outcome = try TestSupport.run(
        try TestServer.binaries.psql,
        ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", try byPsql.database.url, "-f", "\(root)/\(file)"]
          + variables.flatMap { ["-v", $0] })
      #expect(outcome.status == 0, "\(file): \(outcome.errorText)")
    }
    let byProgram = try Place(vectorSchema: "pgvector")
    let session = byProgram.session
    try FerrySchema.install(on: session)
    for part in FerrySchema.Part.allCases { try FerrySchema.install(part, on: session) }
    try VectorTable(name: QualifiedName(schema: "public", "vector_documents"), dimensions: 16)
      .create(on: session, vectorSchema: "pgvector")
    try session.execute(
      script: FerryFiles.file("schema_migrations", in: FerryFiles.objects)
        .script(variables: ["ledger": "public.schema_migrations"]))
    let made = try catalogue(session)
    #expect(made.count > 150)
    #expect(try catalogue(byPsql.session) == made)
  }

  /// Returns the columns, constraints, indexes, functions, views and triggers, each as the server
  /// shows it.
  private func catalogue(_ session: Connection) throws -> [String] {
    let rows = try session.query(
      """
      WITH spaces AS (
        SELECT oid FROM pg_namespace WHERE nspname IN ('vector_ferry', 'public')
      ), tables AS (
        SELECT c.oid FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v')
      )
      SELECT replace(shown, '"', '') FROM (
        SELECT concat_ws(' ', t.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
                         a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS shown
        FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0
        LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
        WHERE NOT a.attisdropped
        UNION ALL
        SELECT concat_ws(' ', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
        FROM pg_constraint c JOIN tables t ON t.oid = c.conrelid
        UNION ALL
        SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN tables t ON t.oid = i.indrelid
        UNION ALL
        SELECT pg_get_functiondef(p.oid) || coalesce(obj_description(p.oid, 'pg_proc'), '')
        FROM pg_proc p JOIN spaces s ON s.oid = p.pronamespace
        WHERE NOT EXISTS (SELECT FROM pg_depend e
          WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
        UNION ALL
        SELECT pg_get_viewdef(t.oid) FROM tables t JOIN pg_class c USING (oid)
        WHERE c.relkind = 'v'
        UNION ALL
        SELECT pg_get_triggerdef(g.oid) FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid
        WHERE NOT g.tgisinternal) all_of_it
      ORDER BY 1
      """)
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  // MARK: Functions follow the program

  @Test(arguments: [
    "CREATE OR REPLACE FUNCTION vector_ferry.has_documents(p_user text, p_collection text) "
      + "RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "DROP FUNCTION vector_ferry.reembedding_of(text)",
    "ALTER FUNCTION vector_ferry.document_tables() RESET search_path",
    "UPDATE vector_ferry.version SET functions = 'those of another program'",
    "ALTER EXTENSION vector SET SCHEMA elsewhere",
  ])
  func `functions that are not the program's are replaced, and what tuning has set stays`(
    change: String
  ) throws {
    let place = try Place()
    let session = place.session
    try FerrySchema.install(on: session)
    let made = try catalogue(session)
    try session.execute(
      script: """
        CREATE SCHEMA elsewhere;
        SELECT '[1]'::public.vector;
        ALTER FUNCTION vector_ferry.hybrid_search SET hnsw.ef_search = 77;
        \(SQL(script: change));
        """)
    #expect(try FerrySchema.canRenewFunctions(on: session))
    try FerrySchema.install(on: session)
    #expect(try FerrySchema.hasCurrentFunctions(on: session))
    #expect(try TunedSettings(on: session).distinct == ["hnsw.ef_search=77"])
    try session.execute(
      script: "ALTER FUNCTION vector_ferry.hybrid_search RESET hnsw.ef_search")
    // Where pgvector is in another schema, the server shows its types with the schema's name.
    func plain(_ shown: [String]) -> [String] {
      shown.map { $0.replacing("elsewhere.", with: "").replacing("public.", with: "") }.sorted()
    }
    #expect(try plain(catalogue(session)) == plain(made))
  }

  @Test func `functions that are the program's are left alone`() throws {
    let place = try Place()
    let session = place.session
    try FerrySchema.install(on: session)
    func versions() throws -> String? {
      try session.scalar(
        """
        SELECT string_agg(p.xmin::text, ' ' ORDER BY p.proname) FROM pg_proc p
        WHERE p.pronamespace = 'vector_ferry'::regnamespace
        """)
    }
    let before = try versions()
    try FerrySchema.install(on: session)
    #expect(try versions() == before)
    // Settings that an operator has added to a function are no reason to replace the function.
    try session.execute(
      script: "ALTER FUNCTION vector_ferry.nearest SET work_mem = '64MB'")
    #expect(try FerrySchema.hasCurrentFunctions(on: session))
  }

  @Test func `sessions that replace functions at the same time all find them replaced`() throws {
    let place = try Place()
    let session = place.session
    try FerrySchema.install(on: session)
    let made = try body("store_of", on: session)
    try session.execute(
      script: """
        CREATE OR REPLACE FUNCTION vector_ferry.store_of(p_user text, p_collection text)
        RETURNS vector_ferry.stores LANGUAGE sql AS 'SELECT NULL::vector_ferry.stores'
        """)
    let target = try place.database.target
    let failures = Mutex<[String]>([])
    let group = DispatchGroup()
    for _ in 0..<4 {
      DispatchQueue.global().async(group: group) {
        do {
          let other = try Connection.open(target)
          for _ in 0..<5 { try FerrySchema.install(on: other) }
        } catch { failures.withLock { $0.append("\(error)") } }
      }
    }
    group.wait()
    #expect(failures.withLock { $0 } == [])
    #expect(try body("store_of", on: session) == made)
    #expect(try FerrySchema.hasCurrentFunctions(on: session))
  }

  @Test func `a role that may not replace functions goes on with those that are there`() throws {
    let place = try Place()
    let session = place.session
    try FerrySchema.install(on: session)
    try FerrySchema.install(.dimensionChanges, on: session)
    let role = Identifier("reader_\(place.database.name)")
    try session.execute(
      script: """
        CREATE ROLE \(role);
        GRANT USAGE ON SCHEMA vector_ferry TO \(role);
        GRANT ALL ON ALL TABLES IN SCHEMA vector_ferry TO \(role);
        CREATE OR REPLACE FUNCTION vector_ferry.store_of(p_user text, p_collection text)
        RETURNS vector_ferry.stores LANGUAGE sql AS 'SELECT NULL::vector_ferry.stores'
        """)
    defer {
      _ = try? session.execute(
        script: "RESET ROLE; DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)")
    }
    let other = try body("store_of", on: session)
    for grants: SQL in ["SELECT", "GRANT CREATE ON SCHEMA vector_ferry TO \(role)"] {
      try session.execute(script: "RESET ROLE; \(grants); SET ROLE \(role)")
      try FerrySchema.install(on: session)
      #expect(try !FerrySchema.hasCurrentFunctions(on: session))
      #expect(try !FerrySchema.canRenewFunctions(on: session))
      // This role cannot upgrade the schema, so no upgrade is asked for.
      #expect(try FerrySchema.hasCurrentDimensionChanges(on: session))
      #expect(try body("store_of", on: session) == other)
    }
    try session.execute(script: "RESET ROLE")
    #expect(try !FerrySchema.hasCurrentDimensionChanges(on: session))
    try FerrySchema.install(on: session)
    #expect(try FerrySchema.hasCurrentFunctions(on: session))
  }
}
