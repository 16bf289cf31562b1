import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct RefitTests {
  private let rows = Ferry.rows(12, dimensions: 24, seed: 5)
  private let queries = Ferry.rows(10, dimensions: 24, seed: 7)

  /// Creates a migrated store of 4 documents, to which the application has added one.
  private func ferry(_ more: String..., keepingOriginal: Bool = false) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Array(rows[..<4]), texts: Ferry.texts(4))
    let outcome = try TestSupport.run(
      Ferry.binary, ["migrate", "--dimensions", "16"] + more,
      environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    try ferry.addDocument("added", rows[11], keepingOriginal: keepingOriginal)
    return ferry
  }

  /// Expects that searches give each of the given rows the score of an exact scan.
  private func expectExact(
    _ ferry: Ferry, _ rows: [[Double]], _ texts: [String], within limit: Double = 1e-5
  ) throws {
    for query in queries {
      let found = try ferry.search(query, k: 20)
      for (text, row) in zip(texts, rows) {
        let answer = try #require(found.first { $0.text == text }, "\(text)")
        #expect(abs(answer.score - Ferry.cosine(query, row)) < limit, "\(text)")
      }
    }
  }

  private func digests(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(
      """
      SELECT encode(content_digest, 'hex') || documents FROM vector_ferry.stores
      WHERE collection_name = 'notes'
      """)
  }

  @Test func `a store whose files have grown is fitted to them anew`() throws {
    let ferry = try ferry()
    try ferry.writeStore(rows: Array(rows[..<9]), texts: Ferry.texts(9))
    let outcome = try ferry.run("projection", "refit", "ann/notes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Fitted to 9 rows"))
    #expect(
      outcome.text.contains("Not measured with 1 added document, whose full vectors are not kept"),
      "\(outcome.text)")
    #expect(outcome.text.contains("may give them lower scores than before"), "\(outcome.text)")
    #expect(outcome.text.contains("Rewrote 9 documents"))
    #expect(outcome.text.contains("Converted 1 document of the application"))
    #expect(try ferry.counts() == ["ann/notes": 10])
    try expectExact(ferry, Array(rows[..<9]), Ferry.texts(9))
    let unchanged = try ferry.run()
    #expect(unchanged.text.contains("Unchanged: 1"), "\(unchanged.text)")
  }

  @Test func `an added document keeps its scores through a new model, length and all`() throws {
    let ferry = try ferry()
    // These are the scores with the model of the first four documents, also for vectors outside of
    // their span.
    func scores() throws -> [Double] {
      try rows[..<4].map { row in
        try #require(try ferry.search(row, k: 20).first { $0.text == "added" }).score
      }
    }
    let before = try scores()
    try ferry.writeStore(rows: Array(rows[..<9]), texts: Ferry.texts(9))
    let outcome = try ferry.run()
    #expect(outcome.text.contains("Converted 1 document of the application"), "\(outcome.text)")
    for (one, other) in zip(before, try scores()) { #expect(abs(one - other) < 1e-5) }
  }

  /// Without the full vectors of added documents, a new fit cannot improve them and must not make
  /// them worse.
  // The numbers of rows give models of few components, of a component for each coordinate with and
  // without room for more rows, and of more rows than dimensions.
  @Test(arguments: [4, 8, 14, 300])
  func `a refit takes nothing from added documents without originals`(stored: Int) throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(stored + 6, dimensions: 24, seed: 31)
    let added = Array(rows[stored...])
    try ferry.writeStore(rows: Array(rows[..<stored]), texts: Ferry.texts(stored))
    let migrated = try ferry.run(
      "--dimensions", "16", "--min-recall", "0", "--keep-original", "never")
    #expect(migrated.status == 0, "\(migrated.text)\(migrated.errorText)")
    for (number, row) in added.enumerated() {
      try ferry.addDocument("added \(number)", row, keepingOriginal: false)
    }
    func scores() throws -> [[Double]] {
      try (added + queries).map { query in
        let found = try ferry.search(query, k: stored + 6)
        return try added.indices.map { number in
          try #require(found.first { $0.text == "added \(number)" }).score
        }
      }
    }
    let before = try scores()
    let outcome = try ferry.run("projection", "refit", "ann/notes", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Not measured with 6 added documents"), "\(outcome.text)")
    for (old, new) in zip(before.joined(), try scores().joined()) { #expect(abs(old - new) < 1e-5) }
    #expect(try ferry.run("verify", "--user", "ann").status == 0)
  }

  @Test func `its original makes an added document exact after a refit`() throws {
    let ferry = try ferry("--keep-original", "always", keepingOriginal: true)
    let outcome = try ferry.run("projection", "refit", "ann/notes")
    #expect(outcome.text.contains("Fitted to 5 rows"), "\(outcome.text)\(outcome.errorText)")
    try expectExact(ferry, Array(rows[..<4]), Ferry.texts(4))
    try expectExact(ferry, [rows[11]], ["added"], within: 2e-3)
    let fresh: Int? = try ferry.scalar(
      """
      SELECT count(*) FROM vector_ferry.originals o JOIN vector_documents t ON t.id = o.document_id
      WHERE o.reduced_digest = sha256(vector_send(t.embedding))
      """)
    #expect(fresh == 5)
  }

  /// Such an original would replace a row that is right until then.
  @Test(arguments: ["source", "originals", "migrate"])
  func `a changed original of an added document is reported, and nothing is computed from it`(
    way: String
  ) throws {
    let ferry = try ferry("--keep-original", "always", keepingOriginal: true)
    #expect(try ferry.run("verify").status == 0)
    try ferry.database.connect().query(
      """
      UPDATE vector_ferry.originals o SET embedding = other.embedding
      FROM vector_ferry.originals other, vector_documents t, vector_ferry.documents d
      WHERE o.document_id = t.id AND t.text = 'added' AND d.position = 1
        AND other.document_id = d.document_id
      """)
    let found = try ferry.run("verify")
    #expect(found.status == 4)
    #expect(
      found.text.contains(
        "the original of 1 document that the application has added was changed"),
      "\(found.text)")
    if way != "originals" { try ferry.writeStore(rows: Array(rows[..<9]), texts: Ferry.texts(9)) }
    let outcome =
      way == "migrate"
      ? try ferry.run("--keep-original", "always")
      : try ferry.run("projection", "refit", "ann/notes", "--from", way)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    // The row still has what the old model has kept of its own vector.
    let best = try #require(try ferry.search(rows[11], k: 1).first)
    #expect(best.text == "added", "\(best)")
    let after = try ferry.run("verify")
    #expect(after.status == 0, "\(after.text)")
    #expect(
      after.errorText.contains("1 of 1 documents that the application has added have no original"))
  }

  @Test func `without its files a store is refitted from the copy that was migrated`() throws {
    let ferry = try ferry()
    // Only the same rows give the same model again, so the added row is deleted.
    try ferry.database.connect().query("DELETE FROM vector_documents WHERE text = 'added'")
    let digest = try digests(ferry)
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data"))
    let outcome = try ferry.run("projection", "refit", "ann/notes", "--json")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try Ferry.json(outcome)["from"] as? String == "backup")
    #expect(try digests(ferry) == digest)
    try expectExact(ferry, Array(rows[..<4]), Ferry.texts(4))
  }

  @Test func `a copy that was altered is not taken for the store`() throws {
    let ferry = try ferry()
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data"))
    let backups = ferry.folder.file("migration_backup")
    let copy = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: backups)
        .first { $0.hasSuffix("vectors.pkl") })
    var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(backups)/\(copy)"))
    bytes[100] ^= 1
    try bytes.write(to: URL(fileURLWithPath: "\(backups)/\(copy)"))
    let versions = try ferry.rowVersions()
    let outcome = try ferry.run("projection", "refit", "ann/notes")
    #expect(outcome.status == 3)
    #expect(
      outcome.errorText.contains("no copy in migration_backup equals the files that were migrated"))
    #expect(try ferry.rowVersions() == versions)
  }

  @Test func `kept originals suffice, texts and metadata stay`() throws {
    let ferry = try ferry("--keep-original", "always", keepingOriginal: true)
    func texts() throws -> String? {
      try ferry.scalar(
        """
        SELECT md5(string_agg(concat_ws('|', id, text, metadata, created_at), ',' ORDER BY id))
        FROM vector_documents
        """)
    }
    let before = try texts()
    let outcome = try ferry.run("projection", "refit", "ann/notes", "--from", "originals")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("half precision") && outcome.text.contains("Fitted to 5 rows"))
    #expect(try texts() == before)
    try expectExact(ferry, Array(rows[..<4]) + [rows[11]], Ferry.texts(4) + ["added"], within: 2e-3)
    // The ledger lists the rows as they are now, and a run with more documents in the files
    // replaces them.
    try ferry.writeStore(rows: Array(rows[..<6]), texts: Ferry.texts(6))
    let replaced = try ferry.run("--keep-original", "always")
    #expect(replaced.status == 0, "\(replaced.text)\(replaced.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 7])
    try expectExact(ferry, Array(rows[..<6]), Ferry.texts(6))
  }

  @Test func `verify knows what a refit made of originals, and finds what was changed`() throws {
    let ferry = try ferry("--keep-original", "always", keepingOriginal: true)
    #expect(try ferry.run("projection", "refit", "ann/notes", "--from", "originals").status == 0)
    let verified = try ferry.run("verify")
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
    #expect(verified.text.contains("Vectors: 4 computed from kept originals"), "\(verified.text)")
    let counts = try Ferry.json(try ferry.run("verify", "--json"))["stores"] as? [[String: Any]]
    #expect((counts?.first?["vectors"] as? [String: Int])?["from_originals"] == 4)
    try ferry.database.connect().query(
      """
      UPDATE vector_documents SET embedding = (embedding::real[])[1:15]
        || (embedding::real[])[16] + 0.001::real WHERE text = \(Ferry.texts(4)[2])
      """)
    let changed = try ferry.run("verify")
    #expect(changed.status == 4)
    #expect(changed.text.contains("Differs: 1 edited"), "\(changed.text)")
  }

  @Test func `verify names the part of an edit that rounding could explain`() throws {
    let ferry = try ferry()
    try ferry.database.connect().query(
      """
      UPDATE vector_documents SET embedding = (embedding::real[])[1:15]
        || (embedding::real[])[16] * 1.000001::real + 1e-7::real WHERE text = \(Ferry.texts(4)[2])
      """)
    let outcome = try ferry.run("verify")
    #expect(outcome.status == 4)
    #expect(outcome.text.contains("vector (within rounding)"), "\(outcome.text)")
  }

  @Test(arguments: ["source", "originals"])
  func `rollback of the run that migrated a refitted store takes it back`(origin: String) throws {
    let ferry = try ferry("--keep-original", "always", keepingOriginal: true)
    func entry() throws -> String? {
      try ferry.scalar(
        "SELECT run_id || ' ' || migrated_at FROM vector_ferry.stores WHERE user_id = 'ann'")
    }
    let before = try #require(try entry())
    let refitted = try ferry.run("projection", "refit", "ann/notes", "--from", origin, "--json")
    let refit = try #require(try Ferry.json(refitted)["run"] as? String)
    #expect(try entry() == before)
    let alone = try ferry.run("rollback", refit, "--yes")
    #expect(alone.status == 3)
    let run = String(before.prefix(36))
    #expect(
      alone.errorText.contains("ann/notes: only its model was fitted again")
        && alone.errorText.contains("vector-ferry rollback \(run)"), "\(alone.errorText)")
    let outcome = try ferry.run("rollback", run, "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Keeps 1 row that the application added"), "\(outcome.text)")
    #expect(try ferry.counts() == ["ann/notes": 1])
  }

  @Test func `a store that was refitted to grown files is named by a rollback of the run before`()
    throws
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Array(rows[..<4]), texts: Ferry.texts(4))
    try ferry.writeStore(user: "bob", rows: Array(rows[..<4]), texts: Ferry.texts(4))
    #expect(try ferry.run("--dimensions", "16").status == 0)
    let run: String? = try ferry.scalar("SELECT DISTINCT run_id::text FROM vector_ferry.stores")
    try ferry.writeStore(rows: Array(rows[..<9]), texts: Ferry.texts(9))
    let refitted = try ferry.run("projection", "refit", "ann/notes", "--json")
    let refit = try #require(try Ferry.json(refitted)["run"] as? String)
    let outcome = try ferry.run("rollback", try #require(run), "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(
      outcome.text.contains(
        "Left out: ann/notes: run \(refit) has replaced it since; vector-ferry rollback \(refit)"),
      "\(outcome.text)")
    #expect(try ferry.counts() == ["ann/notes": 9])
    let again = try ferry.run("rollback", try #require(run), "--yes", "--json")
    #expect(again.status == 3)
    #expect(again.text.contains("has replaced it since"), "\(again.text)\(again.errorText)")
    #expect(try ferry.run("rollback", refit, "--yes").status == 0)
    #expect(try ferry.counts() == [:])
  }

  @Test func `without an original for each document nothing is rewritten`() throws {
    let ferry = try ferry("--keep-original", "always")
    try ferry.database.connect().query(
      """
      DELETE FROM vector_ferry.originals WHERE document_id =
        (SELECT id FROM vector_documents WHERE text = \(Ferry.texts(4)[2]))
      """)
    let versions = try ferry.rowVersions()
    let outcome = try ferry.run("projection", "refit", "ann/notes", "--from", "originals")
    #expect(outcome.status == 1)
    #expect(outcome.errorText.contains("1 of the store's 4 documents have no original"))
    #expect(try ferry.rowVersions() == versions)
  }

  @Test func `where no originals were kept, the remedy names what helps`() throws {
    let ferry = try ferry("--keep-original", "never")
    let outcome = try ferry.run("projection", "refit", "ann/notes", "--from", "originals")
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("originals were not kept in the database"))
    #expect(outcome.errorText.contains("leave --from out"), "\(outcome.errorText)")
  }

  @Test func `history lists a refit, and how it ended`() throws {
    let ferry = try ferry()
    let refit = try ferry.run("projection", "refit", "ann/notes", "--from", "source", "--json")
    let run = try #require(try Ferry.json(refit)["run"] as? String)
    #expect(
      try ferry.run("projection", "refit", "ann/notes", "--min-recall", "1.01", "--force").status
        != 0)
    try ferry.database.connect().query("DELETE FROM vector_ferry.stores")
    #expect(try ferry.run("projection", "refit", "ann/notes").status == 3)
    let history = try Ferry.json(try ferry.run(command: ["history", "--json"]))
    let runs = try #require(history["runs"] as? [[String: Any]])
    let refits = runs.filter { $0["mode"] as? String == "refit" }
    #expect(refits.count == 1)
    #expect(refits.first?["run"] as? String == run)
    #expect(refits.first?["exit_code"] as? Int == 0)
    #expect(
      refits.first?["options"] as? String == "projection refit ann/notes --from source")
    #expect(refits.first?["table"] as? String == "public.vector_documents")
    let shown = try Ferry.json(try ferry.run("history", "show", run, "--json"))
    let store = try #require((shown["stores"] as? [[String: Any]])?.first)
    #expect(store["outcome"] as? String == "succeeded" && store["documents"] as? Int == 4)
  }

  @Test(arguments: ["source", "originals"])
  func `edited documents stop a refit until --force`(origin: String) throws {
    let ferry = try ferry("--keep-original", "always")
    try ferry.database.connect().query(
      "UPDATE vector_documents SET text = 'edited' WHERE text = \(Ferry.texts(4)[2])")
    let versions = try ferry.rowVersions()
    let refused = try ferry.run("projection", "refit", "ann/notes", "--from", origin)
    #expect(refused.status == 1)
    #expect(refused.errorText.contains("1 of the store's documents was changed in the database"))
    let latest = try Ferry.json(try ferry.run("history", "--limit", "1", "--json"))
    let run = try #require((latest["runs"] as? [[String: Any]])?.first?["run"] as? String)
    let history = try ferry.run("history", "show", run)
    #expect(history.text.contains("1 store: 1 failed"), "\(history.text)")
    #expect(history.text.contains("was changed in the database"), "\(history.text)")
    #expect(
      refused.errorText.contains(
        origin == "source"
          ? "--force replaces this document by the files' contents"
          : "--force keeps them and computes the vectors"), "\(refused.errorText)")
    #expect(try ferry.rowVersions() == versions)
    let forced = try ferry.run("projection", "refit", "ann/notes", "--from", origin, "--force")
    #expect(forced.status == 0, "\(forced.errorText)")
    // A fit from files restores the files' text; originals have only vectors.
    let edited: Int? = try ferry.scalar(
      "SELECT count(*) FROM vector_documents WHERE text = 'edited'")
    #expect(edited == (origin == "source" ? 0 : 1))
  }

  @Test(arguments: ["source", "originals"], ["before-transaction", "verify", "before-commit"])
  func `killed anywhere, a refit leaves the old model and its rows`(origin: String, stage: String)
    throws
  {
    let ferry = try ferry("--keep-original", "always")
    try ferry.writeStore(rows: Array(rows[..<9]), texts: Ferry.texts(9))
    let (versions, digest) = (try ferry.rowVersions(), try digests(ferry))
    let running = try ferry.start(
      "projection", "refit", "ann/notes", "--from", origin,
      environment: ["VECTOR_FERRY_PAUSE_AT": stage])
    #expect(running.waitForError("paused at \(stage)"), "\(running.errors)")
    running.signal(SIGKILL)
    _ = try running.finish()
    usleep(300_000)
    #expect(try ferry.rowVersions() == versions)
    #expect(try digests(ferry) == digest)
    try expectExact(ferry, Array(rows[..<4]), Ferry.texts(4))
    #expect(try ferry.run("projection", "refit", "ann/notes", "--from", origin).status == 0)
  }

  @Test func `two at once: the second says who is at it`() throws {
    let ferry = try ferry()
    let running = try ferry.start(
      "projection", "refit", "ann/notes", environment: ["VECTOR_FERRY_PAUSE_AT": "verify"])
    #expect(running.waitForError("paused at verify"), "\(running.errors)")
    let second = try ferry.run("projection", "refit", "ann/notes")
    #expect(second.status == 1)
    #expect(second.errorText.contains("has held the store since"))
    running.signal(SIGUSR1)
    #expect(try running.finish().status == 0)
  }

  @Test(arguments: ["source", "originals"])
  func `rows of other tables that a trigger deletes stop it until they are named`(origin: String)
    throws
  {
    let ferry = try ferry("--keep-original", "always", keepingOriginal: true)
    try ferry.database.connect().execute(
      script: """
        CREATE TABLE kept AS SELECT id FROM vector_documents;
        CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN DELETE FROM kept; RETURN NULL; END $$;
        CREATE TRIGGER app_forget AFTER UPDATE ON vector_documents
          FOR EACH STATEMENT EXECUTE FUNCTION forget();
        """)
    let stopped = try ferry.run("projection", "refit", "ann/notes", "--from", origin)
    #expect(stopped.status == 1, "\(stopped.text)\(stopped.errorText)")
    #expect(stopped.errorText.contains("add --allow-loss public.kept"), "\(stopped.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM kept") == 5)
    let allowed = try ferry.run(
      "projection", "refit", "ann/notes", "--from", origin, "--allow-loss", "kept")
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM kept") == 0)
  }
}
