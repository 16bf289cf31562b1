internal import Arguments

extension Program where Invocation == CommandLineInvocation {
  /// The commands `projection list|show|export|refit`.
  static var projection: Command<Invocation> {
    Command(
      "projection", summary: "List, show, export or refit the stored PCA models",
      discussion: [
        """
        A store whose vectors were made shorter has a model in the database: its own, or one that \
        it shares with all stores of its dimension.
        """
      ],
      subcommands: [
        Command(
          "projection list", summary: "List the models, with the measured recall",
          examples: [Example("projection list --user alice", "Lists the models of one user")],
          takes: ProjectionListOptions.self, invocation: Invocation.projectionList),
        Command(
          "projection show", summary: "Show what one model keeps, component by component",
          examples: [
            Example(
              "projection show alice/personal_assistant --plot energy.svg",
              "Shows a store's model and draws its energy")
          ],
          takes: ProjectionShowOptions.self, invocation: Invocation.projectionShow),
        Command(
          "projection export", summary: "Write one model as a file for numpy.load",
          examples: [
            Example(
              "projection export alice/personal_assistant -o model.npz", "Writes a store's model")
          ],
          takes: ProjectionExportOptions.self, invocation: Invocation.projectionExport),
        Command(
          "projection refit", summary: "Fit a store's model again and rewrite the store's rows",
          discussion: [
            """
            For a store that has grown. The model is fitted to the store's unreduced vectors and \
            to the kept originals of documents that the application has added; all rows are \
            rewritten in one transaction and read back before it is committed. Documents that \
            the application added without an original are converted from their reduced vectors. \
            Stop every program that writes to the store first.
            """
          ],
          examples: [
            Example(
              "projection refit alice/personal_assistant",
              "Fits the model to the vectors of the store's files"),
            Example(
              "projection refit alice/personal_assistant --from originals",
              "Fits the model to the originals that --keep-original has kept"),
          ],
          takes: ProjectionRefitOptions.self, invocation: Invocation.projectionRefit),
      ])
  }
}
