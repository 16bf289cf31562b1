import Foundation
import Postgres
import TestSupport
import Testing

/// Tests a loss of power after each change of a file: all writes that were not synced are lost, or
/// a part of them.
///
/// The database is on another machine and loses nothing.
@Suite(
  .needsServer,
  .enabled(if: FailingCalls.isPossible, "there is no C compiler"))
struct PowerLossTests {
  /// A run without faults, with the changes that it has made in its backup folder.
  private struct Recording {
    let ferry: Ferry
    let changes: RecordedChanges
    let digest: String?

    /// The first change after which the database may contain new rows.
    var firstCopy: Int { changes.changes.firstIndex(of: .copied) ?? changes.changes.count }
  }

  /// The moment of the loss, the lost writes, and the state of the database.
  private struct Case: CustomStringConvertible {
    let count: Int
    let loss: RecordedChanges.Loss
    let isCommitted: Bool

    var description: String {
      "after \(count) changes, \(loss), the database \(isCommitted ? "committed" : "empty")"
    }
  }

  private static func writeStores(_ ferry: Ferry) throws {
    for (user, seed) in [("ann", UInt64(1)), ("bob", 2)] {
      try ferry.writeStore(
        user: user, rows: Ferry.rows(6, seed: seed), texts: Ferry.texts(6).map { "\(user) \($0)" },
        extra: ["timestamp": "2024-05-01T10:00:00"])
    }
  }

  private func migrate(_ ferry: Ferry, _ environment: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    try ferry.run("migrate", "--dimensions", "6", "--min-recall", "0", environment: environment)
  }

  private func record() throws -> Recording {
    let ferry = try Ferry()
    try Self.writeStores(ferry)
    let root = URL(fileURLWithPath: ferry.folder.path).resolvingSymlinksInPath().path
    let file = try TemporaryDirectory("record")
    let outcome = try migrate(
      ferry, FailingCalls.recording(to: file.file("changes"), below: root))
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    try ferry.settle()
    return Recording(
      ferry: ferry, changes: try RecordedChanges(of: file.file("changes"), root: root),
      digest: try ferry.contentDigest())
  }

  private func cases(_ recording: Recording) -> [Case] {
    let count = recording.changes.changes.count
    var generator = SeededGenerator(seed: 20_261_128)
    let moments =
      Oracle.isFullRun
      ? Array(0...count)
      : (0..<4).map { _ in Int.random(in: 0...count, using: &generator) } + [recording.firstCopy]
    return moments.flatMap { moment -> [Case] in
      let seeds = (0..<(Oracle.isFullRun ? 3 : 1)).map { _ in
        RecordedChanges.Loss.some(generator.next())
      }
      return ([.everything] + seeds).map { loss in
        Case(
          count: moment, loss: loss,
          isCommitted: moment > recording.firstCopy && Bool.random(using: &generator))
      }
    }
  }

  @Test func `power loss: whatever was not synced is lost, and the next run completes`() throws {
    let recording = try record()
    #expect(recording.changes.changes.contains { if case .sync = $0 { true } else { false } })
    #expect(recording.firstCopy < recording.changes.changes.count)
    let cases = cases(recording)
    for one in cases { try check(one, recording) }
    FaultLog.note("power loss", cases.count, "states of a disk after a power loss")
  }

  private func check(_ one: Case, _ recording: Recording) throws {
    let template = one.isCommitted ? "TEMPLATE \(recording.ferry.database.name)" : ""
    let ferry = try Ferry(databaseOptions: template)
    try Self.writeStores(ferry)
    try recording.changes.restore(
      one.count, loss: one.loss, to: ferry.folder.path)
    if one.count >= recording.firstCopy {
      // Rows are written only after every copy would survive the loss.
      let verified = try ferry.run("backups", "verify")
      #expect(verified.status == 0, "\(one): \(verified.text)\(verified.errorText)")
      let listed = try ferry.run("backups", "list")
      #expect(listed.text.contains("complete"), "\(one): \(listed.text)")
    }
    for command in ["status", "history"] {
      let outcome = try ferry.run(command)
      #expect([0, 1].contains(outcome.status), "\(one): \(command): \(outcome.errorText)")
    }
    let outcome = try migrate(ferry)
    #expect(outcome.status == 0, "\(one): \(outcome.text)\(outcome.errorText)")
    #expect(try ferry.contentDigest() == recording.digest, "\(one)")
    let verified = try ferry.run("verify")
    #expect(verified.status == 0, "\(one): \(verified.text)\(verified.errorText)")
  }
}
