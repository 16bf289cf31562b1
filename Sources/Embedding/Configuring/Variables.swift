/// The configuration in the environment; an empty variable counts as not set.
struct Variables {
  private let all: [String: String]

  init(_ all: [String: String]) { self.all = all }

  subscript(name: String) -> String? { all[name].flatMap { $0.isEmpty ? nil : $0 } }

  func provider() throws(EmbeddingError) -> ProviderKind {
    guard let name = self["EMBEDDING_PROVIDER"] else {
      throw EmbeddingError(
        .configuration, "no embedding provider is configured",
        remedy: "give --provider openai or ollama and --model, or set EMBEDDING_PROVIDER and "
          + "EMBEDDING_MODEL (docs/EMBEDDING.md)")
    }
    guard let kind = ProviderKind(rawValue: name.lowercased()) else {
      throw Self.fault("EMBEDDING_PROVIDER", "is neither openai nor ollama")
    }
    return kind
  }

  func dimensions() throws(EmbeddingError) -> Int? {
    guard let text = self["EMBEDDING_DIMENSIONS"] else { return nil }
    guard let number = Int(text), (1...16_000).contains(number) else {
      throw Self.fault("EMBEDDING_DIMENSIONS", "is not a whole number from 1 to 16000")
    }
    return number
  }

  func openAIAddress() throws(EmbeddingError) -> HTTPAddress {
    try address("OPENAI_BASE_URL", self["OPENAI_BASE_URL"] ?? "https://api.openai.com/v1")
  }

  /// Reads the address as Ollama's own programs do: scheme and port may be missing, and the
  /// server's `0.0.0.0` means this machine.
  func ollamaAddress() throws(EmbeddingError) -> HTTPAddress {
    var text = self["OLLAMA_HOST"] ?? "127.0.0.1:11434"
    if !text.contains("://") {
      let slash = text.firstIndex(of: "/") ?? text.endIndex
      let written = text[..<slash]
      // An IPv6 address without brackets, whose colons do not introduce a port.
      let isBare = !written.hasPrefix("[") && written.count { $0 == ":" } > 1
      let authority = isBare ? "[\(written)]" : String(written)
      let hasPort =
        authority.hasPrefix("[") ? authority.contains("]:") : authority.contains(":")
      let host = authority.hasPrefix(":") ? "127.0.0.1\(authority)" : authority
      text = "http://\(host)\(hasPort ? "" : ":11434")\(text[slash...])"
    }
    for prefix in ["http://", "https://"] where text.hasPrefix("\(prefix)0.0.0.0") {
      text = "\(prefix)127.0.0.1\(text.dropFirst(prefix.count + 7))"
    }
    return try address("OLLAMA_HOST", text)
  }

  private func address(_ name: String, _ text: String) throws(EmbeddingError) -> HTTPAddress {
    do throws(HTTPAddressFault) {
      return try HTTPAddress(text)
    } catch {
      throw Self.fault(name, error.words)
    }
  }

  /// Reads the key; nil where it is not set and `isNeeded` is false, because OpenAI itself requires
  /// a key, but services with the same API may not.
  func openAIKey(isNeeded: Bool) throws(EmbeddingError) -> APIKey? {
    guard let text = self["OPENAI_API_KEY"] else {
      guard isNeeded else { return nil }
      throw EmbeddingError(
        .configuration, "OPENAI_API_KEY is not set", remedy: "set it to your key of OpenAI")
    }
    guard let key = APIKey(text) else {
      throw Self.fault("OPENAI_API_KEY", "holds a space, a line feed or a character beyond ASCII")
    }
    return key
  }

  func price(of model: String, from provider: ProviderKind) throws(EmbeddingError)
    -> EmbeddingPrice
  {
    var price = EmbeddingPrice()
    price.perMillionTokens = try dollars("EMBEDDING_PRICE_PER_MILLION_TOKENS")
    if price.perMillionTokens == nil, provider == .openAI {
      price.perMillionTokens = EmbeddingPrice.published[model]
    }
    guard provider == .openAI else { return price }
    price.dailyLimit = try dollars("OPENAI_MAX_DAILY_COST")
    if price.dailyLimit != nil, price.perMillionTokens == nil {
      throw EmbeddingError(
        .configuration, "OPENAI_MAX_DAILY_COST is set, and the price of \(model) is not known",
        remedy: "set EMBEDDING_PRICE_PER_MILLION_TOKENS to dollars for a million tokens")
    }
    return price
  }

  private func dollars(_ name: String) throws(EmbeddingError) -> Double? {
    guard let text = self[name] else { return nil }
    let isDecimal = text.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
    guard isDecimal, let number = Double(text), number.isFinite else {
      throw Self.fault(name, "is not a number of dollars such as 2.50")
    }
    return number
  }

  private static func fault(_ name: String, _ words: String) -> EmbeddingError {
    EmbeddingError(.configuration, "\(name) \(words)", remedy: "correct it, or unset it")
  }
}
