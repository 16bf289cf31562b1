import Foundation
import Postgres
import TestSupport
import Testing

/// Tests `dimensions …` while an application reads and writes.
@Suite(.needsServer, .serialized) struct DimensionTests {
  private static let rows = Oracle.isFullRun ? 20_000 : 500
  private static let from = Oracle.isFullRun ? 3072 : 96
  private static let to = Oracle.isFullRun ? 2000 : 64

  private static let untouched: SQL = """
    SELECT md5(string_agg(concat_ws('|', id, text, metadata, created_at, updated_at), ',' ORDER BY id))
    FROM vector_documents WHERE text LIKE 'document %'
    """

  static let stages = [
    "change-fitted", "change-before-begin", "change-begun", "change-batch", "change-filled",
    "change-indexed", "change-locked", "change-swapped", "change-validated", "change-settled",
  ]

  @Test
  func `killed at ten points beside readers and writers, nothing is lost and no search fails`()
    throws
  {
    let ferry = try Ferry()
    let probe = try ferry.fillTable(rows: Self.rows, dimensions: Self.from)
    let before: String? = try ferry.scalar(Self.untouched)
    let clients = try DimensionClients(ferry.database, dimensions: Self.from)
    clients.start(probe: probe)
    for stage in Self.stages {
      let run = try ferry.start(
        "dimensions", "change", "--to", "\(Self.to)",
        environment: ["VECTOR_FERRY_PAUSE_AT": stage])
      #expect(run.waitForError("paused at \(stage)", seconds: 900), "\(stage): \(run.errors)")
      if stage != "change-locked" { usleep(100_000) }
      run.signal(SIGKILL)
      _ = try run.finish()
      #expect(clients.soFar.failures == [], "\(stage)")
    }
    let outcome = try ferry.run("dimensions", "change", "--to", "\(Self.to)")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    usleep(200_000)
    let log = clients.stop()
    print("reads \(log.reads), writes \(log.written.count), refusals \(log.refusals.count)")
    #expect(log.failures == [] && log.reads > 20 && log.written.count > 20)
    #expect(log.committed > 20 && log.takenBack > 5 && log.removed.count > 10)
    #expect(log.refusals.allSatisfy { $0.contains("expected \(Self.to) dimensions") })
    #expect(try ferry.scalar(Self.untouched) == before)
    try expectWhole(ferry, log)
  }

  /// Expects every answered write in both columns or in the new one, the column's NOT NULL as
  /// before, and no object of the change.
  private func expectWhole(_ ferry: Ferry, _ log: DimensionClients.Log) throws {
    let connection = try ferry.database.connect()
    #expect(
      try connection.scalar("SELECT count(*) FROM vector_documents") == Self.rows
        + log.written.count)
    for id in log.removed {
      #expect(
        try connection.scalar(
          "SELECT count(*) FROM vector_documents WHERE id = \(Literal(id))::uuid") == 0)
    }
    for (id, vector) in log.written {
      let row = try connection.query(
        SQL(
          script: """
            SELECT embedding <=> vector_ferry.change_vector(
              (SELECT max(id) FROM vector_ferry.dimension_changes), $1::vector, false),
              embedding_\(Self.from) <-> $1::vector
            FROM vector_documents WHERE id = '\(id)'
            """.replacingOccurrences(
              of: "$1", with: "'[\(vector.map { "\($0)" }.joined(separator: ","))]'")))
      #expect(try row.rowCount == 1 && row.value(0, 0, as: Double.self) < 1e-5)
      if let kept = try row.optional(0, 1, as: Double.self) { #expect(kept < 1e-5) }
    }
    #expect(
      try connection.scalar(
        SQL(
          script: """
            SELECT bool_and(vector_dims(embedding) = \(Self.to)) FROM vector_documents
            """)) == true)
    #expect(
      try connection.scalar(
        """
        SELECT attnotnull FROM pg_attribute
        WHERE attrelid = 'vector_documents'::regclass AND attname = 'embedding'
        """) == true)
    #expect(
      try connection.scalar(
        "SELECT count(*) FROM pg_constraint WHERE conrelid = 'vector_documents'::regclass AND contype = 'c'"
      ) == 0)
    #expect(
      try connection.scalar(
        "SELECT count(*) FROM pg_class WHERE relname LIKE '%waiting_idx'") == 0)
    #expect(try connection.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0)
  }

  @Test func `a change can be taken back before and after the swap, until rows have come since`()
    throws
  {
    let ferry = try Ferry()
    _ = try ferry.fillTable(rows: 160, dimensions: 96)
    let digest: SQL =
      "SELECT md5(string_agg(embedding::text, ',' ORDER BY id)) FROM vector_documents"
    let before: String? = try ferry.scalar(digest)
    let run = try ferry.start(
      "dimensions", "change", "--to", "64", environment: ["VECTOR_FERRY_PAUSE_AT": "change-filled"])
    #expect(run.waitForError("paused at change-filled"))
    run.signal(SIGKILL)
    _ = try run.finish()
    #expect(try ferry.run("dimensions", "change", "--to", "32").status == 3)
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 3)
    #expect(try ferry.run("dimensions", "undo").status == 3)
    #expect(try ferry.run("dimensions", "undo", "--yes").status == 0)
    #expect(try ferry.scalar(digest) == before)
    #expect(try ferry.run("dimensions", "change", "--to", "64", "--no-index").status == 0)
    #expect(try ferry.run("dimensions", "undo", "--yes").status == 0)
    #expect(try ferry.scalar(digest) == before)
    #expect(try ferry.scalar("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'zz_%'") == 0)
    #expect(try ferry.run("dimensions", "change", "--to", "64").status == 0)
    // A vector that changes after the swap has no old vector any more.
    try ferry.database.connect().execute(
      script: """
        UPDATE vector_documents SET embedding = embedding * array_fill(2::real, ARRAY[64])::vector
        WHERE text = 'document 7'
        """)
    let refused = try ferry.run("dimensions", "undo", "--yes")
    #expect(refused.status == 3 && refused.errorText.contains("1 rows were written since the swap"))
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    #expect(
      try ferry.scalar(
        "SELECT count(*) FROM pg_attribute WHERE attname = 'embedding_96' AND NOT attisdropped")
        == 0)
    #expect(try ferry.run("dimensions", "status").text.contains("96 → 64 dimensions, done\n"))
    #expect(try ferry.run("dimensions", "change", "--to", "96").status == 3)
  }

  @Test func `widening keeps every score, and queries of the old dimension are widened too`() throws
  {
    let ferry = try Ferry()
    let probe = try ferry.fillTable(rows: 60, dimensions: 96)
    let clients = try DimensionClients(ferry.database, dimensions: 96)
    let search = SQL(
      script: """
        SELECT string_agg(id::text || round(similarity::numeric, 6)::text, ',' ORDER BY similarity DESC)
        FROM vector_ferry.similarity_search('ann', 'notes', '\(clients.probe)', 20)
        """)
    let before: String? = try ferry.scalar(search)
    #expect(before?.hasPrefix(probe) == true)
    let tuned: SQL = """
      SELECT count(*) FROM pg_proc WHERE proname = 'similarity_search' AND 'hnsw.ef_search=77' = ANY (proconfig)
      """
    try ferry.database.connect().execute(
      script: """
        ALTER FUNCTION vector_ferry.similarity_search(text, text, vector, int, float8, jsonb)
          SET hnsw.ef_search = 77
        """)
    #expect(try ferry.run("dimensions", "change", "--to", "128").status == 0)
    #expect(try ferry.scalar(search) == before)
    #expect(try ferry.scalar(tuned) == 1)
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    #expect(try ferry.scalar(search) == before)
  }

  @Test func `a transaction that is older than the last filled row is waited for, and named`()
    throws
  {
    let ferry = try Ferry()
    _ = try ferry.fillTable(rows: 160, dimensions: 96)
    let old = try ferry.database.connect()
    try old.execute(
      script: "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class")
    let run = try ferry.start("dimensions", "change", "--to", "64", "--no-index")
    #expect(
      run.waitForError("Waiting for the transaction of server process \(old.backendPID)"),
      "\(run.errors)")
    #expect(try old.scalar("SELECT count(embedding) FROM vector_documents") == 160)
    try old.execute(script: "COMMIT")
    #expect(try run.finish().status == 0)
  }

  @Test func `a model is measured with rows that it was not fitted to, and not fitted to too few`()
    throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let refused = try ferry.run("dimensions", "change", "--to", "64")
    #expect(refused.status == 3, "\(refused.errorText)")
    #expect(
      refused.errorText.contains("60 rows are too few to fit and measure a model of 64 dimensions"))
    #expect(
      try ferry.scalar("SELECT to_regclass('vector_ferry.dimension_changes') IS NULL") == true)
    let measured = try ferry.run("dimensions", "change", "--to", "64", "--reduce", "truncate")
    #expect(measured.status == 0 && measured.errorText.contains("No model is fitted"))
    #expect(try ferry.run("dimensions", "undo", "--yes").status == 0)
    let accepted = try ferry.run("dimensions", "change", "--to", "64", "--accept-few-rows")
    #expect(accepted.status == 0, "\(accepted.errorText)")
    #expect(accepted.errorText.contains("fitted to 60 rows; queries are taken from the same rows"))
  }

  @Test func `queries are rows that were kept from the fitting`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let outcome = try ferry.run("dimensions", "change", "--to", "64")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("that it was not fitted to, among 160 rows"))
    let fitted: Int? = try ferry.scalar("SELECT fitted_rows FROM vector_ferry.projections")
    #expect(try #require(fitted) < 160)
    #expect(outcome.errorText.contains("A model fitted to \(try #require(fitted)) rows"))
  }

  @Test func `what was only widened is made as narrow again, and finds the same`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    let clients = try DimensionClients(ferry.database, dimensions: 96)
    let search = SQL(
      script: """
        SELECT string_agg(id::text || round(similarity::numeric, 5)::text, ',' ORDER BY similarity DESC)
        FROM vector_ferry.similarity_search('ann', 'notes', '\(clients.probe)', 20)
        """)
    let before: String? = try ferry.scalar(search)
    for width in ["128", "192"] {
      #expect(try ferry.run("dimensions", "change", "--to", width).status == 0)
      #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    }
    let back = try ferry.run("dimensions", "change", "--to", "96")
    #expect(back.status == 0, "\(back.errorText)")
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    #expect(try ferry.scalar(search) == before)
    // Numbers that a smaller dimension has cut off are lost.
    #expect(
      try ferry.run("dimensions", "change", "--to", "48", "--reduce", "truncate").status == 0)
    #expect(try ferry.run("dimensions", "finish", "--yes").status == 0)
    let refused = try ferry.run("dimensions", "change", "--to", "96")
    #expect(refused.status == 3 && refused.errorText.contains("cannot be restored"))
  }
}
