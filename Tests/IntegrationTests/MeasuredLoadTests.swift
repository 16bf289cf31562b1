import Foundation
import Postgres
import TestSupport
import Testing

/// Tests stores that are so large that their recall is measured while they are loaded.
@Suite(.needsServer)
struct MeasuredLoadTests {
  private static let count = 5_200

  private static func fidelity(_ outcome: ProcessOutcome) throws -> [String: Any] {
    try #require(try Ferry.store(outcome)["fidelity"] as? [String: Any])
  }

  private static func run(_ ferry: Ferry, _ more: String...) throws -> ProcessOutcome {
    try ferry.run(words: ["--dimensions", "12", "--json"] + more)
  }

  /// Returns rows in groups of nearly equal rows, which half precision can hardly distinguish.
  private static func groups(seed: UInt64) -> [[Double]] {
    var generator = SeededGenerator(seed: seed)
    return Ferry.rows(count / 26, dimensions: 24, seed: seed).flatMap { center in
      (0..<26).map { _ in center.map { $0 + Double.random(in: -5e-4...5e-4, using: &generator) } }
    }
  }

  /// Returns rows of which every second one loses nothing by the reduction; a sample has only
  /// these.
  ///
  /// The other rows are pairs that differ only in the last coordinates.
  private static func unevenRows(seed: UInt64) -> [[Double]] {
    var generator = SeededGenerator(seed: seed)
    func numbers(_ size: Double) -> [Double] {
      (0..<12).map { _ in Double.random(in: -size...size, using: &generator) }
    }
    return (0..<2_048).flatMap { _ -> [[Double]] in
      let (head, tail) = (numbers(1), numbers(0.7))
      let zeros = [Double](repeating: 0, count: 12)
      return [numbers(1) + zeros, head + tail, numbers(1) + zeros, head + tail.map { -$0 }]
    }
  }

  @Test(arguments: [false, true], [[], ["--projection", "shared"]])
  func `a live run measures what a dry run has measured, and records it`(
    isGrouped: Bool, more: [String]
  ) throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: isGrouped
        ? Self.groups(seed: 41) : Ferry.rows(Self.count, dimensions: 24, seed: 41),
      texts: Ferry.texts(Self.count))
    let words = ["--dimensions", "12", "--json", "--min-recall", "0"] + more
    let dry = try ferry.run(words: words + ["--dry-run"])
    let live = try ferry.run(words: words)
    #expect(dry.status == 0 && live.status == 0, "\(dry.errorText)\(live.errorText)")
    let (planned, measured) = (try Self.fidelity(dry), try Self.fidelity(live))
    func text(_ fidelity: [String: Any]) throws -> Data {
      try JSONSerialization.data(withJSONObject: fidelity, options: [.sortedKeys])
    }
    #expect(try text(planned) == text(measured), "\(planned) \(measured)")
    let keepsOriginals = try #require(measured["keeps_original"] as? Bool)
    #expect(keepsOriginals || isGrouped)
    let recorded = try ferry.database.connect().query(
      "SELECT recall, cut_recall, added_recall, score_change FROM vector_ferry.stores")
    for (column, name) in ["recall", "cut_recall", "added_recall", "largest_score_change"]
      .enumerated()
    {
      // For a shared model, no documents were added after the fit.
      let number: Double? = try recorded.optional(0, column)
      let shown = measured[name] as? Double
      #expect((number == nil) == (shown == nil), "\(name)")
      #expect(abs((number ?? 0) - (shown ?? 0)) < 1e-9, "\(name)")
    }
    #expect(
      try ferry.scalar("SELECT count(*) FROM vector_ferry.originals")
        == (keepsOriginals ? Self.count : 0))
    #expect(try ferry.run(command: ["verify"]).status == 0)
    #expect(try ferry.run(words: words).text.contains("unchanged"))
  }

  @Test(arguments: [false, true])
  func `a recall below what was promised leaves nothing behind`(isSeenBySample: Bool) throws {
    let ferry = try Ferry()
    let rows =
      isSeenBySample
      ? Ferry.rows(Self.count, dimensions: 24, seed: 42) : Self.unevenRows(seed: 42)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(rows.count))
    let outcome = try ferry.run("--dimensions", "12", "--keep-original", "never")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("below --min-recall 0.95"), "\(outcome.text)")
    #expect(try ferry.counts().isEmpty)
    #expect(
      try ferry.scalar(
        "SELECT count(*) FROM vector_ferry.stores FULL JOIN vector_ferry.projections p ON true")
        == 0)
    // A loss that a sample shows is measured before any row is sent.
    if isSeenBySample {
      #expect(try ferry.scalar("SELECT pg_relation_size('vector_documents')") == 0)
    }
  }

  @Test func `where a sample has not asked for originals that all rows need, they are kept`()
    throws
  {
    let rows = Self.unevenRows(seed: 43)
    let ferry = try Ferry()
    try ferry.writeStore(rows: rows, texts: Ferry.texts(rows.count))
    let outcome = try ferry.run("--dimensions", "12")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    // The store was loaded twice, and the first load was rolled back.
    #expect(outcome.text.components(separatedBy: "to reduce from 24 to 12 dimensions").count == 3)
    #expect(outcome.text.contains("Loading again, with originals"))
    #expect(outcome.text.contains("Originals are kept"))
    let lines = ["to reduce from 24", "Saved PCA model", "  Adding 8", "  Verified 8"].map {
      words in
      outcome.text.components(separatedBy: "\n").lastIndex { $0.contains(words) }
    }
    #expect(!lines.contains(nil) && lines.compactMap(\.self) == lines.compactMap(\.self).sorted())
    #expect(try ferry.counts() == ["ann/notes": rows.count])
    #expect(
      try ferry.scalar("SELECT count(*) FROM vector_ferry.originals") == rows.count)
    #expect(try ferry.run(command: ["verify"]).status == 0)
  }

  @Test(arguments: ["copying", "verify", "before-commit", "after-commit"])
  func `a run that is killed leaves a large store as it was, or complete`(stage: String) throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(Self.count, dimensions: 24, seed: 44), texts: Ferry.texts(Self.count))
    let running = try ferry.start(
      "--dimensions", "12", "--min-recall", "0", environment: ["VECTOR_FERRY_PAUSE_AT": stage])
    #expect(running.waitForError("paused at \(stage)"), "\(running.errors)")
    running.signal(SIGKILL)
    #expect(try running.finish().status == -SIGKILL)
    try ferry.settle()
    #expect(try ferry.counts() == (stage == "after-commit" ? ["ann/notes": Self.count] : [:]))
    let again = try ferry.run("--dimensions", "12", "--min-recall", "0")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try ferry.counts() == ["ann/notes": Self.count])
    #expect(try ferry.run(command: ["verify"]).status == 0)
  }

  @Test func `a large store whose connection is lost is loaded and measured anew`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(Self.count, dimensions: 24, seed: 45), texts: Ferry.texts(Self.count))
    let running = try ferry.start(
      "--dimensions", "12", "--min-recall", "0", "--json",
      environment: ["VECTOR_FERRY_PAUSE_AT": "before-commit"])
    #expect(running.waitForError("paused at before-commit"), "\(running.errors)")
    try ferry.database.connect().query(
      """
      SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """)
    running.signal(SIGUSR1)
    // The second attempt pauses as well.
    #expect(running.waitForErrors("paused at before-commit", count: 2), "\(running.errors)")
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try ferry.counts() == ["ann/notes": Self.count])
    let dry = try Self.run(ferry, "--dry-run", "--min-recall", "0", "--force")
    let (measured, planned) = (try Self.fidelity(outcome), try Self.fidelity(dry))
    #expect(measured["recall"] as? Double == planned["recall"] as? Double)
    #expect(try ferry.run(command: ["verify"]).status == 0)
  }

  @Test(arguments: [CommitProxy.Cut.before, .after])
  func `where COMMIT's answer is lost, a large store is written and reported once`(
    cut: CommitProxy.Cut
  ) throws {
    let ferry = try Ferry()
    try ferry.writeStore(user: "zoe", rows: Ferry.rows(1, dimensions: 24), texts: Ferry.texts(1))
    #expect(try ferry.run("--dimensions", "12", "--user", "zoe").status == 0)
    let rows = Self.unevenRows(seed: 46)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(rows.count))
    let proxy = try CommitProxy(cutting: cut)
    defer { proxy.close() }
    let host = proxy.folder.path.replacingOccurrences(of: "/", with: "%2F")
    let url = try "postgresql://\(TestServer.address.user)@\(host):5432/\(ferry.database.name)"
    let outcome = try ferry.run(
      "--json", "--user", "ann", "--force", "--yes", environment: ["DATABASE_URL": url])
    #expect(proxy.cuts == 1)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("trying again"), "\(outcome.errorText)")
    #expect(try Ferry.store(outcome)["outcome"] as? String == "migrated")
    #expect(try Self.fidelity(outcome)["keeps_original"] as? Bool == true)
    #expect(try ferry.counts() == ["ann/notes": rows.count, "zoe/notes": 1])
    #expect(try ferry.run(command: ["verify"]).status == 0)
  }
}
