import Foundation
import Postgres
import TestSupport
import Testing

/// Tests what later runs, edits, faults and rollbacks do with rows that a run has adopted.
@Suite(.needsServer)
struct AdoptedRowTests {
  private static let count = 20

  /// Creates a store whose rows the earlier script has written and this program has adopted.
  private func adopted(_ arguments: String..., dimensions: Int = 24) throws -> (
    ferry: Ferry, before: [String]
  ) {
    let ferry = try Ferry()
    let rows = Ferry.rows(Self.count, dimensions: dimensions)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(Self.count))
    try ferry.makeDocumentsTable(dimensions: 16)
    try ferry.writeAsEarlierScript(rows: rows, texts: Ferry.texts(Self.count), dimensions: 16)
    let before = try ferry.rowsBitForBit()
    let outcome = try ferry.run(words: ["--adopt", "--min-recall", "0"] + arguments)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["ann/notes": Self.count])
    return (ferry, before)
  }

  private func ids(_ ferry: Ferry) throws -> String? {
    try ferry.scalar("SELECT string_agg(id::text, ',' ORDER BY id) FROM vector_documents")
  }

  private func verifies(_ ferry: Ferry, _ place: String = "") throws {
    let outcome = try ferry.run("verify")
    #expect(outcome.status == 0, "\(place) \(outcome.text)\(outcome.errorText)")
  }

  @Test(arguments: [
    [], ["--keep-original", "always"], ["--projection", "shared"], ["--reduce", "truncate"],
    ["--jobs", "2"], ["--no-backup"], ["--force"],
  ])
  func `every way to reduce and to run takes rows over and gives them back`(arguments: [String])
    throws
  {
    let ferry = try Ferry()
    let rows = Ferry.rows(Self.count, dimensions: 24)
    try ferry.makeDocumentsTable(dimensions: 16)
    for user in ["ann", "bob"] {
      try ferry.writeStore(user: user, rows: rows, texts: Ferry.texts(Self.count))
      try ferry.writeAsEarlierScript(
        user: user, rows: rows, texts: Ferry.texts(Self.count), dimensions: 16)
    }
    let before = (try ferry.rowsBitForBit(), try ids(ferry))
    let outcome = try ferry.run(words: ["--adopt", "--min-recall", "0", "--yes"] + arguments)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ids(ferry) == before.1)
    try verifies(ferry)
    #expect(try ferry.run("rollback", "--yes").status == 0)
    #expect(try ferry.rowsBitForBit() == before.0)
  }

  @Test(arguments: [8, 16])
  func `a table of another dimension, and vectors that are the same already`(dimensions: Int) throws
  {
    let ferry = try Ferry()
    let rows = Ferry.rows(Self.count, dimensions: dimensions)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(Self.count))
    try ferry.makeDocumentsTable(dimensions: 16)
    let session = try ferry.database.connect()
    for (text, row) in zip(Ferry.texts(Self.count), rows) {
      let vector = row.map { Float($0) } + [Float](repeating: 0, count: 16 - dimensions)
      try session.query(
        """
        INSERT INTO vector_documents (user_id, collection_name, text, embedding)
        VALUES ('ann', 'notes', \(text), \(VectorValue(vector))::vector)
        """)
    }
    let versions = try ferry.rowVersions()
    let outcome = try ferry.run("--adopt")
    #expect(outcome.text.contains("20 as they were, 0 with vector"), "\(outcome.text)")
    // No row was written: no trigger ran, and every row has the same version.
    #expect(try ferry.rowVersions() == versions)
    try verifies(ferry)
    #expect(try ferry.run("rollback", "--yes").status == 0)
    #expect(try ferry.rowVersions() == versions)
  }

  @Test func `a store that changes is written into the same rows`() throws {
    let (ferry, before) = try adopted()
    let ids = try ids(ferry)
    var texts = Ferry.texts(Self.count)
    texts[3] = "Another text"
    try ferry.writeStore(
      rows: Ferry.rows(Self.count, dimensions: 24, seed: 5), texts: texts, extra: ["new": true])
    let outcome = try ferry.run("--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(!outcome.text.contains("of the application to the new model"))
    #expect(try self.ids(ferry) == ids)
    #expect(
      try ferry.scalar(
        "SELECT count(*) FROM vector_documents WHERE metadata = '{\"new\": true}'", as: Int.self)
        == Self.count)
    try verifies(ferry)
    // The rows get the contents from before the first run, although they were replaced several
    // times since.
    #expect(try ferry.run("rollback", "--yes").status == 0)
    #expect(try ferry.rowsBitForBit() == before)
  }

  @Test func `--restore brings the run before back into the same rows`() throws {
    let (ferry, _) = try adopted()
    let (first, ids) = (try ferry.rowsBitForBit(), try ids(ferry))
    try ferry.writeStore(
      rows: Ferry.rows(25, dimensions: 24, seed: 5), texts: Ferry.texts(25))
    #expect(try ferry.run("--min-recall", "0").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 25])
    let edited: String? = try ferry.scalar(
      """
      UPDATE vector_documents SET text = 'edited' WHERE text ~ 'number 4,' RETURNING id::text
      """)
    let outcome = try ferry.run("rollback", "--restore", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try self.ids(ferry) == ids)
    let id = try #require(edited)
    #expect(
      try ferry.rowsBitForBit(where: "id <> '\(id)'") == first.filter { !$0.hasPrefix(id) })
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents WHERE text = 'edited'") == 1)
  }

  @Test func `a rollback of the run that took rows over restores the store beside them`() throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(Self.count, dimensions: 24)
    try ferry.writeStore(
      rows: rows, texts: Ferry.texts(Self.count), extra: ["timestamp": "2024-05-01T10:00:00"])
    try ferry.makeDocumentsTable(dimensions: 16)
    try ferry.writeAsEarlierScript(rows: rows, texts: Ferry.texts(Self.count), dimensions: 16)
    #expect(try ferry.run("--alongside", "--min-recall", "0").status == 0)
    let both = try ferry.rowsBitForBit()
    #expect(try ferry.run("--adopt", "--min-recall", "0").status == 0)
    #expect(try ferry.counts() == ["ann/notes": Self.count])
    let outcome = try ferry.run("rollback", "--restore", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.rowsBitForBit() == both)
    let verified = try ferry.run("verify")
    #expect(verified.text.contains("In the table, in no ledger: \(Self.count)"), "\(verified.text)")
  }

  @Test func `edited rows stop the store, deleted ones come back, and a rollback leaves edits`()
    throws
  {
    let (ferry, before) = try adopted()
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        UPDATE vector_documents SET text = 'edited' WHERE text ~ 'number 4,';
        DELETE FROM vector_documents WHERE text ~ 'number 5,'
        """)
    let verified = try ferry.run("verify")
    #expect(verified.status == 4)
    #expect(verified.text.contains("Differs: 1 missing, 1 edited"), "\(verified.text)")
    try ferry.writeStore(
      rows: Ferry.rows(Self.count, dimensions: 24, seed: 5), texts: Ferry.texts(Self.count))
    #expect(try ferry.run("--min-recall", "0").text.contains("was changed in the database"))
    let back = try ferry.run("rollback", "--dry-run")
    #expect(back.text.contains("Keeps 18 rows that were taken over"), "\(back.text)")
    #expect(back.text.contains("Keeps 1 row that were changed since"), "\(back.text)")
    let forced = try ferry.run("--force", "--yes", "--min-recall", "0")
    #expect(forced.status == 0, "\(forced.text)\(forced.errorText)")
    #expect(try ferry.counts() == ["ann/notes": Self.count])
    try verifies(ferry)
    try session.query("UPDATE vector_documents SET text = 'edited' WHERE text ~ 'number 6,'")
    #expect(try ferry.run("rollback", "--yes").status == 0)
    let after = try ferry.rowsBitForBit()
    #expect(after.count == Self.count - 1)
    #expect(after.count { before.contains($0) } == Self.count - 2)
    #expect(after.count { $0.contains("|edited|") } == 1)
  }

  @Test func `a document that has gone leaves its row as it was before, and new ids stop`() throws {
    let (ferry, before) = try adopted()
    let rows = Ferry.rows(Self.count, dimensions: 24)
    try ferry.writeStore(rows: Array(rows.prefix(15)), texts: Ferry.texts(15))
    let shrunk = try ferry.run("--min-recall", "0")
    #expect(shrunk.status == 0, "\(shrunk.text)\(shrunk.errorText)")
    #expect(shrunk.errorText.contains("5 rows that an earlier run had taken over were restored"))
    let after = try ferry.rowsBitForBit()
    #expect(after.count { before.contains($0) } == 5)
    let verified = try ferry.run("verify")
    #expect(verified.text.contains("In the table, in no ledger: 5"), "\(verified.text)")

    // The same texts have new source ids: no text is written a second time without an option.
    let ids = (0..<Self.count).map { "renumbered_\($0)" }
    try ferry.writeStore(rows: rows, texts: Ferry.texts(Self.count), ids: ids)
    let stopped = try ferry.run("--min-recall", "0")
    #expect(stopped.status == 1, "\(stopped.text)")
    #expect(stopped.text.contains("20 documents would be in the table twice"), "\(stopped.text)")
    #expect(try ferry.rowsBitForBit() == after)
    let outcome = try ferry.run("--adopt", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["ann/notes": Self.count])
    try verifies(ferry)
    #expect(try ferry.run("rollback", "--yes").status == 0)
    #expect(try ferry.rowsBitForBit() == before)
  }

  @Test(arguments: ["source", "backup", "originals"])
  func `a refit rewrites rows in place, and they can still be given back`(origin: String) throws {
    let (ferry, before) = try adopted("--keep-original", "always")
    let ids = try ids(ferry)
    try ferry.addDocument("added", Ferry.rows(1, dimensions: 24, seed: 8)[0], keepingOriginal: true)
    let outcome = try ferry.run(
      "projection", "refit", "ann/notes", "--from", origin, "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    // Originals are in half precision: vectors made from originals are only near the files'
    // vectors.
    if origin != "originals" { try verifies(ferry, origin) }
    try ferry.database.connect().query("DELETE FROM vector_documents WHERE text = 'added'")
    #expect(try self.ids(ferry) == ids)
    #expect(try ferry.run("rollback", "--yes").status == 0)
    #expect(try ferry.rowsBitForBit() == before)
  }

  private static let stages = [
    "before-transaction", "copying", "verify", "before-commit", "after-commit",
  ]

  @Test(arguments: stages)
  func `killed while rows are taken over, a second run comes to the same end`(stage: String) throws
  {
    for _ in 0..<(Oracle.isFullRun ? 40 : 1) {
      let ferry = try Ferry()
      let rows = Ferry.rows(Self.count, dimensions: 24)
      try ferry.writeStore(rows: rows, texts: Ferry.texts(Self.count))
      try ferry.makeDocumentsTable(dimensions: 16)
      try ferry.writeAsEarlierScript(rows: rows, texts: Ferry.texts(Self.count), dimensions: 16)
      let before = try ferry.rowsBitForBit()
      let running = try ferry.start(
        "--adopt", "--min-recall", "0", environment: ["VECTOR_FERRY_PAUSE_AT": stage])
      #expect(running.waitForError("paused at \(stage)"), "\(running.errors)")
      running.signal(SIGKILL)
      #expect(try running.finish().status == -SIGKILL)
      try ferry.settle()
      if stage != "after-commit" { #expect(try ferry.rowsBitForBit() == before) }
      #expect(try ferry.run("--adopt", "--min-recall", "0").status == 0)
      #expect(try ferry.counts() == ["ann/notes": Self.count])
      try verifies(ferry, stage)
      #expect(try ferry.run("rollback", "--yes").status == 0)
      #expect(try ferry.rowsBitForBit() == before)
    }
    FaultLog.note("SIGKILL", Oracle.isFullRun ? 40 : 1, "kills of an adoption at \(stage)")
  }

  @Test(arguments: ["before-transaction", "copying"])
  func `a row that is edited while it is taken over is not lost`(stage: String) throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(Self.count, dimensions: 24)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(Self.count))
    try ferry.makeDocumentsTable(dimensions: 16)
    try ferry.writeAsEarlierScript(rows: rows, texts: Ferry.texts(Self.count), dimensions: 16)
    let running = try ferry.start(
      "--adopt", "--min-recall", "0", environment: ["VECTOR_FERRY_PAUSE_AT": stage])
    #expect(running.waitForError("paused at \(stage)"), "\(running.errors)")
    // The run would wait for a transaction that holds the row; here another session changes the row
    // first.
    let session = try ferry.database.connect()
    try session.query("SET lock_timeout = '300ms'")
    let edit: SQL = "UPDATE vector_documents SET text = 'edited' WHERE text ~ 'number 7,'"
    let came = (try? session.query(edit)) != nil
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(came == (stage == "before-transaction"))
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    if !came { try session.query(edit) }
    #expect(
      try ferry.scalar("SELECT count(*) FROM vector_documents WHERE text = 'edited'") == 1)
    #expect(try ferry.counts() == ["ann/notes": came ? Self.count + 1 : Self.count])
  }

  @Test func `a trigger that changes what is written stops the store, rows as they were`() throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(Self.count, dimensions: 24)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(Self.count))
    try ferry.makeDocumentsTable(dimensions: 16)
    try ferry.writeAsEarlierScript(rows: rows, texts: Ferry.texts(Self.count), dimensions: 16)
    let before = try ferry.rowsBitForBit()
    try ferry.database.connect().execute(
      script: """
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.metadata := NEW.metadata || '{"stamped": true}'; RETURN NEW; END $$;
        CREATE TRIGGER stamp BEFORE UPDATE ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION stamp();
        """)
    let outcome = try ferry.run("--adopt", "--min-recall", "0")
    #expect(outcome.status == 4, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.rowsBitForBit() == before)
  }

  @Test func `row-level security: what a role may not see is unknown, what it may is taken over`()
    throws
  {
    let ferry = try Ferry()
    let rows = Ferry.rows(Self.count, dimensions: 24)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(Self.count))
    try ferry.makeDocumentsTable(dimensions: 16)
    try ferry.writeAsEarlierScript(rows: rows, texts: Ferry.texts(Self.count), dimensions: 16)
    let role = try Role("adopter", in: ferry)
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          GRANT CREATE, TEMPORARY ON DATABASE \(ferry.database.name) TO \(role.name);
          GRANT SELECT, INSERT, DELETE ON vector_documents TO \(role.name);
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          CREATE POLICY own ON vector_documents TO \(role.name) USING (user_id = 'nobody')
          """))
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    let dry = try ferry.run("--dry-run", "--min-recall", "0", environment: environment)
    #expect(dry.text.contains("no ledger lists: unknown"), "\(dry.text)\(dry.errorText)")
    let json = try ferry.run("--dry-run", "--json", "--min-recall", "0", environment: environment)
    let counts = try #require(try Ferry.store(json)["unlisted"] as? [String: Any])
    #expect(counts["rows"] is NSNull && counts["may_be_more"] as? Bool == true)

    try session.execute(
      script: """
        DROP POLICY own ON vector_documents;
        CREATE POLICY own ON vector_documents
          USING (user_id = current_setting('vector_ferry.user_id', true))
        """)
    let stopped = try ferry.run("--min-recall", "0", environment: environment)
    #expect(stopped.status == 1, "\(stopped.text)\(stopped.errorText)")
    let lacking = try ferry.run("--adopt", "--min-recall", "0", environment: environment)
    #expect(lacking.status == 3)
    #expect(lacking.errorText.contains("lacks UPDATE on table"), "\(lacking.errorText)")
    try session.execute(
      script: SQL(script: "GRANT UPDATE ON vector_documents TO \(role.name)"))
    let outcome = try ferry.run("--adopt", "--min-recall", "0", environment: environment)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["ann/notes": Self.count])
    #expect(try ferry.run("verify", environment: environment).status == 0)
  }

  @Test func `a column of another dimension by now: rows cannot be put back, and it is said`()
    throws
  {
    let (ferry, _) = try adopted()
    try ferry.database.connect().execute(
      script: """
        ALTER TABLE vector_documents ALTER COLUMN embedding TYPE vector(8)
          USING (embedding::real[])[1:8]::vector(8)
        """)
    // Every row counts as edited because of that, until the store is written again.
    #expect(try ferry.run("rollback", "--dry-run").text.contains("20 rows that were changed since"))
    #expect(try ferry.run("--force", "--yes", "--min-recall", "0").status == 0)
    let rows = try ferry.rowsBitForBit()
    let outcome = try ferry.run("rollback", "--yes")
    #expect(outcome.status == 1, "\(outcome.text)")
    #expect(outcome.text.contains("had vectors of 16 dimensions, but the column now takes 8"))
    #expect(try ferry.rowsBitForBit() == rows)
  }

  @Test(
    .needsPython)
  func `rows reduced by scikit-learn itself: 116 texts, 3072 to 100`() throws {
    let ferry = try Ferry()
    let rows = Ferry.rows(116, dimensions: 3072)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(116))
    let script = """
      import json, sys, numpy, sklearn.decomposition
      rows = numpy.array(json.load(sys.stdin))
      model = sklearn.decomposition.PCA(n_components=100)
      json.dump(model.fit_transform(rows).tolist(), sys.stdout)
      """
    let reduced = try Oracle.run(script, input: JSONSerialization.data(withJSONObject: rows))
    let vectors = try #require(
      try JSONSerialization.jsonObject(with: reduced.output) as? [[Double]])
    try ferry.makeDocumentsTable(dimensions: 100)
    let session = try ferry.database.connect()
    for (text, vector) in zip(Ferry.texts(116), vectors) {
      try session.query(
        """
        INSERT INTO vector_documents (user_id, collection_name, text, embedding)
        VALUES ('ann', 'notes', \(text), \(VectorValue(vector.map { Float($0) }))::vector)
        """)
    }
    #expect(try ferry.run("--min-recall", "0").status == 1)
    #expect(try ferry.run("--adopt", "--min-recall", "0").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 116])
    #expect(try ferry.run("verify").text.contains("✅"))
  }
}
