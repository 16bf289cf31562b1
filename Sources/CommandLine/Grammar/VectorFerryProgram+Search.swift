internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// The command `search`.
  static var search: Command<Invocation> {
    Command(
      "search",
      summary: "Search a user's documents by meaning, by likeness to a document, or by words",
      discussion: [
        """
        Calls the search functions that every client can call (docs/SEARCH.md). Vectors may have \
        the dimensions of the embedding model: they are reduced in the database. Nothing is written.
        """,
        """
        TEXT is sent to the embedding service that --provider or EMBEDDING_PROVIDER names, and \
        nowhere else (docs/EMBEDDING.md). The other kinds of search use no service.
        """,
      ],
      examples: [
        Example(
          "search --user alice 'when can boats leave' --provider openai --model "
            + "text-embedding-3-large", "Finds documents by their meaning"),
        Example("search --like 6f1c", "Finds documents like the one whose id begins with 6f1c"),
        Example(
          "search --user alice --vector query.npy -k 10 --filter '{\"record_type\": \"question\"}'",
          "Finds the ten nearest documents that have this metadata"),
        Example(
          "search --like 6f1c --hybrid 'tide table' --rrf",
          "Finds documents that are like this one or have these words"),
        Example("search --user alice --hybrid 'tide -harbour'", "Finds documents by their words"),
      ],
      takes: SearchOptions.self, invocation: Invocation.search)
  }
}
