internal import Arguments

/// A command below `index`, with its arguments.
enum IndexInvocation: Sendable {
  /// Build an index.
  case build(ParsedArguments<IndexBuildOptions>)
  /// Change the method of an index.
  case convert(ParsedArguments<IndexConvertOptions>)
  /// Measure an index with different search settings.
  case tune(ParsedArguments<IndexTuneOptions>)
  /// Show the state of the indexes.
  case status(ParsedArguments<IndexStatusOptions>)
  /// Repair indexes that interrupted builds have left.
  case repair(ParsedArguments<IndexRepairOptions>)

  /// True where progress and notes are not printed.
  var isQuiet: Bool {
    switch self {
    case .build(let arguments): arguments.quiet
    case .convert(let arguments): arguments.quiet
    case .tune(let arguments): arguments.quiet
    case .repair(let arguments): arguments.quiet
    case .status: false
    }
  }
}
