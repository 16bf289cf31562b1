/// The options that every command understands without declaring them.
enum StandardOption: String, CaseIterable, Sendable {
  /// Prints help for the command and stops.
  case help
  /// Prints the version and stops.
  case version

  /// The long name as an operator types it: `--help`.
  var flag: String { "--\(rawValue)" }
  /// The one-letter name of the option.
  var short: Character { self == .help ? "h" : "V" }
  /// The help text of the option: one line.
  var help: String {
    self == .help
      ? "Show this help" : "Show the version; with --verbose also those of the libraries"
  }

  /// Creates the standard option that `word` names, by its long or its short name.
  init?(word: String) {
    guard let found = Self.allCases.first(where: { word == $0.flag || word == "-\($0.short)" })
    else { return nil }
    self = found
  }
}
