internal import Messages
internal import Arguments
internal import Bounds
internal import Embedding

extension ParsedArguments where Parameters == EmbeddingOptions {
  /// Finds the service that makes embeddings, from these options and the environment.
  func settings(environment: [String: String]) throws(EmbeddingError) -> EmbeddingSettings {
    try self.service.settings(environment: environment)
  }

  /// The flag of the first of these options that is given; nil where none is given.
  var firstGiven: String? { self.service.firstGiven }
}

extension ParsedArguments where Parameters == ServiceOptions {
  /// Finds the service that makes embeddings, from these options and the environment.
  func settings(environment: [String: String]) throws(EmbeddingError) -> EmbeddingSettings {
    var choice = EmbeddingSettings.Choice(
      provider: self.provider, model: self.model, dimensions: self.dimensions)
    choice.address = self.address
    choice.concurrency = self.concurrency
    self.costs.fill(&choice)
    return try EmbeddingSettings(choice, environment: environment)
  }

  /// The flag of the first of these options that is given; nil where none is given.
  var firstGiven: String? {
    if isGiven(\.provider) { return "--provider" }
    if isGiven(\.model) { return "--model" }
    if isGiven(\.dimensions) { return "--embedding-dimensions" }
    if isGiven(\.address) { return "--base-url" }
    if isGiven(\.concurrency) { return "--concurrency" }
    return self.costs.firstGiven
  }
}

extension ParsedArguments where Parameters == CostOptions {
  /// Puts the price and the limits into a choice.
  func fill(_ choice: inout EmbeddingSettings.Choice) {
    choice.price = self.price
    choice.mostCost = self.mostCost
    choice.mostDailyCost = self.mostDailyCost
  }

  /// The first of these options that the command line contains; nil where it contains none of them.
  var firstGiven: String? {
    if isGiven(\.price) { return "--price" }
    if isGiven(\.mostCost) { return "--max-cost" }
    return isGiven(\.mostDailyCost) ? "--max-daily-cost" : nil
  }

  /// Resolves the service that made vectors; the environment gives its key and the price.
  func settings(
    of origin: EmbeddingOrigin, environment: [String: String]
  ) throws(EmbeddingError) -> EmbeddingSettings {
    var choice = EmbeddingSettings.Choice(
      provider: origin.provider, model: origin.model, dimensions: origin.dimensions)
    choice.address = origin.destination
    fill(&choice)
    var environment = environment
    // The dimensions that were requested are those of the origin, which may be none.
    environment["EMBEDDING_DIMENSIONS"] = nil
    return try EmbeddingSettings(choice, environment: environment)
  }
}

extension Diagnostics {
  /// Prints an event of embedding: a connection without encryption, or a request that is tried
  /// again.
  func report(_ event: EmbeddingEvent) {
    switch event {
    case .unencrypted(let host):
      warn(
        "texts are sent to \(host) without encryption: anyone on the network between can read them")
    case .retrying(let attempt, let seconds, let reason):
      note(
        "\(reason); trying again in \(duration(.milliseconds(Int(saturating: seconds * 1000)))) (\(attempt))"
      )
    }
  }
}
