internal import Digests
internal import Glibc

/// Makes embeddings of texts: from the cache where they are there, else from the service.
///
/// Used by one thread at a time. What a batch brought is in the cache before the next one is asked
/// for, so that a killed run pays for at most one batch again.
public final class Embedder {
  /// Who makes them.
  public let settings: EmbeddingSettings
  /// What has been asked so far.
  public private(set) var usage = EmbeddingUsage()
  let provider: any EmbeddingProvider
  let client: HTTPClient
  let cache: EmbeddingCache?
  let policy: RetryPolicy
  /// The operator asked to stop, or the time of the questions under way is over.
  let isInterrupted: @Sendable () -> Bool
  let observe: (EmbeddingEvent) -> Void
  private let limit = TimeLimit()
  /// The service has answered before: what breaks now may pass.
  var hasAnswered = false
  private var knownDimensions: Int?

  /// An embedder that asks nothing yet.
  ///
  /// - Parameter cache: needed where a day's cost is limited, since it is counted there.
  public convenience init(
    _ settings: EmbeddingSettings, cache: EmbeddingCache?, policy: RetryPolicy = RetryPolicy(),
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (EmbeddingEvent) -> Void = { _ in }
  ) {
    self.init(
      settings, cache: cache, policy: policy, patience: HTTPClient.Patience(),
      isInterrupted: isInterrupted, observe: observe)
  }

  init(
    _ settings: EmbeddingSettings, cache: EmbeddingCache?, policy: RetryPolicy,
    patience: HTTPClient.Patience, isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (EmbeddingEvent) -> Void = { _ in }
  ) {
    self.settings = settings
    self.cache = cache
    self.policy = policy
    self.isInterrupted = { [limit] in limit.hasPassed || isInterrupted() }
    self.observe = observe
    provider =
      switch settings.provider {
      case .openAI:
        OpenAIProvider(
          model: settings.model, dimensions: settings.dimensions, key: settings.key)
      case .ollama: OllamaProvider(model: settings.model, dimensions: settings.dimensions)
      }
    client = HTTPClient(settings.address, patience: patience, isInterrupted: self.isInterrupted)
    knownDimensions = settings.dimensions
    usage.cost = settings.price.cost(ofTokens: 0)
  }

  /// How many dimensions the model's vectors have, found by embedding the word "ferry".
  ///
  /// Asked first, it shows that key, model and address are right before anything is touched.
  public func dimensions() throws(EmbeddingError) -> Int {
    switch try embed([LabelledText("the word \"ferry\"", "ferry")])[0] {
    case .vector(let vector): return vector.count
    case .refused(let reason):
      throw EmbeddingError(
        .refused, "\(settings.provider.title) makes no embeddings here: \(reason)",
        remedy: "look at --model and --embedding-dimensions")
    }
  }

  /// An outcome for each text, in their order.
  ///
  /// Equal texts are asked for once. A text that is refused stops no other; whatever concerns all of
  /// them is thrown, and what was embedded until then is in the cache.
  public func embed(_ texts: [LabelledText]) throws(EmbeddingError) -> [EmbeddingOutcome] {
    if settings.isReadableOnTheWay, !hasAnswered {
      observe(.unencrypted(host: settings.address.host))
    }
    var found: [EmbeddingKey: EmbeddingOutcome] = [:]
    var keys: [EmbeddingKey] = []
    var batch = Batch(limits: provider.limits)
    for text in texts {
      let key = try self.key(of: text.text)
      keys.append(key)
      if found[key] != nil || batch.contains(key) {
        usage.reused += 1
      } else if text.text.allSatisfy(\.isWhitespace) {
        found[key] = .refused(reason: "there is nothing in it but white space")
      } else if let vector = try cache?.vector(key), try isExpected(vector) {
        usage.reused += 1
        found[key] = .vector(vector)
      } else {
        if !batch.hasRoom(for: text.text) { try ask(&batch, into: &found) }
        batch.append(key, text.text)
      }
    }
    try ask(&batch, into: &found)
    return keys.map { found[$0] ?? .refused(reason: "it was not asked for") }
  }

  /// The same where it must not take longer than so many seconds; nil where it does.
  ///
  /// The question under way is given up then, and may be paid for again.
  public func embed(_ texts: [LabelledText], within seconds: Double) throws(EmbeddingError)
    -> [EmbeddingOutcome]?
  {
    limit.begin(seconds: seconds)
    defer { limit.lift() }
    do throws(EmbeddingError) {
      return try embed(texts)
    } catch {
      guard error.kind == .interrupted, limit.hasPassed else { throw error }
      return nil
    }
  }

  private func key(of text: String) throws(EmbeddingError) -> EmbeddingKey {
    do throws(CryptoError) {
      return try EmbeddingKey(text, settings)
    } catch {
      throw EmbeddingError(.cache, "\(error)")
    }
  }

  /// True where a vector from the cache is one that this session could have got.
  private func isExpected(_ vector: [Float]) throws(EmbeddingError) -> Bool {
    guard let known = knownDimensions else {
      knownDimensions = vector.count
      return true
    }
    return vector.count == known
  }

  // MARK: Batches

  private func ask(
    _ batch: inout Batch, into found: inout [EmbeddingKey: EmbeddingOutcome]
  ) throws(EmbeddingError) {
    let entries = batch.takeAll()
    if !entries.isEmpty { try ask(entries[...], into: &found) }
  }

  /// Asks for a batch; where the service refuses it, its halves are asked for by themselves, until
  /// the text is found that it does not want.
  private func ask(
    _ entries: ArraySlice<Batch.Entry>, into found: inout [EmbeddingKey: EmbeddingOutcome]
  ) throws(EmbeddingError) {
    switch try question(entries.map(\.text)) {
    case .refused(let reason):
      guard entries.count > 1 else {
        for entry in entries { found[entry.key] = .refused(reason: reason) }
        return
      }
      let middle = entries.startIndex + entries.count / 2
      try ask(entries[..<middle], into: &found)
      try ask(entries[middle...], into: &found)
    case .answered(let answer, let reservation):
      try take(answer, for: entries, reservation, into: &found)
    }
  }

  private func take(
    _ answer: ProviderAnswer, for entries: ArraySlice<Batch.Entry>, _ reservation: Int64?,
    into found: inout [EmbeddingKey: EmbeddingOutcome]
  ) throws(EmbeddingError) {
    let bytes = entries.reduce(0) { $0 + $1.text.utf8.count }
    let tokens = answer.tokens ?? EmbeddingPrice.estimatedTokens(ofBytes: bytes)
    let cost = settings.price.cost(ofTokens: tokens)
    var kept: [(key: EmbeddingKey, vector: [Float])] = []
    var fault: EmbeddingError?
    for (entry, vector) in zip(entries, answer.vectors) {
      if let dimensions = knownDimensions, vector.count != dimensions {
        fault = fault ?? otherDimensions(vector.count, dimensions)
      } else if !vector.allSatisfy(\.isFinite) {
        found[entry.key] = .refused(reason: "its embedding has numbers that are not finite")
      } else if vector.allSatisfy({ $0 == 0 }) {
        found[entry.key] = .refused(reason: "its embedding is zero throughout")
      } else {
        knownDimensions = vector.count
        found[entry.key] = .vector(vector)
        kept.append((entry.key, vector))
      }
    }
    // What was paid for is counted and kept, also where the answer is not accepted.
    try cache?.keep(kept) {
      if let reservation { try cache?.settle(reservation, tokens: tokens, cost: cost ?? 0) }
    }
    usage.questions += 1
    usage.texts += entries.count
    usage.tokens += tokens
    usage.cost = usage.cost.map { $0 + (cost ?? 0) }
    if let fault { throw fault }
  }

  private func otherDimensions(_ count: Int, _ expected: Int) -> EmbeddingError {
    EmbeddingError(
      .answer,
      settings.dimensions == nil
        ? "\(settings.provider.title) answered vectors of \(expected) dimensions, then of \(count)"
        : "\(settings.provider.title) answered a vector of \(count) dimensions where \(expected) "
          + "were asked for",
      remedy: settings.dimensions == nil
        ? nil : "leave out --embedding-dimensions, or give \(count)")
  }
}

/// Texts that are asked for together.
private struct Batch {
  struct Entry {
    let key: EmbeddingKey
    let text: String
  }

  let limits: BatchLimits
  private var entries: [Entry] = []
  private var keys: Set<EmbeddingKey> = []
  private var bytes = 0

  init(limits: BatchLimits) { self.limits = limits }

  func contains(_ key: EmbeddingKey) -> Bool { keys.contains(key) }

  func hasRoom(for text: String) -> Bool {
    entries.isEmpty
      || entries.count < limits.texts && bytes + text.utf8.count <= limits.bytes
  }

  mutating func append(_ key: EmbeddingKey, _ text: String) {
    entries.append(Entry(key: key, text: text))
    keys.insert(key)
    bytes += text.utf8.count
  }

  mutating func takeAll() -> [Entry] {
    defer { self = Batch(limits: limits) }
    return entries
  }
}
