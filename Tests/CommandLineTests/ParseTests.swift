import TestSupport
import Testing

@testable import CommandLine

@Suite("A command line is read as it was meant")
struct ParseTests {
  @Test(arguments: [
    ParseCase("", "help"),
    ParseCase("migrate", "migrate"),
    ParseCase("migrate --dry-run", "migrate dryRun"),
    ParseCase("migrate --dry-run", "migrate dryRun"),
    ParseCase("migrate --yes --force", "migrate yes force"),
    ParseCase("migrate -q", "migrate quiet"),
    ParseCase("migrate -q --json", "migrate quiet json"),
    ParseCase("scan", "scan"),
    ParseCase("status", "status"),
    ParseCase("history", "history"),
    ParseCase("server start", "server start"),
    ParseCase("server stop", "server stop"),
    ParseCase("server status", "server status"),
    ParseCase("server url", "server url"),
    ParseCase("server psql", "server psql"),
    ParseCase("completions bash", "completions bash"),
    ParseCase("completions zsh", "completions zsh"),
    ParseCase("completions fish", "completions fish"),
  ])
  func aCommandIsFoundAndHelpWhereNoneIsNamed(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == parse.outcome)
  }

  @Test(arguments: [
    ParseCase("migrate --user-data-dir data", "migrate data=data"),
    ParseCase("migrate --user-data-dir=data", "migrate data=data"),
    ParseCase("migrate --user-data-dir=a=b", "migrate data=a=b"),
    ParseCase("migrate --user-data-dir a=b", "migrate data=a=b"),
    ParseCase("migrate --user-data-dir my␣data", "migrate data=my data"),
    ParseCase("migrate --user-data-dir=-odd", "migrate data=-odd"),
    ParseCase("migrate --user-data-dir=--", "migrate data=--"),
    ParseCase("migrate --user-data-dir -", "migrate data=-"),
    ParseCase("migrate --user-data-dir user_data", "migrate data=user_data"),
    ParseCase("migrate --user-data-dir=migrate", "migrate data=migrate"),
    ParseCase("migrate --user-data-dir scan", "migrate data=scan"),
    ParseCase("migrate --user-data-dir a --user-data-dir a", "migrate data=a"),
    ParseCase("migrate --backup-dir b", "migrate backup=b"),
    ParseCase("migrate --user-id-map ids.json", "migrate map=ids.json"),
    ParseCase("migrate --user alice", "migrate users=alice"),
    ParseCase("migrate --user alice --user bob", "migrate users=alice,bob"),
    ParseCase("migrate --user=alice --user alice", "migrate users=alice,alice"),
    ParseCase("migrate --user a,b", "migrate users=a,b"),
    ParseCase("migrate --user josé", "migrate users=josé"),
    ParseCase("migrate --user 用户", "migrate users=用户"),
    ParseCase("migrate --collection notes --user alice", "migrate users=alice collections=notes"),
    ParseCase("migrate --user alice --dry-run --user bob", "migrate dryRun users=alice,bob"),
    ParseCase("migrate --table documents", "migrate table=documents"),
    ParseCase("migrate --table vector_documents", "migrate table=vector_documents"),
    ParseCase("migrate --dimensions 2000", "migrate dimensions=2000"),
    ParseCase("migrate --dimensions=1", "migrate dimensions=1"),
    ParseCase("migrate --dimensions 16000", "migrate dimensions=16000"),
    ParseCase("migrate --dimensions +5", "migrate dimensions=5"),
    ParseCase("migrate --dimensions 007", "migrate dimensions=7"),
    ParseCase("migrate --database-url postgres://h/d", "migrate url=postgres://h/d"),
    ParseCase(
      "migrate --database-url=postgres://u:p@h/d?sslmode=require",
      "migrate url=postgres://u:p@h/d?sslmode=require"),
    ParseCase("migrate --failed --failed", "migrate failed"),
    ParseCase("migrate --no-backup --allow-mismatch", "migrate allowMismatch noBackup"),
    ParseCase("migrate --escape-nul", "migrate escapeNUL"),
    ParseCase("migrate --quiet -q", "migrate quiet"),
    ParseCase("migrate --", "migrate"),
    ParseCase("migrate --dry-run --", "migrate dryRun"),
    ParseCase("scan --user alice --json", "scan users=alice json"),
    ParseCase("scan --collection c --user-id-map m", "scan map=m collections=c"),
    ParseCase("scan --user-data-dir=d --backup-dir=b", "scan data=d backup=b"),
    ParseCase("status --backup-dir b --json", "status backup=b json"),
    ParseCase("status --failed --user a* --limit 0", "status users=a* failed limit=0"),
    ParseCase("report 1a2b", "report 1a2b"),
    ParseCase("report latest -o x.md --backup-dir b", "report latest output=x.md backup=b"),
    ParseCase("history --limit 3", "history limit=3"),
    ParseCase("history show 1a2b", "history show 1a2b"),
    ParseCase("history --limit 5 show 1a2b", "history show 1a2b limit=5"),
    ParseCase("history --limit=20", "history limit=20"),
    ParseCase("history --json --backup-dir x", "history backup=x json"),
    ParseCase("server status --json", "server status json"),
    ParseCase("completions -- bash", "completions bash"),
  ])
  func optionsTakeWhatFollows(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == parse.outcome)
  }

  @Test(arguments: [
    ParseCase("server psql -c SELECT␣1", "server psql ‹-c› ‹SELECT 1›"),
    ParseCase("server psql --help", "server psql ‹--help›"),
    ParseCase("server psql -h", "server psql ‹-h›"),
    ParseCase("server psql --version", "server psql ‹--version›"),
    ParseCase("server psql --", "server psql ‹--›"),
    ParseCase("server psql -- -x", "server psql ‹--› ‹-x›"),
    ParseCase("server psql --dry-run=1 x", "server psql ‹--dry-run=1› ‹x›"),
    ParseCase("server psql ∅", "server psql ‹›"),
    ParseCase("server psql psql", "server psql ‹psql›"),
  ])
  func everythingAfterPsqlIsLeftAsItIs(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == parse.outcome)
  }

  @Test(arguments: [
    ParseCase("--help", "help"),
    ParseCase("-h", "help"),
    ParseCase("help", "help"),
    ParseCase("--version", "version"),
    ParseCase("-V", "version"),
    ParseCase("migrate --help", "help migrate"),
    ParseCase("migrate -h", "help migrate"),
    ParseCase("--dry-run --help", "help"),
    ParseCase("migrate --dry-run --help", "help migrate"),
    ParseCase("migrate --bogus --help", "help migrate"),
    ParseCase("migrate --user --help", "help migrate"),
    ParseCase("scan extra words -h", "help scan"),
    ParseCase("migrate -qh", "help migrate"),
    ParseCase("migrate -V", "version"),
    ParseCase("scan --version", "version"),
    ParseCase("server --help", "help server"),
    ParseCase("server -V", "version"),
    ParseCase("server start --help", "help server start"),
    ParseCase("help migrate", "help migrate"),
    ParseCase("help server", "help server"),
    ParseCase("help server psql", "help server psql"),
    ParseCase("help help", "help help"),
    ParseCase("help --help", "help help"),
    ParseCase("completions --help", "help completions"),
    ParseCase("--help migrate", "help"),
  ])
  func helpAndVersionAreShownWhereverAskedFor(_ parse: ParseCase) {
    #expect(outcome(of: words(parse.line)) == parse.outcome)
  }
}
