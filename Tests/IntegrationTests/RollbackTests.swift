import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct RollbackTests {
  /// Creates two migrated stores: one of forty documents with unchanged vectors, and one of thirty
  /// documents with reduced vectors.
  private func migrated(extra: [String: Any] = [:]) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(40), texts: Ferry.texts(40), extra: extra)
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(6, dimensions: 12, seed: 3), texts: Ferry.texts(6),
      extra: extra)
    let outcome = try ferry.run("--dimensions", "8")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return ferry
  }

  private static let dated = ["timestamp": "2024-05-01T10:00:00"]

  /// Returns the number of rows that the ledger has for stores.
  private func ledgerRows(_ ferry: Ferry) throws -> Int? {
    try ferry.scalar(
      """
      SELECT (SELECT count(*) FROM vector_ferry.stores)
           + (SELECT count(*) FROM vector_ferry.documents)
           + (SELECT count(*) FROM vector_ferry.projections)
           + (SELECT count(*) FROM vector_ferry.projection_components)
      """)
  }

  @Test func `everything that a run wrote goes, and the next run brings it back`() throws {
    let ferry = try migrated(extra: Self.dated)
    let digest = try ferry.contentDigest()
    let outcome = try ferry.run("rollback", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("46 rows will be removed, 0 stay"))
    #expect(try ferry.counts() == [:])
    #expect(try ledgerRows(ferry) == 0)
    #expect(try ferry.run("--dimensions", "8").status == 0)
    #expect(try ferry.contentDigest() == digest)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test(arguments: [["rollback"], ["rollback", "--dry-run"], ["rollback", "--json"]])
  func `without an answer nothing is touched`(arguments: [String]) throws {
    let ferry = try migrated()
    let before = (try ferry.rowVersions(), try contents(of: ferry.folder.path))
    let outcome = try TestSupport.run(
      Ferry.binary, Ferry.words(arguments), environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(outcome.status == (arguments.contains("--dry-run") ? 0 : 3), "\(outcome.errorText)")
    #expect(try ferry.rowVersions() == before.0)
    #expect(try contents(of: ferry.folder.path) == before.1)
    #expect(try ledgerRows(ferry) ?? 0 > 46)
  }

  @Test func `rollback after the application wrote`() throws {
    let ferry = try migrated()
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        UPDATE vector_documents SET text = 'edited' || text
        WHERE user_id = 'ann' AND text ~ 'number [123],';
        INSERT INTO vector_documents (user_id, collection_name, text, embedding)
        SELECT user_id, collection_name, 'added', embedding FROM vector_documents
        WHERE user_id = 'ann' LIMIT 2;
        """)
    let untouched: SQL = """
      SELECT string_agg(xmin::text || id::text, ',' ORDER BY id) FROM vector_documents
      WHERE text LIKE 'edited%' OR text = 'added'
      """
    let before: String? = try session.scalar(untouched)
    let outcome = try ferry.run("rollback", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Keeps 3 rows that were changed since"))
    #expect(outcome.text.contains("Keeps 2 rows that the application added"))
    #expect(try ferry.counts() == ["ann/notes": 5])
    #expect(try session.scalar(untouched) == before)
    #expect(try ledgerRows(ferry) == 0)

    let again = try ferry.run("--dimensions", "8")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(again.errorText.contains("3 documents stay as the application left them"))
    #expect(try ferry.counts() == ["ann/notes": 42, "bob/notes": 6])
    #expect(try session.scalar(untouched) == before)
    #expect(try ferry.run("--dimensions", "8").text.contains("Unchanged: 2"))
    let verified = try ferry.run("verify", "--user", "ann")
    #expect(verified.status == 4)
    #expect(verified.text.contains("Differs: 3 edited"), "\(verified.text)")

    // A second rollback also keeps the five rows; only --force replaces the three.
    #expect(try ferry.run("rollback", "--yes").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 5])
    #expect(try ferry.run("--force", "--dimensions", "8").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 42, "bob/notes": 6])
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `rows that stay are searched with full vectors only where there is a model`() throws {
    let ferry = try migrated()
    let row = Ferry.rows(1, dimensions: 12, seed: 44)[0]
    let add: SQL = """
      SELECT vector_ferry.upsert_document(
        'bob', 'notes', 'added', \(VectorValue(row.map { Float($0) }))::vector)
      """
    let session = try ferry.database.connect()
    try session.query(add)
    let before = try ferry.search(row, user: "bob").first
    #expect(try ferry.run("rollback", "--yes").status == 0)
    #expect(try ferry.counts() == ["bob/notes": 1])
    let refused = #expect(throws: PostgresError.self) { try ferry.search(row, user: "bob") }
    let error = try #require(refused?.serverError)
    #expect(error.message.contains("bob/notes have 8 dimensions, and no model reduces 12 to them"))
    #expect(error.hint?.contains("vector-ferry migrate") == true)
    #expect(throws: PostgresError.self) { try session.query(add) }
    // Vectors of the table's dimension need no model, and neither do users without documents.
    #expect(try ferry.search(Array(row[..<8]), user: "bob").map(\.text) == ["added"])
    #expect(try ferry.search(row, user: "carl").isEmpty)
    let first = #expect(throws: PostgresError.self) {
      try session.query(
        """
        SELECT vector_ferry.upsert_document(
          'carl', 'notes', 'added', \(VectorValue(row.map { Float($0) }))::vector)
        """)
    }
    #expect(first?.serverError?.hint?.contains("vector-ferry migrate") == true)
    #expect(try ferry.run("--dimensions", "8").status == 0)
    // The same files give the same model again.
    let after = try ferry.search(row, user: "bob").first
    #expect(after?.text == "added" && after?.score == before?.score)
  }

  @Test func `only the chosen user, and only what that run wrote last`() throws {
    let ferry = try migrated()
    #expect(try ferry.run("rollback", "--user", "bob", "--yes").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 40])
    let first: String? = try ferry.scalar(
      "SELECT run_id::text FROM vector_ferry.stores WHERE user_id = 'ann'")
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    try ferry.run("--user", "ann")
    let old = try ferry.run("rollback", try #require(first), "--yes")
    #expect(old.status == 3)
    #expect(old.errorText.contains("has nothing in the database"))
    #expect(try ferry.counts() == ["ann/notes": 7])
    #expect(try ferry.run("rollback", "0000", "--yes").status == 3)
  }

  @Test func `--restore brings back what a run replaced`() throws {
    let ferry = try migrated(extra: Self.dated)
    let digest = try ferry.contentDigest()
    let model: String? = try ferry.scalar(
      "SELECT md5(string_agg(component::text, ',' ORDER BY number)) FROM vector_ferry.projection_components"
    )
    try ferry.writeStore(rows: Ferry.rows(12, seed: 9), texts: Ferry.texts(12), extra: Self.dated)
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(5, dimensions: 12, seed: 8), texts: Ferry.texts(5),
      extra: Self.dated)
    #expect(try ferry.run().status == 0)
    #expect(try ferry.counts() == ["ann/notes": 12, "bob/notes": 5])
    let plan = try ferry.run("rollback", "--dry-run")
    #expect(plan.text.contains("are restored only with --restore"))
    let outcome = try ferry.run("rollback", "--restore", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Brought back 40 documents"))
    #expect(try ferry.contentDigest() == digest)
    let restored: String? = try ferry.scalar(
      "SELECT md5(string_agg(component::text, ',' ORDER BY number)) FROM vector_ferry.projection_components"
    )
    #expect(restored == model)
    #expect(try ferry.run("verify", "--against", "backup").status == 0)
  }

  @Test func `--restore leaves rows that were taken over, and edited ones, as they are`() throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(50, dimensions: 24, seed: 8)
    func write(_ range: Range<Int>) throws {
      try ferry.writeStore(
        rows: Array(rows[range]), texts: range.map { "document \($0)" }, extra: Self.dated)
    }
    try write(0..<40)
    #expect(try ferry.run("--dimensions", "12", "--min-recall", "0").status == 0)
    let session = try ferry.database.connect()
    // This row of an earlier program is adopted by the next run.
    try session.query(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      SELECT 'ann', 'notes', 'document 45', (SELECT array_agg(n / 7.0) FROM generate_series(1, 12) n)
        ::real[]::vector
      """)
    let vector: SQL = "SELECT embedding::text FROM vector_documents WHERE text = 'document 45'"
    let before: String? = try session.scalar(vector)
    try write(10..<50)
    let second = try ferry.run("--adopt", "--min-recall", "0")
    #expect(second.status == 0, "\(second.text)\(second.errorText)")
    #expect(try session.scalar(vector) != before)
    try session.query(
      """
      UPDATE vector_documents SET metadata = '{"edited": true}', embedding =
        (SELECT embedding FROM vector_documents WHERE text = 'document 31')
      WHERE text = 'document 30'
      """)
    let edited: SQL = """
      SELECT embedding::text || metadata::text FROM vector_documents WHERE metadata ? 'edited'
      """
    let left: String? = try session.scalar(edited)
    let outcome = try ferry.run("rollback", "--restore", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(!outcome.text.contains("Converted"), "\(outcome.text)")
    #expect(try session.scalar(vector) == before)
    #expect(try session.scalar(edited) == left)
    // An original counts only for the vector with which it was written.
    let valid: Int? = try session.scalar(
      """
      SELECT count(*) FROM vector_ferry.originals o JOIN vector_documents t ON t.id = o.document_id
      WHERE t.metadata ? 'edited' AND o.reduced_digest = sha256(vector_send(t.embedding))
      """)
    #expect(valid == 0)
  }

  /// The ledger keeps the earlier contents of rows that a run has adopted, where this run is not
  /// rolled back.
  @Test func `--restore keeps the record of an earlier run's takeover`() throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(40, dimensions: 24, seed: 9)
    try ferry.writeStore(
      rows: rows, texts: (0..<40).map { "document \($0)" }, extra: Self.dated)
    try ferry.writeStore(
      user: "bob", rows: Array(rows[..<3]), texts: ["a", "b", "c"], extra: Self.dated)
    #expect(
      try ferry.run("--user", "bob", "--dimensions", "12", "--min-recall", "0").status == 0)
    let session = try ferry.database.connect()
    try session.query(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding)
      SELECT 'ann', 'notes', 'document 5', (SELECT array_agg(n / 7.0) FROM generate_series(1, 12) n)
        ::real[]::vector
      """)
    #expect(try ferry.run("--adopt", "--min-recall", "0").status == 0)
    let remembered: SQL = "SELECT string_agg(embedding::text, ' ') FROM vector_ferry.adoptions"
    let before: String? = try session.scalar(remembered)
    #expect(before != nil)
    try ferry.writeStore(
      rows: Array(rows[..<30]), texts: (0..<30).map { "document \($0)" }, extra: Self.dated)
    #expect(try ferry.run("--min-recall", "0").status == 0)
    #expect(try session.scalar(remembered) == before)
    let outcome = try ferry.run("rollback", "--restore", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try session.scalar(remembered) == before)
  }

  @Test func `--restore names documents that no model serves any more`() throws {
    let ferry = try Ferry()
    func write(_ dimensions: Int) throws {
      try ferry.writeStore(
        rows: Ferry.rows(40, dimensions: dimensions, seed: 2), texts: Ferry.texts(40),
        extra: Self.dated)
      #expect(try ferry.run("--dimensions", "12", "--min-recall", "0").status == 0)
    }
    try write(16)
    try write(24)
    try ferry.database.connect().query(
      """
      SELECT vector_ferry.upsert_document('ann', 'notes', 'added',
        (SELECT array_agg(n / 7.0) FROM generate_series(1, 24) n)::real[]::vector)
      """)
    let outcome = try ferry.run("rollback", "--restore", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(
      outcome.errorText.contains("1 document that the application has added cannot be searched"),
      "\(outcome.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 41])
  }

  /// Documents that the application has added belong to no run: they stay, are found by their own
  /// vectors, and keep their originals, also where the earlier state had no originals.
  @Test(arguments: [
    (before: "never", after: "auto", rows: 300), ("auto", "auto", 300), ("auto", "never", 300),
    ("never", "never", 9),
  ])
  func `--restore keeps what the application added searchable`(
    before: String, after: String, rows count: Int
  ) throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(count + 5, dimensions: 24, seed: 4)
    // These vectors are in the span of both states, so they lose nothing, even without originals.
    let added = (1...5).map { number in
      zip(rows[6], rows[7]).map { $0 + $1 * Double(number) / 4 }
    }
    func write(_ range: Range<Int>, _ choice: String) throws {
      try ferry.writeStore(
        rows: Array(rows[range]), texts: range.map { "document \($0)" }, extra: Self.dated)
      let outcome = try ferry.run(
        "--dimensions", "12", "--min-recall", "0", "--keep-original", choice)
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    }
    try write(0..<count, before)
    try write(5..<count + 5, after)
    for (number, vector) in added.enumerated() {
      try ferry.database.connect().query(
        """
        SELECT vector_ferry.upsert_document(
          'ann', 'notes', \("added \(number)"), \(VectorValue(vector.map { Float($0) }))::vector)
        """)
    }
    func kept() throws -> Int? {
      let isThere: Bool? = try ferry.scalar(
        "SELECT to_regclass('vector_ferry.originals') IS NOT NULL")
      return isThere == true ? try ferry.scalar("SELECT count(*) FROM vector_ferry.originals") : 0
    }
    let keepsAdded = after == "auto"
    #expect(try kept() == (keepsAdded ? count + 5 : 0))
    let outcome = try ferry.run("rollback", "--restore", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Brought back \(count) documents"))
    #expect(outcome.text.contains("Converted 5 documents of the application"), "\(outcome.text)")
    #expect(try ferry.counts() == ["ann/notes": count + 5])
    #expect(try kept() == (before == "auto" ? count : 0) + (keepsAdded ? 5 : 0))
    for (number, vector) in added.enumerated() where keepsAdded || count < 12 {
      let found = try ferry.search(vector, k: 2)
      #expect(found[0].text == "added \(number)", "\(found)")
      #expect(abs(found[0].score - 1) < 1e-5)
    }
    let verified = try ferry.run("verify", "--against", "backup")
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
  }

  @Test func `--restore with a damaged backup refuses and changes nothing`() throws {
    let ferry = try migrated()
    let backup = try FileManager.default.contentsOfDirectory(
      atPath: ferry.folder.file("migration_backup")
    ).first { $0.wholeMatch(of: /[0-9_]+/) != nil }
    try ferry.writeStore(rows: Ferry.rows(12), texts: Ferry.texts(12))
    try ferry.run()
    let path = ferry.folder.file("migration_backup/\(try #require(backup))/ann/notes/vectors.pkl")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[100] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let before = try ferry.rowVersions()
    let outcome = try ferry.run("rollback", "--restore", "--yes")
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("differs from what was copied (SHA-256)"))
    #expect(try ferry.rowVersions() == before)
  }

  @Test func `--files puts files back and keeps what was there`() throws {
    let ferry = try migrated()
    let original = try contents(of: ferry.folder.file("user_data"))
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    let changed = try contents(of: ferry.folder.file("user_data/ann/vector_store_notes"))
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data/bob"))
    let plan = try ferry.run("rollback", "--files", "--dry-run")
    #expect(
      plan.text.contains("newer than the backup") || plan.text.contains("different from the backup")
    )
    #expect(plan.text.contains("Puts back user_data/bob/vector_store_notes/vectors.pkl"))
    let outcome = try ferry.run("rollback", "--files", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let after = try contents(of: ferry.folder.file("user_data"))
    for (path, bytes) in original { #expect(after[path] == bytes, "\(path)") }
    let kept = after.filter { $0.key.contains(".before-rollback-") }.map(\.value)
    #expect(Set(kept) == Set(changed.values))
    // The second time, the rows are gone and the files are restored: there is nothing to do.
    let again = try ferry.run("rollback", String(try run(of: outcome)), "--files", "--yes")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try contents(of: ferry.folder.file("user_data")) == after)
  }

  @Test func `--files refuses a copy whose bytes and checksums were both exchanged`() throws {
    let ferry = try migrated()
    let root = ferry.folder.file("migration_backup")
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: root).first { $0.hasPrefix("2") })
    let evil = Ferry.pickle(Ferry.rows(40, seed: 666))
    try Forgery.exchange("ann/notes/vectors.pkl", by: evil, inRun: "\(root)/\(run)")
    #expect(try ferry.run("backups", "verify").status == 0)
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    let before = try contents(of: ferry.folder.file("user_data"))
    let plan = try ferry.run("rollback", "--files", "--dry-run", "--json")
    #expect(plan.text.contains("SHA-256 in the ledger"), "\(plan.text)\(plan.errorText)")
    let outcome = try ferry.run("rollback", "--files", "--yes")
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("differs from what run"), "\(outcome.text)")
    let after = try contents(of: ferry.folder.file("user_data"))
    for (path, bytes) in before { #expect(after[path] == bytes, "\(path)") }
    #expect(try ferry.counts()["ann/notes"] == 40)
  }

  private func run(of outcome: ProcessOutcome) throws -> Substring {
    try #require(outcome.text.firstMatch(of: /run ([0-9a-f-]{36})/)).output.1
  }

  @Test(arguments: ["user", "store", "file"])
  func `--files follows no link out of the user data`(place: String) throws {
    let ferry = try migrated()
    let outside = try ferry.folder.write("canary", to: "outside/vectors.pkl")
    let paths = [
      "user": "user_data/ann", "store": "user_data/ann/vector_store_notes",
      "file": "user_data/ann/vector_store_notes/vectors.pkl",
    ]
    let path = ferry.folder.file(try #require(paths[place]))
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(
      atPath: path,
      withDestinationPath: place == "file" ? outside : ferry.folder.file("outside"))
    let outcome = try ferry.run("rollback", "--files", "--user", "ann", "--yes")
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(try String(contentsOfFile: outside, encoding: .utf8) == "canary")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: ferry.folder.file("outside")).count == 1)
    #expect(try ferry.counts()["ann/notes"] == 40)
  }

  @Test func `the same command after a kill takes nothing more back`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(user: "eve", rows: Ferry.rows(4), texts: Ferry.texts(4))
    #expect(try ferry.run("--table", "other").status == 0)
    // Another store of the first run still belongs to that run.
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3), texts: Ferry.texts(3), extra: Self.dated)
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5), extra: Self.dated)
    #expect(try ferry.run("--user", "ann", "--user", "bob").status == 0)
    let first = try ferry.contentDigest()
    try ferry.writeStore(rows: Ferry.rows(8, seed: 2), texts: Ferry.texts(8), extra: Self.dated)
    #expect(try ferry.run("--user", "ann").status == 0)
    let running = try ferry.start(
      "rollback", "--yes", "--restore",
      environment: ["VECTOR_FERRY_PAUSE_AT": "rollback-after-commit"])
    #expect(running.waitForError("paused at rollback-after-commit"), "\(running.errors)")
    running.signal(SIGKILL)
    #expect(try running.finish().status == -SIGKILL)
    try ferry.settle()
    #expect(try ferry.contentDigest() == first)
    let versions = try ferry.rowVersions()
    for _ in 0..<2 {
      let again = try ferry.run("rollback", "--yes", "--restore")
      #expect(again.status == 0, "\(again.text)\(again.errorText)")
      #expect(again.text.contains("Nothing to roll back"), "\(again.text)")
      #expect(try ferry.rowVersions() == versions)
      #expect(try ferry.counts(table: "other") == ["eve/notes": 4])
    }
    #expect(try ferry.run("rollback", "--json", "--yes").text.contains("rolled back before"))
    let rollback: String? = try ferry.scalar(
      "SELECT run_id::text FROM vector_ferry.stores WHERE user_id = 'ann'")
    let named = try ferry.run("rollback", try #require(rollback), "--dry-run")
    #expect(named.text.contains("is itself a rollback"), "\(named.text)")
    // The latest migration of the other table is rolled back only where that table is named.
    #expect(try ferry.run("rollback", "--table", "other", "--yes").status == 0)
    #expect(try ferry.counts(table: "other") == [:])
    #expect(try ferry.rowVersions() == versions)
  }

  @Test func `the same command after a kill puts the rest of the files back`() throws {
    let ferry = try migrated()
    let original = try contents(of: ferry.folder.file("user_data"))
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data/ann"))
    let running = try ferry.start(
      "rollback", "--yes", "--files", "--user", "ann",
      environment: ["VECTOR_FERRY_PAUSE_AT": "rollback-after-commit"])
    #expect(running.waitForError("paused at rollback-after-commit"), "\(running.errors)")
    running.signal(SIGKILL)
    _ = try running.finish()
    try ferry.settle()
    let again = try ferry.run("rollback", "--yes", "--files", "--user", "ann")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try contents(of: ferry.folder.file("user_data")) == original)
    #expect(try ferry.counts() == ["bob/notes": 6])
  }

  private static let stages = [
    "rollback-plan", "rollback-locked", "rollback-removed", "rollback-before-commit",
    "rollback-after-commit", "rollback-files",
  ]

  @Test(arguments: stages)
  func `SIGKILL at rollback`(stage: String) throws {
    let rounds = Oracle.isFullRun ? 40 : 1
    for _ in 0..<rounds { try killed(at: stage) }
    FaultLog.note("SIGKILL", rounds, "kills at \(stage)")
  }

  /// Kills a rollback at a stage, and expects that a second rollback has the same result as a
  /// rollback without a kill.
  private func killed(at stage: String) throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(20), texts: Ferry.texts(20), extra: Self.dated)
    try ferry.run()
    let first = (try ferry.contentDigest(), try contents(of: ferry.folder.file("user_data")))
    try ferry.writeStore(rows: Ferry.rows(30, seed: 2), texts: Ferry.texts(30), extra: Self.dated)
    try ferry.run()
    let second = try ferry.contentDigest()
    let run: String? = try ferry.scalar("SELECT run_id::text FROM vector_ferry.stores")
    // The present files are those of the run; after this change, a rollback restores them.
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    let running = try ferry.start(
      "rollback", "--restore", "--files", "--yes", environment: ["VECTOR_FERRY_PAUSE_AT": stage])
    #expect(running.waitForError("paused at \(stage)"), "\(running.errors)")
    running.signal(SIGKILL)
    #expect(try running.finish().status == -SIGKILL)
    try ferry.settle()
    let isDone = ["rollback-after-commit", "rollback-files"].contains(stage)
    #expect(try ferry.contentDigest() == (isDone ? first.0 : second))
    let again = try ferry.run(
      "rollback", try #require(run), "--restore", "--files", "--yes")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try ferry.contentDigest() == first.0)
    #expect(try ferry.run("verify", "--against", "backup").status == 0)
    let source = try contents(of: ferry.folder.file("user_data/ann/vector_store_notes"))
    #expect(source["vectors.pkl"] == Data(Ferry.pickle(Ferry.rows(30, seed: 2))))
    #expect(source.keys.filter { $0.hasSuffix("-part") }.isEmpty)
  }

  @Test(arguments: [CommitProxy.Cut.before, .after], [false, true])
  func `connection cut; COMMIT's answer lost: a rollback asks the ledger, too`(
    cut: CommitProxy.Cut, restores: Bool
  ) throws {
    let ferry = try migrated()
    try ferry.writeStore(rows: Ferry.rows(50, seed: 5), texts: Ferry.texts(50), extra: Self.dated)
    #expect(try ferry.run("--user", "ann").status == 0)
    let proxy = try CommitProxy(cutting: cut, after: ["DELETE FROM vector_ferry.stores"])
    defer { proxy.close() }
    let host = proxy.folder.path.replacingOccurrences(of: "/", with: "%2F")
    let url = try "postgresql://\(TestServer.address.user)@\(host):5432/\(ferry.database.name)"
    let outcome = try TestSupport.run(
      Ferry.binary, ["rollback", "--yes"] + (restores ? ["--restore"] : []),
      environment: Ferry.clean(url, [:]), directory: ferry.folder.path)
    #expect(proxy.cuts == 1)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("trying again"), "\(outcome.errorText)")
    #expect(outcome.text.contains("50"), "\(outcome.text)")
    if restores {
      #expect(try ferry.counts() == ["ann/notes": 40, "bob/notes": 6])
      #expect(try ferry.run("verify", "--against", "backup").status == 0)
    } else {
      #expect(try ferry.counts() == ["bob/notes": 6])
    }
  }

  @Test func `server restart, backend terminated: a rollback goes on by itself`() throws {
    let ferry = try migrated()
    let running = try ferry.start(
      "rollback", "--user", "ann", "--yes",
      environment: ["VECTOR_FERRY_PAUSE_AT": "rollback-locked"])
    #expect(running.waitForError("paused at rollback-locked"), "\(running.errors)")
    try ferry.database.connect().query(
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """)
    running.signal(SIGUSR1)
    #expect(running.waitForErrors("paused at rollback-locked", count: 2), "\(running.errors)")
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["bob/notes": 6])
  }

  @Test func `a row that is edited while it is rolled back is not lost`() throws {
    let ferry = try migrated()
    let running = try ferry.start(
      "rollback", "--user", "ann", "--yes",
      environment: ["VECTOR_FERRY_PAUSE_AT": "rollback-locked"])
    #expect(running.waitForError("paused at rollback-locked"), "\(running.errors)")
    try ferry.database.connect().query(
      "UPDATE vector_documents SET text = 'edited' WHERE user_id = 'ann' AND text ~ 'number 7,'")
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts()["ann/notes"] == 40)
    #expect(try ferry.run("rollback", "--user", "ann", "--yes").status == 0)
    let left: String? = try ferry.scalar(
      "SELECT string_agg(text, ',') FROM vector_documents WHERE user_id = 'ann'")
    #expect(left == "edited")
  }

  @Test func `rows that row-level security hides stop the rollback of their store`() throws {
    let ferry = try migrated()
    let role = "half_\(ferry.database.name)"
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE ROLE \(role) LOGIN;
          GRANT USAGE ON SCHEMA vector_ferry TO \(role);
          GRANT ALL ON ALL TABLES IN SCHEMA vector_ferry TO \(role);
          GRANT SELECT, DELETE ON vector_documents TO \(role);
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          CREATE POLICY own ON vector_documents USING (user_id = 'ann');
          """))
    defer {
      _ = try? session.execute(
        script: SQL(script: "DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)"))
    }
    let outcome = try ferry.run(
      "rollback", "--yes", environment: ["DATABASE_URL": ferry.url(as: role)])
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("row-level security shows this role 0 of 6 rows"))
    #expect(try ferry.counts() == ["bob/notes": 6])
  }

  @Test func `a ledger that was lost is taken up again by a run`() throws {
    let ferry = try migrated(extra: Self.dated)
    let digest = try ferry.contentDigest()
    try ferry.database.connect().query("DROP SCHEMA vector_ferry CASCADE")
    let outcome = try ferry.run("--dimensions", "8")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.contentDigest() == digest)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `files that cannot be written keep their store's rows where they are`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(200, dimensions: 64), texts: Ferry.texts(200))
    #expect(try ferry.run().status == 0)
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data"))
    try FileManager.default.createDirectory(
      atPath: ferry.folder.file("user_data"), withIntermediateDirectories: false)
    let limited = try TestSupport.run(
      "/bin/bash", ["-c", "ulimit -f 60; exec \(Ferry.binary) rollback --files --yes"],
      environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    #expect(limited.status == 1, "\(limited.text)\(limited.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents") == 200)
    // The partly written files are removed, and the same command completes the rollback.
    #expect(try ferry.run("status").status == 0)
    let complete = try ferry.run("rollback", "--files", "--yes")
    #expect(complete.status == 0, "\(complete.text)\(complete.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents") == 0)
    #expect(try ferry.run("scan").text.contains("200"))
    let names = try contents(of: ferry.folder.file("user_data")).keys
    #expect(!names.contains { $0.contains("vector-ferry-part") }, "\(names)")
  }
}
