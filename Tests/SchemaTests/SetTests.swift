import Postgres
import TestSupport
import Testing

@testable import Schema

/// Every bundled set on empty and on filled databases.
@Suite(.enabled(if: TestServer.isAvailable)) struct SetTests {
  /// Rows a table; the full form and CI alike use what the promise says.
  static let rows = 2000

  private func run(_ set: String, _ request: SchemaRequest, on connection: Connection) throws {
    let runner = SchemaRunner(connection: connection, set: try .bundled(set))
    _ = try runner.run(request, plan: try runner.plan(request))
  }

  private func verify(_ set: String, on connection: Connection) throws -> VerificationReport {
    try SchemaVerification(set: .bundled(set), connection: connection, environment: [:]).run()
  }

  @Test(arguments: MigrationSet.bundledNames)
  func `up, verify, down and up again on an empty database`(set: String) throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try run(set, .up(.all), on: connection)
    #expect(try verify(set, on: connection).findings.filter { !$0.holds } == [])
    try run(set, .down(.all), on: connection)
    let left = try CatalogSnapshot.read(connection).tables
    #expect(left == ["schema_migrations"])
    try run(set, .up(.all), on: connection)
    #expect(try verify(set, on: connection).isSound)
  }

  @Test(arguments: MigrationSet.bundledNames)
  func `every reversible pair keeps the user's data on filled tables`(set: String) throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try run(set, .up(.all), on: connection)
    try Filling(connection: connection).fill(rows: Self.rows)
    let before = try digests(connection)
    #expect(!before.isEmpty)
    let bundled = try MigrationSet.bundled(set)
    // 001 is the way back of 002: it begins on the template form.
    for migration in bundled.migrations where migration.isSingly && migration.version != "001" {
      try run(set, .apply([migration.fullName]), on: connection)
      let counts = try rowCounts(connection)
      #expect(before.keys.allSatisfy { counts[$0] == Self.rows }, "\(migration.fullName)")
      try run(set, .revert(migration.fullName), on: connection)
      #expect(try digests(connection) == before, "\(migration.fullName)")
    }
    #expect(
      try verify(set, on: connection).findings.filter { !$0.holds && $0.category == .structure }
        == [])
    if set == "semantic_search" {
      try run(set, .apply(["002"]), on: connection)
      try run(set, .apply(["001"]), on: connection)
      #expect(try digests(connection) == before)
      try run(set, .revert("001"), on: connection)
      try run(set, .revert("002"), on: connection)
      #expect(try digests(connection) == before)
    }
    try run(set, .down(.all), on: connection)
    try run(set, .up(.all), on: connection)
  }

  /// User tables by name: a digest of all rows.
  private func digests(_ connection: Connection) throws -> [String: String] {
    var found: [String: String] = [:]
    for table in try CatalogSnapshot.read(connection).tables
    where table != "schema_migrations" && !table.contains(".") && !table.hasSuffix("_backup") {
      found[table] = try connection.scalar(
        SQL(script: "SELECT md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM \(table) t"))
    }
    return found
  }

  private func rowCounts(_ connection: Connection) throws -> [String: Int] {
    var found: [String: Int] = [:]
    for table in try CatalogSnapshot.read(connection).tables {
      found[table] = try connection.scalar(SQL(script: "SELECT count(*) FROM \(table)"))
    }
    return found
  }

  @Test func `004 takes another dimension to 384 and back`() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try run("semantic_search", .up(.all), on: connection)
    try connection.execute(
      script: """
        DROP INDEX idx_vector_embedding_similarity;
        ALTER TABLE vector_embedding ALTER COLUMN embedding TYPE vector(768);
        INSERT INTO indexed_content (content_type, source_path, content_hash, content, status, indexed_at)
        SELECT 'doc', i::text, md5(i::text), 'c', 'COMPLETED', now() FROM generate_series(1, 50) i;
        INSERT INTO vector_embedding (content_id, embedding, chunk_index, chunk_text)
        SELECT i, array_fill(i::real, ARRAY[768])::vector, 0, 'chunk ' || i FROM generate_series(1, 50) i;
        """)
    try run("semantic_search", .apply(["004"]), on: connection)
    let after = try connection.query(
      """
      SELECT count(*), count(embedding), max(chunk_text),
        (SELECT count(*) FROM indexed_content WHERE status = 'PENDING' AND indexed_at IS NULL),
        (SELECT count(*) FROM vector_embedding_768_backup WHERE vector_dims(embedding) = 768)
      FROM vector_embedding
      """)
    #expect(try after.value(0, 0) == 50 && after.value(0, 1) == 0)
    #expect(try after.value(0, 3) == 50 && after.value(0, 4) == 50)
    try connection.execute(
      script: """
        UPDATE vector_embedding SET embedding = array_fill(id::real, ARRAY[384])::vector;
        INSERT INTO vector_embedding (content_id, chunk_index, chunk_text) VALUES (1, 1, 'next');
        """)
    #expect(try connection.scalar("SELECT max(id) FROM vector_embedding") == 51)
  }

  @Test func `a table that migrate has made is the one that the set makes`() throws {
    func shape(_ prepare: (Connection) throws -> Void) throws -> [String] {
      let database = try TestDatabase()
      let connection = try database.connect()
      try prepare(connection)
      let rows = try connection.query(
        """
        SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'vector_documents'::regclass
        UNION ALL
        SELECT format('%s %s %s %s', attname, format_type(atttypid, atttypmod), attnotnull,
          (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum))
        FROM pg_attribute WHERE attrelid = 'vector_documents'::regclass AND attnum > 0
        UNION ALL
        SELECT regexp_replace(prosrc, '\\s+', ' ', 'g') || proname FROM pg_proc
        WHERE proname LIKE 'vector_documents%'
        UNION ALL
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'vector_documents'::regclass
        ORDER BY 1
        """)
      return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
    }
    let bySet = try shape { try run("vector_documents", .up(.steps(1)), on: $0) }
    let byMigrate = try shape { connection in
      try connection.query("CREATE EXTENSION vector")
      try FerrySchema.install(on: connection)
      try VectorTable(name: QualifiedName(schema: "public", "vector_documents"), dimensions: 2000)
        .create(on: connection, vectorSchema: "public")
      // And the set takes it as it is.
      try run("vector_documents", .up(.steps(1)), on: connection)
    }
    #expect(bySet == byMigrate)
    let database = try TestDatabase()
    let connection = try database.connect()
    try run("vector_documents", .up(.all), on: connection)
    #expect(
      try VectorTable.find(QualifiedName("vector_documents"), on: connection)?.dimensions == 2000)
  }

  @Test func `row-level security shows a role its user's rows alone, and binds the owner`() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try run("vector_documents", .up(.all), on: connection)
    try run("vector_documents", .apply(["row_level_security"]), on: connection)
    try connection.execute(
      script: SQL(
        script: """
          INSERT INTO vector_documents (user_id, text, embedding)
          SELECT u, 't', array_fill(1::real, ARRAY[2000])::vector FROM unnest(ARRAY['ann', 'bob', 'bob']) u;
          CREATE ROLE owner_\(database.name); ALTER TABLE vector_documents OWNER TO owner_\(database.name);
          GRANT USAGE ON SCHEMA public TO owner_\(database.name);
          """))
    defer {
      _ = try? connection.execute(
        script: SQL(
          script:
            "RESET ROLE; DROP OWNED BY owner_\(database.name) CASCADE; DROP ROLE owner_\(database.name)"
        ))
    }
    try connection.execute(script: SQL(script: "SET ROLE owner_\(database.name)"))
    #expect(try connection.scalar("SELECT count(*) FROM vector_documents") == 0)
    try connection.execute(script: "SET vector_ferry.user_id = 'bob'")
    #expect(try connection.scalar("SELECT count(*) FROM vector_documents") == 2)
  }
}

/// Rows for every table of a set, made up from the types of its columns.
struct Filling {
  let connection: Connection

  func fill(rows: Int) throws {
    let tables = try connection.query(
      """
      SELECT c.relname::text, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
        string_agg(CASE
          WHEN a.attname = 'id' AND a.atttypid = 'uuid'::regtype THEN 'md5(i::text)::uuid'
          WHEN a.atttypid = 'uuid'::regtype THEN 'md5(i::text)::uuid'
          WHEN a.attname = 'metadata' AND c.relname = 'vector_embedding' THEN
            'CASE i % 3 WHEN 0 THEN ''{}''::jsonb WHEN 1 THEN NULL ELSE jsonb_build_object(''model_name'', ''m'' || i % 5, ''model_version'', ''2'') END'
          WHEN a.attname = 'metadata' AND c.relname = 'indexed_content' THEN
            'CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN ''{}''::jsonb ELSE jsonb_build_object(''n'', i) END'
          WHEN a.atttypid = 'jsonb'::regtype THEN 'jsonb_build_object(''record_type'', ''application'', ''n'', i)'
          WHEN a.attname = 'status' THEN '(ARRAY[''PENDING'',''PROCESSING'',''COMPLETED'',''FAILED''])[1 + i % 4]'
          WHEN a.attname = 'content_type' AND c.relname = 'indexed_content' THEN
            '(ARRAY[''source code'',''Doc'',''comment'',''function body'',''struct'',''odd''])[1 + i % 6]'
          WHEN a.attname = 'content_type' THEN '(ARRAY[''topic'',''post''])[1 + i % 2]'
          WHEN a.attname = 'search_type' THEN '''hybrid'''
          WHEN a.attname IN ('vector_weight', 'keyword_weight', 'similarity_threshold', 'confidence_score') THEN '0.5'
          WHEN a.attname IN ('file_hash', 'content_hash') THEN 'repeat(md5(i::text), 2)'
          WHEN t.typname = 'vector' THEN format(
            '(array_fill((i %% 97)::real, ARRAY[%s]) || array_fill((1 + i %% 89)::real, ARRAY[%s]))::vector',
            a.atttypmod / 2, a.atttypmod - a.atttypmod / 2)
          WHEN t.typname IN ('int4', 'int8') THEN 'i'
          WHEN t.typname IN ('float4', 'float8', 'numeric') THEN '0.25'
          WHEN t.typname = 'bool' THEN 'i % 2 = 0'
          WHEN t.typname = 'date' THEN '''2000-01-01''::date + i'
          WHEN t.typname = 'timestamptz' THEN '''2024-01-01''::timestamptz + i * interval ''1 minute'''
          WHEN t.typname = '_text' THEN 'ARRAY[''tag'' || i, ''x'']'
          ELSE '''word '' || i' END, ', ' ORDER BY a.attnum)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type t ON t.oid = a.atttypid
      WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'schema_migrations'
        AND t.typname <> 'tsvector'
      GROUP BY c.oid, c.relname ORDER BY c.oid
      """)
    for row in 0..<tables.rowCount {
      let table: String = try tables.value(row, 0)
      let columns: String = try tables.value(row, 1)
      let values: String = try tables.value(row, 2)
      try connection.execute(
        script: SQL(
          script:
            "INSERT INTO \(table) (\(columns)) SELECT \(values) FROM generate_series(1, \(rows)) i")
      )
      // Serial columns were given by hand.
      try connection.execute(
        script: SQL(
          script: """
            SELECT setval(pg_get_serial_sequence('\(table)', 'id'), \(rows))
            WHERE pg_get_serial_sequence('\(table)', 'id') IS NOT NULL
            """))
    }
  }
}
