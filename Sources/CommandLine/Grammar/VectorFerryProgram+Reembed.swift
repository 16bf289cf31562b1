internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// `reembed`.
  static var reembed: Command<Invocation> {
    Command(
      "reembed", summary: "Give texts embeddings that have none, through an embedding service",
      discussion: [
        """
        Sends the texts of chunks without an embedding to the service that --provider names, and \
        writes the vectors content by content; then builds the vector index. Stopped or killed, it \
        goes on where it was when it is run again, and pays at most for the question under way a \
        second time: what it was given is kept in embeddings.sqlite beside the backups. A text that is refused makes its content \
        FAILED, with the reason in the content's metadata.
        """
      ],
      examples: [
        Example(
          "reembed --set semantic_search --dry-run", "How many texts, how many tokens, which cost"),
        Example(
          "reembed --provider ollama --model all-minilm", "With vectors of 384 dimensions"),
        Example("reembed --retry-failed", "Tries again what failed"),
      ],
      takes: ReembedOptions.self, invocation: Invocation.reembed)
  }
}
