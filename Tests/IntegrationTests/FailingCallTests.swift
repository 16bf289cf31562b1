import Foundation
import Postgres
import TestSupport
import Testing

/// Tests runs in which the first, second, … call of a kind fails, until a run makes fewer calls
/// than that.
@Suite(
  .needsServer,
  .enabled(if: FailingCalls.isPossible, "there is no C compiler"))
struct FailingCallTests {
  private static let options = ["migrate", "--dimensions", "6", "--min-recall", "0"]

  /// The state before a run.
  private enum Beginning: String, CaseIterable {
    /// The database is empty.
    case empty
    /// Both stores were migrated, and their files have changed since.
    case migrated
  }

  private func write(_ ferry: Ferry, version: UInt64) throws {
    for (user, seed) in [("ann", version), ("bob", version + 100)] {
      let count = 5 + Int(version)
      try ferry.writeStore(
        user: user, rows: Ferry.rows(count, seed: seed),
        texts: Ferry.texts(count).map { "\(user) \(version) \($0)" })
    }
  }

  private func migrate(_ ferry: Ferry, _ environment: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    try TestSupport.run(
      Ferry.binary, Self.options,
      environment: Ferry.clean(
        ferry.database.url, environment.merging(["VECTOR_FERRY_RETRIES": "1"]) { $1 }),
      directory: ferry.folder.path)
  }

  /// Returns the digest of each user's rows; users without rows are left out.
  private func digests(_ ferry: Ferry) throws -> [String: String] {
    guard try ferry.scalar("SELECT to_regclass('vector_documents') IS NOT NULL") == true else {
      return [:]
    }
    let rows = try ferry.database.connect().query(
      """
      SELECT user_id::text, md5(string_agg(
        concat_ws('|', id, text, metadata, embedding::text), E'\\n' ORDER BY id))
      FROM vector_documents GROUP BY 1
      """)
    return Dictionary(
      uniqueKeysWithValues: try (0..<rows.rowCount).map {
        (try rows.value($0, 0, as: String.self), try rows.value($0, 1, as: String.self))
      })
  }

  /// The two states that a store may have: that before the run, and that after a run without
  /// faults.
  private struct States {
    var before: [String: String]
    var after: [String: String]
  }

  private func states(_ beginning: Beginning) throws -> States {
    let ferry = try begin(beginning)
    let before = try digests(ferry)
    let outcome = try migrate(ferry)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return States(before: before, after: try digests(ferry))
  }

  private func begin(_ beginning: Beginning) throws -> Ferry {
    let ferry = try Ferry()
    if beginning == .migrated {
      try write(ferry, version: 1)
      #expect(try migrate(ferry).status == 0)
    }
    try write(ferry, version: 2)
    return ferry
  }

  /// Runs the program with a fault and then without; returns false where the fault was never
  /// reached.
  private func fail(
    _ kind: FailingCalls.Kind, at number: Int, always: Bool, from beginning: Beginning,
    states: States
  ) throws -> Bool {
    let ferry = try begin(beginning)
    let folder = URL(fileURLWithPath: ferry.folder.path).resolvingSymlinksInPath().path
    let sources = try contents(of: ferry.folder.file("user_data"))
    let mark = try TemporaryDirectory("mark")
    let name = "\(kind.rawValue) \(number)\(always ? " and on" : "") from \(beginning.rawValue)"
    let outcome = try migrate(
      ferry,
      FailingCalls.failing(
        kind, at: number, always: always, below: folder, mark: mark.file("fired")))
    let told = "\(name): \(outcome.status) \(outcome.text)\(outcome.errorText)"
    // Swift ends a process that gets no memory; no other fault may end the process.
    #expect(kind == .malloc || outcome.status >= 0, "\(told)")
    // libpq itself makes this call while it connects: the attempt ends at the time limit, and says
    // so.
    let isConnecting = outcome.errorText.contains("no answer within")
    #expect(kind != .busy || outcome.status == 0 || isConnecting, "\(told)")
    #expect(outcome.status == 0 || !outcome.errorText.isEmpty || outcome.text.contains("Failed:"))
    try ferry.settle()
    let found = try digests(ferry)
    for user in ["ann", "bob"] {
      let isWhole = found[user] == states.before[user] || found[user] == states.after[user]
      #expect(isWhole, "\(user) is neither old nor new: \(told)")
      if outcome.status == 0 { #expect(found[user] == states.after[user], "\(told)") }
    }
    #expect(try contents(of: ferry.folder.file("user_data")) == sources, "\(told)")
    let again = try migrate(ferry)
    #expect(again.status == 0, "\(told)\nthen \(again.text)\(again.errorText)")
    #expect(try digests(ferry) == states.after, "\(told)")
    // An incomplete copy is reported or removed; it never counts as a good backup.
    let backups = try ferry.run("backups", "verify")
    #expect(backups.status != 4, "\(told)\n\(backups.text)\(backups.errorText)")
    return FileManager.default.fileExists(atPath: mark.file("fired"))
  }

  @Test(arguments: FailingCalls.Kind.allCases)
  func `fail the nth: whichever call fails, each store is old or new, and the next run completes`(
    kind: FailingCalls.Kind
  ) throws {
    let seed: UInt64 = 20_261_128
    var generator = SeededGenerator(seed: seed)
    var count = 0
    for beginning in Beginning.allCases {
      let states = try states(beginning)
      // The short form tries one call; the long form tries every call, and a sample of the many
      // calls for memory and for answers. Where libpq said after every answer that it still waits,
      // the run would wait endlessly.
      for always in Oracle.isFullRun ? [false, true] : [beginning == .empty]
      where !(always && kind == .busy) {
        var number = Oracle.isFullRun ? 1 : Int.random(in: 1...6, using: &generator)
        while try fail(kind, at: number, always: always, from: beginning, states: states) {
          count += 1
          guard Oracle.isFullRun else { break }
          number += kind == .malloc || kind == .busy ? max(1, number / 12) : 1
        }
      }
    }
    #expect(count > 0, "no \(kind.rawValue) was made to fail")
    FaultLog.note("a call that fails", count, "calls of \(kind.rawValue) that failed")
  }
}
