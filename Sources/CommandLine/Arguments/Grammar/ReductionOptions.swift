/// How vectors become shorter; `MigrateOptions` takes the group on as one value.
struct ReductionOptions: ParameterSet {
  /// `--reduce`.
  let method: Parameter<ReductionMethod>
  /// `--centered`.
  let centered: Parameter<Bool>
  /// `--projection`.
  let projection: Parameter<ProjectionScope>
  /// `--min-recall`.
  let minimumRecall: Parameter<Double>
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
    projection = declare.option(
      "projection", .choice, default: .perStore,
      help: "Fit a model for each store, or one for all of them")
    minimumRecall = declare.option(
      "min-recall", .number(0...1), default: 0.95,
      help: "Refuse a store whose measured recall@10 falls below this")
    keepOriginal = declare.flag(
      "keep-original", help: "Also store unreduced vectors, which search re-ranks by")
  }
}

/// How vectors become shorter.
enum ReductionMethod: String, Choice {
  /// Onto the leading eigenvectors.
  case pca
  /// The first components only.
  case truncate
  /// Not at all.
  case none
}

/// What one projection is fitted on.
enum ProjectionScope: String, Choice {
  /// One store.
  case perStore = "per-store"
  /// A sample of all stores.
  case shared
}
