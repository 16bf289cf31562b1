import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that the text, the JSON, the journal and the exit code agree about a run.
@Suite(.needsServer)
struct SummaryTests {
  /// The kinds of runs, each with the expected counts.
  enum Kind: String, CaseIterable {
    case written, unchanged, failed, taken, interrupted

    var exit: Int32 {
      switch self {
      case .written, .unchanged: 0
      case .failed, .taken: 1
      case .interrupted: 130
      }
    }

    /// The expected numbers of stores: successful, failed, unchanged, taken, interrupted, not
    /// begun.
    var counts: [Int] {
      switch self {
      case .written: [2, 0, 0, 0, 0, 0]
      case .unchanged: [2, 0, 1, 0, 0, 0]
      case .failed: [1, 1, 0, 0, 0, 0]
      case .taken: [1, 1, 0, 1, 0, 0]
      case .interrupted: [0, 0, 0, 0, 1, 1]
      }
    }
  }

  private static let names = [
    "successful", "failed", "unchanged", "taken", "interrupted", "not_begun",
  ]

  /// The lines of the text with counts; a missing line means zero.
  private static let lines = [
    "Successful: ", "Failed: ", "Unchanged: ", "Failed because another run held the stores: ",
    "Interrupted: ", "Not begun: ",
  ]

  private func outcome(of kind: Kind, _ arguments: [String]) throws -> (Ferry, ProcessOutcome) {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    if kind == .unchanged { #expect(try ferry.run("--no-backup").status == 0) }
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(3), texts: Ferry.texts(kind == .failed ? 2 : 3))
    let command = ["migrate", "--no-backup"] + arguments
    func start(_ words: [String], _ environment: [String: String] = [:]) throws -> RunningFerry {
      try RunningFerry(
        Ferry.binary, words, environment: Ferry.clean(ferry.database.url, environment),
        directory: ferry.folder.path)
    }
    switch kind {
    case .taken:
      let holder = try start(
        ["migrate", "--no-backup", "--user", "ann"], ["VECTOR_FERRY_PAUSE_AT": "copying"])
      #expect(holder.waitForError("paused at copying"), "\(holder.errors)")
      let result = try start(command).finish()
      holder.signal(SIGKILL)
      _ = try holder.finish()
      return (ferry, result)
    case .interrupted:
      let running = try start(command, ["VECTOR_FERRY_PAUSE_AT": "copying"])
      #expect(running.waitForError("paused at copying"), "\(running.errors)")
      running.signal(SIGTERM)
      return (ferry, try running.finish())
    default: return (ferry, try start(command).finish())
    }
  }

  @Test(arguments: Kind.allCases)
  func `text, JSON, journal and exit code agree`(kind: Kind) throws {
    let (ferry, text) = try outcome(of: kind, [])
    #expect(text.status == kind.exit, "\(text.text)\(text.errorText)")
    let found = Self.lines.map { label -> Int in
      // Other lines with the same beginning name a store or contain a sentence.
      let lines = text.text.split(separator: "\n").filter { $0.hasPrefix(label) }
      return lines.compactMap { Int($0.dropFirst(label.count)) }.first ?? 0
    }
    #expect(found == kind.counts, "\(text.text)")
    let (other, printed) = try outcome(of: kind, ["--json"])
    let document = try Ferry.json(printed)
    let summary = try #require(document["summary"] as? [String: Int])
    #expect(printed.status == kind.exit && document["exit_code"] as? Int == Int(kind.exit))
    #expect(Self.names.map { summary[$0] ?? -1 } == kind.counts)
    for ferry in [ferry, other] {
      let runs = try #require(
        try Ferry.json(try ferry.run("history", "--json"))["runs"] as? [[String: Any]])
      let run = try #require(runs.first)
      let tally = try #require(run["summary"] as? [String: Int])
      #expect(run["exit_code"] as? Int == Int(kind.exit))
      #expect((tally["succeeded"] ?? 0) + (tally["unchanged"] ?? 0) == kind.counts[0], "\(run)")
      #expect(tally["failed"] == kind.counts[1] && tally["unchanged"] == kind.counts[2])
      #expect(tally["not_finished"] == kind.counts[4] + kind.counts[5], "\(run)")
      let status = try ferry.run("status", "--json")
      #expect(status.status == (kind.exit == 0 ? 0 : 1), "\(status.text)")
    }
  }

  @Test(arguments: [false, true])
  func `a rollback is counted alike everywhere`(isEdited: Bool) throws {
    let ferry = try Ferry()
    for user in ["ann", "bob"] {
      try ferry.writeStore(user: user, rows: Ferry.rows(3), texts: Ferry.texts(3))
    }
    #expect(try ferry.run("--no-backup").status == 0)
    if isEdited {
      try ferry.database.connect().query(
        """
        UPDATE vector_documents SET text = 'mine' WHERE user_id = 'ann'
          AND id = (SELECT min(id::text)::uuid FROM vector_documents WHERE user_id = 'ann')
        """)
    }
    let outcome = try ferry.run("rollback", "--yes", "--json")
    let document = try Ferry.json(outcome)
    let summary = try #require(document["summary"] as? [String: Int])
    #expect(
      summary == [
        "total": 2, "rolled_back": 2, "partly": isEdited ? 1 : 0, "failed": 0, "not_begun": 0,
      ])
    let runs = try #require(
      try Ferry.json(try ferry.run("history", "--json"))["runs"] as? [[String: Any]])
    let run = try #require(runs.first)
    #expect((run["summary"] as? [String: Int])?["rolled_back"] == 2, "\(run)")
    #expect((run["summary"] as? [String: Int])?["succeeded"] == 0)
    let outcomes = try #require(run["outcomes"] as? [String: Int])
    #expect(
      outcomes == (isEdited ? ["partly_rolled_back": 1, "rolled_back": 1] : ["rolled_back": 2]))
    #expect(run["takes_back"] as? String == document["run"] as? String)
  }
}
