internal import Bounds
internal import Glibc
internal import JSON

extension Embedder {
  /// The outcome of one request.
  enum QuestionOutcome {
    /// The service sent embeddings; `reservation` is nil where there is no cache.
    case answered(ProviderAnswer, reservation: Int64?)
    /// The service refuses one of the texts.
    case refused(reason: String)
  }

  /// The next step after an answer.
  private enum Verdict {
    case outcome(QuestionOutcome)
    case retry(reason: String, after: Double?)
    case stop(EmbeddingError)
  }

  /// Sends a request, and sends it again where that may help, until there is an outcome.
  func question(_ texts: [String]) throws(EmbeddingError) -> QuestionOutcome {
    var generator = SystemRandomNumberGenerator()
    let request = provider.request(for: texts)
    var attempt = 1
    while true {
      if isInterrupted() { throw Self.interrupted }
      switch try verdict(on: request, about: texts) {
      case .outcome(let outcome): return outcome
      case .stop(let error): throw error
      case .retry(let reason, let requested):
        guard attempt < policy.attempts else {
          throw EmbeddingError(
            .unreachable, "\(place): \(reason), after \(attempt) attempts",
            remedy: "run again later: finished work is kept")
        }
        let seconds = requested ?? policy.pause(after: attempt, using: &generator)
        guard seconds <= policy.longestRequested else {
          throw EmbeddingError(
            .unreachable,
            "\(place) asks to wait \(Int(saturating: seconds.rounded(.up))) s: \(reason)",
            remedy: "run again after that: finished work is kept")
        }
        observe(.retrying(attempt: attempt, seconds: seconds, reason: reason))
        try sleep(seconds)
        attempt += 1
      }
    }
  }

  private static let interrupted = EmbeddingError(.interrupted, "interrupted")

  /// The name of the service in messages.
  private var place: String { "\(settings.provider.title) at \(settings.destination)" }

  private func sleep(_ seconds: Double) throws(EmbeddingError) {
    var left = seconds
    while left > 0 {
      if isInterrupted() { throw Self.interrupted }
      let step = min(left, 0.1)
      usleep(UInt32(step * 1_000_000))
      left -= step
    }
  }

  private func verdict(on request: HTTPRequest, about texts: [String]) throws(EmbeddingError)
    -> Verdict
  {
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    let estimate = EmbeddingPrice.estimatedTokens(ofBytes: bytes)
    let reservation = try cache?.reserve(
      settings.price.cost(ofTokens: estimate) ?? 0, limit: settings.price.dailyLimit)
    let answer: HTTPAnswer
    do throws(HTTPError) {
      answer = try client.send(request)
    } catch {
      // Nobody knows whether an interrupted request was charged: the money stays reserved.
      if !client.hasSent, let reservation { try cache?.release(reservation) }
      return judge(error)
    }
    hasAnswered = true
    let words = ServiceWords(key: settings.key, texts: texts)
    if answer.status == 200 { return judge(answer.body, count: texts.count, reservation) }
    if let reservation { try cache?.release(reservation) }
    return judge(answer, words)
  }

  /// Decides what follows an error: where no connection was possible and the service has never
  /// answered, the request is not sent again, because the address may be wrong.
  private func judge(_ error: HTTPError) -> Verdict {
    switch error {
    case .interrupted: return .stop(Self.interrupted)
    case .untrusted:
      return .stop(
        EmbeddingError(
          .unreachable, "\(place): \(error.words)",
          remedy: "where the authority is your own, name its certificate in SSL_CERT_FILE"))
    case _ where error.isTemporary:
      switch error {
      case .unresolved, .unconnected:
        guard hasAnswered else { break }
        return .retry(reason: error.words, after: nil)
      default: return .retry(reason: error.words, after: nil)
      }
    default: break
    }
    let variable = settings.provider == .openAI ? "OPENAI_BASE_URL" : "OLLAMA_HOST"
    return .stop(
      EmbeddingError(
        .unreachable, "\(place): \(error.words)",
        remedy: "check that the service runs and that \(variable) names it"))
  }

  private func judge(_ body: [UInt8], count: Int, _ reservation: Int64?) -> Verdict {
    do throws(AnswerFault) {
      guard let answer = JSONValue(parsing: body) else { throw AnswerFault("it is not JSON") }
      return .outcome(
        .answered(try provider.read(answer, count: count), reservation: reservation))
    } catch {
      return .stop(
        EmbeddingError(
          .answer, "\(place) did not answer with embeddings: \(error.words)",
          remedy: "check that the address is that of the service's own interface"))
    }
  }

  private func judge(_ answer: HTTPAnswer, _ words: ServiceWords) -> Verdict {
    let refusal = JSONValue(parsing: answer.body).flatMap { provider.refusal(in: $0) }
    let said = refusal.map { ": \(words.shown($0.message))" } ?? ""
    let reason = "status \(answer.status)\(said)"
    switch answer.status {
    case 401:
      return settings.provider == .ollama
        ? refused("it asks for a key (status 401)", "Ollama takes none: see what OLLAMA_HOST names")
        : refused("the key is not accepted (status 401)", "look at OPENAI_API_KEY")
    case 403: return refused(reason, "the key has no right to this model; ask the key's owner")
    case 404:
      return refused(
        reason,
        settings.provider == .ollama
          ? "fetch the model with: ollama pull \(settings.model)"
          : "look at --model and OPENAI_BASE_URL")
    case 300..<400:
      let target = answer.headers["location"].map { " to \(words.shown($0))" } ?? ""
      return refused(
        "status \(answer.status): it redirects\(target), which is not followed",
        "name the final address itself")
    case 429 where refusal?.code == "insufficient_quota":
      return refused(reason, "the account has no credit left; add some, then run again")
    case 408, 425, 429, 500...599:
      if isAboutLength(refusal) { return .outcome(.refused(reason: reason)) }
      return .retry(reason: reason, after: Self.requestedPause(answer))
    case 400, 413, 422: return .outcome(.refused(reason: reason))
    default: return refused(reason, "look at the address and the model")
    }
  }

  private func refused(_ reason: String, _ remedy: String) -> Verdict {
    .stop(EmbeddingError(.refused, "\(place): \(reason)", remedy: remedy))
  }

  /// Returns true where a refusal says that a text is too long, which some versions of Ollama
  /// report as an internal error.
  private func isAboutLength(_ refusal: ProviderRefusal?) -> Bool {
    guard let message = refusal?.message.lowercased() else { return false }
    return message.contains("context length") || message.contains("input length")
  }

  /// Reads the seconds of `Retry-After`; nil for a date, which few services send, and for zero, so
  /// that this program's own pauses apply.
  private static func requestedPause(_ answer: HTTPAnswer) -> Double? {
    guard let seconds = answer.headers["retry-after"].flatMap({ Double($0) }), seconds > 0 else {
      return nil
    }
    // The seconds are limited to a number that can be shown, and that is longer than any pause.
    return min(seconds, 1e9)
  }
}
