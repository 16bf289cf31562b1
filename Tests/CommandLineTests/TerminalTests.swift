import Messages
import Glibc
import TestSupport
import Testing

@testable import CommandLine

/// Environment variables, with the expected profile for a terminal and for a pipe.
struct ProfileCase: CustomTestStringConvertible, Sendable {
  let variables: [String: String]
  let onTerminal: Bool
  let onPipe: Bool

  var testDescription: String {
    variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }
}

@Suite("The terminal is taken as it is, and as people want it")
struct TerminalTests {
  @Test(
    "Colours",
    arguments: [
      ProfileCase(variables: ["TERM": "xterm"], onTerminal: true, onPipe: false),
      ProfileCase(variables: [:], onTerminal: false, onPipe: false),
      ProfileCase(variables: ["TERM": "dumb"], onTerminal: false, onPipe: false),
      ProfileCase(variables: ["TERM": "xterm", "NO_COLOR": "1"], onTerminal: false, onPipe: false),
      ProfileCase(variables: ["TERM": "xterm", "NO_COLOR": ""], onTerminal: true, onPipe: false),
      ProfileCase(variables: ["TERM": "xterm", "CLICOLOR": "0"], onTerminal: false, onPipe: false),
      ProfileCase(variables: ["TERM": "xterm", "CLICOLOR": "1"], onTerminal: true, onPipe: false),
      ProfileCase(variables: ["CLICOLOR_FORCE": "1"], onTerminal: true, onPipe: true),
      ProfileCase(
        variables: ["TERM": "xterm", "CLICOLOR_FORCE": "0"], onTerminal: true, onPipe: false),
      ProfileCase(
        variables: ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], onTerminal: false, onPipe: false),
    ])
  func colours(_ profile: ProfileCase) {
    let environment = Environment(profile.variables)
    func colours(_ isTerminal: Bool) -> Bool {
      TerminalProfile(isTerminal: isTerminal, columns: 80, environment: environment).hasColours
    }
    #expect(colours(true) == profile.onTerminal)
    #expect(colours(false) == profile.onPipe)
  }

  @Test(
    "Lines are redrawn on a capable terminal only",
    arguments: [
      (true, "xterm", true), (true, "dumb", false), (true, "", false), (false, "xterm", false),
    ])
  func redrawing(_ isTerminal: Bool, _ term: String, _ redraws: Bool) {
    let profile = TerminalProfile(
      isTerminal: isTerminal, columns: 80, environment: Environment(["TERM": term]))
    #expect(profile.canRedraw == redraws)
  }

  @Test(arguments: [
    (["LANG": "de_DE.UTF-8"], true), (["LANG": "C"], false), ([:], false),
    (["LANG": "en_US.utf8"], true), (["LC_ALL": "C", "LANG": "C.UTF-8"], false),
    (["LC_CTYPE": "C.UTF-8", "LANG": "C"], true),
  ])
  func unicode(_ variables: [String: String], _ isUnicode: Bool) {
    let profile = TerminalProfile(
      isTerminal: true, columns: 80, environment: Environment(variables))
    #expect(profile.isUnicode == isUnicode)
  }

  @Test("Columns come from the device, then from COLUMNS, then they are 80")
  func columns() throws {
    let pair = try #require(PseudoTerminal(columns: 132))
    let none = Environment([:])
    #expect(TerminalProfile(descriptor: pair.terminal, environment: none).columns == 132)
    #expect(TerminalProfile(descriptor: pair.terminal, environment: none).isTerminal)
    pair.resize(columns: 61)
    #expect(terminalColumns(pair.terminal) == 61)
    for odd in [0, 1] {
      pair.resize(columns: odd)
      #expect(TerminalProfile(descriptor: pair.terminal, environment: none).columns == 80)
    }
    let file = try TemporaryDirectory().write("", to: "file")
    let descriptor = open(file, O_RDONLY)
    defer { close(descriptor) }
    #expect(!TerminalProfile(descriptor: descriptor, environment: none).isTerminal)
    for (variable, columns) in [("100", 100), ("many", 80), ("-5", 80), ("0", 80)] {
      let environment = Environment(["COLUMNS": variable])
      #expect(TerminalProfile(descriptor: -1, environment: environment).columns == columns)
    }
  }

  @Test(
    "Answers",
    arguments: [
      ("y\n", Answer.yes), ("YES\n", .yes), (" yes \n", .yes), ("n\n", .no), ("No\n", .no),
      ("\n", .no), ("maybe\ny\n", .yes), ("a\nb\nc\ny\n", .no), ("\u{4}", .no),
    ])
  func confirmation(_ typed: String, _ expected: Answer) throws {
    let pair = try #require(PseudoTerminal(columns: 80))
    let errors = BufferSink()
    let console = Console(
      output: Output(BufferSink(), profile: .none),
      diagnostics: Diagnostics(errors, profile: .none),
      answers: TerminalAnswers(descriptor: pair.terminal))
    pair.type(typed)
    #expect(console.confirm("Migrate \("a\nb")?") == expected)
    #expect(errors.text.hasPrefix(#"Migrate a\nb? [y/N] "#))
  }

  @Test("A question takes one line and leaves the next to whom it is meant for")
  func oneLine() throws {
    let pair = try #require(PseudoTerminal(columns: 80))
    pair.type("first\nsecond\n")
    let answers = TerminalAnswers(descriptor: pair.terminal)
    #expect(answers.nextLine() == "first")
    #expect(answers.nextLine() == "second")
  }

  @Test("Nobody is asked through a pipe")
  func pipe() throws {
    let file = try TemporaryDirectory().write("y\n", to: "answers")
    let descriptor = open(file, O_RDONLY)
    defer { close(descriptor) }
    let errors = BufferSink()
    let console = Console(
      output: Output(BufferSink(), profile: .none),
      diagnostics: Diagnostics(errors, profile: .none),
      answers: TerminalAnswers(descriptor: descriptor))
    #expect(console.confirm("Sure?") == .nobody)
    #expect(errors.text == "")
  }
}
