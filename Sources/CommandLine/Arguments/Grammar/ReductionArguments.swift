/// How vectors become shorter.
struct ReductionArguments: ParameterSet {
  /// `--reduce`.
  let method: Parameter<ReductionMethod>
  /// `--centered`.
  let centered: Parameter<Bool>
  /// `--min-recall`.
  let minimumRecall: Parameter<Double>

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
