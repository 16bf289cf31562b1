import Models
import TestSupport
import Testing

@testable import Arguments
@testable import CommandLine

@Suite("The commands of vector-ferry are declared as they should be")
struct GrammarTests {
  @Test("No command declares a name twice, and every slot is filled by its own declaration")
  func noDuplicates() {
    let reduction = Command<Int>(
      "reduction", summary: "", takes: ReductionArguments.self, invocation: { _ in 0 })
    for declaration in ferry.allCommands.map(\.declaration) + [reduction.declaration] {
      let declared = declaration.declarations
      let spellings =
        declared.options.flatMap(\.spellings)
        + StandardOption.allCases.flatMap { [$0.flag, "-\($0.short)"] }
      #expect(Set(spellings).count == spellings.count, "\(declaration.line)")
      let slots = declared.options.map(\.slot) + declared.positionals.map(\.slot)
      #expect(slots.sorted() == Array(0..<declared.slotCount), "\(declaration.line)")
    }
  }

  @Test("Commands stand at their own paths")
  func paths() {
    for command in ferry.commands {
      #expect(command.declaration.path.count == 1)
      #expect(ferry.declaration(at: command.declaration.path)?.path == command.declaration.path)
      for subcommand in command.subcommands {
        #expect(subcommand.declaration.path.dropLast() == command.declaration.path[...])
        #expect(
          ferry.declaration(at: subcommand.declaration.path)?.path == subcommand.declaration.path)
      }
    }
    #expect(ferry.declaration(at: ["server", "nothing"]) == nil)
  }

  @Test("The defaults are those of the documentation")
  func defaults() throws {
    guard case .run(.migrate(let migrate)) = try ferry.parse(["migrate"]),
      case .run(.history(let history)) = try ferry.parse(["history"])
    else { return #expect(Bool(false), "both run") }
    #expect(migrate.source.userDataDirectory == "user_data")
    #expect(migrate.backup.directory == "migration_backup")
    #expect(migrate.target.table == "vector_documents")
    #expect(migrate.target.dimensions == nil)
    #expect(history.limit == 20)
  }

  @Test("The reduction group is complete, to be taken on by migrate")
  func reduction() throws {
    let program = Program<ParsedArguments<ReductionArguments>>(
      name: "reduce", version: "1", summary: "", discussion: [],
      commands: [Command("it", summary: "", takes: ReductionArguments.self, invocation: { $0 })],
      environment: [], exitCodes: [], examples: [])
    guard case .run(let plain) = try program.parse(["it"]),
      case .run(let all) = try program.parse(
        words("it --reduce none --centered --min-recall 1"))
    else { return #expect(Bool(false), "both run") }
    #expect(plain.method == .pca && plain.minimumRecall == 0.95)
    #expect(all.method == .none && all.minimumRecall == 1)
    #expect(all.centered && !plain.centered)
  }

  @Test("Every name of vector-ferry is found again after any one slip")
  func oneSlip() {
    for declaration in ferry.allCommands.map(\.declaration) {
      let flags = declaration.declarations.flags
      for flag in flags {
        let letters = Array(flag.dropFirst(2))
        for index in letters.indices.dropLast() {
          var swapped = letters
          swapped.swapAt(index, index + 1)
          var dropped = letters
          dropped.remove(at: index)
          for slip in [swapped, dropped] where slip != letters {
            let near = Suggestion.nearest(to: "--" + String(slip), among: flags)
            #expect(near.contains(flag), "--\(String(slip)) of \(declaration.line)")
          }
        }
      }
    }
  }
}
