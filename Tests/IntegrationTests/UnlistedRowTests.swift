import Foundation
import Postgres
import TestSupport
import Testing

/// Tests rows in a store's collection that the ledger does not list, such as those of the earlier
/// script.
@Suite(.needsServer)
struct UnlistedRowTests {
  private static var tagged: [String: Any] { ["tag": "a", "n": 7] }
  private static let metadata = #"{"tag": "a", "n": 7}"#

  /// Creates a store of `count` documents that the earlier script has written `times` times.
  private func earlier(times: Int = 1, count: Int = 116) throws -> Ferry {
    let ferry = try Ferry()
    let rows = Ferry.rows(count, dimensions: 24)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(count), extra: Self.tagged)
    try ferry.makeDocumentsTable(dimensions: 16)
    for _ in 0..<times {
      try ferry.writeAsEarlierScript(
        rows: rows, texts: Ferry.texts(count), metadata: Self.metadata, dimensions: 16)
    }
    return ferry
  }

  private func isGreen(_ ferry: Ferry) throws -> Bool {
    let outcome = try ferry.run("verify")
    return outcome.status == 0
      && outcome.text.contains("✅ The database holds the same as the files")
  }

  private func texts(_ ferry: Ferry) throws -> [Int] {
    let rows = try ferry.database.connect().query(
      "SELECT count(*), count(DISTINCT text) FROM vector_documents WHERE user_id = 'ann'")
    return [try rows.value(0, 0), try rows.value(0, 1)]
  }

  @Test func `a dry run counts them and writes nothing, a live run stops that store alone`() throws
  {
    let ferry = try earlier()
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3, dimensions: 16), texts: Ferry.texts(3))
    let before = try ferry.rowsBitForBit()
    let dry = try ferry.run("--dry-run", "--min-recall", "0")
    #expect(dry.status == 1, "\(dry.text)\(dry.errorText)")
    #expect(dry.text.contains("in no ledger: 116 rows, 116 with the text of a document, 0 with"))
    let plan = try Ferry.store(ferry.run("--dry-run", "--json", "--min-recall", "0"))
    let counts = try #require(plan["unlisted"] as? [String: Any])
    #expect(counts["rows"] as? Int == 116)
    #expect(counts["equal"] as? Int == 116)
    #expect(counts["doubled"] as? Int == 116)
    #expect(counts["other"] as? Int == 0)
    #expect(try ferry.rowsBitForBit() == before)
    let nowhere = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"
    let blind = try ferry.run(
      "--dry-run", "--user", "bob", "--min-recall", "0", environment: ["DATABASE_URL": nowhere])
    #expect(blind.text.contains("no ledger lists: unknown, because the database was not read"))

    let live = try ferry.run("--min-recall", "0")
    #expect(live.status == 1, "\(live.text)\(live.errorText)")
    #expect(live.text.contains("116 documents would be in the table twice"), "\(live.text)")
    #expect(live.text.contains("--adopt") && live.text.contains("--alongside"))
    #expect(try ferry.rowsBitForBit(where: "user_id = 'ann'") == before)
    #expect(try ferry.counts() == ["ann/notes": 116, "bob/notes": 3])
    #expect(
      try ferry.scalar("SELECT count(*) FROM vector_ferry.stores", as: Int.self) == 1)
    // --force concerns only listed rows, and not these rows.
    #expect(try ferry.run("--force", "--user", "ann", "--min-recall", "0").status == 1)
    #expect(try ferry.rowsBitForBit(where: "user_id = 'ann'") == before)
  }

  @Test func `--adopt ends with one row a text, ids and references kept, and verify is green`()
    throws
  {
    let ferry = try earlier()
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        CREATE TABLE likes (document uuid REFERENCES vector_documents ON DELETE CASCADE);
        INSERT INTO likes SELECT id FROM vector_documents
        """)
    let ids: SQL = "SELECT string_agg(id::text || text, ',' ORDER BY id) FROM vector_documents"
    let (before, idsBefore) = (try ferry.rowsBitForBit(), try session.scalar(ids, as: String.self))
    let dry = try ferry.run("--dry-run", "--adopt", "--min-recall", "0")
    #expect(dry.status == 0, "\(dry.text)\(dry.errorText)")
    #expect(dry.text.contains("116 of them by taking over existing rows"), "\(dry.text)")
    #expect(try ferry.rowsBitForBit() == before)

    let outcome = try ferry.run("--adopt", "--json", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let adoption = try #require(try Ferry.store(outcome)["adoption"] as? [String: Any])
    let rows = try #require(adoption["rows"] as? [[String: Any]])
    #expect(rows.count == 116)
    #expect(rows.allSatisfy { $0["action"] as? String == "vector_replaced" })
    #expect(rows.allSatisfy { $0["parts"] as? [String] == ["vector"] })
    #expect(Set(rows.compactMap { $0["position"] as? Int }) == Set(0..<116))
    #expect(try texts(ferry) == [116, 116])
    #expect(try session.scalar(ids, as: String.self) == idsBefore)
    #expect(try session.scalar("SELECT count(*) FROM likes", as: Int.self) == 116)
    #expect(try isGreen(ferry))
    let store = try Ferry.store(ferry.run("verify", "--json"))
    #expect((store["documents"] as? [String: Any])?["adopted"] as? Int == 116)

    // Searches now find vectors in the coordinates of this program's model.
    let query = Ferry.rows(1, dimensions: 24)[0]
    #expect(try ferry.search(query, k: 1).map(\.text) == [Ferry.texts(1)[0]])
    for arguments in [["--adopt"], ["--alongside"], []] {
      let again = try ferry.run(words: ["--min-recall", "0"] + arguments)
      #expect(again.text.contains("Unchanged: 1"), "\(again.text)\(again.errorText)")
    }

    // A rollback restores every row, bit for bit.
    let plan = try ferry.run("rollback", "--dry-run")
    #expect(plan.text.contains("Keeps 116 rows that were taken over"), "\(plan.text)")
    let back = try ferry.run("rollback", "--yes")
    #expect(back.status == 0, "\(back.text)\(back.errorText)")
    #expect(try ferry.rowsBitForBit() == before)
    #expect(try session.scalar("SELECT count(*) FROM likes", as: Int.self) == 116)
    #expect(try ferry.run("--min-recall", "0").status == 1)
  }

  @Test func `--alongside leaves them as they are, and verify says so`() throws {
    let ferry = try earlier()
    let before = try ferry.rowsBitForBit()
    let outcome = try ferry.run("--alongside", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("116 rows in no ledger stay in the table"))
    #expect(try texts(ferry) == [232, 116])
    func untouched() throws -> Bool { Set(try ferry.rowsBitForBit()).isSuperset(of: before) }
    #expect(try untouched())
    let verified = try ferry.run("verify")
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
    #expect(verified.text.contains("In the table, in no ledger: 116"))
    #expect(verified.text.contains("and in addition 116 rows that no ledger lists"))
    #expect(!verified.text.contains("✅"), "\(verified.text)")
    let counts = try Ferry.store(ferry.run("verify", "--json"))["documents"] as? [String: Any]
    #expect(counts?["alongside"] as? Int == 116)
    #expect(counts?["doubles"] as? Int == 116)
    #expect(counts?["added"] as? Int == 0)

    // A changed store is migrated without the option again, and another model does not change these
    // rows.
    try ferry.writeStore(
      rows: Ferry.rows(117, dimensions: 24, seed: 2), texts: Ferry.texts(117), extra: Self.tagged)
    let changed = try ferry.run("--min-recall", "0")
    #expect(changed.status == 0, "\(changed.text)\(changed.errorText)")
    #expect(try texts(ferry) == [233, 117])
    #expect(try untouched())

    // A later run can still adopt the rows: each text then has one row again.
    let adopted = try ferry.run("--adopt", "--min-recall", "0")
    #expect(adopted.status == 0, "\(adopted.text)\(adopted.errorText)")
    #expect(try texts(ferry) == [117, 117])
    #expect(try isGreen(ferry))
    #expect(try ferry.run("--adopt", "--min-recall", "0").text.contains("Unchanged: 1"))
  }

  @Test func `both options together are refused, and either has no effect where nothing is`() throws
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(4), texts: Ferry.texts(4))
    let both = try ferry.run("--adopt", "--alongside")
    #expect(both.status == 2)
    #expect(both.errorText.contains("--adopt cannot be used together with --alongside"))
    #expect(try ferry.run("--adopt").status == 0)
    #expect(try ferry.run("--alongside", "--force").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 4])
    #expect(try isGreen(ferry))
  }

  /// States of the ledger and of the table, each with whether a run without an option stops.
  private static let states: [(String, stops: Bool, rows: Int)] = [
    ("never migrated, equal texts", true, 5), ("never migrated, other texts", true, 5),
    ("never migrated, another collection", false, 10),
    ("migrated, other texts added", false, 12), ("migrated, a listed text added again", false, 12),
    ("migrated, the text of a new document added", true, 11),
    ("rolled back, other texts added", false, 12), ("rolled back, equal texts", true, 5),
    ("ledger lost", false, 6), ("ledger lost, other texts added", true, 6),
    ("table emptied and filled by the earlier script", true, 5),
    ("a document deleted and added again under another id", true, 6),
  ]

  @Test(arguments: states.indices)
  func `a store stops where rows would double, and where none of them can be known`(state: Int)
    throws
  {
    let (name, stops, rows) = Self.states[state]
    let ferry = try Ferry()
    let vectors = Ferry.rows(6)
    let session = try ferry.database.connect()
    func add(_ texts: [String], to collection: String = "notes") throws {
      try ferry.writeAsEarlierScript(
        collection: collection, rows: Array(vectors.prefix(texts.count)), texts: texts,
        dimensions: 8)
    }
    func store(_ count: Int) throws {
      try ferry.writeStore(rows: Array(vectors.prefix(count)), texts: Ferry.texts(count))
    }
    try store(5)
    if name.hasPrefix("never") {
      try ferry.makeDocumentsTable(dimensions: 8)
      try add(
        name.contains("equal") ? Ferry.texts(5) : (0..<5).map { "Other \($0)" },
        to: name.contains("another") ? "archive" : "notes")
    } else {
      #expect(try ferry.run().status == 0)
    }
    switch name {
    case "migrated, other texts added", "rolled back, other texts added":
      try add((0..<6).map { "Other \($0)" })
    case "migrated, a listed text added again":
      try add([String](repeating: Ferry.texts(1)[0], count: 6))
    case "migrated, the text of a new document added":
      try add((0..<5).map { "Other \($0)" } + [Ferry.texts(6)[5]])
    case "ledger lost", "ledger lost, other texts added":
      if name.contains("added") { try add(["Other"]) }
      try session.query("DROP SCHEMA vector_ferry CASCADE")
    case "table emptied and filled by the earlier script":
      try session.query("TRUNCATE vector_documents")
      try add(Ferry.texts(5))
    case "a document deleted and added again under another id":
      try session.query(
        "UPDATE vector_documents SET id = gen_random_uuid() WHERE text ~ 'number 2,'")
      try add(["Other"])
    default: break
    }
    if name.hasPrefix("rolled back") {
      #expect(try ferry.run("rollback", "--yes").status == 0)
      if name.contains("equal") { try add(Ferry.texts(5)) }
    }
    if !name.hasPrefix("never"), !name.contains("earlier script"),
      !name.contains("rolled back, equal")
    {
      try store(6)
    }
    let before = try ferry.rowsBitForBit()
    let outcome = try ferry.run()
    #expect(outcome.status == (stops ? 1 : 0), "\(name): \(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("in no ledger") == stops, "\(name): \(outcome.text)")
    #expect(try ferry.counts().values.reduce(0, +) == rows, "\(name)")
    guard stops else { return }
    #expect(try ferry.rowsBitForBit() == before, "\(name)")
    #expect(try ferry.run("--alongside").status == 0, "\(name)")
    #expect(Set(try ferry.rowsBitForBit()).isSuperset(of: try unlisted(ferry)), "\(name)")
    #expect(try ferry.run("verify").status == 0, "\(name)")
  }

  private func unlisted(_ ferry: Ferry) throws -> [String] {
    try ferry.rowsBitForBit(
      where: "id NOT IN (SELECT document_id FROM vector_ferry.documents)")
  }

  @Test func `rows are paired one to one: by metadata and time first, the rest stays`() throws {
    let ferry = try Ferry()
    let texts = ["same", "same", "same", "once", "new", "Straße", "Strasse"]
    try ferry.writeStore(rows: Ferry.rows(7), texts: texts, extra: Self.tagged)
    try ferry.makeDocumentsTable(dimensions: 8)
    let session = try ferry.database.connect()
    let vector = VectorValue(Ferry.rows(1)[0].map { Float($0) })
    // Two of the three documents "same" find a row. "once" has two rows, of which one has its
    // metadata. A text with another accent or case is another text.
    for (text, metadata) in [
      ("same", "{}"), ("same", Self.metadata), ("once", "{}"), ("once", Self.metadata),
      ("Once", "{}"), ("STRASSE", "{}"), ("nobody's", "{}"),
    ] {
      try session.query(
        """
        INSERT INTO vector_documents (user_id, collection_name, text, embedding, metadata)
        VALUES ('ann', 'notes', \(text), \(vector)::vector, \(metadata)::jsonb)
        """)
    }
    let counts = try Ferry.store(ferry.run("--dry-run", "--json"))["unlisted"] as? [String: Any]
    #expect(counts?["rows"] as? Int == 7)
    #expect(counts?["equal"] as? Int == 4)
    #expect(counts?["doubled"] as? Int == 3)
    let left = try ferry.rowsBitForBit(
      where: "text IN ('Once', 'STRASSE', 'nobody''s') OR text = 'once' AND metadata = '{}'")
    let outcome = try ferry.run("--adopt", "--json")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let adoption = try #require(try Ferry.store(outcome)["adoption"] as? [String: Any])
    let rows = try #require(adoption["rows"] as? [[String: Any]])
    let actions = Dictionary(grouping: rows) { $0["action"] as? String ?? "" }.mapValues(\.count)
    // The row that has the first document's vector and metadata stays unchanged.
    #expect(actions == ["kept": 1, "vector_replaced": 2, "not_adopted": 4], "\(rows)")
    let reasons = rows.compactMap { $0["reason"] as? String }.sorted()
    #expect(reasons == ["duplicate", "no_document", "no_document", "no_document"])
    #expect(try ferry.counts() == ["ann/notes": 11])
    #expect(Set(try ferry.rowsBitForBit()).isSuperset(of: left))
    let verified = try ferry.run("verify")
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
    #expect(verified.text.contains("in addition 4 rows that no ledger lists"), "\(verified.text)")
    #expect(verified.text.contains("In the table more than once: 1 row"), "\(verified.text)")
    #expect(try ferry.run("--adopt").text.contains("Unchanged: 1"))
  }

  @Test func `the script run twice: one row a text is taken over, its repetitions are named`()
    throws
  {
    let ferry = try earlier(times: 2, count: 20)
    let outcome = try ferry.run("--adopt", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Took over 20 rows"))
    #expect(outcome.errorText.contains("20 rows in no ledger stay in the table"))
    #expect(outcome.errorText.contains("20 of these have the text of a document"))
    // The statement of the documentation for rows that the operator does not want.
    try ferry.database.connect().query(
      """
      DELETE FROM vector_documents t USING vector_ferry.alongside b
      WHERE t.id = b.document_id AND EXISTS (
        SELECT FROM vector_documents o JOIN vector_ferry.documents d ON d.document_id = o.id
        WHERE (o.user_id, o.collection_name) = (t.user_id, t.collection_name)
          AND sha256(convert_to(o.text, 'UTF8')) = sha256(convert_to(t.text, 'UTF8'))
          AND o.metadata IS NOT DISTINCT FROM t.metadata)
      """)
    #expect(try texts(ferry) == [20, 20])
    #expect(try isGreen(ferry))
  }

  @Test func `what an earlier version has doubled is found by verify and mended by --adopt`() throws
  {
    let ferry = try Ferry()
    let rows = Ferry.rows(20, dimensions: 24)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(20), extra: Self.tagged)
    #expect(try ferry.run("--dimensions", "16", "--min-recall", "0").status == 0)
    try ferry.writeAsEarlierScript(
      rows: rows, texts: Ferry.texts(20), metadata: Self.metadata, dimensions: 16)
    let verified = try ferry.run("verify")
    #expect(verified.text.contains("In the table more than once: 20 rows"), "\(verified.text)")
    #expect(!verified.text.contains("✅"))
    #expect(try ferry.run("--min-recall", "0").text.contains("Unchanged: 1"))
    #expect(try texts(ferry) == [40, 20])
    let outcome = try ferry.run("--adopt", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try texts(ferry) == [20, 20])
    #expect(try isGreen(ferry))
  }
}
