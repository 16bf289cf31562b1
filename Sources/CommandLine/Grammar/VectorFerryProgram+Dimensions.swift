internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// `dimensions change|status|undo|finish`.
  static var dimensions: Command<Invocation> {
    Command(
      "dimensions", summary: "Change the dimension of a vector column while it is in use",
      discussion: [
        """
        A second column is filled beside the first, kept in step by a trigger, indexed, and takes \
        over the name in one short transaction. docs/DIMENSIONS.md tells what the application may \
        read and write meanwhile.
        """
      ],
      subcommands: [
        Command(
          "dimensions change", summary: "Change it, or go on with a change that was stopped",
          examples: [
            Example("dimensions change --to 2000", "Projects vector_documents.embedding"),
            Example(
              "dimensions change --table notes --to 1536", "Widens by zeros, where it was narrower"),
            Example(
              "dimensions change --reembed --provider openai --model text-embedding-3-small",
              "Embeds all texts anew, at the model's own 1536 dimensions"),
          ],
          takes: DimensionsChangeOptions.self, invocation: Invocation.dimensionsChange),
        Command(
          "dimensions status", summary: "Show the changes that were made or have begun",
          takes: DimensionsStatusOptions.self, invocation: Invocation.dimensionsStatus),
        Command(
          "dimensions undo", summary: "Put the column back as it was, as long as nothing is lost",
          takes: DimensionsEndOptions.self, invocation: Invocation.dimensionsUndo),
        Command(
          "dimensions finish", summary: "Drop the old column; there is no way back",
          takes: DimensionsEndOptions.self, invocation: Invocation.dimensionsFinish),
      ])
  }
}
