/// The kinds of services that make embeddings.
public enum ProviderKind: String, CaseIterable, Sendable {
  /// OpenAI, or a service with the same interface.
  case openAI = "openai"
  /// OpenAI's models at Azure.
  case azure
  /// Google's Gemini.
  case gemini
  /// Ollama, usually on this machine.
  case ollama
  /// Cohere.
  case cohere
  /// Voyage AI.
  case voyage

  /// The name for people.
  public var title: String {
    switch self {
    case .openAI: "OpenAI"
    case .azure: "Azure OpenAI"
    case .gemini: "Gemini"
    case .ollama: "Ollama"
    case .cohere: "Cohere"
    case .voyage: "Voyage"
    }
  }

  /// The largest number of requests that are sent at once, unless the operator says so.
  ///
  /// Ollama usually has one machine for all of them.
  public var usualConcurrency: Int { self == .ollama ? 2 : 8 }

  /// The variables that hold the key, the one that is named in messages first.
  var keyVariables: [String] {
    switch self {
    case .openAI: ["OPENAI_API_KEY"]
    case .azure: ["AZURE_OPENAI_API_KEY"]
    case .gemini: ["GEMINI_API_KEY", "GOOGLE_API_KEY"]
    case .ollama: []
    case .cohere: ["COHERE_API_KEY", "CO_API_KEY"]
    case .voyage: ["VOYAGE_API_KEY"]
    }
  }

  /// The variable that holds the address.
  var addressVariable: String {
    switch self {
    case .openAI: "OPENAI_BASE_URL"
    case .azure: "AZURE_OPENAI_ENDPOINT"
    case .gemini: "GEMINI_BASE_URL"
    case .ollama: "OLLAMA_HOST"
    case .cohere: "COHERE_BASE_URL"
    case .voyage: "VOYAGE_BASE_URL"
    }
  }

  /// The address of the service itself; nil where each customer has an own one.
  var usualAddress: String? {
    switch self {
    case .openAI: "https://api.openai.com/v1"
    case .azure: nil
    case .gemini: "https://generativelanguage.googleapis.com/v1beta"
    case .ollama: "127.0.0.1:11434"
    case .cohere: "https://api.cohere.com"
    case .voyage: "https://api.voyageai.com/v1"
    }
  }

  /// The address of the service itself, as settings write it; nil where each customer has an own one.
  var usualDestination: String? {
    usualAddress.flatMap { address in
      try? HTTPAddress(address.contains("://") ? address : "http://\(address)").description
    }
  }

  /// True where a service makes different vectors of documents and of what is searched for.
  var distinguishesPurposes: Bool {
    switch self {
    case .openAI, .azure, .ollama: false
    case .gemini, .cohere, .voyage: true
    }
  }

  /// The names of all kinds, for messages.
  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
