import Foundation
import Postgres
import TestSupport
import Testing

/// Tests simultaneous actions at random moments: of two operators, and of an application that keeps
/// writing.
@Suite(.needsServer)
struct RaceTests {
  private static let rounds = Oracle.isFullRun ? 100 : 2
  private static let quiet = ["VECTOR_FERRY_QUIET_SECONDS": "0.5"]
  private static let dated = ["timestamp": "2024-05-01T10:00:00"]

  @Test func `two operators at once, again and again`() throws {
    for round in 0..<Self.rounds {
      let ferry = try Ferry()
      for number in 0..<4 {
        try ferry.writeStore(
          user: "user\(number)", rows: Ferry.rows(6, seed: UInt64(number)), texts: Ferry.texts(6),
          extra: Self.dated)
      }
      let runs = try (0..<2).map {
        try ferry.start("--wait", "--jobs", "\(1 + round % 2)", "--backup-dir", "backup\($0)")
      }
      for run in runs {
        let outcome = try run.finish()
        #expect(outcome.status == 0, "round \(round): \(outcome.text)\(outcome.errorText)")
      }
      #expect(try ferry.counts().values.sorted() == [6, 6, 6, 6], "round \(round)")
      let transactions: Int? = try ferry.scalar(
        """
        SELECT max(n) FROM (SELECT count(DISTINCT xmin::text) AS n
        FROM vector_documents GROUP BY user_id) s
        """)
      #expect(transactions == 1, "round \(round)")
    }
    FaultLog.note("two operators at once", Self.rounds, "races of two runs")
  }

  /// Writes version `number` of a store; each text says which vector belongs to it.
  private func write(_ ferry: Ferry, version number: Int) throws {
    try ferry.writeStore(
      rows: Ferry.rows(20, seed: UInt64(number)), texts: (0..<20).map { "\(number) \($0)" },
      extra: Self.dated)
  }

  @Test func `store changing while it is read: whatever arrives is of one version`() throws {
    var taken = 0
    var refused = 0
    for round in 0..<Self.rounds {
      let ferry = try Ferry()
      try write(ferry, version: 1)
      let running = try ferry.start(environment: Self.quiet)
      let end = Date().addingTimeInterval(0.6)
      var version = 1
      while Date() < end {
        version += 1
        try write(ferry, version: version)
        usleep(UInt32.random(in: 0...20_000))
      }
      let outcome = try running.finish()
      #expect([0, 1, 3].contains(outcome.status), "\(outcome.text)\(outcome.errorText)")
      let exists: Bool? = try ferry.scalar("SELECT to_regclass('vector_documents') IS NOT NULL")
      if exists == true, try ferry.counts() != [:] {
        try expectOneVersion(ferry, round: round)
        taken += 1
      } else {
        #expect(outcome.status != 0)
        refused += 1
      }
      #expect(try ferry.run().status == 0)
      try expectOneVersion(ferry, round: round)
    }
    FaultLog.note(
      "store changing while it is read", taken, "races with a writer, carried over whole")
    FaultLog.note("store changing while it is read", refused, "races with a writer, refused")
  }

  /// Between the two writes, the store has as many vectors as entries, and does not change until
  /// the run has ended.
  @Test func `store changing while it is read: a pause between its two files`() throws {
    let ferry = try Ferry()
    try write(ferry, version: 1)
    let files = ["vectors.pkl", "metadata.json"].map {
      ferry.folder.file("user_data/ann/vector_store_notes/\($0)")
    }
    let older = try Data(contentsOf: URL(fileURLWithPath: files[1]))
    try write(ferry, version: 2)
    let newer = try Data(contentsOf: URL(fileURLWithPath: files[1]))
    try older.write(to: URL(fileURLWithPath: files[1]))
    let running = try ferry.start(environment: ["VECTOR_FERRY_QUIET_SECONDS": "2"])
    usleep(1_000_000)
    #expect(running.isRunning)
    try newer.write(to: URL(fileURLWithPath: files[1]))
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    try expectOneVersion(ferry, round: 0)
  }

  @Test func `store changing while it is read: one that never lies still is refused`() throws {
    let ferry = try Ferry()
    try write(ferry, version: 1)
    let running = try ferry.start(environment: ["VECTOR_FERRY_QUIET_SECONDS": "0.3"])
    while running.isRunning {
      utimensat(AT_FDCWD, ferry.folder.file("user_data/ann/vector_store_notes/vectors.pkl"), nil, 0)
      usleep(10_000)
    }
    let outcome = try running.finish()
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("are being written"), "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.run().status == 0)
  }

  /// Expects that each vector belongs to its text, and that all texts are of one version.
  private func expectOneVersion(_ ferry: Ferry, round: Int) throws {
    var versions: Set<String> = []
    var count = 0
    try ferry.database.connect().copyOut("SELECT text, embedding FROM vector_documents") { row in
      let text = String(decoding: try row.required(), as: UTF8.self)
      var vector: [Float] = []
      _ = try row.required().appendVector(to: &vector)
      let parts = text.split(separator: " ")
      let rows = Ferry.rows(20, seed: UInt64(parts[0]) ?? 0)
      #expect(vector == rows[Int(parts[1]) ?? 0].map(Float.init), "round \(round), \(text)")
      versions.insert(String(parts[0]))
      count += 1
    }
    #expect(versions.count == 1, "round \(round): \(versions)")
    #expect(count == 20)
  }
}
