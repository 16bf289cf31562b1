import Postgres
import TestSupport
import Testing

import Layouts
import MigrationFiles
import OwnSchema
@testable import Schema

/// Tests every bundled set on empty and on filled databases.
@Suite(.needsServer) struct SetTests {
  /// The number of rows in each table.
  static let rows = Oracle.isFullRun ? 2000 : 200

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
    let before = try TableDigests.read(connection)
    #expect(!before.isEmpty)
    let bundled = try MigrationSet.bundled(set)
    // The migration 001 reverses 002, and begins with the template form.
    for migration in bundled.migrations where migration.isByNameOnly && migration.version != "001" {
      try run(set, .apply([migration.fullName]), on: connection)
      let counts = try rowCounts(connection)
      #expect(before.names.allSatisfy { counts[$0] == Self.rows }, "\(migration.fullName)")
      try run(set, .revert(migration.fullName), on: connection)
      #expect(try TableDigests.read(connection) == before, "\(migration.fullName)")
    }
    #expect(
      try verify(set, on: connection).findings.filter { !$0.holds && $0.category == .structure }
        == [])
    if set == "semantic_search" {
      try run(set, .apply(["002"]), on: connection)
      try run(set, .apply(["001"]), on: connection)
      #expect(try TableDigests.read(connection) == before)
      try run(set, .revert("001"), on: connection)
      try run(set, .revert("002"), on: connection)
      #expect(try TableDigests.read(connection) == before)
    }
    try run(set, .down(.all), on: connection)
    try run(set, .up(.all), on: connection)
  }

  @Test(arguments: MigrationSet.bundledNames)
  func `each step of up and down keeps the data of the tables that were there before it`(
    set: String
  ) throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    for migration in try MigrationSet.bundled(set).regular {
      try Filling(connection: connection).fill(rows: Self.rows)
      let before = try TableDigests.read(connection)
      for round in 1...2 {
        try run(set, .up(.steps(1)), on: connection)
        #expect(
          try TableDigests.read(connection, like: before) == before,
          "\(migration.fullName) up, round \(round)")
        guard round == 1 else { break }
        // Tables that the step has made are dropped with it, also where they have rows.
        try Filling(connection: connection).fill(rows: Self.rows)
        try run(set, .down(.steps(1)), on: connection)
        #expect(try TableDigests.read(connection) == before, "\(migration.fullName) down")
      }
    }
    #expect(try SetState.read(.bundled(set), on: connection).pending.isEmpty)
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

  /// Returns the table of documents in words: columns, indexes, functions and triggers.
  private func shape(on connection: Connection) throws -> [String] {
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

  @Test func `a table that migrate has made is the one that the set makes`() throws {
    let (set, migrate) = (try TestDatabase(), try TestDatabase())
    let (one, other) = (try set.connect(), try migrate.connect())
    try run("vector_documents", .up(.steps(1)), on: one)
    let bySet = try shape(on: one)
    try other.query("CREATE EXTENSION vector")
    try FerrySchema.install(on: other)
    try VectorTable(name: QualifiedName(schema: "public", "vector_documents"), dimensions: 2000)
      .create(on: other, vectorSchema: "public")
    // There are eight columns, three indexes, a function and its trigger.
    #expect(bySet.count == 13, "\(bySet)")
    #expect(try shape(on: other) == bySet)
    // The set accepts the table as it is.
    try run("vector_documents", .up(.steps(1)), on: other)
    #expect(try shape(on: other) == bySet)
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
