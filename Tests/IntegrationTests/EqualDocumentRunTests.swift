import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that equal vectors and texts of a store are counted for the operator, and that every
/// document is migrated.
@Suite(.needsServer)
struct EqualDocumentRunTests {
  private static let findings = [
    "2 of 5 vectors are equal to an earlier one (3 distinct), 1 with another text: "
      + "rows 0 and 3",
    "2 of 5 texts are equal to an earlier one (3 distinct), 1 with another vector: "
      + "entries 1 and 4",
  ]

  /// Creates a store with equal documents, and a store of the user `bob` without equal documents.
  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    let rows = Ferry.rows(3)
    try ferry.writeStore(
      rows: [0, 1, 0, 0, 2].map { rows[$0] }, texts: ["a", "b", "a", "c", "b"])
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3, seed: 2), texts: Ferry.texts(3))
    return ferry
  }

  private func expectJSON(_ outcome: ProcessOutcome) throws {
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let stores = try #require(try Ferry.json(outcome)["stores"] as? [[String: Any]])
    #expect(stores.map { $0["findings"] as? [String] } == [Self.findings, []])
    #expect(stores.map { $0["documents"] as? Int } == [5, 3])
    #expect(stores.map { $0["distinct_vectors"] as? Int } == [3, 3])
    #expect(stores.map { $0["distinct_texts"] as? Int } == [3, 3])
    #expect(stores.map { $0["distinct_documents"] as? Int } == [4, 3])
  }

  /// Expects that a text has each finding once, and no other finding of this kind.
  private func expectOnce(_ text: String, after mark: String) {
    for finding in Self.findings {
      #expect(text.components(separatedBy: "\(mark)\(finding)\n").count == 2, "\(text)")
    }
    #expect(text.components(separatedBy: " an earlier one").count == 3, "\(text)")
  }

  /// Fitting a model reads the vectors additional times.
  @Test(arguments: [[], ["--dimensions", "4"]])
  func `plan, report and JSON count equal vectors and texts`(width: [String]) throws {
    let ferry = try ferry()
    let dry = try ferry.run(command: ["--dry-run"] + width)
    #expect(dry.status == 0, "\(dry.text)\(dry.errorText)")
    expectOnce(dry.text, after: "Note: ")
    try expectJSON(try ferry.run(command: ["--dry-run", "--json"] + width))
    let live = try ferry.run(command: width)
    #expect(live.status == 0, "\(live.text)\(live.errorText)")
    expectOnce(live.errorText, after: "warning: ann/notes: ")
    #expect(try ferry.counts() == ["ann/notes": 5, "bob/notes": 3])
    let texts: Int? = try ferry.scalar(
      "SELECT count(DISTINCT text) FROM vector_documents WHERE user_id = 'ann'")
    #expect(texts == 3)
    // Replacing a store reads its documents once more before they are written.
    let digest = try ferry.contentDigest()
    try expectJSON(try ferry.run(command: ["--force", "--json"] + width))
    #expect(try ferry.contentDigest() == digest)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `nothing is counted of a store that is not read`() throws {
    let ferry = try ferry()
    #expect(try ferry.run().status == 0)
    let again = try ferry.run("--json")
    let stores = try #require(try Ferry.json(again)["stores"] as? [[String: Any]])
    #expect(stores.map { $0["outcome"] as? String } == ["unchanged", "unchanged"])
    for name in ["distinct_vectors", "distinct_texts", "distinct_documents"] {
      #expect(stores.allSatisfy { $0[name] is NSNull }, "\(again.text)")
    }
  }
}
