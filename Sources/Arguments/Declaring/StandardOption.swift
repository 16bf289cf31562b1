/// The options that every command understands without declaring them.
enum StandardOption: String, CaseIterable, Sendable {
  /// Prints help for the command and stops.
  case help
  /// Prints the version and stops.
  case version

  /// The long name as typed.
  var flag: String { "--\(rawValue)" }
  /// The one-letter name.
  var short: Character { self == .help ? "h" : "V" }
  /// One line for help.
  var help: String {
    self == .help ? "Show this help" : "Show the version"
  }

  /// The standard option that `word` is, in either spelling.
  init?(word: String) {
    guard let found = Self.allCases.first(where: { word == $0.flag || word == "-\($0.short)" })
    else { return nil }
    self = found
  }
}
