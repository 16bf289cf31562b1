import Foundation
import Postgres
import TestSupport
import Testing

/// `migrate --reembed` through a service that fails now and then, and through kills of the program.
@Suite(
  .enabled(
    if: TestServer.isAvailable && EmbeddingService.isAvailable,
    "no PostgreSQL with pgvector, or no Python for the service"), .serialized)
struct NewVectorFaultTests {
  private let service: EmbeddingService
  private let ferry: Ferry
  private static let command = ["migrate", "--reembed", "--yes", "--concurrency", "8"]

  init() throws {
    service = try EmbeddingService()
    ferry = try Ferry()
  }

  private var environment: [String: String] {
    service.asOpenAI().merging(["ENCRYPTION_MASTER_KEY": Ferry.sampleKey]) { $1 }
  }

  private func migrate() throws -> ProcessOutcome {
    try ferry.run(command: Self.command, environment: environment)
  }

  private static func write(_ texts: [String], to collection: String = "notes", of ferry: Ferry)
    throws
  {
    try ferry.writeStore(
      collection: collection, rows: Ferry.rows(texts.count, seed: 3), texts: texts,
      extra: ["timestamp": "2024-05-06T07:08:09Z"])
  }

  /// Texts with words of their own, so that no two vectors are equal.
  private static func texts(_ count: Int, _ word: String = "text") -> [String] {
    (0..<count).map { "\(word) number \($0) about subject \($0 * 7919)" }
  }

  /// The texts that were answered, without the one word that shows the dimension.
  private var paid: [String] {
    get throws { try service.answers.flatMap(\.texts).filter { $0 != "ferry" } }
  }

  @Test
  func `faults cost no request but those asked for: each text gets its own vector, once`() throws {
    let count = Oracle.isFullRun ? 5_000 : 1_400
    try Self.write(Self.texts(count), of: ferry)
    try ferry.addSamples()
    try service.answerUsually(
      """
      {"wrong": "shuffled", "delay": 0.05, "faults": [{"share": 0.05, "status": 429},
       {"share": 0.02, "status": 500}, {"share": 0.01, "cut": 40}]}
      """)
    // In so few requests, chance alone would leave out some of them.
    try service.plan(
      #"[{}, {"wrong": "shuffled"}, {"status": 429}, {"status": 500}, {"cut": 0}, {"cut": 300}]"#)
    let outcome = try migrate()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    try ferry.expectPaired()
    let paid = try paid
    let rows: Int = try #require(try ferry.scalar("SELECT count(*) FROM vector_documents"))
    #expect(rows > count && Set(paid).count == paid.count)
    let (asked, answered) = (try service.questions.count, try service.answers.count)
    let minimum = (paid.count + 127) / 128 + 1
    print(
      "\(paid.count) texts, \(rows) rows: \(asked) requests, \(asked - answered) failed, at least \(minimum)"
    )
    #expect(Double(answered) <= 1.1 * Double(minimum) && asked - answered >= 4)
    let again = try migrate()
    #expect(again.status == 0 && again.text.contains("Unchanged:"), "\(again.text)")
    #expect(try service.questions.count == asked)
    let verified = try ferry.run("verify", environment: environment)
    #expect(verified.status == 0, "\(verified.text)")
  }

  /// The digest of what a run without a disturbance writes, and how long it takes in seconds.
  private func undisturbed(_ write: (Ferry) throws -> Void) throws -> (String?, Double) {
    let other = try Ferry()
    try write(other)
    let begin = Date()
    let outcome = try other.run(command: Self.command, environment: environment)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    return (try other.contentDigest(), Date().timeIntervalSince(begin))
  }

  @Test(arguments: [
    "backup", "fetched", "before-transaction", "copying", "verify", "before-commit", "after-commit",
  ])
  func `killed at any stage, the next run ends the same, and answers are not paid for again`(
    stage: String
  ) throws {
    let count = Oracle.isFullRun ? 5_000 : 300
    func write(to ferry: Ferry) throws {
      try Self.write(Self.texts(count), of: ferry)
      try Self.write(Self.texts(50, "other"), to: "other", of: ferry)
    }
    let (digest, _) = try undisturbed(write)
    let before = try paid.count
    try write(to: ferry)
    let run = try ferry.start(
      Self.command, environment: environment.merging(["VECTOR_FERRY_PAUSE_AT": stage]) { $1 })
    #expect(run.waitForError("paused at \(stage)"), "\(run.errors)")
    run.signal(SIGKILL)
    _ = try run.finish()
    try ferry.settle()
    let outcome = try migrate()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.contentDigest() == digest)
    #expect(try paid.count - before == count + 50)
    #expect(try ferry.run("verify").status == 0)
  }

  @Test
  func `killed at random points, only requests that were under way are paid for again`() throws {
    let count = Oracle.isFullRun ? 5_000 : 1_500
    let kills = Oracle.isFullRun ? 20 : 4
    // Most of the time of a run, requests are under way.
    try service.answerUsually(#"{"delay": 0.5}"#)
    let (digest, seconds) = try undisturbed { try Self.write(Self.texts(count), of: $0) }
    let before = try service.answers.count
    try Self.write(Self.texts(count), of: ferry)
    var generator = SeededGenerator(seed: 17)
    var ends: [(answers: Int, at: Double)] = []
    for _ in 0..<kills {
      let run = try ferry.start(Self.command, environment: environment)
      usleep(UInt32(Double.random(in: 0...seconds, using: &generator) * 1e6))
      let at = Date().timeIntervalSince1970
      run.signal(SIGKILL)
      _ = try run.finish()
      // Until the service has answered what was under way.
      usleep(700_000)
      ends.append((try service.answers.count, at))
      try ferry.settle()
    }
    let outcome = try migrate()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.contentDigest() == digest)
    let answers = Array(try service.answers.dropFirst(before))
    let all = answers.flatMap(\.texts).filter { $0 != "ferry" }
    #expect(Set(all).count == count)
    var (start, repeated) = (0, 0)
    for end in ends {
      let later = Set(answers[(end.answers - before)...].flatMap(\.texts))
      let lost = answers[start..<end.answers - before].filter {
        $0.texts.contains { $0 != "ferry" && later.contains($0) }
      }
      // Eight may be under way; an answer is in the cache a moment after it was sent.
      #expect(lost.count <= 8)
      #expect(lost.allSatisfy { $0.at > end.at - 2 })
      repeated += lost.count
      start = end.answers - before
    }
    print(
      "\(kills) kills, \(repeated) requests were under way and paid for again: "
        + "\(all.count - count) of \(count) texts")
    #expect(try ferry.run("verify").status == 0)
  }
}
