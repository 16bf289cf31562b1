import Foundation
import Postgres
import TestSupport
import Testing

/// Tests the index, the waiting and the endings of a dimension change.
@Suite(.needsServer, .serialized) struct DimensionRunTests {
  private func script(_ text: String, _ ferry: Ferry) throws {
    try ferry.database.connect().execute(script: SQL(script: text))
  }

  /// Returns the definition and the comment of the index on the column with the original name.
  private func index(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(
      """
      SELECT concat(pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class'))
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
      WHERE i.indrelid = 'vector_documents'::regclass AND m.amname IN ('hnsw', 'ivfflat')
        AND pg_get_indexdef(i.indexrelid, 1, true) ~ 'embedding(::|$)'
      """)
  }

  // MARK: Index

  @Test func `a small table gets no index, a larger one by the rules of index build`() throws {
    let small = try Ferry()
    try small.fillTable(rows: 160, dimensions: 96)
    let none = try small.run("dimensions", "change", "--to", "64")
    #expect(none.status == 0 && none.errorText.contains("No index is built"), "\(none.errorText)")
    #expect(try index(small) == nil)
    let large = try Ferry()
    try large.fillTable(rows: 1200, dimensions: 24)
    let built = try large.run("dimensions", "change", "--to", "16")
    #expect(built.status == 0, "\(built.errorText)")
    #expect(built.text.contains("HNSW index on public.vector_documents"), "\(built.text)")
    #expect(built.text.contains("Memory: needs") && built.text.contains("✅ Built"))
    let definition = try #require(try index(large))
    #expect(definition.contains("(m='16', ef_construction='64')"), "\(definition)")
    #expect(definition.contains("rows=1200 "), "\(definition)")
    // Searches use this index from now on, and would not use another one over the old column.
    let again = try large.run("index", "build")
    #expect(again.status == 0 && again.text.contains("exists already"), "\(again.text)")
  }

  @Test func `an IVFFlat index is followed by another, and half precision above 2,000`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    try script(
      """
      CREATE INDEX lists ON vector_documents USING ivfflat (embedding vector_cosine_ops)
        WITH (lists = 1)
      """, ferry)
    let narrow = try ferry.run("dimensions", "change", "--to", "64")
    #expect(narrow.status == 0, "\(narrow.errorText)")
    #expect(try index(ferry)?.contains("USING ivfflat") == true)
    #expect(try ferry.run("dimensions", "undo", "--yes").status == 0)
    let wide = try ferry.run("dimensions", "change", "--to", "2100")
    #expect(wide.status == 0, "\(wide.errorText)")
    #expect(try index(ferry)?.contains("halfvec(2100)) halfvec_cosine_ops") == true)
  }

  // MARK: Waiting

  @Test func `who holds the rows that are left is named, and not waited for without end`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 600, dimensions: 24)
    let change = try ferry.start(
      "dimensions", "change", "--to", "16", "--wait", "1",
      environment: ["VECTOR_FERRY_PAUSE_AT": "change-batch"])
    #expect(change.waitForError("paused at change-batch"), "\(change.errors)")
    let holder = try ferry.database.connect()
    try holder.execute(
      script: """
        BEGIN; SELECT FROM vector_documents WHERE embedding_16 IS NULL
        LIMIT 1 FOR UPDATE SKIP LOCKED
        """)
    let outcome = try change.resume()
    #expect(outcome.status == 1)
    #expect(
      outcome.errorText.contains(
        "Waiting for the transaction of server process \(holder.backendPID)"),
      "\(outcome.errorText)")
    #expect(
      outcome.errorText.contains(
        "waited 1 seconds for the transaction of server process \(holder.backendPID)"))
    try holder.execute(script: "ROLLBACK")
    #expect(try ferry.run("dimensions", "change").status == 0)
  }

  // MARK: Endings

  @Test func `an undo that was killed is settled by the next command`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    #expect(try ferry.run("dimensions", "change", "--to", "64").status == 0)
    let undo = try ferry.start(
      "dimensions", "undo", "--yes", environment: ["VECTOR_FERRY_PAUSE_AT": "change-validated"])
    #expect(undo.waitForError("paused at change-validated"), "\(undo.errors)")
    // Nulls were refused during the whole change, and no lock is held that a reader would wait for.
    let error = #expect(throws: PostgresError.self) {
      try script("UPDATE vector_documents SET embedding = NULL", ferry)
    }
    #expect(error?.serverError?.sqlState == "23514")
    undo.signal(SIGKILL)
    _ = try undo.finish()
    #expect(try ferry.run("dimensions", "undo", "--yes").status == 3)
    #expect(
      try ferry.scalar(
        """
        SELECT attnotnull FROM pg_attribute
        WHERE attrelid = 'vector_documents'::regclass AND attname = 'embedding'
        """) == true)
    #expect(
      try ferry.scalar(
        """
        SELECT (SELECT count(*) FROM pg_constraint
                WHERE conrelid = 'vector_documents'::regclass AND contype = 'c')
          + (SELECT count(*) FROM pg_class WHERE relname LIKE '%lost_idx')
        """) == 0)
  }

  @Test func `remedies name commands and options that there are`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    try script(
      """
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'not you' USING ERRCODE = 'insufficient_privilege'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION refuse();
      """, ferry)
    let broken = try ferry.run("dimensions", "change", "--to", "64")
    #expect(
      broken.status == 1 && broken.errorText.contains("function refuse() refused the statement"),
      "\(broken.errorText)")
    #expect(!broken.errorText.contains("--failed"), "\(broken.errorText)")
    try script("DROP FUNCTION refuse() CASCADE", ferry)
    #expect(try ferry.run("dimensions", "change").status == 0)
    let other = try ferry.run("dimensions", "change", "--to", "32")
    #expect(other.status == 3 && other.errorText.contains("finish the change (dimensions finish)"))
  }

  @Test func `missing rights are told before anything is read`() throws {
    let ferry = try Ferry()
    let role = try Role("owner", in: ferry)
    try ferry.fillTable(rows: 160, dimensions: 96)
    try script("ALTER TABLE vector_documents OWNER TO \(role.name)", ferry)
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    try script("GRANT CREATE ON SCHEMA public TO \(role.name)", ferry)
    let outcome = try ferry.run("dimensions", "change", "--to", "64", environment: environment)
    #expect(outcome.status == 3, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("schema vector_ferry belongs to"), "\(outcome.errorText)")
    #expect(!outcome.errorText.contains("recall"))
  }
}
