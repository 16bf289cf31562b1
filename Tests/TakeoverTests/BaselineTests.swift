import Foundation
import MigrationFiles
import OwnSchema
import Postgres
import Schema
import TestSupport
import Testing

@testable import Takeover

/// Tests that databases that others have set up are taken over by their structure.
@Suite(.needsServer) struct BaselineTests {
  /// Gives every constraint, index, trigger and sequence of the schema public another name, and
  /// lets every trigger call a function of another name.
  private static let otherNames: SQL = """
    CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $f$
    BEGIN NEW.updated_at = CURRENT_TIMESTAMP; RETURN NEW; END $f$;
    DO $$
    DECLARE r record;
    BEGIN
      FOR r IN SELECT c.relname, g.tgname, pg_get_triggerdef(g.oid) AS def
        FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
        WHERE NOT g.tgisinternal AND c.relnamespace = 'public'::regnamespace
          AND pg_get_triggerdef(g.oid) ~ 'touch_updated_at'
      LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', r.tgname, r.relname);
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION '
          'update_updated_at_column()', 'update_' || r.relname || '_modtime', r.relname);
      END LOOP;
      FOR r IN SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f', 'c')
      LOOP
        EXECUTE format('ALTER TABLE %I RENAME CONSTRAINT %I TO %I', r.relname, r.conname,
          'their_' || md5(r.conname));
      END LOOP;
      FOR r IN SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
      LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', r.relname, 'their_' || md5(r.relname));
      END LOOP;
      FOR r IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
      LOOP
        EXECUTE format('ALTER SEQUENCE %I RENAME TO %I', r.relname, 'their_' || md5(r.relname));
      END LOOP;
    END $$;
    """

  /// A set in one of its states, with rows, and what an original description has otherwise.
  struct Case: Sendable, CustomTestStringConvertible {
    let set: String
    let versions: [String]
    let others: String
    let rows: String
    let tables: [String]
    /// The migrations by name that are applied and reverted one by one afterwards.
    var named: [String] = []
    var testDescription: String { "\(set) \(versions.joined(separator: " "))" }
  }

  /// A random vector for the row `i` of the query.
  private static func vector(_ dimensions: Int = 1536) -> String {
    "(SELECT array_agg(random()) FROM generate_series(1, \(dimensions)) WHERE i > 0)::vector"
  }

  private static let semanticRows = """
    INSERT INTO indexed_content (content_type, source_path, content_hash, title, content, metadata,
      status, chunk_count, indexed_at)
    SELECT (ARRAY['source', 'doc', 'comment'])[1 + i % 3], '/' || i, repeat('a', 64), 't' || i,
      'text ' || i, jsonb_build_object('n', i, 'model_name', 'm' || i % 2),
      (ARRAY['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'])[1 + i % 4], 1, now()
    FROM generate_series(1, 2000) i;
    INSERT INTO vector_embedding (content_id, embedding, chunk_index, chunk_text, metadata)
    SELECT i, \(vector(384)), 0, 'c' || i, metadata
    FROM (SELECT id AS i, metadata FROM indexed_content) c;
    INSERT INTO search_query (query_text, status) SELECT 'q' || i, 'COMPLETED'
    FROM generate_series(1, 50) i;
    INSERT INTO search_result (query_id, content_id, embedding_id, similarity_score, result_rank)
    SELECT i, i, i, 0.5, 1 FROM generate_series(1, 50) i;
    """
  private static let semanticTables = [
    "indexed_content", "vector_embedding", "search_query", "search_result",
  ]
  /// The functions that the earlier scripts did not have, and the table in which they kept track.
  private static let semanticOthers = """
    DROP FUNCTION migration_applied; DROP VIEW schema_migration_log; DROP FUNCTION search_results;
    DROP FUNCTION cleanup_old_search_results;
    CREATE TABLE schema_migration_log (id serial PRIMARY KEY, migration_name text UNIQUE,
      applied_at timestamp DEFAULT now(), rollback_sql text, notes text);
    INSERT INTO schema_migration_log (migration_name) VALUES ('014_semantic_search_core');
    ALTER TABLE indexed_content ALTER COLUMN title TYPE varchar(500),
      ALTER COLUMN created_at TYPE timestamp;
    DROP INDEX idx_indexed_content_hash;
    ALTER TABLE indexed_content DROP CONSTRAINT indexed_content_status_check,
      ADD CONSTRAINT valid_status CHECK (status = ANY (ARRAY['PENDING'::text, 'PROCESSING',
        'FAILED', 'COMPLETED']));
    """

  static let cases = [
    Case(
      set: "vector_documents", versions: ["0001", "0002"],
      others: """
        ALTER TABLE vector_documents ALTER COLUMN embedding TYPE vector(1536);
        ALTER TABLE vector_documents ALTER COLUMN user_id TYPE text;
        DROP SCHEMA vector_ferry CASCADE;
        """,
      rows: """
        INSERT INTO vector_documents (user_id, text, embedding, metadata)
        SELECT 'u' || i % 7, 'text ' || i, \(vector()), jsonb_build_object('record_id', i)
        FROM generate_series(1, 2000) i;
        """, tables: ["vector_documents"], named: ["0004"]),
    Case(
      set: "semantic_search", versions: ["014"], others: semanticOthers, rows: semanticRows,
      tables: semanticTables, named: ["003", "002", "005", "004"]),
    Case(
      set: "semantic_search", versions: ["014", "003"], others: semanticOthers,
      rows: semanticRows, tables: semanticTables, named: ["005"]),
    Case(
      set: "semantic_search", versions: ["014", "002"],
      others: "DROP FUNCTION search_results; DROP VIEW schema_migration_log CASCADE;",
      rows: """
        INSERT INTO indexed_content (content_type, source_path, content_hash, content, status)
        SELECT 'documentation', '/' || i, repeat('a', 64), 'text ' || i, 'completed'
        FROM generate_series(1, 2000) i;
        INSERT INTO vector_embedding (content_id, embedding, chunk_index, chunk_text)
        SELECT i, \(vector(384)), 0, 'c' || i
        FROM (SELECT id AS i FROM indexed_content) c;
        """, tables: semanticTables),
    Case(
      set: "unified_embeddings", versions: ["0001", "0002"],
      others: """
        ALTER TABLE embeddings ALTER COLUMN embedding_model TYPE text;
        DROP FUNCTION upsert_embedding;
        """,
      rows: """
        INSERT INTO embeddings (source_table, source_id, embedding, content_hash)
        SELECT 'entries', gen_random_uuid(), \(vector()), md5(i::text)
        FROM generate_series(1, 2000) i;
        """, tables: ["embeddings"]),
    Case(
      set: "forum_vectors",
      versions: ["20240211000001", "20240211000002", "20240211000003"],
      others: """
        ALTER TABLE forums ALTER COLUMN created_at DROP NOT NULL;
        ALTER TABLE topics ALTER COLUMN title TYPE text;
        """,
      rows: """
        INSERT INTO forums (name, url) SELECT 'f' || i, 'http://' || i FROM generate_series(1, 20) i;
        INSERT INTO topics (forum_id, title, content, author)
        SELECT 1 + i % 20, 't' || i, 'c', 'a' FROM generate_series(1, 2000) i;
        INSERT INTO posts (topic_id, forum_id, content, author)
        SELECT 1 + i % 2000, 1 + i % 20, 'c', 'a' FROM generate_series(1, 2000) i;
        INSERT INTO topic_vectors (topic_id, forum_id, title_vector, content_vector, combined_vector)
        SELECT i, 1 + i % 20, \(vector()), \(vector()), \(vector()) FROM generate_series(1, 200) i;
        """, tables: ["forums", "topics", "posts", "topic_vectors", "post_vectors"],
      named: ["20240212000001", "20240212000002", "20240212000003"]),
    Case(
      set: "knowledge_graph", versions: ["001"],
      others: """
        ALTER TABLE code_embeddings ALTER COLUMN tokens_count DROP NOT NULL;
        ALTER TABLE code_patterns ALTER COLUMN confidence_score TYPE float8;
        """,
      rows: """
        INSERT INTO code_embeddings (file_path, file_hash, embedding, language)
        SELECT '/f' || i, md5(i::text), \(vector()), 'swift' FROM generate_series(1, 2000) i;
        INSERT INTO code_patterns (pattern_name, pattern_type, pattern_template, language)
        SELECT 'p' || i, 't', 'x', 'swift' FROM generate_series(1, 200) i;
        """,
      tables: ["code_embeddings", "code_patterns", "code_relationships", "embedding_cache_stats"]),
  ]

  /// Applies the set, forgets that this program did it, and makes the database look like others'.
  private static func original(_ it: Case) throws -> TestDatabase {
    let database = try TestDatabase()
    let connection = try database.connect()
    let runner = SchemaRunner(connection: connection, set: try .bundled(it.set))
    for version in it.versions {
      let request = SchemaRequest.apply([version])
      _ = try runner.run(request, plan: try runner.plan(request))
    }
    let other = try database.connect()
    // The view of semantic_search depends on the ledger.
    try other.execute(script: SQL(script: it.others))
    try other.execute(script: otherNames)
    try other.execute(script: "DROP TABLE schema_migrations CASCADE")
    try other.execute(script: SQL(script: it.rows))
    return database
  }

  private static func digest(_ tables: [String], in database: TestDatabase) throws -> [String?] {
    let connection = try database.connect()
    return try tables.map { table in
      try connection.scalar(
        SQL(
          script:
            "SELECT md5(string_agg(to_jsonb(t)::text, '|' ORDER BY t.id::text)) FROM \(table) t"
        ))
    }
  }

  @Test(arguments: cases)
  func `a database of other names is taken over, and every step works on it`(it: Case) throws {
    let database = try Self.original(it)
    let before = try Self.digest(it.tables, in: database)
    let set = try MigrationSet.bundled(it.set)
    let found = try SetBaseline.find(set, on: database.connect())
    let expected = it.versions
    #expect(found.migrations.map(\.version) == expected)
    #expect(!found.renamings.isEmpty)
    #expect(found.differences.isEmpty == it.versions.contains("002"), "\(found.differences)")
    func runner() throws -> SchemaRunner {
      SchemaRunner(connection: try database.connect(), set: set)
    }
    func run(_ request: SchemaRequest) throws {
      let runner = try runner()
      _ = try runner.run(request, plan: try runner.plan(request))
    }
    #expect(try found.take(by: runner()).map(\.version) == expected)
    #expect(try Self.digest(it.tables, in: database) == before)
    // A second look finds the same state, and nothing more to do.
    let again = try SetBaseline.find(set, on: database.connect())
    #expect(again.migrations == found.migrations)
    #expect(
      again.renamings.isEmpty && again.additions.isEmpty, "\(again.renamings) \(again.additions)")
    // Every step up and down, with the users' rows as they were.
    for name in it.named {
      try run(.apply([name]))
      try run(.revert(name))
      #expect(try Self.digest(it.tables, in: database) == before, "\(name)")
    }
    let pending = try runner().state().pending.count
    if pending > 0 {
      try run(.up(.all))
      try run(.down(.steps(pending)))
      #expect(try Self.digest(it.tables, in: database) == before)
      #expect(try SetBaseline.find(set, on: database.connect()).migrations == found.migrations)
    }
    try run(.up(.all))
    if it.versions.contains("002") {
      try run(.revert("002"))
      try run(.apply(["002"]))
    }
    try run(.down(.all))
    try run(.up(.all))
    #expect(try runner().state().pending.isEmpty)
  }

  @Test func `a table that lacks a column of the set is refused with what is missing`() throws {
    let database = try Self.original(Self.cases[5])
    try database.connect().execute(script: "ALTER TABLE posts DROP COLUMN author")
    let error = #expect(throws: SchemaError.self) {
      try SetBaseline.find(.bundled("forum_vectors"), on: database.connect())
    }
    #expect(error?.problem.contains("column posts.author") == true, "\(error?.problem ?? "")")
  }

  @Test func `an empty database has nothing to be taken over`() throws {
    let database = try TestDatabase()
    for name in MigrationSet.bundledNames {
      let error = #expect(throws: SchemaError.self) {
        try SetBaseline.find(.bundled(name), on: database.connect())
      }
      #expect(error?.remedy.contains("schema up --set \(name)") == true)
    }
  }

  @Test func `where a missing constraint does not hold, nothing is changed`() throws {
    let database = try Self.original(Self.cases[6])
    let connection = try database.connect()
    let name: String? = try connection.scalar(
      "SELECT conname::text FROM pg_constraint WHERE contype = 'u' AND conrelid = 'code_patterns'::regclass"
    )
    try connection.execute(
      script: "ALTER TABLE code_patterns DROP CONSTRAINT \(Identifier(try #require(name)))")
    try connection.execute(script: "UPDATE code_patterns SET pattern_name = 'same'")
    let set = try MigrationSet.bundled("knowledge_graph")
    let found = try SetBaseline.find(set, on: connection)
    #expect(found.additions.contains { $0.contains("code_patterns_pattern_name_language_key") })
    #expect(throws: (any Error).self) {
      try found.take(by: SchemaRunner(connection: try database.connect(), set: set))
    }
    #expect(try SetState.read(set, on: database.connect()).applied.isEmpty)
    #expect(try SetBaseline.find(set, on: connection).renamings == found.renamings)
  }
}
