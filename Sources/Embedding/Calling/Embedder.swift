internal import Digests

/// Makes embeddings of texts: from the cache where possible, otherwise from the service, with many
/// requests at once.
///
/// One thread at a time may use an embedder. The vectors of an answer are in the cache before
/// anything else happens, so that a killed run pays again at most for the requests under way.
public final class Embedder {
  /// The settings of the service.
  public let settings: EmbeddingSettings
  /// The requests and costs so far.
  public internal(set) var usage = EmbeddingUsage()
  let judge: AnswerJudge
  let client: HTTPClient
  let cache: EmbeddingCache?
  let policy: RetryPolicy
  /// True where the operator asked to stop, or the time for the current requests is over.
  let isInterrupted: @Sendable () -> Bool
  let observe: (EmbeddingEvent) -> Void
  private let limit = TimeLimit()
  /// The limit of requests under way, which follows the answers of the service.
  var pace: RequestPace
  /// The limits of a request; smaller than usual where the service has refused requests as too large.
  var limits: BatchLimits
  /// The source of random pauses.
  var generator: any RandomNumberGenerator = SystemRandomNumberGenerator()
  /// True once the service has answered: a later error may be temporary.
  var hasAnswered = false
  /// The dimensions of all vectors; nil until the first.
  var knownDimensions: Int?
  /// True where these dimensions are those of vectors in the cache.
  private(set) var knowsDimensionsFromCache = false
  /// The cost that was recorded before this run; nil before the first request.
  private var mark: EmbeddingCache.Mark?
  /// False where the vectors in the cache are neither used nor replaced, only the cost is counted.
  private let usesCachedVectors: Bool

  /// Creates an embedder; nothing is sent yet.
  ///
  /// - Parameters:
  ///   - cache: needed where a cost is limited, because the cost is counted there.
  ///   - asksAnew: true where the service is asked for vectors that the cache has, too; the cache
  ///     then keeps its own.
  public convenience init(
    _ settings: EmbeddingSettings, cache: EmbeddingCache?, asksAnew: Bool = false,
    policy: RetryPolicy = RetryPolicy(), isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (EmbeddingEvent) -> Void = { _ in }
  ) {
    self.init(
      settings, cache: cache, asksAnew: asksAnew, policy: policy, timeouts: HTTPClient.Timeouts(),
      isInterrupted: isInterrupted, observe: observe)
  }

  init(
    _ settings: EmbeddingSettings, cache: EmbeddingCache?, asksAnew: Bool = false,
    policy: RetryPolicy, timeouts: HTTPClient.Timeouts,
    isInterrupted: @escaping @Sendable () -> Bool = { false },
    observe: @escaping (EmbeddingEvent) -> Void = { _ in }
  ) {
    self.settings = settings
    self.cache = cache
    usesCachedVectors = !asksAnew
    self.policy = policy
    self.isInterrupted = { [limit] in limit.hasPassed || isInterrupted() }
    self.observe = observe
    let provider = Self.provider(settings)
    judge = AnswerJudge(settings: settings, provider: provider)
    limits = provider.limits
    pace = RequestPace(most: settings.concurrency)
    client = HTTPClient(settings.address, by: settings.route, timeouts: timeouts)
    knownDimensions = settings.dimensions
    usage.cost = settings.price.cost(ofTokens: 0)
  }

  /// The requests of one run, which another embedder of the run continues to count.
  public struct EarlierRequests: Sendable {
    /// The cost that was recorded before the first of them.
    let mark: EmbeddingCache.Mark?
    /// The requests and costs.
    public let usage: EmbeddingUsage
    /// The service and the model that were asked.
    let origin: EmbeddingOrigin
    /// The dimensions of their vectors; nil where none is known.
    let dimensions: Int?
    /// True where these dimensions are those of vectors in the cache.
    let knowsDimensionsFromCache: Bool
  }

  /// The requests so far.
  public var requests: EarlierRequests {
    EarlierRequests(
      mark: mark, usage: usage, origin: settings.origin, dimensions: knownDimensions,
      knowsDimensionsFromCache: knowsDimensionsFromCache)
  }

  /// Counts another embedder's requests of the same run as those of this one, so that limits hold
  /// for all of them together; vectors of the same model are expected to be of the same dimension.
  public func goOn(after earlier: EarlierRequests) {
    mark = earlier.mark
    usage = earlier.usage
    // Only the texts of the run count as reused, not the probe word.
    (usage.cached, usage.reused) = (0, 0)
    hasAnswered = usage.questions > 0
    // Where the service is asked anew, the caller compares the dimension with that of its rows.
    guard usesCachedVectors, earlier.origin == settings.origin, knownDimensions == nil else {
      return
    }
    knownDimensions = earlier.dimensions
    knowsDimensionsFromCache = earlier.knowsDimensionsFromCache
  }

  static func provider(_ settings: EmbeddingSettings) -> any EmbeddingProvider {
    let (model, dimensions, key) = (settings.model, settings.dimensions, settings.key)
    return switch settings.provider {
    case .openAI: OpenAIProvider(model: model, dimensions: dimensions, key: key)
    case .azure:
      OpenAIProvider(
        deployment: model, dimensions: dimensions, key: key, version: settings.interfaceVersion)
    case .gemini: GeminiProvider(model: model, dimensions: dimensions, key: key)
    case .ollama: OllamaProvider(model: model, dimensions: dimensions)
    case .cohere: CohereProvider(model: model, dimensions: dimensions, key: key)
    case .voyage: VoyageProvider(model: model, dimensions: dimensions, key: key)
    }
  }

  /// Finds the dimensions of the model's vectors by embedding the word "ferry".
  ///
  /// Called first, this shows that key, model and address are right before anything is changed.
  public func dimensions() throws(EmbeddingError) -> Int {
    switch try embed([LabelledText("the word \"\(Self.probe)\"", Self.probe)])[0] {
    case .vector(let vector): return vector.count
    case .refused(let reason):
      throw EmbeddingError(
        .refused, "\(settings.provider.title) creates no embeddings here: \(reason)",
        remedy: "look at --model and --embedding-dimensions")
    case .unusable(let reason):
      throw EmbeddingError(
        .answer, "\(judge.place), asked for the word \"\(Self.probe)\": \(reason)",
        remedy: AnswerJudge.unusableRemedy)
    }
  }

  private static let probe = "ferry"

  /// Returns the vector that `dimensions()` has got earlier; nil where the cache has none.
  public static func cachedProbe(_ origin: EmbeddingOrigin, directory: String) throws -> [Float]? {
    guard EmbeddingCache.exists(in: directory) else { return nil }
    return try CachedEmbeddings(origin, directory: directory).vector(of: probe)
  }

  /// Embeds texts, and returns an outcome for each, in their order.
  ///
  /// Equal texts are sent once. A refused text does not stop the others. An error that concerns all
  /// texts is thrown; what was embedded before is in the cache.
  public func embed(
    _ texts: [LabelledText], as purpose: EmbeddingPurpose = .document
  ) throws(EmbeddingError) -> [EmbeddingOutcome] {
    var left: [LabelledText]? = texts
    var outcomes: [EmbeddingOutcome] = []
    do {
      try embedPieces(as: purpose) {
        defer { left = nil }
        return left.map { ((), $0) }
      } finished: {
        outcomes = $1
      }
    } catch let error as EmbeddingError {
      throw error
    } catch {
      throw EmbeddingError(.cache, "\(error)")
    }
    return outcomes
  }

  /// Embeds texts within a time limit in seconds; returns nil where that is exceeded.
  ///
  /// The requests under way are then abandoned; their texts may be charged again later.
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

  /// Embeds any number of texts piece by piece, such as the pages of a table.
  ///
  /// Pieces are read ahead as far as the requests need it, and handed back in their order, each with
  /// an outcome for each text; so memory does not grow with the number of pieces. Both closures are
  /// called on this thread, while requests are under way. An error of a closure or of the service is
  /// thrown after the answers to the requests under way are in the cache; before an error of the
  /// service is thrown, the pieces that are complete are handed back.
  ///
  /// - Parameters:
  ///   - next: returns the next piece and its texts; nil after the last one.
  ///   - finished: takes a piece and the outcomes of its texts.
  public func embedPieces<Piece>(
    as purpose: EmbeddingPurpose = .document, next: () throws -> (Piece, [LabelledText])?,
    finished: (Piece, [EmbeddingOutcome]) throws -> Void
  ) throws {
    if settings.isReadableOnTheWay, !hasAnswered {
      observe(.unencrypted(host: settings.address.host))
    }
    // Pieces that were read and are not handed back yet, the oldest first.
    var pieces: [Piece] = []
    try EmbeddingSession(self, purpose).run {
      guard let (piece, texts) = try next() else { return nil }
      pieces.append(piece)
      return texts
    } finished: { outcomes in
      try finished(pieces.removeFirst(), outcomes)
    }
  }

  /// The number of texts that fill the requests which may be under way at once now.
  public var textsAtOnce: Int { pace.allowed * limits.texts }

  // MARK: For sessions

  static let interrupted = EmbeddingError(.interrupted, "interrupted")

  func key(of text: String, as purpose: EmbeddingPurpose) throws(EmbeddingError) -> EmbeddingKey {
    do throws(CryptoError) {
      return try EmbeddingKey(text, as: purpose, settings.origin)
    } catch {
      throw EmbeddingError(.cache, "\(error)")
    }
  }

  /// Finds a vector in the cache; nil where it has another dimension than the others, or cannot be
  /// used.
  func cached(_ key: EmbeddingKey) throws(EmbeddingError) -> [Float]? {
    guard usesCachedVectors, let vector = try cache?.vector(key), VectorFault.words(vector) == nil
    else { return nil }
    let known = knownDimensions ?? vector.count
    if knownDimensions == nil { knowsDimensionsFromCache = true }
    knownDimensions = known
    return vector.count == known ? vector : nil
  }

  /// Keeps vectors in the cache, and settles what they have cost.
  func keep(_ vectors: [(key: EmbeddingKey, vector: [Float])], _ settling: () throws -> Void)
    throws(EmbeddingError)
  {
    try cache?.keep(usesCachedVectors ? vectors : [], settling)
  }

  /// Reserves the most that a request can cost; nil where no cost is counted.
  func reserve(tokens: Int) throws(EmbeddingError) -> Int64? {
    guard let cache, let cost = settings.price.cost(ofTokens: tokens),
      cost > 0 || settings.price.isLimited
    else { return nil }
    let mark = if let known = self.mark { known } else { try cache.mark() }
    self.mark = mark
    return try cache.reserve(cost, within: settings.price, since: mark)
  }
}
