import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct KeptOriginalTests {
  static let count = 300
  private let rows = Ferry.rows(count, dimensions: 24, seed: 11)
  private let texts = Ferry.texts(count)
  private let queries = Ferry.rows(20, dimensions: 24, seed: 12)

  /// Creates a store that loses much by the reduction: from 24 to 12 dimensions, with more rows
  /// than dimensions.
  private func ferry(_ more: String...) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: texts)
    let outcome = try TestSupport.run(
      Ferry.binary, ["migrate", "--dimensions", "12", "--min-recall", "0"] + more,
      environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return ferry
  }

  @Test func `search ranks by kept originals, and finds what reduced vectors miss`() throws {
    let plain = try ferry("--keep-original", "never")
    let without = try plain.recall(queries: queries, rows: rows, texts: texts)
    #expect(without < 0.7)
    let kept = try ferry("--keep-original", "always")
    let with = try kept.recall(queries: queries, rows: rows, texts: texts)
    #expect(with > 0.9, "\(with) against \(without)")
    let truth = Ferry.nearest(queries[0], among: rows, texts: texts)
    let found = try kept.search(queries[0])
    #expect(abs(found[0].score - truth[0].score) < 1e-3)
    let limited: Int? = try kept.scalar(
      """
      SELECT count(*) FROM vector_ferry.similarity_search(
        'ann', 'notes', \(VectorValue(queries[0].map { Float($0) }))::vector, 10,
        \(truth[3].score))
      """)
    #expect([3, 4].contains(try #require(limited)))
  }

  @Test func `what originals bring back counts for --min-recall`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: texts)
    let refused = try ferry.run(
      "--dimensions", "16", "--min-recall", "0.95", "--keep-original", "never")
    #expect(refused.status == 1)
    #expect(refused.text.contains("--keep-original auto"))
    let kept = try ferry.run(
      "--dimensions", "16", "--min-recall", "0.95", "--keep-original", "always")
    #expect(kept.status == 0, "\(kept.text)\(kept.errorText)")
    #expect(kept.text.contains("Originals are kept; searches that rank by originals: recall@10"))
  }

  /// The recall of reduced vectors and the recall with originals are never confused.
  @Test func `the ledger has both recalls, and every command names them`() throws {
    let ferry = try ferry("--keep-original", "always")
    let recalls = try ferry.database.connect().query(
      "SELECT recall, reranked_recall FROM vector_ferry.stores")
    let (alone, ranked): (Double, Double) = (try recalls.value(0, 0), try recalls.value(0, 1))
    #expect(alone < 0.9 && ranked > 0.9)
    func first(_ arguments: String...) throws -> [String: Any] {
      let json = try Ferry.json(try ferry.run(command: arguments + ["--json"]))
      return try #require((json["stores"] as? [[String: Any]])?.first)
    }
    for store in [try first("status"), try first("projection", "show", "ann/notes")] {
      #expect(store["recall"] as? Double == alone && store["reranked_recall"] as? Double == ranked)
    }
    let verified = try #require(try first("verify")["recall"] as? [String: Any])
    #expect(verified["reduced_recall"] as? Double == alone)
    #expect(verified["reranked_recall"] as? Double == ranked)
    for command in ["status", "verify"] {
      let text = try ferry.run(command).text
      #expect(text.contains("by reduced vectors alone") && text.contains("ranked by originals"))
    }
  }

  @Test func `originals are the files' vectors in half precision, one for each row`() throws {
    let ferry = try ferry("--keep-original", "always")
    let kept = try ferry.database.connect().query(
      """
      SELECT o.embedding::text, o.reduced_digest = sha256(vector_send(t.embedding))
      FROM vector_ferry.originals o
      JOIN vector_ferry.documents d USING (store_id, document_id)
      JOIN vector_documents t ON t.id = o.document_id ORDER BY d.position
      """)
    #expect(kept.rowCount == Self.count)
    for (index, row) in rows.enumerated() {
      let text: String = try kept.value(index, 0)
      let numbers = try JSONDecoder().decode([Float].self, from: Data(text.utf8))
      #expect(numbers.map { Float16($0) } == row.map { Float16(Float($0)) }, "row \(index)")
      #expect(try kept.value(index, 1, as: Bool.self))
    }
  }

  @Test func `an original is not used once the application has changed the vector`() throws {
    let ferry = try ferry("--keep-original", "always")
    let session = try ferry.database.connect()
    // The row now has the vector of another row, and must be found by it.
    try session.query(
      """
      UPDATE vector_documents SET embedding =
        (SELECT embedding FROM vector_documents WHERE text = \(texts[7]))
      WHERE text = \(texts[3])
      """)
    let before = Ferry.cosine(rows[3], rows[7])
    let found = try ferry.search(rows[7], k: 300).first { $0.text == texts[3] }
    #expect(abs(try #require(found).score - before) > 0.1)
  }

  @Test func `a second run replaces originals together with their rows, or takes them away`() throws
  {
    let ferry = try ferry("--keep-original", "always")
    func kept() throws -> Int? { try ferry.scalar("SELECT count(*) FROM vector_ferry.originals") }
    let unchanged = try ferry.run("--min-recall", "0", "--keep-original", "always")
    #expect(unchanged.text.contains("Unchanged: 1"))
    try ferry.writeStore(rows: Array(rows[..<200]), texts: Array(texts[..<200]))
    #expect(try ferry.run("--min-recall", "0", "--keep-original", "always").status == 0)
    #expect(try kept() == 200)
    let without = try ferry.run("--min-recall", "0", "--keep-original", "never")
    #expect(without.status == 0, "\(without.text)\(without.errorText)")
    #expect(without.text.contains("Successful: 1") && !without.text.contains("Unchanged"))
    #expect(try kept() == 0)
    #expect(try ferry.run("--min-recall", "0", "--keep-original", "always").status == 0)
    try ferry.database.connect().query("DELETE FROM vector_ferry.stores")
    #expect(try kept() == 0)
  }

  @Test func `unless they are refused, originals are kept where searches need them`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: texts)
    try ferry.writeStore(user: "bob", rows: Array(rows[..<9]), texts: Array(texts[..<9]))
    func kept() throws -> String? {
      try ferry.scalar(
        """
        SELECT string_agg(concat_ws(' ', s.user_id, s.keeps_original,
          (SELECT count(*) FROM vector_ferry.originals o WHERE o.store_id = s.id)), ', '
          ORDER BY s.user_id)
        FROM vector_ferry.stores s
        """)
    }
    let plan = try ferry.run("--dry-run", "--dimensions", "12", "--json")
    #expect(plan.status == 0, "\(plan.errorText)")
    let planned = try #require(try Ferry.json(plan)["stores"] as? [[String: Any]])
    let measured = planned.compactMap { $0["fidelity"] as? [String: Any] }
    #expect(measured.map { $0["keeps_original"] as? Bool } == [true, false])
    let first = try ferry.run("--dimensions", "12", "--json")
    #expect(first.status == 0, "\(first.errorText)")
    let stores = try #require(try Ferry.json(first)["stores"] as? [[String: Any]])
    let result = try #require(stores[0]["fidelity"] as? [String: Any])
    #expect(try #require(result["recall"] as? Double) < 0.95)
    #expect(try #require(result["reranked_recall"] as? Double) > 0.95)
    #expect(result as NSDictionary == measured[0] as NSDictionary)
    #expect(try kept() == "ann t 300, bob f 0")
    let recall = try ferry.recall(queries: queries, rows: rows, texts: texts)
    #expect(recall > 0.9)
    // A document that the application has added is also ranked by its original.
    let added = Ferry.rows(1, dimensions: 24, seed: 13)[0]
    let vector = VectorValue(added.map { Float($0) })
    try ferry.database.connect().query(
      "SELECT vector_ferry.upsert_document('ann', 'notes', 'added', \(vector)::vector)")
    let found = try ferry.search(added, k: 2)
    #expect(found[0].text == "added" && abs(found[0].score - 1) < 1e-5)
    let best = Ferry.nearest(added, among: rows, texts: texts, k: 1)[0]
    #expect(found[1].text == best.text && abs(found[1].score - best.score) < 2e-3)
    #expect(try ferry.run().text.contains("Unchanged: 2"))
    #expect(try ferry.run("--keep-original", "never", "--min-recall", "0").status == 0)
    #expect(try kept() == "ann f 0, bob f 0")
    // A setting that the operator has chosen stays until the store is written again.
    #expect(try ferry.run().text.contains("Unchanged: 2"))
    #expect(try ferry.run("--force").status == 0)
    #expect(try kept() == "ann t 300, bob f 0")
  }

  @Test func `originals of added documents go only where the operator says so`() throws {
    let ferry = try ferry()
    let session = try ferry.database.connect()
    let added = Ferry.rows(1, dimensions: 24, seed: 14)[0]
    try session.query(
      """
      SELECT vector_ferry.upsert_document(
        'ann', 'notes', 'added', \(VectorValue(added.map { Float($0) }))::vector)
      """)
    func originals() throws -> Int? {
      try ferry.scalar("SELECT count(*) FROM vector_ferry.originals")
    }
    #expect(try originals() == 301)
    // A number that half precision cannot hold stops a dry run and a live run; both name its place.
    var large = rows
    large[7][5] = 70_000
    try ferry.writeStore(rows: large, texts: texts)
    for arguments in [["--dry-run"], []] {
      let refused = try ferry.run(command: arguments + ["--min-recall", "0"])
      #expect(refused.status == 1)
      #expect(refused.text.contains("row 7, position 5: 70000.0 is too large"), "\(refused.text)")
    }
    #expect(try originals() == 301)
    // A store of another dimension also stops the run, where one model cannot serve both stores.
    for dimensions in [12, 30] {
      try ferry.writeStore(
        rows: Ferry.rows(300, dimensions: dimensions, seed: 3), texts: texts)
      for arguments in [["--dry-run"], []] {
        let other = try ferry.run(command: arguments + ["--min-recall", "0"])
        #expect(other.status == 1)
        #expect(
          other.text.contains(
            "\(dimensions) dimensions now, but 1 document that the application has added was "
              + "reduced from 24"), "\(other.text)")
      }
    }
    #expect(try originals() == 301)
    // The added document gets its coordinates from its original before that is deleted.
    try ferry.writeStore(
      rows: Ferry.rows(300, dimensions: 24, seed: 15), texts: texts)
    let never = try ferry.run("--min-recall", "0", "--keep-original", "never")
    #expect(never.status == 0, "\(never.text)")
    #expect(never.text.contains("Deleted 1 original of documents that the application has added"))
    #expect(try originals() == 0)
    let found = try ferry.search(added, k: 1)
    #expect(found[0].text == "added" && abs(found[0].score - 1) < 1e-5)
  }

  @Test func `verify names documents whose originals are gone`() throws {
    let ferry = try ferry()
    let session = try ferry.database.connect()
    #expect(try ferry.run("verify", "--min-recall", "0").status == 0)
    for (loss, words) in [
      (
        "DELETE FROM vector_ferry.originals WHERE document_id IN "
          + "(SELECT document_id FROM vector_ferry.originals LIMIT 3)",
        "3 of 300 documents have no original"
      ), ("DROP TABLE vector_ferry.originals", "the table vector_ferry.originals does not exist"),
    ] {
      try session.query(SQL(script: loss))
      let outcome = try ferry.run("verify", "--min-recall", "0", "--queries", "0")
      #expect(outcome.status == 4)
      #expect(outcome.text.contains(words), "\(outcome.text)\(outcome.errorText)")
    }
    #expect(try ferry.run("--force", "--min-recall", "0").status == 0)
    #expect(try ferry.run("verify", "--min-recall", "0").status == 0)
  }

  /// Searches rank by originals, and a refit may compute rows from them.
  @Test(arguments: [
    "embedding = (SELECT embedding FROM vector_ferry.originals WHERE document_id <> d LIMIT 1)",
    "reduced_digest = sha256('')",
  ])
  func `verify finds an original that was changed, and no refit takes it`(change: String) throws {
    let ferry = try ferry("--keep-original", "always")
    let whole = try ferry.run("verify")
    #expect(whole.status == 0, "\(whole.text)\(whole.errorText)")
    #expect(whole.text.contains("Originals: 300 as the files have them"), "\(whole.text)")
    try ferry.database.connect().query(
      SQL(
        script: """
          UPDATE vector_ferry.originals SET \(change)
          FROM (SELECT document_id AS d FROM vector_ferry.documents WHERE position = 7) s
          WHERE document_id = d
          """))
    let found = try ferry.run("verify")
    #expect(found.status == 4)
    #expect(
      found.text.contains(
        "the original of 1 document is not the files' vector (the first: position 7,"),
      "\(found.text)")
    #expect(found.text.contains("Originals: 299"), "\(found.text)")
    let versions = try ferry.rowVersions()
    let refit = try ferry.run("projection", "refit", "ann/notes", "--from", "originals")
    #expect(refit.status == 1)
    #expect(
      refit.errorText.contains(
        change.hasPrefix("embedding")
          ? "the vectors of 1 of the store's 300 documents cannot come from their originals"
          : "1 of the store's 300 documents have no original of their present vectors"),
      "\(refit.errorText)")
    #expect(refit.errorText.contains("--from source"))
    #expect(try ferry.rowVersions() == versions)
    #expect(try ferry.run("projection", "refit", "ann/notes", "--min-recall", "0").status == 0)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `the end of a run names what ranks, and what was measured`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: texts)
    try ferry.writeStore(user: "bob", rows: Array(rows[..<9]), texts: Array(texts[..<9]))
    func advice(_ arguments: String...) throws -> String {
      let outcome = try ferry.run(command: ["--dimensions", "12", "--force"] + arguments)
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      let line = outcome.text.split(separator: "\n").first { $0.hasPrefix("Searches:") }
      return line.map(String.init) ?? "none"
    }
    // The ten nearest of nine documents are all documents.
    let few = try advice("--user", "bob")
    #expect(
      few == "Searches: ask with full vectors, through vector_ferry.similarity_search or "
        + "vector_ferry.reduce_query (docs/CLIENTS.md)")
    let kept = try advice("--user", "ann")
    #expect(
      kept.hasPrefix(
        "Searches: ask with full vectors, through vector_ferry.similarity_search; lowest "
          + "recall@10 of a store: 0.9"), "\(kept)")
    #expect(kept.contains("with vectors that are only cut to 12 numbers 0."), "\(kept)")
    let both = try advice("--keep-original", "never", "--min-recall", "0")
    #expect(both.contains("similarity_search or vector_ferry.reduce_query; lowest"), "\(both)")
    let cut = try advice("--reduce", "truncate", "--keep-original", "never", "--min-recall", "0")
    #expect(cut.contains("ask with full vectors"), "\(cut)")
  }

  @Test func `a server whose pgvector cannot hold originals does without them`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: texts)
    let session = try ferry.database.connect()
    try session.query("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
    try session.query("UPDATE pg_extension SET extversion = '0.6.2' WHERE extname = 'vector'")
    let refused = try ferry.run("--dimensions", "12", "--keep-original", "always")
    #expect(refused.status == 3)
    #expect(refused.errorText.contains("has no type halfvec, which --keep-original always needs"))
    for arguments in [["--dry-run"], []] {
      let low = try ferry.run(command: arguments + ["--dimensions", "12"])
      #expect(low.status == 1)
      #expect(low.text.contains("--keep-original auto; needs pgvector 0.7"), "\(low.text)")
    }
    #expect(try ferry.run("--dimensions", "12", "--min-recall", "0").status == 0)
    #expect(try ferry.scalar("SELECT to_regclass('vector_ferry.originals') IS NULL") == true)
  }

  @Test func `killed before the commit, neither rows nor originals stay`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: texts)
    let running = try ferry.start(
      "--dimensions", "6", "--min-recall", "0", "--keep-original", "always",
      environment: ["VECTOR_FERRY_PAUSE_AT": "before-commit"])
    #expect(running.waitForError("paused at before-commit"), "\(running.errors)")
    running.signal(SIGKILL)
    _ = try running.finish()
    usleep(300_000)
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 0)
    #expect(try ferry.scalar("SELECT count(*) FROM vector_ferry.originals", as: Int.self) == 0)
  }

  @Test func `a number that half precision cannot hold is refused by its place`() throws {
    let ferry = try Ferry()
    var large = Ferry.rows(20, dimensions: 24)
    large[13][5] = 70_000
    try ferry.writeStore(rows: large, texts: Ferry.texts(20))
    let options = ["--dimensions", "6", "--min-recall", "0"]
    let outcome = try ferry.run(command: options + ["--keep-original", "always"])
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("row 13, position 5: 70000.0 is too large for half precision"))
    #expect(try ferry.counts().isEmpty)
    // Where the operator did not ask for originals, the store is migrated without originals.
    #expect(try ferry.run(command: options).status == 0)
    #expect(try ferry.scalar("SELECT bool_or(keeps_original) FROM vector_ferry.stores") == false)
  }

  @Test func `a vector that loses its digits in half precision is refused by its row`() throws {
    let ferry = try Ferry()
    var small = Ferry.rows(20, dimensions: 24)
    small[13] = small[13].map { $0 * 1e-7 }
    try ferry.writeStore(rows: small, texts: Ferry.texts(20))
    let options = ["--dimensions", "6", "--min-recall", "0"]
    for arguments in [["--dry-run"], []] {
      let outcome = try ferry.run(command: options + ["--keep-original", "always"] + arguments)
      #expect(outcome.status == 1)
      #expect(outcome.text.contains("row 13: its length, "), "\(outcome.text)")
      #expect(outcome.text.contains("is too small for half precision"), "\(outcome.text)")
      #expect(outcome.text.contains("divide the row's numbers by its length"), "\(outcome.text)")
    }
    #expect(try ferry.counts().isEmpty)
    #expect(try ferry.run(command: options).status == 0)
    #expect(try ferry.scalar("SELECT bool_or(keeps_original) FROM vector_ferry.stores") == false)
  }

  @Test func `an exact store keeps its exact scores; added documents are ranked by originals`()
    throws
  {
    let ferry = try Ferry()
    let few = Ferry.rows(4, dimensions: 24, seed: 5)
    try ferry.writeStore(rows: few, texts: Ferry.texts(4))
    #expect(try ferry.run("--dimensions", "16", "--keep-original", "always").status == 0)
    let added = Ferry.rows(1, dimensions: 24, seed: 6)[0]
    try ferry.addDocument("added", added, keepingOriginal: true)
    for query in Ferry.rows(10, dimensions: 24, seed: 7) {
      let found = try ferry.search(query, k: 5)
      let truth = Ferry.nearest(query, among: few, texts: Ferry.texts(4), k: 4)
      for (text, score) in truth {
        let answer = try #require(found.first { $0.text == text })
        #expect(abs(answer.score - score) < 1e-5)
      }
      let answer = try #require(found.first { $0.text == "added" })
      #expect(abs(answer.score - Ferry.cosine(query, added)) < 2e-3)
    }
  }

  @Test func `keep_original refuses what it cannot keep`() throws {
    let ferry = try ferry("--keep-original", "never")
    let value = VectorValue(queries[0].map { Float($0) })
    let session = try ferry.database.connect()
    let refused = #expect(throws: PostgresError.self) {
      try session.query(
        "SELECT vector_ferry.keep_original('ann', 'notes', gen_random_uuid(), \(value)::vector)")
    }
    #expect(refused?.serverError?.message.contains("keeps no originals") == true)
  }
}
