import Foundation
import Postgres
import OwnSchema
import TestSupport
import Testing

@Suite(.needsServer)
struct IndexAfterLoadTests {
  private static func ferry(rows: Int) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(rows, dimensions: 8), texts: Ferry.texts(rows))
    return ferry
  }

  private static func vectorIndexes(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(
      """
      SELECT string_agg(a.amname || ' ' || i.indisvalid, ',')
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
      WHERE a.amname IN ('hnsw', 'ivfflat')
      """)
  }

  @Test(arguments: [
    (999, "auto", nil), (1000, "auto", "hnsw true"), (1000, "none", nil),
    (20, "hnsw", "hnsw true"), (20, "ivfflat", "ivfflat true"),
  ])
  func `after a load the table has the index that was asked for`(
    rows: Int, choice: String, indexes: String?
  ) throws {
    let ferry = try Self.ferry(rows: rows)
    let dry = try ferry.run("--dry-run", "--index", choice)
    #expect(dry.text.contains("after the load") == (indexes != nil), "\(dry.text)")
    let outcome = try ferry.run("--index", choice)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("✅ Migration completed successfully!"))
    #expect(outcome.text.contains("✅ Built public.vector_documents") == (indexes != nil))
    #expect(try Self.vectorIndexes(ferry) == indexes)
    #expect(try ferry.run().status == 0)
    #expect(try Self.vectorIndexes(ferry) == indexes, "a second run builds nothing")
  }

  @Test func `an index that fails leaves the documents as they are, and is told with its remedy`()
    throws
  {
    let ferry = try Self.ferry(rows: 30)
    // A relation with the name of the index prevents the build.
    try ferry.database.connect().execute(
      script: "CREATE SEQUENCE public.vector_documents_embedding_hnsw_idx")
    let outcome = try ferry.run("--index", "hnsw")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("Failed: 0"))
    #expect(outcome.text.contains("✅ Every document is migrated and verified"))
    #expect(outcome.text.contains("❌ The index was not built: "))
    #expect(outcome.text.contains("vector-ferry index build"))
    #expect(try ferry.counts() == ["ann/notes": 30])
    #expect(try ferry.run("verify").status == 0)
    let again = try ferry.run("--index", "hnsw", "--force", "--yes", "--json")
    #expect(again.status == 1)
    let document = try Ferry.json(again)
    #expect((document["index"] as? [String: Any])?["outcome"] as? String == "failed")
    #expect((document["summary"] as? [String: Any])?["failed"] as? Int == 0)
  }

  @Test func `hidden by row-level security, the rows of the table count all the same`() throws {
    let ferry = try Self.ferry(rows: 1200)
    #expect(try ferry.run("--index", "none").status == 0)
    let role = "owner_\(ferry.database.name)"
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE ROLE \(role) LOGIN;
          GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vector_ferry TO \(role);
          GRANT USAGE ON SCHEMA vector_ferry TO \(role);
          GRANT ALL ON SCHEMA public TO \(role);
          GRANT TEMPORARY ON DATABASE \(ferry.database.name) TO \(role);
          GRANT USAGE ON ALL SEQUENCES IN SCHEMA vector_ferry TO \(role);
          ALTER TABLE vector_documents OWNER TO \(role);
          """))
    try session.execute(script: RowSecurity.isolateUsers(in: QualifiedName("vector_documents")))
    defer {
      _ = try? session.execute(
        script: SQL(script: "DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)"))
    }
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3, dimensions: 8), texts: Ferry.texts(3))
    let outcome = try ferry.run("--database-url", ferry.url(as: role))
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("over 1,203 rows"), "\(outcome.text)")
    #expect(try Self.vectorIndexes(ferry) == "hnsw true")
  }

  @Test func `a role that does not own the table loads it and says who builds`() throws {
    let ferry = try Self.ferry(rows: 1200)
    #expect(try ferry.run("--index", "none").status == 0)
    let role = "loader_\(ferry.database.name)"
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE ROLE \(role) LOGIN;
          GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, vector_ferry TO \(role);
          GRANT USAGE ON SCHEMA public, vector_ferry TO \(role);
          GRANT USAGE ON ALL SEQUENCES IN SCHEMA vector_ferry TO \(role);
          """))
    defer {
      _ = try? session.execute(script: SQL(script: "DROP OWNED BY \(role); DROP ROLE \(role)"))
    }
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3, dimensions: 8), texts: Ferry.texts(3))
    let outcome = try ferry.run("--database-url", ferry.url(as: role))
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("No index was built: only the owner"), "\(outcome.text)")
    #expect(try Self.vectorIndexes(ferry) == nil)
  }
}
