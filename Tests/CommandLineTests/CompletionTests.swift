import Foundation
import TestSupport
import Testing

@testable import Arguments
@testable import CommandLine

/// A command line that is typed up to the cursor, the words that the shell must offer there, and
/// words that it must not offer.
struct CompletionCase: CustomTestStringConvertible, Sendable {
  let line: String
  let offered: [String]
  let absent: [String]

  init(_ line: String, _ offered: [String], without absent: [String] = []) {
    self.line = line
    self.offered = offered
    self.absent = absent
  }

  var testDescription: String { "vector-ferry \(line)⇥" }

  /// The cases for every shell; `data dir` is a directory, and `ids.json` is a file next to it.
  static let all = [
    CompletionCase("", ["migrate", "scan", "server", "help"], without: ["start"]),
    CompletionCase("mig", ["migrate"], without: ["scan"]),
    CompletionCase("s", ["scan", "status", "server"], without: ["migrate", "start"]),
    CompletionCase("server ", ["start", "stop", "status", "url", "psql"], without: ["migrate"]),
    CompletionCase("server st", ["start", "stop", "status"], without: ["url"]),
    CompletionCase("completions ", ["bash", "zsh", "fish"], without: ["migrate"]),
    CompletionCase("completions z", ["zsh"], without: ["bash"]),
    CompletionCase("completions bash ", [], without: ["zsh", "bash"]),
    CompletionCase("help ", ["migrate", "server"], without: ["start"]),
    CompletionCase("help server ", ["start", "psql"], without: ["migrate"]),
    CompletionCase("migrate --dr", ["--dry-run"], without: ["--yes"]),
    CompletionCase("--", ["--help", "--version"], without: ["--yes", "--dry-run"]),
    CompletionCase("migrate --yes --dr", ["--dry-run"]),
    CompletionCase("scan --u", ["--user", "--user-data-dir"], without: ["--dry-run"]),
    CompletionCase("scan --user migrate --j", ["--json"], without: ["--dry-run"]),
    CompletionCase("migrate --user scan --dr", ["--dry-run"]),
    CompletionCase("help server start ", [], without: ["start", "migrate"]),
    CompletionCase("history --li", ["--limit"]),
    CompletionCase("rep", ["report"], without: ["migrate"]),
    CompletionCase("report latest --output i", ["ids.json"]),
    CompletionCase("migrate --rep", ["--report"], without: ["--reduce"]),
    CompletionCase("server status --j", ["--json"]),
    CompletionCase("migrate --user-data-dir d", ["data dir"], without: ["ids.json"]),
    CompletionCase("migrate --user-id-map i", ["ids.json"]),
  ]
}

@Suite("Completion scripts work in the real shells")
struct CompletionTests {
  /// Creates a directory with the completion script and with files to complete.
  private func scene(_ shell: Shell) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory("completions")
    try folder.write(CompletionScript(of: ferry).text(for: shell), to: "script")
    try folder.write("{}", to: "ids.json")
    try folder.write("", to: "data dir/file")
    return folder
  }

  /// Returns the path of a shell; nil where the shell is not installed.
  static func path(_ shell: Shell) -> String? {
    ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + shell.rawValue }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private func check(_ offered: String, _ parse: CompletionCase) {
    let words = offered.split(separator: "\n").map {
      // fish appends a description; shells quote spaces, and mark directories by a slash.
      let word = String($0.prefix { $0 != "\t" }).replacing("\\ ", with: " ")
      return word.hasSuffix("/") ? String(word.dropLast()) : word
    }
    for word in parse.offered { #expect(words.contains(word), "\(word) is among \(words)") }
    for word in parse.absent { #expect(!words.contains(word), "\(word) is not among \(words)") }
  }

  @Test("Every shell accepts its script", arguments: Shell.allCases)
  func syntax(_ shell: Shell) throws {
    guard let path = Self.path(shell) else { return }
    let folder = try scene(shell)
    let outcome = try run(path, ["-n", folder.file("script")])
    #expect(outcome.status == 0, "\(outcome.errorText)")
  }

  @Test(
    "bash", .enabled(if: path(.bash) != nil, "bash is not installed"),
    arguments: CompletionCase.all + [
      CompletionCase("migrate --user-data-dir=d", ["data dir"]),
      CompletionCase("migrate --user-data-dir = d", ["data dir"]),
      CompletionCase("migrate --user-data-dir =", ["data dir"]),
      CompletionCase("scan --user = migrate --j", ["--json"], without: ["--dry-run"]),
    ])
  func bash(_ parse: CompletionCase) throws {
    let folder = try scene(.bash)
    let script = """
      cd "$1"; source ./script; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
      _vector_ferry
      printf '%s\\n' "${COMPREPLY[@]#--user-data-dir=}"
      """
    let typed = parse.line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let path = try #require(Self.path(.bash))
    let outcome = try run(
      path, ["--norc", "-c", script, "bash", folder.path, "vector-ferry"] + typed)
    #expect(outcome.errorText == "")
    check(outcome.text, parse)
  }

  @Test(
    "fish", .enabled(if: path(.fish) != nil, "fish is not installed"),
    arguments: CompletionCase.all + [CompletionCase("migrate --user=a --dr", ["--dry-run"])])
  func fish(_ parse: CompletionCase) throws {
    let folder = try scene(.fish)
    let path = try #require(Self.path(.fish))
    let outcome = try run(
      path,
      [
        "--no-config", "-c", "cd $argv[1]; source ./script; complete -C $argv[2]", folder.path,
        "vector-ferry \(parse.line)",
      ])
    #expect(outcome.errorText == "")
    check(outcome.text, parse)
  }

  @Test("zsh", .enabled(if: path(.zsh) != nil, "zsh is not installed"))
  func zsh() throws {
    let folder = try scene(.zsh)
    let path = try #require(Self.path(.zsh))
    let cases = CompletionCase.all + [CompletionCase("migrate --user=a --dr", ["--dry-run"])]
    // One shell for all lines: its completion system takes a second to start.
    let outcome = try run(path, ["-f", "-c", zshCapture, "zsh", folder.path] + cases.map(\.line))
    #expect(outcome.errorText == "")
    let answers = outcome.text.split(separator: "⇥\n", omittingEmptySubsequences: false)
    #expect(answers.count == cases.count + 1)
    for (parse, answer) in zip(cases, answers) { check(String(answer), parse) }
  }

  @Test("Every option and command stands in every script", arguments: Shell.allCases)
  func complete(_ shell: Shell) {
    let text = CompletionScript(of: ferry).text(for: shell)
    for declaration in ferry.allCommands.map(\.declaration) {
      #expect(text.contains(declaration.name))
      for option in declaration.declarations.options {
        #expect(text.contains(shell == .fish ? "-l \(option.name) " : option.flag))
      }
    }
  }
}

/// A script that types each line into an interactive zsh on a pseudo-terminal, presses Tab, and
/// prints the words that were offered, then `⇥`.
///
/// The script replaces `compadd`, to which zsh passes all words that it offers.
private let zshCapture = """
  cd "$1"; shift
  wait_for() {
    for ((i = 0; i < 1000; i++)); do
      [[ -e $1 ]] && { rm $1; return }
      zpty -r -t shell x; sleep 0.02
    done
    print -u2 "zsh never came to: $1"
    exit 1
  }
  zmodload zsh/zpty
  zpty -b shell zsh -f -i
  zpty -w shell "PS1= ; autoload -Uz compinit; compinit -u -D; source ./script"
  zpty -w shell 'compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return $?; fi
    local -a found; builtin compadd -A found "$@"
    print -l -- $found >> offered; builtin compadd "$@"
  }'
  zpty -w shell 'finish() { BUFFER=; : > finished }; zle -N finish; bindkey "^G" finish'
  zpty -w shell ': > ready'
  wait_for ready
  for line in "$@"; do
    : > offered
    zpty -n -w shell "vector-ferry $line"$'\\t\\x07'
    wait_for finished
    cat offered
    print '⇥'
  done
  zpty -d shell
  """
