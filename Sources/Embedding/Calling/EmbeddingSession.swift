internal import Clock

/// One call of an embedder: it reads pieces ahead, keeps as many requests under way as the pace
/// allows, and hands complete pieces back in their order.
final class EmbeddingSession {
  /// Where the outcome of a text belongs.
  struct Place {
    let piece: Int
    let position: Int
  }

  /// A piece that is not handed back yet.
  struct Piece {
    var outcomes: [EmbeddingOutcome?]
    var missing: Int
  }

  /// A request under way.
  struct Flight {
    let batch: Batch
    let reservation: Int64?
    /// The number of times that the service had enough before the request was sent.
    let slowdowns: Int
    /// The number of requests that were answered before this request was sent.
    let answersBefore: Int
  }

  let embedder: Embedder
  private let purpose: EmbeddingPurpose
  private var pieces: [Int: Piece] = [:]
  private var firstPiece = 0
  private var nextPiece = 0
  private var isExhausted = false
  /// The number of texts in pieces that are not handed back yet.
  private var openTexts = 0
  /// The texts that are to be sent, or are under way.
  private var places: [EmbeddingKey: [Place]] = [:]
  /// The batches that are to be sent, the first ones first.
  var waiting: [Batch] = []
  /// The batch that texts are still added to.
  private var gathering = Batch()
  var flights: [Int: Flight] = [:]
  /// True where a request has to wait until others have been paid.
  var waitsForMoney = false
  /// The number of requests that were answered with embeddings.
  var answers = 0
  /// The number of texts that got no embedding.
  var refusals = 0
  /// The number of texts that were embedded.
  var embedded = 0
  /// The requests that have ended, and are not dealt with yet.
  var ended: [HTTPClient.Ended] = []
  /// The error that ends the session; requests that are under way are still waited for.
  var fault: EmbeddingError?

  /// The number of seconds to wait, after an error, for answers to requests under way.
  private static let patience = 10.0

  init(_ embedder: Embedder, _ purpose: EmbeddingPurpose) {
    self.embedder = embedder
    self.purpose = purpose
  }

  /// Runs until the last piece is handed back, or throws the first error.
  func run(
    next: () throws -> [LabelledText]?, finished: ([EmbeddingOutcome]) throws -> Void
  ) throws {
    do {
      while true {
        if embedder.isInterrupted() { throw Embedder.interrupted }
        try fill(next)
        if isDone { return }
        // While requests are under way, the texts of the next ones are read.
        let isBusy = try handBack(finished) || readAhead(next)
        try takeAnswer(within: isBusy ? 0 : longestWait)
        if let fault { throw fault }
      }
    } catch {
      waitForFlights()
      if let fault, fault == error as? EmbeddingError {
        // What is complete is handed back; the first error is the one that is thrown.
        while (try? handBack(finished)) == true {}
      }
      throw error
    }
  }

  private var isDone: Bool {
    isExhausted && pieces.isEmpty && waiting.isEmpty && flights.isEmpty && gathering.entries.isEmpty
  }

  /// The seconds until something besides an answer is to be done; an interruption is noticed at
  /// least that often.
  private var longestWait: Double {
    let now = MonotonicClock.seconds()
    let times = waiting.map { max($0.notBefore, embedder.pace.pausedUntil) }
    let first = times.filter { $0 > now }.min() ?? .infinity
    return min(0.1, max(first - now, 0.001))
  }

  /// Gives the answers to the requests under way some time to arrive, because they may be paid for;
  /// none after an interruption.
  private func waitForFlights() {
    // What has arrived is stored, also after an interruption.
    while !ended.isEmpty {
      do { try takeAnswer(within: 0) } catch { break }
    }
    let end = MonotonicClock.seconds() + Self.patience
    while !flights.isEmpty, !embedder.isInterrupted(), MonotonicClock.seconds() < end {
      do { try takeAnswer(within: 0.1) } catch { break }
    }
    embedder.client.cancelAll()
    (flights, ended) = ([:], [])
  }

  // MARK: Pieces

  private func handBack(_ finished: ([EmbeddingOutcome]) throws -> Void) throws -> Bool {
    guard let piece = pieces[firstPiece], piece.missing == 0 else { return false }
    pieces[firstPiece] = nil
    firstPiece += 1
    openTexts -= piece.outcomes.count
    try finished(piece.outcomes.map { $0 ?? .refused(reason: "it was not asked for") })
    return true
  }

  /// Gives the outcome of a text to all places that it belongs to.
  func resolve(_ key: EmbeddingKey, _ outcome: EmbeddingOutcome) {
    for place in places.removeValue(forKey: key) ?? [] { set(outcome, at: place) }
  }

  private func set(_ outcome: EmbeddingOutcome, at place: Place) {
    pieces[place.piece]?.outcomes[place.position] = outcome
    pieces[place.piece]?.missing -= 1
  }

  /// Takes the texts of the next piece.
  private func take(_ texts: [LabelledText]) throws(EmbeddingError) {
    let number = nextPiece
    nextPiece += 1
    openTexts += texts.count
    pieces[number] = Piece(
      outcomes: Array(repeating: nil, count: texts.count), missing: texts.count)
    for (position, text) in texts.enumerated() {
      try take(text.text, for: Place(piece: number, position: position))
    }
  }

  private func take(_ text: String, for place: Place) throws(EmbeddingError) {
    let key = try embedder.key(of: text, as: purpose)
    if places[key] != nil {
      embedder.usage.reused += 1
      places[key]?.append(place)
    } else if let outcome = EmbeddingOutcome.ofBlank(text) {
      set(outcome, at: place)
    } else if let vector = try embedder.cached(key) {
      embedder.usage.cached += 1
      embedder.usage.reused += 1
      set(.vector(vector), at: place)
    } else if let reason = embedder.judge.provider.objection(to: text) {
      set(.refused(reason: reason), at: place)
    } else {
      places[key] = [place]
      if !gathering.hasRoom(for: text, limits: embedder.limits) { endBatch() }
      gathering.append(Batch.Entry(key: key, text: text))
      if gathering.entries.count >= embedder.limits.texts { endBatch() }
    }
  }

  private func endBatch() {
    if !gathering.entries.isEmpty { waiting.append(gathering) }
    gathering = Batch()
  }

  // MARK: Sending

  /// Sends requests as long as the pace allows and there are texts.
  private func fill(_ next: () throws -> [LabelledText]?) throws {
    while fault == nil, !waitsForMoney, flights.count < embedder.pace.allowed,
      embedder.pace.pausedUntil <= MonotonicClock.seconds()
    {
      if let batch = takeReady() {
        try send(batch)
      } else if mayReadAhead {
        if let texts = try next() { try take(texts) } else { isExhausted = true }
      } else if !gathering.entries.isEmpty, isExhausted || pieces[firstPiece]?.missing != 0 {
        // No text can join this batch before some of the texts under way are answered. (Where the
        // first piece is complete, more pieces can be read once it was handed back.)
        endBatch()
      } else {
        return
      }
    }
  }

  /// Reads a piece more, where no request is ready to follow the next answer; returns false where
  /// nothing was read.
  ///
  /// No more is read, because other processes may share the work.
  private func readAhead(_ next: () throws -> [LabelledText]?) throws -> Bool {
    guard !flights.isEmpty, waiting.isEmpty, mayReadAhead else { return false }
    if let texts = try next() { try take(texts) } else { isExhausted = true }
    return true
  }

  /// True where another piece may be read: enough of them for all requests, and not more.
  ///
  /// Pieces that are complete already, such as those from the cache, are handed back earlier.
  private var mayReadAhead: Bool {
    let rounds = pieces[firstPiece]?.missing == 0 ? 2 : 4
    return !isExhausted && openTexts < rounds * embedder.pace.most * embedder.limits.texts
  }

  /// Takes the first batch that may be sent now, no larger than the limits are by now.
  private func takeReady() -> Batch? {
    let now = MonotonicClock.seconds()
    guard let place = waiting.firstIndex(where: { $0.notBefore <= now }) else { return nil }
    var batch = waiting.remove(at: place)
    while batch.entries.count > embedder.limits.texts {
      let halves = batch.halves
      batch = halves[0]
      waiting.insert(halves[1], at: place)
    }
    return batch
  }

  private func send(_ batch: Batch) throws(EmbeddingError) {
    let reservation: Int64?
    do throws(EmbeddingError) {
      reservation = try embedder.reserve(tokens: batch.mostTokens)
    } catch {
      guard error.kind == .budget, !flights.isEmpty else {
        fault = error
        throw error
      }
      // The requests under way will cost less than is reserved for them.
      waiting.insert(batch, at: 0)
      waitsForMoney = true
      return
    }
    let request = embedder.judge.provider.request(for: batch.entries.map(\.text), as: purpose)
    do throws(HTTPError) {
      let number = try embedder.client.begin(request)
      flights[number] = Flight(
        batch: batch, reservation: reservation, slowdowns: embedder.pace.slowdowns,
        answersBefore: answers)
    } catch {
      if let reservation { try embedder.cache?.release(reservation) }
      throw EmbeddingError(.unreachable, "\(embedder.judge.place): \(error.words)")
    }
    embedder.usage.requests += 1
    if batch.isRepeated { embedder.usage.retries += 1 }
  }
}
