/// The kinds of services that make embeddings.
public enum ProviderKind: String, CaseIterable, Sendable {
  /// OpenAI, or a service with the same API.
  case openAI = "openai"
  /// Ollama, usually on this machine.
  case ollama

  /// The name for people.
  public var title: String { self == .openAI ? "OpenAI" : "Ollama" }
}
