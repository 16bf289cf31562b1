internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// The command `reembed`.
  static var reembed: Command<Invocation> {
    Command(
      "reembed", summary: "Create embeddings for texts that have none, with an embedding service",
      discussion: [
        """
        Sends the texts of chunks without an embedding to the service that --provider names, and \
        writes the vectors content by content; then builds the vector index. If the command is \
        stopped or killed, the next run continues its work, and at most the requests under way are \
        paid for twice: answers are kept in embeddings.sqlite beside the backups. A text that is \
        refused makes its content FAILED, with the reason in the content's metadata.
        """
      ],
      examples: [
        Example(
          "reembed --set semantic_search --dry-run",
          "Shows the number of texts and tokens, and the cost"),
        Example(
          "reembed --provider ollama --model all-minilm", "Uses a model of 384 dimensions"),
        Example("reembed --retry-failed", "Tries again the contents that failed"),
      ],
      takes: ReembedOptions.self, invocation: Invocation.reembed)
  }
}
