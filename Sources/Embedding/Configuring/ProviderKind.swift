/// The kinds of services that make embeddings.
public enum ProviderKind: String, CaseIterable, Sendable {
  /// OpenAI, or whoever speaks as it does.
  case openAI = "openai"
  /// Ollama, usually on this machine.
  case ollama

  /// The name that people use.
  public var title: String { self == .openAI ? "OpenAI" : "Ollama" }
}
