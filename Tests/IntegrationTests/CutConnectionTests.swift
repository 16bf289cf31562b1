import Foundation
import Postgres
import TestSupport
import Testing

/// Tests runs whose connections are cut again and again, after a random number of bytes.
@Suite(.needsServer)
struct CutConnectionTests {
  private func fleet(_ count: Int, rows: Int = 300) throws -> Ferry {
    let ferry = try Ferry()
    for number in 0..<count {
      try ferry.writeStore(
        user: "user\(number + 10)", rows: Ferry.rows(rows, dimensions: 32, seed: UInt64(number)),
        texts: Ferry.texts(rows), extra: ["timestamp": "2024-05-01T10:00:00"])
    }
    return ferry
  }

  @Test func `cut at random byte counts, a run ends in time, and nothing is lost or doubled`()
    throws
  {
    let clean = try fleet(6)
    #expect(try clean.run().status == 0)
    let digest = try clean.contentDigest()
    let (rounds, cuts) = Oracle.isFullRun ? (5, 40) : (1, 8)
    for round in 0..<rounds {
      let ferry = try fleet(6)
      let seed = UInt64(20_260_101 + round)
      let proxy = try CutProxy(cuts: cuts, after: 2_000...150_000, seed: seed)
      defer { proxy.close() }
      let url = try proxy.url(of: ferry.database)
      let began = ContinuousClock.now
      var runs = 0
      // A cut before the first store ends the run.
      while proxy.cuts < cuts, runs < 60 {
        let outcome = try ferry.run(
          "--jobs", "2", "--force", "--yes", environment: ["DATABASE_URL": url])
        runs += 1
        #expect(
          [0, 1, 3].contains(outcome.status),
          "seed \(seed): \(outcome.text)\(outcome.errorText)")
        // Each store has all of its rows or none.
        let exists: Bool? = try ferry.scalar("SELECT to_regclass('vector_documents') IS NOT NULL")
        if exists == true { #expect(try ferry.counts().values.allSatisfy { $0 == 300 }) }
      }
      #expect(ContinuousClock.now - began < .seconds(300), "seed \(seed), \(runs) runs")
      #expect(proxy.cuts >= cuts, "seed \(seed)")
      try ferry.settle()
      let outcome = try ferry.run()
      #expect(outcome.status == 0, "seed \(seed): \(outcome.text)\(outcome.errorText)")
      #expect(try ferry.contentDigest() == digest, "seed \(seed)")
      #expect(try ferry.run("verify").status == 0)
    }
    FaultLog.note("connection cut again and again", rounds * cuts, "cuts at a random byte")
  }

  @Test func `cut for ever, a run ends with what was reached, and says so`() throws {
    let ferry = try fleet(12, rows: 1200)
    try ferry.writeStore(user: "small", rows: Ferry.rows(1, dimensions: 32), texts: Ferry.texts(1))
    #expect(try ferry.run("--user", "small").status == 0)
    // No store can be loaded between two cuts, but the checks before a run can: they need some 70
    // kB of SQL and 20 kB of answers.
    let proxy = try CutProxy(cuts: .max, after: 150_000...250_000, seed: 7)
    defer { proxy.close() }
    let patience = Oracle.isFullRun ? "60" : "1"
    let began = ContinuousClock.now
    let outcome = try ferry.run(
      "--give-up-after", patience, environment: ["DATABASE_URL": proxy.url(of: ferry.database)])
    #expect(ContinuousClock.now - began < .seconds(Oracle.isFullRun ? 300 : 60))
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Not begun: "), "\(outcome.text)")
    #expect(outcome.text.contains("and no store was completed meanwhile"), "\(outcome.text)")
    #expect(try ferry.counts() == ["small/notes": 1])
    try ferry.settle()
    #expect(try ferry.run().status == 0)
    #expect(try ferry.counts().count == 13)
  }
}
