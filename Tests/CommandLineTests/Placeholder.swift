import Testing

@testable import CommandLine

@Test func helpPrints() throws {
  let program = Program.vectorFerry(version: "0.1.0")
  for l in HelpPage.lines(of: program, columns: 80) { print(l.plain) }
  for c in program.allCommands { print("=========");
  for l in HelpPage.lines(of: c.declaration, program: program.name, columns: 80) { print(l.plain) } }
  for words in [["--dry-rnu"],["--bogus"],["scan","--limit","3"],["--user"],["--user","--dry-run"],["mirgate"],["server"],["server","strat"],["completions"],["completions","bsh"],["history","--limit","0"],["dry-run"],["--json","status"],["--table=a","--table","b"],["--dry-run=yes"],["--data-dir"],["-dry-run"], ["—dry-run"], ["status", "postgres://a:b@c/d"], ["--dimensions=9999999999999999999999"]] {
    do { _ = try program.parse(words) } catch { print(words, "→", error.message.plain, "| try", error.helpLine.plain) }
  }
}
