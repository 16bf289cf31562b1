import Foundation
import Postgres
import TestSupport
import Testing

/// Tests documents without an id of their own: rows that refer to a document never refer to another
/// one later.
@Suite(.needsServer)
struct SameDocumentTests {
  /// A query for everything in a document's row and in other rows that belongs to the document's
  /// text.
  private static let belongings = """
    SELECT coalesce(string_agg(r, E'\\n' ORDER BY r), '') FROM (
      SELECT t.text || ' | ' || t.note FROM vector_documents t WHERE t.note IS NOT NULL UNION ALL
      SELECT t.text || ' | ' || c.words FROM comments c JOIN vector_documents t ON t.id = c.document
    ) r (r)
    """

  private static let allowed = ["--allow-loss", "comments"]

  private func belongings(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(SQL(script: Self.belongings))
  }

  private func texts(_ ferry: Ferry) throws -> String? {
    try ferry.scalar("SELECT string_agg(text, ',' ORDER BY text) FROM vector_documents")
  }

  /// Writes the documents with these numbers, each with a text and a vector of its own.
  private func write(_ numbers: [Int], ids: [String?]? = nil, to ferry: Ferry) throws {
    let rows = Ferry.rows(20, dimensions: 8)
    try ferry.writeStore(
      rows: numbers.map { rows[$0] }, texts: numbers.map { "text \($0)" },
      ids: ids ?? numbers.map { _ in nil })
  }

  private func migrate(_ ferry: Ferry, _ arguments: [String] = []) throws {
    let outcome = try ferry.run(words: ["--yes"] + arguments)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
  }

  private func refuses(_ ferry: Ferry, _ arguments: [String] = [], saying words: String) throws {
    let before = (try belongings(ferry), try ferry.contentDigest())
    let outcome = try ferry.run(words: ["--yes"] + arguments)
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains(words), "\(outcome.text)")
    #expect(try belongings(ferry) == before.0)
    #expect(try ferry.contentDigest() == before.1)
  }

  /// Adds columns and rows of the application that say which text they belong to.
  private func refer(_ ferry: Ferry, _ action: String = "ON DELETE CASCADE") throws {
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          ALTER TABLE vector_documents ADD COLUMN IF NOT EXISTS note text;
          UPDATE vector_documents SET note = 'on ' || text;
          CREATE TABLE comments (words text, document uuid REFERENCES vector_documents \(action));
          INSERT INTO comments SELECT 'about ' || text, id FROM vector_documents;
          """))
  }

  private func migrated(
    _ numbers: [Int], ids: [String?]? = nil, action: String = "ON DELETE CASCADE"
  )
    throws -> Ferry
  {
    let ferry = try Ferry()
    try write(numbers, ids: ids, to: ferry)
    try migrate(ferry)
    try refer(ferry, action)
    return ferry
  }

  @Test(arguments: [nil, "X"])
  func `a document that takes another's place gets nothing of it`(id: String?) throws {
    let ids = [String?](repeating: id, count: 4)
    let ferry = try migrated([0, 1, 2, 3], ids: ids)
    try write([1, 2, 3, 4], ids: ids, to: ferry)
    let dry = try ferry.run("--dry-run")
    #expect(dry.text.contains("Deletes 4 rows"), "\(dry.text)")
    #expect(dry.text.contains("public.comments: 4 rows are deleted"), "\(dry.text)")
    try refuses(ferry, saying: "4 without an id of their own")
    try migrate(ferry, Self.allowed)
    #expect(try texts(ferry) == "text 1,text 2,text 3,text 4")
    #expect(try belongings(ferry) == "")
    #expect(try ferry.run("verify").status == 0)
  }

  @Test(arguments: [nil, "X"])
  func `a document that stays at its place keeps its row`(id: String?) throws {
    let ferry = try Ferry()
    func write(_ numbers: [Int]) throws {
      try ferry.writeStore(
        rows: Ferry.rows(numbers.count, dimensions: 12, seed: UInt64(numbers.count)),
        texts: numbers.map { "text \($0)" }, ids: numbers.map { _ in id },
        extra: ["count": numbers.count])
    }
    try write([0, 1, 2, 3])
    try migrate(ferry, ["--dimensions", "8"])
    try refer(ferry)
    let before = try belongings(ferry)
    // The files have other vectors and metadata, another model, and one more document.
    try write([0, 1, 2, 3, 4])
    try migrate(ferry)
    #expect(try belongings(ferry) == before)
    #expect(try texts(ferry) == "text 0,text 1,text 2,text 3,text 4")
    try migrate(ferry, ["--force"])
    #expect(try belongings(ferry) == before)
    // One text is edited: it is another document, and the other documents stay the same.
    try write([0, 1, 9, 3, 4])
    try refuses(ferry, saying: "public.comments: 1 row")
    try migrate(ferry, Self.allowed)
    #expect(
      try belongings(ferry)
        == before?.split(separator: "\n").filter { !$0.contains("text 2") }
        .joined(separator: "\n"))
    #expect(try ferry.run("verify").status == 0)
  }

  @Test(arguments: [
    ([0, 1], ["X", "X"], [1], ["X"]), ([0], ["X"], [1, 0], ["X", "X"]),
  ])
  func `an id that is repeated in the old files or the new ones is not a document's own`(
    old: [Int], oldIDs: [String], new: [Int], newIDs: [String]
  ) throws {
    let ferry = try migrated(old, ids: oldIDs)
    try write(new, ids: newIDs, to: ferry)
    try refuses(ferry, saying: "1 without an id of their own")
    try migrate(ferry, Self.allowed)
    #expect(try belongings(ferry) == "")
    // An id that only one document has identifies this document, even with another text.
    let own = try migrated([0, 1], ids: ["X", "Y"])
    try write([2, 1], ids: ["X", "Y"], to: own)
    try migrate(own)
    #expect(try belongings(own)?.contains("text 2 | about text 0") == true)
  }

  @Test(arguments: ["", "DEFERRABLE INITIALLY DEFERRED"])
  func `a key that only refuses stops the store, also one that looks at the end`(action: String)
    throws
  {
    let ferry = try migrated([0, 1, 2], action: action)
    try write([1, 2, 3], to: ferry)
    try refuses(ferry, saying: "comments_document_fkey")
  }

  @Test func `--force replaces rows of no ledger, and lets nothing pass to another document`()
    throws
  {
    let ferry = try migrated([0, 1, 2])
    try ferry.database.connect().query("DROP SCHEMA vector_ferry CASCADE")
    try write([1, 2, 3], to: ferry)
    try refuses(ferry, ["--force"], saying: "3 without an id of their own")
    try migrate(ferry, ["--force"] + Self.allowed)
    #expect(try texts(ferry) == "text 1,text 2,text 3")
    #expect(try belongings(ferry) == "")
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `rollback --restore lets nothing pass to another document`() throws {
    let ferry = try Ferry()
    try write([0, 1, 2], to: ferry)
    try migrate(ferry)
    try write([1, 2, 3], to: ferry)
    try migrate(ferry)
    try refer(ferry)
    let before = try belongings(ferry)
    let refused = try ferry.run("rollback", "--restore", "--yes")
    #expect(refused.status == 1, "\(refused.text)\(refused.errorText)")
    #expect(try belongings(ferry) == before)
    let outcome = try ferry.run(words: ["rollback", "--restore", "--yes"] + Self.allowed)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try texts(ferry) == "text 0,text 1,text 2")
    #expect(try belongings(ferry) == "")
  }
  // MARK: Adopted rows

  /// Creates a store of five documents that has adopted rows 1 to 4 of the application.
  private func adopted() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.makeDocumentsTable(dimensions: 8)
    try ferry.database.connect().query(
      """
      INSERT INTO vector_documents (user_id, collection_name, text, embedding, metadata)
      SELECT 'ann', 'notes', 'text ' || n, array_fill(0.5::real, ARRAY[8])::vector, '{"own": true}'
      FROM generate_series(1, 4) n
      """)
    try write([1, 2, 3, 4, 5], to: ferry)
    try migrate(ferry, ["--adopt"])
    try refer(ferry)
    return ferry
  }

  /// Returns the texts of the rows that are unchanged since the application wrote them.
  private func untouched(_ ferry: Ferry) throws -> String? {
    try ferry.scalar(
      """
      SELECT string_agg(text, ',' ORDER BY text) FROM vector_documents
      WHERE metadata = '{"own": true}' AND (embedding::real[])[1] = 0.5
      """)
  }

  @Test func `a row that was taken over follows its text, and else is put back`() throws {
    let ferry = try adopted()
    let ids: SQL = "SELECT string_agg(text || id, ',' ORDER BY text) FROM vector_documents"
    let own: SQL =
      "SELECT string_agg(text || id, ',' ORDER BY text) FROM vector_documents WHERE text < 'text 5'"
    let before: (all: String?, own: String?) = (try ferry.scalar(ids), try ferry.scalar(own))
    let kept = try belongings(ferry)?.split(separator: "\n").filter { !$0.contains("text 5") }
      .joined(separator: "\n")
    try write([2, 3, 4, 5], to: ferry)
    // This program has written the row of the fifth document, which is lost with its old position.
    try refuses(ferry, saying: "public.comments: 1 row")
    try migrate(ferry, Self.allowed)
    #expect(try texts(ferry) == "text 1,text 2,text 3,text 4,text 5")
    #expect(try belongings(ferry) == kept)
    #expect(try ferry.scalar(own) == before.own)
    #expect(try untouched(ferry) == "text 1")
    #expect(try ferry.run("verify").status == 0)
    // The restored rows belong to the application again.
    try write([1, 2, 3, 4, 5], to: ferry)
    try refuses(ferry, saying: "--adopt")
    try migrate(ferry, ["--adopt"])
    #expect(try ferry.scalar(ids) == before.all)
    #expect(try belongings(ferry) == kept)
    #expect(try untouched(ferry) == nil)
    #expect(try ferry.run("verify").status == 0)
    // The intermediate state is restored into the same rows.
    let restored = try ferry.run("rollback", "--restore", "--yes")
    #expect(restored.status == 0, "\(restored.text)\(restored.errorText)")
    #expect(try texts(ferry) == "text 1,text 2,text 3,text 4,text 5")
    #expect(try belongings(ferry) == kept)
    #expect(try ferry.scalar(own) == before.own)
    #expect(try untouched(ferry) == "text 1")
    try write([2, 3, 4, 5], to: ferry)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `a row that was taken over is not given to a document of another text`() throws {
    let ferry = try adopted()
    let before = try belongings(ferry)
    try write([11, 12, 13, 14, 5], to: ferry)
    try migrate(ferry)
    #expect(try belongings(ferry) == before)
    #expect(try untouched(ferry) == "text 1,text 2,text 3,text 4")
    #expect(try ferry.counts() == ["ann/notes": 9])
    #expect(try ferry.run("verify").status == 0)
    try write([5, 4], to: ferry)
    try refuses(ferry, saying: "--adopt")
  }
}
