internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// `reembed`.
  static var reembed: Command<Invocation> {
    Command(
      "reembed", summary: "Create embeddings for texts that have none, with an embedding service",
      discussion: [
        """
        Sends the texts of chunks without an embedding to the service that --provider names, and \
        writes the vectors content by content; then builds the vector index. If it is stopped or \
        killed, the next run continues there, and at most the request in progress is paid for \
        twice: answers are kept in embeddings.sqlite beside the backups. A text that is refused \
        makes its content \
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
