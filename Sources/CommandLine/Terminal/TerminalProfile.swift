internal import Messages
import Glibc

/// The properties of the terminal, file or pipe behind a file descriptor.
struct TerminalProfile: Equatable, Sendable {
  /// True for a terminal, false for a file or a pipe.
  var isTerminal: Bool
  /// True where text is written in colours.
  var hasColours: Bool
  /// True where lines can be cleared and drawn again.
  var canRedraw: Bool
  /// True where the terminal can show characters outside ASCII.
  var isUnicode: Bool
  /// The number of the terminal's columns when the program started.
  var columns: Int

  /// The profile of a file, a pipe or memory.
  static let none = TerminalProfile(
    isTerminal: false, hasColours: false, canRedraw: false, isUnicode: true, columns: 80)

  /// Creates the profile of a descriptor, from the device and from environment variables.
  ///
  /// NO_COLOR takes precedence over CLICOLOR_FORCE, and CLICOLOR_FORCE over CLICOLOR=0 and the
  /// terminal (no-color.org, bixense.com/clicolors).
  init(descriptor: Int32, environment: Environment) {
    self.init(
      isTerminal: isatty(descriptor) == 1, columns: terminalColumns(descriptor),
      environment: environment)
  }

  /// Creates the profile from known facts about the device and from environment variables.
  init(isTerminal: Bool, columns: Int?, environment: Environment) {
    let isCapable = isTerminal && environment["TERM"].map { $0 != "dumb" } ?? false
    let isForced = environment["CLICOLOR_FORCE"].map { $0 != "0" } ?? false
    self.isTerminal = isTerminal
    canRedraw = isCapable
    hasColours =
      environment["NO_COLOR"] == nil
      && (isForced || isCapable && environment["CLICOLOR"] != "0")
    isUnicode = Self.speaksUnicode(environment)
    self.columns = columns ?? environment["COLUMNS"].flatMap(Int.init).flatMap(plausible) ?? 80
  }

  private init(
    isTerminal: Bool, hasColours: Bool, canRedraw: Bool, isUnicode: Bool, columns: Int
  ) {
    self.isTerminal = isTerminal
    self.hasColours = hasColours
    self.canRedraw = canRedraw
    self.isUnicode = isUnicode
    self.columns = columns
  }

  /// The palette with which text is written.
  var palette: Palette { Palette(hasColours: hasColours) }

  /// True for terminals that break lines when they become narrower, as far as their variables tell;
  /// other terminals cut lines.
  static func breaksLines(_ environment: Environment) -> Bool {
    [
      "VTE_VERSION", "TMUX", "KITTY_WINDOW_ID", "ALACRITTY_WINDOW_ID", "KONSOLE_VERSION",
      "WT_SESSION", "ITERM_SESSION_ID",
    ].contains { environment[$0] != nil }
  }

  /// True where the locale uses UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is set decides,
  /// as in setlocale(3).
  private static func speaksUnicode(_ environment: Environment) -> Bool {
    let locale = environment["LC_ALL"] ?? environment["LC_CTYPE"] ?? environment["LANG"] ?? ""
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }
}

/// Returns the current number of columns of a terminal; nil where there is no terminal.
func terminalColumns(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
  return plausible(Int(size.ws_col))
}

/// Returns the current number of rows of a terminal; nil where there is no terminal.
func terminalRows(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return nil }
  return Int(size.ws_row)
}

/// Returns the number of columns, or nil where it cannot be true: some terminals report 0 or 1.
private func plausible(_ columns: Int) -> Int? { (10...10_000).contains(columns) ? columns : nil }
