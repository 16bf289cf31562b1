import Clock
import Foundation
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import Embedding

/// Tests many requests at once to a real service on loopback.
@Suite(.enabled(if: EmbeddingService.isAvailable, "no Python to run the service"))
struct ConcurrencyTests {
  private func embedder(
    _ service: EmbeddingService, concurrency: Int, cache: EmbeddingCache? = nil,
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (EmbeddingEvent) -> Void = { _ in }
  ) throws -> Embedder {
    Embedder(
      try Self.settings(service.asOllama(), concurrency: concurrency), cache: cache,
      policy: Self.quick, isInterrupted: isInterrupted, observe: observe)
  }

  private static let quick = RetryPolicy(
    attempts: 4, firstPause: 0.01, longestPause: 0.05, longestRequested: 2)

  private static func settings(
    _ environment: [String: String], concurrency: Int
  ) throws -> EmbeddingSettings {
    var choice = EmbeddingSettings.Choice(dimensions: 8)
    choice.concurrency = concurrency
    return try EmbeddingSettings(choice, environment: environment)
  }

  private static func texts(_ range: Range<Int>) -> [LabelledText] {
    range.map { LabelledText("row \($0)", "text \($0)") }
  }

  private func vectors(_ outcomes: [EmbeddingOutcome]) -> [[Float]] {
    outcomes.compactMap { if case .vector(let vector) = $0 { vector } else { nil } }
  }

  @Test func `as many requests are under way as allowed, and every text gets its own vector`()
    throws
  {
    let service = try EmbeddingService()
    try service.answerUsually(#"{"delay": 0.05}"#)
    // Each request has 32 texts.
    let requests = Oracle.isFullRun ? 400 : 60
    let embedder = try embedder(service, concurrency: 8)
    let start = MonotonicClock.seconds()
    let outcomes = try embedder.embed(Self.texts(0..<32 * requests))
    let seconds = MonotonicClock.seconds() - start
    let single = try self.embedder(service, concurrency: 1)
    for place in [0, 31, 32, 1000, 32 * requests - 1] {
      #expect(
        try single.embed([LabelledText("row", "text \(place)")])[0] == outcomes[place], "\(place)")
    }
    let underWay = try service.questions.prefix(requests).map(\.underWay)
    #expect(underWay.max() == 8 && embedder.usage.requests == requests)
    // A request without another one under way is the first of a round; the first rounds are
    // smaller.
    #expect(underWay.count { $0 == 1 } <= requests / 8 + 6, "\(underWay)")
    let best = 0.05 * Double(requests) / 8
    print("\(requests) requests, \(best / seconds) of what 8 at once and 50 ms allow")
    if Oracle.isFullRun { #expect(best / seconds >= 0.9) }
  }

  @Test func `the first requests do not wait for the first answer`() throws {
    let service = try EmbeddingService()
    try service.answerUsually(#"{"delay": 1}"#)
    let embedder = try embedder(service, concurrency: 4)
    #expect(vectors(try embedder.embed(Self.texts(0..<128))).count == 128)
    #expect(try service.questions.map(\.underWay).max() == 4)
  }

  @Test func `pieces come back in their order, whatever order the answers come in`() throws {
    let service = try EmbeddingService()
    // The first request is answered last.
    try service.plan(#"[{"delay": 0.4}]"#)
    let embedder = try embedder(service, concurrency: 4)
    var (read, back): ([Int], [Int]) = ([], [])
    try embedder.embedPieces { () -> (Int, [LabelledText])? in
      guard read.count < 40 else { return nil }
      read.append(read.count)
      let first = 10 * (read.count - 1)
      return (read.count - 1, Self.texts(first..<first + 10))
    } finished: { piece, outcomes in
      #expect(vectors(outcomes).count == 10)
      back.append(piece)
    }
    #expect(back == Array(0..<40))
    // The 400 texts are sent in requests of 32, so that texts of several pieces share a request.
    #expect(embedder.usage.requests == 13 && embedder.usage.texts == 400, "\(embedder.usage)")
  }

  @Test func `pieces are read ahead, but no more of them than memory may hold`() throws {
    let service = try EmbeddingService()
    // All other requests are answered while the first one waits.
    try service.plan(#"[{"delay": 1}]"#)
    let embedder = try embedder(service, concurrency: 2)
    var (read, most, back) = (0, 0, 0)
    try embedder.embedPieces { () -> (Int, [LabelledText])? in
      guard read < 60 else { return nil }
      read += 1
      most = max(most, read - back)
      return (read, Self.texts(32 * read..<32 * read + 32))
    } finished: { _, _ in
      back += 1
    }
    // At most four times the pieces of the two requests are read ahead, and more than two pieces.
    #expect(back == 60 && most > 2 && most <= 8, "\(most)")
  }

  @Test func `a service that has enough gets fewer requests, and each text only once`() throws {
    let service = try EmbeddingService()
    let busy = Array(repeating: #"{"status": 429, "body": "{}"}"#, count: 3)
    let good = Array(repeating: #"{"delay": 0.02}"#, count: 30)
    try service.plan("[\((good + busy + good).joined(separator: ","))]")
    try service.answerUsually(#"{"delay": 0.02}"#)
    var events: [EmbeddingEvent] = []
    let embedder = try embedder(service, concurrency: 8, observe: { events.append($0) })
    #expect(vectors(try embedder.embed(Self.texts(0..<32 * 80))).count == 32 * 80)
    #expect(embedder.usage.requests == 83 && embedder.usage.retries == 3)
    #expect(embedder.usage.questions == 80)
    #expect(!events.isEmpty && events.count <= 3)
    // Before the refusals, eight requests are sent at once; after them four, then five and six.
    let after = try service.questions.dropFirst(41).prefix(9).map(\.underWay)
    #expect(after.allSatisfy { $0 < 8 }, "\(after)")
  }

  @Test func `a time that the service names holds for all requests`() throws {
    let service = try EmbeddingService()
    try service.plan(
      #"[{}, {}, {"status": 429, "headers": {"Retry-After": "1"}, "body": ""}]"#)
    let embedder = try embedder(service, concurrency: 4)
    let start = MonotonicClock.seconds()
    #expect(vectors(try embedder.embed(Self.texts(0..<320))).count == 320)
    #expect(MonotonicClock.seconds() - start >= 1)
    // Requests under way continued; no new request was sent in that second.
    #expect(embedder.usage.requests == 11)
  }

  @Test func `broken connections and 5xx are tried again, and the bad text alone is refused`()
    throws
  {
    let service = try EmbeddingService()
    try service.plan(
      #"[{}, {"cut": 40}, {"status": 500, "body": ""}, {"cut": 0}, {"cut": 300}, {"status": 502, "body": ""}]"#
    )
    var texts = Self.texts(0..<320)
    texts[77] = LabelledText("row 77", "an UNWANTED text")
    let embedder = try embedder(service, concurrency: 4)
    let outcomes = try embedder.embed(texts)
    #expect(vectors(outcomes).count == 319)
    guard case .refused(let reason) = outcomes[77] else { Issue.record("not refused"); return }
    #expect(reason.contains("status 400"))
    // Ten batches, those repeated that failed, and two halves for each of five divisions. The batch
    // with the bad text is refused in a few bytes, whatever the step says.
    #expect((3...5).contains(embedder.usage.retries), "\(embedder.usage)")
    #expect(embedder.usage.requests == 10 + embedder.usage.retries + 10, "\(embedder.usage)")
    // libcurl has repeated none by itself.
    #expect(try service.questions.count == embedder.usage.requests)
  }

  @Test func `a service that takes fewer texts at once gets fewer`() throws {
    let service = try EmbeddingService()
    try service.answerUsually(#"{"most_texts": 8}"#)
    let embedder = try embedder(service, concurrency: 2)
    #expect(vectors(try embedder.embed(Self.texts(0..<320))).count == 320)
    let refused = try service.questions.filter { $0.texts.count > 8 }.count
    #expect(refused <= 6 && embedder.usage.questions == 40, "\(refused)")
  }

  @Test func `a service that refuses everything is not asked for every text`() throws {
    let service = try EmbeddingService()
    try service.answerUsually(#"{"status": 400, "body": {"error": "no such dimensions"}}"#)
    let error = #expect(throws: EmbeddingError.self) {
      try embedder(service, concurrency: 1).embed(Self.texts(0..<2000))
    }
    #expect(error?.kind == .refused && error?.problem.contains("no such dimensions") == true)
    #expect(try service.questions.count < 150)
  }

  @Test func `answers that are on their way when another one ends the run are kept`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    try service.plan(
      #"[{}, {}, {"status": 401, "body": ""}, {"delay": 0.3}, {"delay": 0.3}, {"delay": 0.3}]"#)
    let first = try embedder(
      service, concurrency: 4, cache: EmbeddingCache(directory: folder.path))
    let error = #expect(throws: EmbeddingError.self) { try first.embed(Self.texts(0..<640)) }
    #expect(error?.kind == .refused)
    let answered = first.usage.texts
    let second = try embedder(
      service, concurrency: 4, cache: EmbeddingCache(directory: folder.path))
    #expect(vectors(try second.embed(Self.texts(0..<640))).count == 640)
    #expect(second.usage.cached == answered && second.usage.texts == 640 - answered)
    // Only refused texts were sent twice.
    let asked = try service.questions.flatMap(\.texts)
    #expect(asked.count == 640 + 32 && Set(asked).count == 640)
  }

  @Test func `what a closure throws comes out after answers on their way are kept`() throws {
    struct Full: Error {}
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    try service.answerUsually(#"{"delay": 0.05}"#)
    let embedder = try embedder(
      service, concurrency: 4, cache: EmbeddingCache(directory: folder.path))
    var read = 0
    #expect(throws: Full.self) {
      try embedder.embedPieces { () -> (Int, [LabelledText])? in
        read += 1
        return (read, Self.texts(32 * read..<32 * read + 32))
      } finished: { piece, _ in
        if piece == 3 { throw Full() }
      }
    }
    #expect(embedder.usage.texts == 32 * embedder.usage.requests)
    let rows = try Database(path: "\(folder.path)/embeddings.sqlite", mode: .readWrite).value(
      "SELECT count(*) FROM embeddings")
    #expect(rows == .integer(Int64(embedder.usage.texts)))
  }

  @Test func `answers that have arrived before an interruption are kept`() throws {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    let cache = try EmbeddingCache(directory: folder.path)
    try service.answerUsually(#"{"delay": 0.5}"#)
    let calls = Mutex(0)
    let path = cache.path
    let rows: @Sendable () -> Value? = {
      try? Database(path: path, mode: .readWrite).value("SELECT count(*) FROM embeddings")
    }
    let embedder = try embedder(
      service, concurrency: 4, cache: cache,
      isInterrupted: {
        let call = calls.withLock { calls in
          calls += 1
          return calls
        }
        // Four answers arrive meanwhile; the first one that is kept interrupts the run.
        if call == 2 { usleep(2_000_000) }
        return rows() != .integer(0)
      })
    let error = #expect(throws: EmbeddingError.self) { try embedder.embed(Self.texts(0..<640)) }
    #expect(error?.kind == .interrupted)
    #expect(rows() == .integer(128) && embedder.usage.texts == 128, "\(embedder.usage)")
  }

  @Test func `an interruption ends many requests within a second`() throws {
    let service = try EmbeddingService()
    try service.plan(#"[{}, {}]"#)
    try service.answerUsually(#"{"delay": 20}"#)
    let begin = MonotonicClock.seconds()
    let embedder = try embedder(
      service, concurrency: 8, isInterrupted: { MonotonicClock.seconds() > begin + 1 })
    let error = #expect(throws: EmbeddingError.self) { try embedder.embed(Self.texts(0..<640)) }
    #expect(error?.kind == .interrupted && MonotonicClock.seconds() - begin < 2)
  }

  @Test func `two that share one cache do not disturb each other, and a third one pays nothing`()
    throws
  {
    let service = try EmbeddingService()
    let folder = try TemporaryDirectory("cache")
    try service.answerUsually(#"{"delay": 0.02}"#)
    let settings = try Self.settings(service.asOllama(), concurrency: 4)
    let (done, path) = (DispatchGroup(), folder.path)
    for _ in 0..<2 {
      done.enter()
      Thread.detachNewThread {
        defer { done.leave() }
        do {
          let cache = try EmbeddingCache(directory: path)
          let embedder = Embedder(settings, cache: cache, policy: Self.quick)
          for start in 0..<20 {
            let outcomes = try embedder.embed(Self.texts(32 * start..<32 * start + 64))
            #expect(outcomes.allSatisfy { if case .vector = $0 { true } else { false } })
          }
        } catch {
          Issue.record("\(error)")
        }
      }
    }
    done.wait()
    let cache = try EmbeddingCache(directory: folder.path)
    let again = try embedder(service, concurrency: 4, cache: cache)
    #expect(vectors(try again.embed(Self.texts(0..<672))).count == 672)
    #expect(again.usage.requests == 0)
  }
}
