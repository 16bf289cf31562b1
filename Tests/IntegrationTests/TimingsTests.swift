import Foundation
import TestSupport
import Testing

/// Tests `migrate --timings`.
@Suite(.needsServer)
struct TimingsTests {
  private static func stages(_ outcome: ProcessOutcome) throws -> [[String: Any]] {
    try #require(try Ferry.json(outcome)["timings"] as? [[String: Any]])
  }

  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(60, dimensions: 24), texts: Ferry.texts(60))
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(40, dimensions: 24, seed: 2), texts: Ferry.texts(40))
    return ferry
  }

  @Test func `each stage of a run has its time, and none is counted twice`() throws {
    let ferry = try ferry()
    let outcome = try ferry.run(words: [
      "--dimensions", "12", "--min-recall", "0", "--index", "hnsw", "--timings", "--json",
    ])
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let stages = try Self.stages(outcome)
    #expect(
      stages.map { $0["stage"] as? String } == [
        "opening", "planning", "backups", "preparing", "reading", "fitting", "committing",
        "loading", "reading_back", "index",
      ])
    let seconds = try stages.map { try #require($0["seconds"] as? Double) }
    #expect(seconds.allSatisfy { $0 >= 0 })
    let whole = try #require(try Ferry.json(outcome)["seconds"] as? Double)
    #expect(seconds.reduce(0, +) <= whole + 0.001)
    #expect(stages.allSatisfy { $0["program_processor_seconds"] is Double })
    // Only stages with a session of their own show the times of the server's process.
    for stage in stages {
      let name = stage["stage"] as? String ?? ""
      #expect(
        (stage["server_processor_seconds"] is Double)
          == ["preparing", "committing", "loading", "reading_back"].contains(name), "\(name)")
    }
  }

  @Test func `the report has a table of them`() throws {
    let outcome = try ferry().run(words: ["--dimensions", "12", "--min-recall", "0", "--timings"])
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let lines = outcome.text.split(separator: "\n").map(String.init)
    let heading = try #require(
      lines.firstIndex { $0.hasPrefix("STAGE") && $0.hasSuffix("SERVER") })
    #expect(lines[heading - 1].hasPrefix("Where the time went"))
    #expect(lines[heading...].contains { $0.hasPrefix("loading rows ") && $0.contains("%") })
    let plain = try ferry().run("--dimensions", "12", "--min-recall", "0")
    #expect(!plain.text.contains("Where the time went"))
  }

  @Test func `with several jobs, processor time belongs to no single stage`() throws {
    let ferry = try ferry()
    let outcome = try ferry.run(words: [
      "--dimensions", "12", "--min-recall", "0", "--jobs", "2", "--timings", "--json",
    ])
    let stages = try Self.stages(outcome)
    #expect(stages.count > 5)
    #expect(stages.allSatisfy { $0["program_processor_seconds"] is NSNull })
    #expect(stages.allSatisfy { $0["server_processor_seconds"] is NSNull })
    let unasked = try ferry.run(words: ["--json", "--min-recall", "0"])
    #expect(try Ferry.json(unasked)["timings"] is NSNull)
  }
}
