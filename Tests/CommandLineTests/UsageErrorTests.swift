import TestSupport
import Testing

@testable import Arguments
@testable import CommandLine

@Suite("A wrong command line is refused with what to do about it")
struct UsageErrorTests {
  @Test(arguments: [
    ParseCase("mirgate", "'mirgate' is not a command; did you mean migrate?"),
    ParseCase("Scan", "'Scan' is not a command; did you mean scan?"),
    ParseCase("stat", "'stat' is not a command; did you mean status?"),
    ParseCase("hsitory", "'hsitory' is not a command; did you mean history?"),
    ParseCase("psql", "'psql' is not a command; did you mean server psql?"),
    ParseCase("start --yes", "'start' is not a command; did you mean server start?"),
    ParseCase("dry-run", "'dry-run' is not a command; did you mean \(dryRunLines)?"),
    ParseCase(
      "frobnicate",
      "'frobnicate' is not a command: \(commandList)"),
    ParseCase("∅", "'' is not a command: \(commandList)"),
    ParseCase("-", "'-' is not a command: \(commandList)"),
    ParseCase("server", "'server' needs a command: start, stop, status, url or psql"),
    ParseCase("server strat", "'strat' is not a command of 'server'; did you mean start?"),
    ParseCase(
      "server x", "'x' is not a command of 'server': start, stop, status, url or psql"),
    ParseCase("help mirgate", "'mirgate' is not a command; did you mean migrate?"),
    ParseCase("help server strat", "'strat' is not a command of 'server'; did you mean start?"),
    ParseCase("help migrate now", "'now' is not a command of 'migrate'"),
  ])
  func unknownCommands(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == "✗ " + parse.outcome)
  }

  @Test(
    "An option before a command runs nothing",
    arguments: [
      ParseCase("--dry-run", "--dry-run needs a command before it, \(having): \(few("dry-run"))"),
      ParseCase("--json=1 scan", "--json needs a command before it, \(having): \(few("json"))"),
      ParseCase("--yes --force", "--yes needs a command before it, \(having): \(few("yes"))"),
      ParseCase("--no-backup", "--no-backup needs a command before it, \(having): 'migrate'"),
      ParseCase("-j 4 migrate", "-j needs a command before it, \(having): 'migrate'"),
      ParseCase("--dry-rnu", "--dry-rnu is not an option; did you mean --dry-run?"),
      ParseCase("--database-url=postgres://u:secret@h/d", "\(databaseOwners)"),
      ParseCase("-- migrate", "-- is not an option"),
    ])
  func optionBeforeCommand(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == "✗ " + parse.outcome)
  }

  @Test(arguments: [
    ParseCase(
      "migrate --dry-rnu", "--dry-rnu is not an option of 'migrate'; did you mean --dry-run?"),
    ParseCase(
      "migrate --dryrun", "--dryrun is not an option of 'migrate'; did you mean --dry-run?"),
    ParseCase(
      "migrate --dry_run", "--dry_run is not an option of 'migrate'; did you mean --dry-run?"),
    ParseCase(
      "migrate --DRY-RUN", "--DRY-RUN is not an option of 'migrate'; did you mean --dry-run?"),
    ParseCase("migrate --dry", "--dry is not an option of 'migrate'; did you mean --dry-run?"),
    ParseCase(
      "migrate -dry-run", "-dry-run is not an option of 'migrate'; did you mean --dry-run?"),
    ParseCase(
      "migrate —dry-run", "—dry-run is not an option of 'migrate'; did you mean --dry-run?"),
    ParseCase("migrate –yes", "–yes is not an option of 'migrate'; did you mean --yes?"),
    ParseCase("migrate -quiet", "-quiet is not an option of 'migrate'; did you mean --quiet?"),
    ParseCase(
      "migrate --no-backups",
      "--no-backups is not an option of 'migrate'; did you mean --no-backup?"),
    ParseCase(
      "migrate --data-dir=x",
      "--data-dir is not an option of 'migrate'; did you mean --user-data-dir?"),
    ParseCase("migrate --usre=x", "--usre is not an option of 'migrate'; did you mean --user?"),
    ParseCase("migrate --bogus", "--bogus is not an option of 'migrate'"),
    ParseCase("migrate --=x", "-- is not an option of 'migrate'"),
    ParseCase("migrate ---", "--- is not an option of 'migrate'"),
    ParseCase("migrate -x", "-x is not an option of 'migrate'"),
    ParseCase("migrate -qx", "-qx is not an option of 'migrate'"),
    ParseCase(
      "migrate --limit 5",
      "--limit is not an option of 'migrate'; it belongs to \(owners(of: "limit"))"),
    ParseCase(
      "scan --dry-run",
      "--dry-run is not an option of 'scan'; it belongs to \(owners(of: "dry-run"))"),
    ParseCase(
      "history --user a",
      "--user is not an option of 'history'; it belongs to \(owners(of: "user"))"),
    ParseCase(
      "server --json",
      "--json is not an option of 'server'; it belongs to \(owners(of: "json"))"),
    ParseCase("server --jsn", "--jsn is not an option of 'server'"),
    ParseCase("status --jsno", "--jsno is not an option of 'status'; did you mean --json?"),
  ])
  func unknownOptions(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == "✗ " + parse.outcome)
  }

  @Test(arguments: [
    ParseCase("migrate --user", "--user needs a value (U)"),
    ParseCase("migrate --backup-dir", "--backup-dir needs a value (DIR)"),
    ParseCase(
      "migrate --user --dry-run",
      "--user needs a value (U), but '--dry-run' follows; "
        + "if that word is the value, write --user=--dry-run"),
    ParseCase(
      "migrate --user -- x",
      "--user needs a value (U), but '--' follows; if that word is the value, write --user=--"
    ),
    ParseCase(
      "migrate --user -bob",
      "--user needs a value (U), but '-bob' follows; if that word is the value, write --user=-bob"),
    ParseCase("migrate --user=", "--user is given an empty value"),
    ParseCase("migrate --user ∅", "--user is given an empty value"),
    ParseCase("migrate --user-data-dir=", "--user-data-dir is given an empty value"),
    ParseCase("migrate --dry-run=yes", "--dry-run is a switch and takes no value"),
    ParseCase("migrate --dry-run=", "--dry-run is a switch and takes no value"),
    ParseCase("migrate --dimensions many", "--dimensions 'many' is not a whole number: 1 to 16000"),
    ParseCase("migrate --dimensions 1.5", "--dimensions '1.5' is not a whole number: 1 to 16000"),
    ParseCase("migrate --dimensions 1e3", "--dimensions '1e3' is not a whole number: 1 to 16000"),
    ParseCase("migrate --dimensions 0x10", "--dimensions '0x10' is not a whole number: 1 to 16000"),
    ParseCase("migrate --dimensions ␣5", "--dimensions ' 5' is not a whole number: 1 to 16000"),
    ParseCase("migrate --dimensions ٣", "--dimensions '٣' is not a whole number: 1 to 16000"),
    ParseCase("migrate --dimensions 0", "--dimensions '0' is out of range: 1 to 16000"),
    ParseCase("migrate --dimensions -1", "--dimensions '-1' is out of range: 1 to 16000"),
    ParseCase("migrate --dimensions 16001", "--dimensions '16001' is out of range: 1 to 16000"),
    ParseCase(
      "migrate --dimensions 99999999999999999999",
      "--dimensions '99999999999999999999' is out of range: 1 to 16000"),
    ParseCase("history --limit 0", "--limit '0' is out of range: 1 or more"),
    ParseCase("history --limit=", "--limit is given an empty value"),
    ParseCase("migrate --table=a --table b", "--table is given twice, with 'a' and 'b'"),
    ParseCase(
      "migrate --user-data-dir a --user-data-dir b --user-data-dir c",
      "--user-data-dir is given twice, with 'a' and 'b'"),
    ParseCase(
      "migrate --dimensions 5 --dimensions 05", "--dimensions is given twice, with '5' and '05'"),
  ])
  func wrongValues(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == "✗ " + parse.outcome)
  }

  @Test(arguments: [
    ParseCase("migrate now", "'now' is one word too many"),
    ParseCase("migrate --dry-run alice", "'alice' is one word too many"),
    ParseCase("migrate -- --dry-run", "'--dry-run' is one word too many"),
    ParseCase("status ∅", "'' is one word too many"),
    ParseCase("scan ∅", "PATH is given an empty value"),
    ParseCase(
      "migrate --json status", "'status' is a command and must come first: vector-ferry status …"),
    ParseCase(
      "migrate --json status --limit 2",
      "'status' is a command and must come first: vector-ferry status …"),
    ParseCase("server start now", "'now' is one word too many"),
    ParseCase("completions bash zsh", "'zsh' is one word too many"),
    ParseCase("completions", "SHELL is missing: bash, zsh or fish"),
    ParseCase("completions zhs", "SHELL 'zhs' is not known: bash, zsh or fish; did you mean zsh?"),
    ParseCase("completions powershell", "SHELL 'powershell' is not known: bash, zsh or fish"),
    ParseCase("completions ∅", "SHELL '' is not known: bash, zsh or fish"),
  ])
  func tooManyWordsOrTooFew(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == "✗ " + parse.outcome)
  }

  @Test(
    "Whoever reads the message learns no password",
    arguments: [
      "--database-url postgres://u:sesame@h/a --database-url postgres://u:sesame@h/b",
      "--database-url sesame --database-url sesame2",
      "--databse-url=postgres://u:sesame@h/d",
      "-database-url=postgres://u:sesame@h/d",
      "migrate postgres://u:sesame@h/d",
      "postgres://u:sesame@h/d",
      "postgres://u:se:same@sesame@h/d",
      "migrate host=h␣password=sesame",
      "migrate host=h␣PassWord␣=␣sesame",
      "migrate postgres://u:sesame@h/d?sslpassword=sesame",
      "--user --password=sesame",
      "--dry-run=sesame",
    ])
  func noPassword(_ line: String) {
    let message = outcome(of: words(line))
    #expect(message.hasPrefix("✗ "))
    #expect(!message.contains("sesame"))
  }

  @Test(
    "A word that would steer the terminal is shown, not obeyed",
    arguments: [
      "\u{1B}[2J", "--\u{1B}]0;title\u{7}", "a\nVerified: everything", "\u{9B}31m", "\u{202E}txt",
    ])
  func noInjection(_ word: String) {
    for line in [
      [word], ["migrate", word], ["--table", word, "--table", "x"], ["history", "--limit", word],
    ] {
      let message = outcome(of: line)
      #expect(message.hasPrefix("✗ "))
      #expect(message.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
      #expect(!message.unicodeScalars.contains("\u{202E}"))
    }
  }

  @Test("Random command lines are read or refused, never a crash")
  func randomLines() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(seed: seed)
    let vocabulary =
      ferry.allCommands.flatMap { $0.declaration.path + $0.declaration.declarations.flags }
      + [
        "--", "-", "", "=", "--=", "-q", "-qh", "x", "1", "--user=", "-\u{301}", "é", "—", "\u{0}",
      ]
    for _ in 0..<5_000 {
      let line = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
        vocabulary.randomElement(using: &generator) ?? ""
      }
      let message = outcome(of: line)
      #expect(!message.isEmpty && message != "✗ ", "seed \(seed): \(line)")
    }
  }
}

/// The words in every refusal of an option that stands before a command.
private let having = "one of those that have this option"

/// Returns the first commands that have an option, as a refusal lists them.
private func few(_ option: String) -> String {
  let owners = ferry.allCommands.map(\.declaration)
    .filter { $0.declarations.options.contains { $0.name == option } }.map { "'\($0.line)'" }
  return owners.prefix(4).joined(separator: ", ") + " or others"
}

private let databaseOwners =
  "--database-url needs a command before it, \(having): \(few("database-url"))"

/// The commands to which `dry-run` may belong where it is typed as a command.
private let dryRunLines: String = {
  let owners = ferry.allCommands.map(\.declaration)
    .filter { $0.declarations.options.contains { $0.name == "dry-run" } }
    .prefix(3).map { "\($0.line) --dry-run" }
  return owners.dropLast().joined(separator: ", ") + " or " + (owners.last ?? "")
}()
