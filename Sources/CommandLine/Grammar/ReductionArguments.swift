internal import Arguments
internal import Models

/// How vectors become shorter.
struct ReductionArguments: ParameterSet {
  /// `--reduce`.
  let method: Parameter<ReductionOptions.Method>
  /// `--centered`.
  let centered: Parameter<Bool>
  /// `--min-recall`.
  let minimumRecall: Parameter<Double>
  /// `--projection`.
  let projection: Parameter<ReductionOptions.Sharing>
  /// `--keep-original`.
  let keepOriginal: Parameter<Bool>

  /// Declares all under a heading of their own.
  init(declaring declare: inout Declarations) {
    declare.heading("Reduction")
    method = declare.option(
      "reduce", .choice, default: .pca,
      help: "How vectors longer than the table's dimensions are made shorter")
    centered = declare.flag(
      "centered", help: "Subtract the mean before PCA, as scikit-learn does; costs recall")
    minimumRecall = declare.option(
      "min-recall", .number(0...1), default: 0.95,
      help: "Refuse a store whose measured recall@10 falls below this")
    projection = declare.option(
      "projection", .choice, default: .perStore,
      help: """
        Fit a model to each store, or one to a sample of all stores of a dimension; an existing \
        shared model is used again
        """)
    keepOriginal = declare.flag(
      "keep-original",
      help: """
        Keep unreduced vectors beside the reduced ones in half precision; similarity_search ranks \
        by them (pgvector 0.7 or later)
        """)
  }
}

extension ReductionOptions.Method: Choice {}

extension ReductionOptions.Sharing: Choice {}
