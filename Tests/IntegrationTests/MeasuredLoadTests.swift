import Foundation
import Postgres
import TestSupport
import Testing

/// Stores that are so large that they are measured while they are loaded.
@Suite(.needsServer)
struct MeasuredLoadTests {
  private static let count = 5_200

  private static func fidelity(_ outcome: ProcessOutcome) throws -> [String: Any] {
    try #require(try Ferry.store(outcome)["fidelity"] as? [String: Any])
  }

  private static func run(_ ferry: Ferry, _ more: String...) throws -> ProcessOutcome {
    try ferry.run(words: ["--dimensions", "12", "--json"] + more)
  }

  @Test func `a live run measures what a dry run has measured, and records it`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(Self.count, dimensions: 24, seed: 41), texts: Ferry.texts(Self.count))
    let dry = try Self.run(ferry, "--dry-run", "--min-recall", "0")
    let live = try Self.run(ferry, "--min-recall", "0")
    #expect(dry.status == 0 && live.status == 0, "\(dry.errorText)\(live.errorText)")
    let (planned, measured) = (try Self.fidelity(dry), try Self.fidelity(live))
    func text(_ fidelity: [String: Any]) throws -> Data {
      try JSONSerialization.data(withJSONObject: fidelity, options: [.sortedKeys])
    }
    #expect(try text(planned) == text(measured), "\(planned) \(measured)")
    #expect(measured["keeps_original"] as? Bool == true)
    let recorded = try ferry.database.connect().query(
      "SELECT recall, cut_recall, added_recall, score_change FROM vector_ferry.stores")
    for (column, name) in ["recall", "cut_recall", "added_recall", "largest_score_change"]
      .enumerated()
    {
      let number: Double = try recorded.value(0, column)
      #expect(abs(number - (try #require(measured[name] as? Double))) < 1e-6, "\(name)")
    }
    #expect(
      try ferry.scalar("SELECT count(*) FROM vector_ferry.originals") == Self.count)
    #expect(try ferry.run(command: ["verify"]).status == 0)
    #expect(try Self.run(ferry, "--min-recall", "0").text.contains("unchanged"))
  }

  @Test func `a recall below what was promised rolls everything back`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(Self.count, dimensions: 24, seed: 42), texts: Ferry.texts(Self.count))
    let outcome = try ferry.run("--dimensions", "12", "--keep-original", "never")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("below --min-recall 0.95"), "\(outcome.text)")
    #expect(try ferry.counts().isEmpty)
    #expect(
      try ferry.scalar(
        "SELECT count(*) FROM vector_ferry.stores FULL JOIN vector_ferry.projections p ON true")
        == 0)
  }

  @Test func `where a sample has not asked for originals that all rows need, they are kept`()
    throws
  {
    // Every second row, which the sample has, loses nothing; the others come in pairs that differ
    // in the last coordinates alone.
    var generator = SeededGenerator(seed: 43)
    func numbers(_ size: Double) -> [Double] {
      (0..<12).map { _ in Double.random(in: -size...size, using: &generator) }
    }
    let rows = (0..<2_048).flatMap { _ -> [[Double]] in
      let (head, tail) = (numbers(1), numbers(0.7))
      let zeros = [Double](repeating: 0, count: 12)
      return [numbers(1) + zeros, head + tail, numbers(1) + zeros, head + tail.map { -$0 }]
    }
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: Ferry.texts(rows.count))
    let outcome = try ferry.run("--dimensions", "12")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    // The store was loaded twice, and the first load was rolled back.
    #expect(outcome.text.components(separatedBy: "to reduce from 24 to 12 dimensions").count == 3)
    #expect(outcome.text.contains("Originals are kept"))
    #expect(try ferry.counts() == ["ann/notes": rows.count])
    #expect(
      try ferry.scalar("SELECT count(*) FROM vector_ferry.originals") == rows.count)
    #expect(try ferry.run(command: ["verify"]).status == 0)
  }
}
