internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// The commands `dimensions change|status|undo|finish`.
  static var dimensions: Command<Invocation> {
    Command(
      "dimensions", summary: "Change the dimension of a vector column while it is in use",
      discussion: [
        """
        A second column is filled beside the first, kept up to date by a trigger, indexed, and \
        then gets the name of the first in one short transaction. docs/DIMENSIONS.md says what \
        the application may read and write during the change.
        """
      ],
      subcommands: [
        Command(
          "dimensions change", summary: "Change a dimension, or continue a change that was stopped",
          examples: [
            Example("dimensions change --to 2000", "Projects vector_documents.embedding"),
            Example(
              "dimensions change --table notes --to 1536",
              "Appends zeros, if the column was narrower"),
            Example(
              "dimensions change --reembed --provider openai --model text-embedding-3-small",
              "Embeds all texts again, at the model's own 1536 dimensions"),
          ],
          takes: DimensionsChangeOptions.self, invocation: Invocation.dimensionsChange),
        Command(
          "dimensions status", summary: "Show changes of dimension, finished or in progress",
          takes: DimensionsStatusOptions.self, invocation: Invocation.dimensionsStatus),
        Command(
          "dimensions undo", summary: "Restore the old column, if no data would be lost",
          takes: DimensionsEndOptions.self, invocation: Invocation.dimensionsUndo),
        Command(
          "dimensions finish", summary: "Drop the old column; this cannot be undone",
          takes: DimensionsEndOptions.self, invocation: Invocation.dimensionsFinish),
      ])
  }
}
