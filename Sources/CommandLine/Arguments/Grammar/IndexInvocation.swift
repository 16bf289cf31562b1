/// A command below `index`, with its arguments.
enum IndexInvocation: Sendable {
  /// Build an index.
  case build(ParsedArguments<IndexBuildOptions>)
  /// Show how the indexes stand.
  case status(ParsedArguments<IndexStatusOptions>)
  /// Mend what broken builds have left.
  case repair(ParsedArguments<IndexRepairOptions>)

  /// True where progress and notes are not wanted.
  var isQuiet: Bool {
    switch self {
    case .build(let arguments): arguments.quiet
    case .repair(let arguments): arguments.quiet
    case .status: false
    }
  }
}
