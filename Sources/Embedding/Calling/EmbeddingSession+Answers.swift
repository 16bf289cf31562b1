internal import Bounds
internal import Clock

extension EmbeddingSession {
  /// An answer with embeddings, and the request that it belongs to.
  private struct Accepted {
    let flight: Flight
    let answer: ProviderAnswer
    /// The tokens that the service has counted, or the most that it can count.
    let tokens: Int
    let cost: Double
  }

  /// Waits for an answer for at most this long, and deals with one: what was paid for is in the
  /// cache before anything else is done with it.
  ///
  /// Answers that came at the same time are dealt with one by one, so that the next request is sent
  /// after the first of them, and the service is not without requests meanwhile.
  func takeAnswer(within seconds: Double) throws(EmbeddingError) {
    if ended.isEmpty { ended = embedder.client.wait(atMost: seconds) }
    guard !ended.isEmpty else { return }
    let ended = ended.removeFirst()
    guard let flight = flights.removeValue(forKey: ended.number) else { return }
    waitsForMoney = false
    switch verdict(on: ended, flight) {
    case .answered(let answer): try keep(account(for: answer, flight))
    case let verdict:
      try release(flight, after: ended)
      follow(verdict, flight)
    }
  }

  private func verdict(on ended: HTTPClient.Ended, _ flight: Flight) -> Verdict {
    switch ended.result {
    case .failure(let error):
      return embedder.judge.verdict(on: error, hasAnswered: embedder.hasAnswered)
    case .success(let answer):
      embedder.hasAnswered = true
      return embedder.judge.verdict(on: answer, about: flight.batch.entries.map(\.text))
    }
  }

  /// Releases the money of a request that was refused or never sent.
  ///
  /// If it is not known whether the request was charged, or the answer is one that cannot be used,
  /// the money stays reserved.
  private func release(_ flight: Flight, after ended: HTTPClient.Ended) throws(EmbeddingError) {
    guard let reservation = flight.reservation else { return }
    switch ended.result {
    case .failure: guard !ended.wasSent else { return }
    case .success(let answer): guard answer.status != 200 else { return }
    }
    try embedder.cache?.release(reservation)
  }

  private func follow(_ verdict: Verdict, _ flight: Flight) {
    switch verdict {
    case .answered: break
    case .stop(let error): fault = fault ?? error
    case .refused(let reason, let isAboutSize):
      divide(flight.batch, .refused(reason: reason), isAboutSize)
    case .unusable(let reason): divide(flight.batch, .unusable(reason: reason), false)
    case .retry(let reason, let after, let isTooMany):
      repeatLater(flight, reason, after: after, isTooMany: isTooMany)
    }
  }

  // MARK: Refused and repeated requests

  /// Sends the halves of a refused batch separately, until the refused text is found.
  private func divide(_ batch: Batch, _ outcome: EmbeddingOutcome, _ isAboutSize: Bool) {
    let count = batch.entries.count
    guard count == 1 else {
      if isAboutSize { embedder.limits.texts = max(1, min(embedder.limits.texts, count / 2)) }
      return waiting.insert(contentsOf: batch.halves, at: 0)
    }
    for entry in batch.entries { resolve(entry.key, outcome) }
    noteMissing(outcome)
  }

  /// Counts a text without an embedding, and ends the session where the first texts all had none.
  private func noteMissing(_ outcome: EmbeddingOutcome) {
    refusals += 1
    guard refusals >= Self.mostRefusals, embedded == 0, fault == nil else { return }
    let place = embedder.judge.place
    switch outcome {
    case .vector: break
    case .refused(let reason):
      fault = EmbeddingError(
        .refused, "\(place) has refused each of \(refusals) texts: \(reason)",
        remedy: "look at --model and --embedding-dimensions")
    case .unusable(let reason):
      fault = EmbeddingError(
        .answer,
        "\(place) has made no vector that can be used of the first \(refusals) texts: \(reason)",
        remedy: AnswerJudge.unusableRemedy)
    }
  }

  /// The number of texts that may be refused where no text was accepted.
  private static let mostRefusals = 32

  /// Puts a batch back among those that wait, after a pause.
  private func repeatLater(
    _ flight: Flight, _ reason: String, after requested: Double?, isTooMany: Bool
  ) {
    var batch = flight.batch
    let attempt = batch.attempt
    let isNews = isTooMany ? embedder.pace.noteTooMany(sentAfter: flight.slowdowns) : true
    // A service that answers other requests meanwhile will answer this one, too.
    let counts = !isTooMany || answers == flight.answersBefore
    let place = embedder.judge.place
    guard attempt < embedder.policy.attempts || !counts else {
      fault =
        fault
        ?? EmbeddingError(
          .unreachable, "\(place): \(reason), after \(attempt) attempts",
          remedy: "run again later: finished work is kept")
      return
    }
    let seconds =
      requested ?? embedder.policy.pause(after: attempt, using: &embedder.generator)
    guard seconds <= embedder.policy.longestRequested else {
      fault =
        fault
        ?? EmbeddingError(
          .unreachable,
          "\(place) asks to wait \(Int(saturating: seconds.rounded(.up))) s: \(reason)",
          remedy: "run again after that: finished work is kept")
      return
    }
    if isNews { embedder.observe(.retrying(attempt: attempt, seconds: seconds, reason: reason)) }
    let time = MonotonicClock.seconds() + seconds
    if requested != nil, isTooMany { embedder.pace.pause(until: time) }
    batch.notBefore = time
    batch.isRepeated = true
    if counts { batch.attempt += 1 }
    waiting.insert(batch, at: 0)
  }

  // MARK: Embeddings

  private func account(for answer: ProviderAnswer, _ flight: Flight) -> Accepted {
    let tokens = answer.tokens ?? EmbeddingPrice.estimatedTokens(ofBytes: flight.batch.bytes)
    let counted = answer.tokens ?? flight.batch.mostTokens
    let cost = embedder.settings.price.cost(ofTokens: counted) ?? 0
    answers += 1
    embedder.pace.noteAnswer()
    embedder.usage.questions += 1
    embedder.usage.texts += flight.batch.entries.count
    embedder.usage.tokens += tokens
    if answer.tokens == nil { embedder.usage.estimatedTokens += tokens }
    embedder.usage.cost = embedder.usage.cost.map { $0 + cost }
    return Accepted(flight: flight, answer: answer, tokens: counted, cost: cost)
  }

  private func keep(_ accepted: Accepted) throws(EmbeddingError) {
    let answer = accepted.answer
    var outcomes: [(key: EmbeddingKey, outcome: EmbeddingOutcome)] = []
    if let error = dimensionFault(answer.vectors) {
      // Nothing shows which vectors of the answer are right: none of them is kept.
      fault = fault ?? error
    } else {
      for (place, entry) in accepted.flight.batch.entries.enumerated() {
        outcomes.append((entry.key, outcome(answer, place)))
      }
    }
    let kept = outcomes.compactMap { key, outcome -> (key: EmbeddingKey, vector: [Float])? in
      if case .vector(let vector) = outcome { (key, vector) } else { nil }
    }
    // What was charged is counted and stored, even where the answer is not accepted.
    try embedder.keep(kept) {
      guard let reservation = accepted.flight.reservation else { return }
      try embedder.cache?.settle(reservation, tokens: accepted.tokens, cost: accepted.cost)
    }
    if let first = kept.first { embedder.knownDimensions = first.vector.count }
    embedded += kept.count
    for (key, outcome) in outcomes {
      resolve(key, outcome)
      if outcome.obstacle != nil { noteMissing(outcome) }
    }
  }

  /// Returns the outcome of the text at a place of an answer.
  private func outcome(_ answer: ProviderAnswer, _ place: Int) -> EmbeddingOutcome {
    let vector = answer.vectors[place]
    if answer.cut.contains(place) {
      return .refused(reason: "the service has read only its beginning: it is too long")
    }
    if let fault = VectorFault.words(vector) {
      return .unusable(reason: "the service answered \(fault)")
    }
    return .vector(vector)
  }

  /// Returns the error of an answer whose vectors are of several dimensions, or of another one than
  /// is expected; nil where they are all of the one.
  private func dimensionFault(_ vectors: [[Float]]) -> EmbeddingError? {
    guard let first = vectors.first?.count else { return nil }
    let known = embedder.knownDimensions
    if let other = vectors.first(where: { $0.count != first })?.count {
      return EmbeddingError(
        .answer,
        "\(embedder.judge.place) answered vectors of \(first) and of \(other) dimensions at once"
          + (known.map { "; \($0) were expected" } ?? ""),
        remedy: oneModel)
    }
    guard let known, known != first else { return nil }
    return otherDimensions(first, known)
  }

  private func otherDimensions(_ count: Int, _ expected: Int) -> EmbeddingError {
    let settings = embedder.settings
    let place = embedder.judge.place
    if settings.dimensions != nil {
      return EmbeddingError(
        .answer,
        "\(place) answered a vector of \(count) dimensions where \(expected) were asked for",
        remedy: "leave out --embedding-dimensions, or give \(count)")
    }
    if embedder.knowsDimensionsFromCache {
      return EmbeddingError(
        .answer,
        "\(place) answered a vector of \(count) dimensions; the vectors of \(settings.model) in "
          + "the cache have \(expected): another model answers under this name now",
        remedy: "give the other model a name of its own at the service, or move embeddings.sqlite "
          + "away to pay for all texts again")
    }
    return EmbeddingError(
      .answer, "\(place) answered vectors of \(expected) dimensions, then of \(count)",
      remedy: oneModel)
  }

  /// The remedy where vectors of several dimensions were answered.
  private var oneModel: String {
    "see that one model alone answers as \(embedder.settings.model), then run again: what was "
      + "answered before is kept"
  }
}
