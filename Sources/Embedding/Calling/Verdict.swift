internal import Clock
internal import JSON

/// The consequence of an answer, or of a missing answer.
enum Verdict {
  /// The service sent embeddings.
  case answered(ProviderAnswer)
  /// The service refuses one of the texts, or their number.
  case refused(reason: String, isAboutSize: Bool)
  /// The service could not write the vectors, because they contain what is no number.
  case unusable(reason: String)
  /// The same request may be answered later; `isTooMany` where the service has enough for now.
  case retry(reason: String, after: Double?, isTooMany: Bool)
  /// No request will be answered.
  case stop(EmbeddingError)
}

/// Decides what follows the answers of one service.
struct AnswerJudge {
  let settings: EmbeddingSettings
  let provider: any EmbeddingProvider

  /// The name of the service in messages.
  var place: String { "\(settings.provider.title) at \(settings.destination)" }

  /// Decides what follows a missing answer: where no connection was possible and the service has
  /// never answered, the request is not sent again, because the address may be wrong.
  func verdict(on error: HTTPError, hasAnswered: Bool) -> Verdict {
    let remedy: String
    switch error {
    case .untrusted:
      remedy = "where the authority is your own, name its certificate in SSL_CERT_FILE"
    case .noProxy(let variable, _, let isTemporary):
      if isTemporary, hasAnswered { return retry(error) }
      remedy = "check \(variable), or name the service's host in NO_PROXY"
    case .unresolved, .unconnected:
      if hasAnswered { return retry(error) }
      remedy = checkAddress
    default:
      if error.isTemporary { return retry(error) }
      remedy = checkAddress
    }
    return .stop(EmbeddingError(.unreachable, "\(place): \(error.words)", remedy: remedy))
  }

  private func retry(_ error: HTTPError) -> Verdict {
    .retry(reason: error.words, after: nil, isTooMany: false)
  }

  private var checkAddress: String {
    "check that the service runs and that \(settings.provider.addressVariable) names it"
  }

  /// Decides what follows an answer to a request about these texts.
  func verdict(on answer: HTTPAnswer, about texts: [String]) -> Verdict {
    guard answer.status != 200 else { return verdict(on: answer.body, count: texts.count) }
    return verdict(onRefusal: answer, ServiceWords(key: settings.key, texts: texts))
  }

  /// The remedy where vectors cannot be used.
  static let unusableRemedy =
    "ask whoever runs the service, or name another model: the model fails, not the text"

  private func verdict(on body: [UInt8], count: Int) -> Verdict {
    do throws(AnswerFault) {
      guard let answer = JSONValue(parsing: body) else {
        if Self.hasNoNumbers(body) {
          return .unusable(
            reason: "the service answered NaN or Infinity in place of numbers, which is not JSON")
        }
        throw AnswerFault("it is not JSON")
      }
      return .answered(try provider.read(answer, count: count))
    } catch {
      return .stop(
        EmbeddingError(
          .answer, "\(place) did not answer with embeddings: \(error.words)",
          remedy: "check that the address is that of the service's own interface"))
    }
  }

  /// Returns true where an answer has the names of values that are no numbers in JSON.
  private static func hasNoNumbers(_ body: [UInt8]) -> Bool {
    let text = String(decoding: body, as: UTF8.self)
    return text.hasPrefix("{") && (text.contains("NaN") || text.contains("Infinity"))
  }

  private func verdict(onRefusal answer: HTTPAnswer, _ words: ServiceWords) -> Verdict {
    let refusal = JSONValue(parsing: answer.body).flatMap { provider.refusal(in: $0) }
    let said = refusal.map { ": \(words.shown($0.message))" } ?? ""
    let reason = "status \(answer.status)\(said)"
    if refusal?.isAboutKey == true { return keyIsRefused(answer.status) }
    switch answer.status {
    case 401: return keyIsRefused(401)
    case 402: return stop(reason, "the account has no credit left; add some, then run again")
    case 403: return stop(reason, "the key has no right to this model; ask the key's owner")
    case 404: return stop(reason, missing)
    case 407:
      return stop(reason, "give the proxy's name and password in the variable that names it")
    case 300..<400:
      let target = answer.headers["location"].map { " to \(words.shown($0))" } ?? ""
      return stop(
        "status \(answer.status): it redirects\(target), which is not followed",
        "name the final address itself")
    case 429 where refusal?.code == "insufficient_quota":
      return stop(reason, "the account has no credit left; add some, then run again")
    case 408, 425, 429, 500...599:
      if isAboutLength(refusal) { return .refused(reason: reason, isAboutSize: false) }
      // Ollama cannot write such a vector, and says so as an internal error.
      if refusal?.message.contains("unsupported value: NaN") == true {
        return .unusable(reason: reason)
      }
      return .retry(
        reason: reason, after: requestedPause(answer) ?? refusal?.pause,
        isTooMany: [429, 503, 529].contains(answer.status))
    case 400, 413, 422:
      let isAboutSize =
        answer.status == 413 || refusal?.message.lowercased().contains("batch size") == true
      return .refused(reason: reason, isAboutSize: isAboutSize)
    default: return stop(reason, "look at the address and the model")
    }
  }

  private func keyIsRefused(_ status: Int) -> Verdict {
    let variable = settings.keyVariable
    return variable.map {
      stop("the key is not accepted (status \(status))", "look at \($0)")
    }
      ?? stop(
        "it asks for a key (status \(status))",
        "\(settings.provider.title) takes none: see what \(settings.provider.addressVariable) names"
      )
  }

  private var missing: String {
    switch settings.provider {
    case .ollama: "fetch the model with: ollama pull \(settings.model)"
    case .azure: "look at --model, which names the deployment, and AZURE_OPENAI_ENDPOINT"
    default: "look at --model and \(settings.provider.addressVariable)"
    }
  }

  private func stop(_ reason: String, _ remedy: String) -> Verdict {
    .stop(EmbeddingError(.refused, "\(place): \(reason)", remedy: remedy))
  }

  /// Returns true where a refusal says that a text is too long, which some versions of Ollama
  /// report as an internal error.
  private func isAboutLength(_ refusal: ProviderRefusal?) -> Bool {
    guard let message = refusal?.message.lowercased() else { return false }
    return message.contains("context length") || message.contains("input length")
  }

  private func requestedPause(_ answer: HTTPAnswer) -> Double? {
    answer.headers["retry-after"].flatMap {
      RequestedPause.seconds($0, now: Timestamp.now.secondsSince1970)
    }
  }
}
