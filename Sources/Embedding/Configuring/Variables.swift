/// The configuration in the environment; an empty variable counts as not set.
struct Variables {
  private let all: [String: String]

  init(_ all: [String: String]) { self.all = all }

  subscript(name: String) -> String? { all[name].flatMap { $0.isEmpty ? nil : $0 } }

  func provider() throws(EmbeddingError) -> ProviderKind {
    guard let name = self["EMBEDDING_PROVIDER"] else {
      throw EmbeddingError(
        .configuration, "no embedding provider is configured",
        remedy: "give --provider (\(ProviderKind.names)) and --model, or set "
          + "EMBEDDING_PROVIDER and EMBEDDING_MODEL (docs/EMBEDDING.md)")
    }
    guard let kind = ProviderKind(rawValue: name.lowercased()) else {
      throw Self.fault("EMBEDDING_PROVIDER", "is none of \(ProviderKind.names)")
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

  func concurrency() throws(EmbeddingError) -> Int? {
    guard let text = self["EMBEDDING_CONCURRENCY"] else { return nil }
    guard let number = Int(text), EmbeddingSettings.concurrencies.contains(number) else {
      throw Self.fault("EMBEDDING_CONCURRENCY", "is not a whole number from 1 to 64")
    }
    return number
  }

  /// Finds the address of a service, and whether it is another one than the usual.
  func address(
    of provider: ProviderKind, _ named: String?
  ) throws(EmbeddingError) -> (HTTPAddress, isOwn: Bool) {
    let places =
      [("--base-url", named)]
      + ["EMBEDDING_BASE_URL", provider.addressVariable].map {
        ($0, self[$0])
      }
    let found = places.first { $0.1 != nil }
    guard let text = found?.1 ?? provider.usualAddress else {
      throw EmbeddingError(
        .configuration, "the address of \(provider.title) is not given",
        remedy: "give it in \(provider.addressVariable) or with --base-url")
    }
    let name = found?.0 ?? provider.addressVariable
    return (
      try address(name, provider == .ollama ? Self.ollamaAddress(text) : text), found != nil
    )
  }

  /// Completes an address as Ollama's own programs do: scheme and port may be missing, and the
  /// server's `0.0.0.0` means this machine.
  private static func ollamaAddress(_ written: String) -> String {
    var text = written
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
    return text
  }

  private func address(_ name: String, _ text: String) throws(EmbeddingError) -> HTTPAddress {
    do throws(HTTPAddressFault) {
      return try HTTPAddress(text)
    } catch {
      throw Self.fault(name, error.words)
    }
  }

  /// Reads the key of a service; nil where it is not set and not needed.
  func key(of provider: ProviderKind, isNeeded: Bool) throws(EmbeddingError) -> APIKey? {
    let names = provider.keyVariables
    guard let usual = names.first else { return nil }
    guard let name = names.first(where: { self[$0] != nil }), let text = self[name] else {
      guard isNeeded else { return nil }
      throw EmbeddingError(
        .configuration, "\(usual) is not set", remedy: "set it to your key of \(provider.title)")
    }
    guard let key = APIKey(text) else {
      throw Self.fault(name, "holds a space, a line feed or a character beyond ASCII")
    }
    return key
  }

  func price(
    _ choice: EmbeddingSettings.Choice, model: String, from provider: ProviderKind
  ) throws(EmbeddingError) -> EmbeddingPrice {
    var price = EmbeddingPrice()
    let named = try dollars("EMBEDDING_PRICE_PER_MILLION_TOKENS")
    price.perMillionTokens =
      choice.price ?? named ?? EmbeddingPrice.published(model, from: provider)
    price.run = choice.mostCost.map { CostLimit(dollars: $0, name: "--max-cost") }
    price.daily = try dailyLimit(choice, provider)
    if let limit = price.run ?? price.daily, price.perMillionTokens == nil {
      throw EmbeddingError(
        .configuration, "\(limit.name) is set, and the price of \(model) is not known",
        remedy: "give --price, or set EMBEDDING_PRICE_PER_MILLION_TOKENS, to dollars for a million "
          + "tokens")
    }
    return price
  }

  private func dailyLimit(
    _ choice: EmbeddingSettings.Choice, _ provider: ProviderKind
  ) throws(EmbeddingError) -> CostLimit? {
    if let most = choice.mostDailyCost {
      return CostLimit(dollars: most, name: "--max-daily-cost")
    }
    // The older name holds for the service in it.
    for name in ["EMBEDDING_MAX_DAILY_COST"]
      + (provider == .openAI ? ["OPENAI_MAX_DAILY_COST"] : [])
    {
      if let most = try dollars(name) { return CostLimit(dollars: most, name: name) }
    }
    return nil
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
