import Foundation
import Postgres
import Layouts
import TestSupport

@testable import VectorIndex

/// A database with a table of documents, and functions by which tests change it.
final class Workbench {
  let database: TestDatabase
  let session: Connection
  let table = QualifiedName("vector_documents")
  private(set) var events: [IndexEvent] = []

  /// Creates a table of `rows` documents around `clusters` centres, which the server makes from one
  /// seed.
  init(rows: Int, dimensions: Int = 16, clusters: Int = 20) throws {
    database = try TestDatabase()
    session = try database.connect()
    try session.query("CREATE EXTENSION vector")
    try VectorTable(
      name: QualifiedName(schema: "public", "vector_documents"), dimensions: dimensions
    )
    .create(on: session, vectorSchema: "public")
    try session.query("SELECT setseed(0.25)")
    try add(rows, dimensions: dimensions, clusters: clusters)
    try session.query("ANALYZE vector_documents")
  }

  /// Adds documents of the same kind.
  func add(_ rows: Int, dimensions: Int, clusters: Int = 20) throws {
    try session.query(
      """
      WITH centre AS MATERIALIZED (
        SELECT c, d, random() AS x
        FROM generate_series(1, \(clusters)) c, generate_series(1, \(dimensions)) d)
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      SELECT 'user ' || r % 7, 'notes', 'text ' || r,
             (SELECT array_agg((x + random() / 3 + 0 * r)::real ORDER BY d)::vector
              FROM centre WHERE c = 1 + r % \(clusters))
      FROM generate_series(1, \(rows)) r
      """)
  }

  /// Copies the documents into a table of two partitions, with an index over both partitions.
  func partition() throws {
    try session.execute(
      script: """
        CREATE TABLE parts (LIKE vector_documents INCLUDING DEFAULTS) PARTITION BY HASH (user_id);
        CREATE TABLE part_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE part_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO parts SELECT * FROM vector_documents;
        ANALYZE parts;
        CREATE INDEX parts_idx ON parts USING hnsw (embedding vector_cosine_ops)
        """)
  }

  func plan(_ request: BuildRequest) throws -> BuildPlan? {
    guard
      case .build(let plan) = try BuildDecision.make(request, table: table, on: session)
    else { return nil }
    return plan
  }

  @discardableResult
  func build(_ request: BuildRequest) throws -> IndexBuild.Outcome? {
    guard let plan = try plan(request) else { return nil }
    return try IndexBuild(
      plan, on: session, watcher: try database.connect(), observe: { self.events.append($0) }
    ).run()
  }

  func status() throws -> IndexStatus { try IndexStatus.read(session, table: table) }

  /// All progress that builds have reported, in order.
  var progress: [BuildProgress] {
    events.compactMap { if case .progress(let now) = $0 { now } else { nil } }
  }

  /// The processes that builds have reported to wait for.
  var waitedFor: [Int?] {
    events.compactMap { if case .waiting(let blocker) = $0 { blocker.process } else { nil } }
  }

  /// Returns every vector index of the database.
  func vectorIndexes() throws -> String? {
    try session.scalar(
      """
      SELECT string_agg(c.relname || ' ' || c.oid, ',' ORDER BY c.relname)
      FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE a.amname IN ('hnsw', 'ivfflat')
      """)
  }

  /// Returns all settings of the table, and all properties of its indexes that are no vector
  /// indexes.
  func surroundings() throws -> String? {
    try session.scalar(
      """
      SELECT concat_ws('|', (SELECT array_to_string(reloptions, ',') FROM pg_class
                             WHERE oid = 'vector_documents'::regclass),
        (SELECT string_agg(concat_ws(' ', c.relname, c.oid, i.indisvalid), ',' ORDER BY c.relname)
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
         WHERE i.indrelid = 'vector_documents'::regclass
           AND a.amname NOT IN ('hnsw', 'ivfflat')))
      """)
  }
}
