import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct SharedModelTests {
  /// Creates stores with these numbers of rows, one for each user, of 24 dimensions.
  private func ferry(_ counts: [Int]) throws -> Ferry {
    let ferry = try Ferry()
    for (index, count) in counts.enumerated() { try add(to: ferry, index, count) }
    return ferry
  }

  private func add(to ferry: Ferry, _ index: Int, _ count: Int) throws {
    try ferry.writeStore(
      user: "u\(index)", rows: rows(index, count), texts: Ferry.texts(count))
  }

  private func rows(_ index: Int, _ count: Int) -> [[Double]] {
    Ferry.rows(count, dimensions: 24, seed: 100 + UInt64(index))
  }

  private func models(_ ferry: Ferry) throws -> Int? {
    try ferry.scalar("SELECT count(*) FROM vector_ferry.projections")
  }

  @Test func `all stores together below the target: one model, and every score exact`() throws {
    let ferry = try ferry([3, 5, 4])
    let outcome = try ferry.run("--dimensions", "16", "--projection", "shared")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Fitted a shared PCA model from 24 to 16 dimensions to 12 of 12"))
    #expect(try models(ferry) == 1)
    for (index, count) in [3, 5, 4].enumerated() {
      for query in Ferry.rows(5, dimensions: 24, seed: 77) {
        let truth = Ferry.nearest(query, among: rows(index, count), texts: Ferry.texts(count))
        let found = try ferry.search(query, user: "u\(index)")
        #expect(found.map(\.text) == truth.map(\.text))
        for (one, other) in zip(found, truth) { #expect(abs(one.score - other.score) < 1e-5) }
      }
    }
    let list = try Ferry.json(try ferry.run("projection", "list", "--json"))
    let model = try #require((list["projections"] as? [[String: Any]])?.first)
    #expect(model["shared"] as? Bool == true)
    #expect((model["stores"] as? [Any])?.count == 3)
    let backups = ferry.folder.file("migration_backup")
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: backups)
        .contains { $0.hasSuffix("/pca_model_shared_24_16.npz") })
  }

  @Test func `a later store takes the model there is, and keeps its lengths`() throws {
    let ferry = try ferry([3, 5])
    try ferry.run("--dimensions", "16", "--projection", "shared")
    let components: String? = try ferry.scalar(
      "SELECT md5(string_agg(component::text, ',' ORDER BY number)) FROM vector_ferry.projection_components"
    )
    try add(to: ferry, 2, 4)
    let outcome = try ferry.run("--projection", "shared", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Using the shared PCA model from 24 to 16 dimensions"))
    #expect(outcome.text.contains("Unchanged: 2"))
    #expect(try models(ferry) == 1)
    let after: String? = try ferry.scalar(
      "SELECT md5(string_agg(component::text, ',' ORDER BY number)) FROM vector_ferry.projection_components"
    )
    #expect(components == after)
    let lengths = try ferry.database.connect().query(
      """
      SELECT vector_norm(t.embedding) FROM vector_ferry.documents d
      JOIN vector_documents t ON t.id = d.document_id
      WHERE t.user_id = 'u2' ORDER BY d.position
      """)
    for (index, row) in rows(2, 4).enumerated() {
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(try lengths.value(index, 0, as: Double.self) - length) < 1e-5 * length)
    }
  }

  @Test func `only one store carried over: the model is still fitted to all`() throws {
    let ferry = try ferry([3, 5])
    let outcome = try ferry.run("--dimensions", "16", "--projection", "shared", "--user", "u0")
    #expect(outcome.text.contains("to 8 of 8 vectors"), "\(outcome.text)")
    #expect(try ferry.counts() == ["u0/notes": 3])
  }

  @Test func `stores that fail do not spoil the model of the others`() throws {
    let ferry = try ferry([3, 5])
    var bad = rows(2, 4)
    bad[3][7] = .nan
    try ferry.writeStore(user: "u2", rows: bad, texts: Ferry.texts(4))
    try ferry.folder.write("no pickle", to: "user_data/u3/vector_store_notes/vectors.pkl")
    try ferry.folder.write("[]", to: "user_data/u3/vector_store_notes/metadata.json")
    let outcome = try ferry.run("--dimensions", "16", "--projection", "shared")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("Failed: u2/notes") && outcome.text.contains("Failed: u3/notes"))
    #expect(try ferry.counts() == ["u0/notes": 3, "u1/notes": 5])
    let query = Ferry.rows(1, dimensions: 24, seed: 77)[0]
    let truth = Ferry.nearest(query, among: rows(1, 5), texts: Ferry.texts(5))
    #expect(try ferry.search(query, user: "u1").map(\.text) == truth.map(\.text))
  }

  @Test func `killed after the model was committed, the next run uses it`() throws {
    let ferry = try ferry([3, 5])
    let running = try ferry.start(
      "--dimensions", "16", "--projection", "shared",
      environment: ["VECTOR_FERRY_PAUSE_AT": "before-commit"])
    #expect(running.waitForError("paused at before-commit"), "\(running.errors)")
    running.signal(SIGKILL)
    _ = try running.finish()
    usleep(300_000)
    #expect(try models(ferry) == 1)
    #expect(try ferry.counts().isEmpty)
    let outcome = try ferry.run("--projection", "shared")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Using the shared PCA model"))
    #expect(try models(ferry) == 1)
  }

  @Test func `a model that stores refer to cannot be deleted, and outlives each of them`() throws {
    let ferry = try ferry([3, 5])
    try ferry.run("--dimensions", "16", "--projection", "shared")
    let session = try ferry.database.connect()
    let error = #expect(throws: PostgresError.self) {
      try session.query("DELETE FROM vector_ferry.projections")
    }
    #expect(error?.serverError?.sqlState == "23503")
    try session.query("DELETE FROM vector_ferry.stores WHERE user_id = 'u0'")
    #expect(try models(ferry) == 1)
  }

  @Test func `changing the choice carries a store over again, and a refit ends the sharing`() throws
  {
    let ferry = try ferry([3, 5])
    try ferry.run("--dimensions", "16", "--projection", "shared")
    let refit = try ferry.run("projection", "refit", "u0/notes")
    #expect(refit.status == 0, "\(refit.errorText)")
    #expect(refit.text.contains("Fitted to 3 rows"))
    #expect(try models(ferry) == 2)
    let own = try ferry.run()
    #expect(own.text.contains("Unchanged: 1") && own.text.contains("Successful: 2"), "\(own.text)")
    #expect(try models(ferry) == 3)
    #expect(try ferry.run("--projection", "shared").status == 0)
    #expect(try models(ferry) == 1)
  }

  @Test func `verify and rollback understand a shared model and kept originals`() throws {
    let ferry = try ferry([3, 60])
    let options = ["--projection", "shared", "--min-recall", "0", "--keep-original", "always"]
    let first = try ferry.run(command: ["--dimensions", "16", "--user", "u0"] + options)
    #expect(first.status == 0, "\(first.text)\(first.errorText)")
    try add(to: ferry, 2, 4)
    #expect(try ferry.run(command: options).status == 0)
    let verified = try ferry.run("verify")
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
    let run: String? = try ferry.scalar(
      "SELECT run_id::text FROM vector_ferry.stores WHERE user_id = 'u2'")
    let rolledBack = try ferry.run("rollback", run ?? "", "--yes")
    #expect(rolledBack.status == 0, "\(rolledBack.text)\(rolledBack.errorText)")
    #expect(try ferry.counts() == ["u0/notes": 3])
    #expect(try models(ferry) == 1)
    #expect(try ferry.scalar("SELECT count(*) FROM vector_ferry.originals", as: Int.self) == 3)
  }

  @Test func `the plan weighs both ways, and says what else could be done with a large store`()
    throws
  {
    let ferry = try ferry([3, 60])
    let options = ["--dry-run", "--dimensions", "16", "--keep-original", "never"]
    let json = try Ferry.json(
      try ferry.run(command: options + ["--min-recall", "0", "--json"]))
    let storage = try #require(json["model_storage"] as? [String: [String: Int]])
    // A page of the table holds 55 components of 24 numbers, or 75 images of 14 numbers; images are
    // stored twice.
    let component = 8192.0 / 55
    let images = 8192.0 / 75
    let large = Int(16 * component)
    #expect(
      storage["per_store"]
        == ["models": 2, "bytes": Int(3 * (component + images)) + 14 * (4 * 3 + 8) + large])
    #expect(storage["shared"] == ["models": 1, "bytes": large])
    let stores = try #require(json["stores"] as? [[String: Any]])
    #expect(stores[0]["alternatives"] is NSNull)
    let ways = try #require(
      (stores[1]["alternatives"] as? [String: Any])?["methods"] as? [[String: Any]])
    #expect(ways.map { $0["method"] as? String } == ["pca", "truncate", "halfvec", "pca_rerank"])
    #expect(ways.map { $0["bytes_per_row"] as? Int } == [72, 72, 104, 72 + 56])
    #expect(ways.map { $0["indexed_bytes_per_row"] as? Int } == [72, 72, 56, 72])
    let recalls = ways.compactMap { $0["recall"] as? Double }
    #expect(recalls[2] > 0.99 && recalls[3] > 0.99)
    #expect(recalls[1] < recalls[0] && recalls[0] < 1)
    let fidelity = try #require(stores[1]["fidelity"] as? [String: Any])
    #expect(fidelity["recall"] as? Double == recalls[0])
    let refused = try ferry.run(command: options)
    #expect(refused.status == 1)
    for word in ["Refused:", "PCA + re-rank 16", "halfvec 24", "CHOSEN BY", "60 of 60 rows"] {
      #expect(refused.text.contains(word), "\(word)")
    }
    #expect(
      try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NULL", as: Bool.self) == true)
  }
}
