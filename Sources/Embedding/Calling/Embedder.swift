internal import Digests
internal import Glibc

/// Makes embeddings of texts: from the cache where possible, otherwise from the service.
///
/// One thread at a time may use an embedder. The vectors of a batch are in the cache before the
/// next batch is sent, so that a killed run pays twice for one batch at most.
public final class Embedder {
  /// The settings of the service.
  public let settings: EmbeddingSettings
  /// The requests and costs so far.
  public private(set) var usage = EmbeddingUsage()
  let provider: any EmbeddingProvider
  let client: HTTPClient
  let cache: EmbeddingCache?
  let policy: RetryPolicy
  /// True where the operator asked to stop, or the time for the current requests is over.
  let isInterrupted: @Sendable () -> Bool
  let observe: (EmbeddingEvent) -> Void
  private let limit = TimeLimit()
  /// True once the service has answered: a later error may be temporary.
  var hasAnswered = false
  private var knownDimensions: Int?

  /// Creates an embedder; nothing is sent yet.
  ///
  /// - Parameter cache: needed where a day's cost is limited, because the cost is counted there.
  public convenience init(
    _ settings: EmbeddingSettings, cache: EmbeddingCache?, policy: RetryPolicy = RetryPolicy(),
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (EmbeddingEvent) -> Void = { _ in }
  ) {
    self.init(
      settings, cache: cache, policy: policy, timeouts: HTTPClient.Timeouts(),
      isInterrupted: isInterrupted, observe: observe)
  }

  init(
    _ settings: EmbeddingSettings, cache: EmbeddingCache?, policy: RetryPolicy,
    timeouts: HTTPClient.Timeouts, isInterrupted: @escaping @Sendable () -> Bool = { false },
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
    client = HTTPClient(settings.address, timeouts: timeouts, isInterrupted: self.isInterrupted)
    knownDimensions = settings.dimensions
    usage.cost = settings.price.cost(ofTokens: 0)
  }

  /// Finds the dimensions of the model's vectors by embedding the word "ferry".
  ///
  /// Called first, this shows that key, model and address are right before anything is changed.
  public func dimensions() throws(EmbeddingError) -> Int {
    switch try embed([LabelledText("the word \"ferry\"", "ferry")])[0] {
    case .vector(let vector): return vector.count
    case .refused(let reason):
      throw EmbeddingError(
        .refused, "\(settings.provider.title) creates no embeddings here: \(reason)",
        remedy: "look at --model and --embedding-dimensions")
    }
  }

  /// Embeds texts, and returns an outcome for each, in their order.
  ///
  /// Equal texts are sent once. A refused text does not stop the others. An error that concerns all
  /// texts is thrown; what was embedded before is in the cache.
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
        found[key] = .refused(reason: "it contains only white space")
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

  /// Embeds texts within a time limit in seconds; returns nil where that is exceeded.
  ///
  /// The current request is then abandoned; its texts may be charged again later.
  public func embed(_ texts: [LabelledText], within seconds: Double) throws(EmbeddingError)
    -> [EmbeddingOutcome]?
  {
    limit.begin(seconds: seconds)
    defer { limit.remove() }
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

  /// Returns true where a vector from the cache has the dimension of this embedder's other vectors.
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

  /// Sends a batch; where the service refuses it, sends its halves separately, until the refused
  /// text is found.
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
        found[entry.key] = .refused(reason: "its embedding contains only zeros")
      } else {
        knownDimensions = vector.count
        found[entry.key] = .vector(vector)
        kept.append((entry.key, vector))
      }
    }
    // What was charged is counted and stored, even where the answer is not accepted.
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

/// The texts that are sent together.
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
