internal import Arguments
internal import Migration
internal import Models

/// The options that set how vectors are reduced.
struct ReductionArguments: ParameterSet {
  /// The value of the option `--reduce`, or its default.
  let method: Parameter<ReductionOptions.Method>
  /// The switch `--centered`.
  let centered: Parameter<Bool>
  /// The value of the option `--min-recall`, or its default.
  let minimumRecall: Parameter<Double>

  /// Declares all options under a heading of their own.
  init(declaring declare: inout Declarations) {
    declare.heading("Reduction")
    method = declare.option(
      "reduce", .choice,
      help: "The method that makes vectors shorter if they have more dimensions than the table",
      sets: \MigrationOptions.reduction.method)
    centered = declare.flag(
      "centered",
      help: "Subtract the mean before PCA, as scikit-learn does; this lowers the recall",
      sets: \MigrationOptions.reduction.isCentered)
    minimumRecall = declare.option(
      "min-recall", .number(0...1),
      help: "Refuse a store if its measured recall@10 is below this number",
      sets: \MigrationOptions.reduction.minimumRecall)
    declare.option(
      "projection", .choice,
      help: """
        Fit a model to each store, or one shared model to a sample of all stores of the same \
        dimension; an existing shared model is used again
        """, sets: \MigrationOptions.reduction.sharing)
    declare.option(
      "keep-original", .choice,
      help: """
        Keep unreduced vectors beside the reduced ones in half precision, for similarity_search to \
        rank by (pgvector 0.7 or later); auto: where recall@10 is below 0.99 without them
        """, sets: \MigrationOptions.originals)
  }
}

extension ReductionOptions.Method: Choice {}

extension ReductionOptions.Sharing: Choice {}

extension OriginalsChoice: Choice {}
