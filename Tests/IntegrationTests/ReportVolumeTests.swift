import Foundation
import Postgres
import TestSupport
import Testing

/// Tests how much a run prints about many stores.
@Suite(.needsServer)
struct ReportVolumeTests {
  /// Stores of which every 50th has no metadata for its vectors.
  private func ferry(_ count: Int, failing: Int = 50) throws -> (ferry: Ferry, failures: Int) {
    let ferry = try Ferry()
    var failures = 0
    for number in 0..<count {
      let isSound = number % failing != failing / 2
      if !isSound { failures += 1 }
      try ferry.writeStore(
        user: "user\(10_000 + number)", rows: Ferry.rows(2, dimensions: 4, seed: UInt64(number)),
        texts: Ferry.texts(isSound ? 2 : 1))
    }
    return (ferry, failures)
  }

  private func lines(_ outcome: ProcessOutcome) -> [String] {
    outcome.text.split(separator: "\n").map(String.init)
  }

  @Test func `beyond twenty stores only what failed has lines, and -v shows the others`() throws {
    let (ferry, failures) = try ferry(30, failing: 15)
    let dry = try ferry.run("--dry-run", "--no-backup")
    #expect(dry.status == 1)
    #expect(dry.text.contains("Would migrate \(30 - failures) stores, 56 documents"), "\(dry.text)")
    #expect(dry.text.contains("Failed stores, by reason:"), "\(dry.text)")
    #expect(lines(dry).count < 30, "\(dry.text)")
    let detailed = try ferry.run("--dry-run", "--no-backup", "-v")
    #expect(lines(detailed).count { $0.contains("Inserts 2 documents") } == 28, "\(detailed.text)")
    let run = try ferry.run("--no-backup")
    #expect(run.status == 1)
    #expect(lines(run).count { $0.hasPrefix("Failed: user") } == 2, "\(run.text)")
    #expect(!run.text.contains("Migrating store"), "\(run.text)")
    #expect(run.text.contains("Total documents migrated: 56"), "\(run.text)")
    let again = try ferry.run("--no-backup", "--verbose")
    #expect(lines(again).count { $0.hasSuffix("unchanged since it was migrated") } == 28)
    let verified = try ferry.run("verify", "--exclude", "user10007", "--exclude", "user10022")
    #expect(verified.status == 0 && verified.text.contains("Verified: 28 of 28 stores"))
    #expect(lines(try ferry.run("verify", "-v")).count { $0.hasSuffix(": verified") } == 28)
    #expect(lines(verified).count < 15, "\(verified.text)")
    let all = try ferry.run("--no-backup", "--force", "-vv")
    #expect(lines(all).count { $0.hasPrefix("Migrating store") } == 28, "\(all.text)")
    #expect(all.text.contains("  Reason: "))
  }

  @Test func `what would be deleted is said of every store, however many there are`() throws {
    let (ferry, _) = try ferry(22, failing: 100)
    #expect(try ferry.run("--no-backup").status == 0)
    try ferry.writeStore(user: "user10004", rows: [], texts: [])
    for flag in ["--verbose", "--quiet", "--no-backup"] {
      let dry = try ferry.run("--dry-run", "--no-backup", flag)
      #expect(
        dry.text.contains("user10004/notes\n    ") && dry.text.contains("Note:"), "\(dry.text)")
      #expect(dry.text.contains("user10005/notes") == (flag == "--verbose"), "\(dry.text)")
    }
  }

  @Test func `verify names stores with rows in no ledger, however little is printed`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(2, dimensions: 4), texts: Ferry.texts(2))
    #expect(try ferry.run("--no-backup", "--dimensions", "4").status == 0)
    try ferry.database.connect().query(
      """
      INSERT INTO vector_documents (id, user_id, collection_name, text, embedding)
      SELECT gen_random_uuid(), user_id, collection_name, text, embedding FROM vector_documents
      """)
    let verified = try ferry.run("verify", "-q")
    #expect(verified.text.contains("ann/notes: verified"), "\(verified.text)")
    #expect(verified.text.contains("In the table more than once: 2 rows"), "\(verified.text)")
  }

  @Test func `-q prints problems and the summary alone`() throws {
    let (ferry, _) = try ferry(3, failing: 20)
    let sound = try ferry.run("--no-backup", "-q")
    #expect(sound.status == 0)
    #expect(lines(sound).first == "Migration Summary", "\(sound.text)")
    try ferry.writeStore(
      user: "zoe", rows: Ferry.rows(2, dimensions: 4, seed: 9), texts: Ferry.texts(1))
    let outcome = try ferry.run("--no-backup", "-q")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("1 store: zoe/notes"), "\(outcome.text)")
    #expect(lines(outcome).count < 15, "\(outcome.text)")
  }

  @Test(.longForm)
  func `two thousand stores of which forty fail print few lines`() throws {
    let (ferry, failures) = try ferry(2_000)
    #expect(failures == 40)
    let run = try ferry.run("--no-backup")
    let text = lines(run)
    #expect(text.count <= 120, "\(text.count) lines")
    let end = text.suffix(60)
    let first = try #require(end.first { $0.contains("40 stores: user10025/notes") })
    #expect(first.contains("more"))
    #expect(lines(try ferry.run("--no-backup", "-q")).count < 60)
    // The runs after the first one have found 1,960 stores unchanged.
    let rows = lines(try ferry.run("status")).filter { $0.hasPrefix("user") }
    #expect(rows.count == 2_000)
    #expect(rows.prefix(40).allSatisfy { $0.contains(" failed ") })
    #expect(rows.dropFirst(40).allSatisfy { $0.contains(" unchanged ") })
  }
}
