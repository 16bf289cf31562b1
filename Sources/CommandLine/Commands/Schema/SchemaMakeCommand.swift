internal import Messages
internal import Arguments
internal import Glibc
internal import MigrationFiles

/// The command `schema make NAME`, which writes an empty migration file, numbered by the current
/// time.
struct SchemaMakeCommand {
  private let arguments: ParsedArguments<SchemaMakeOptions>
  private let console: Console

  init(_ arguments: ParsedArguments<SchemaMakeOptions>, console: Console) {
    self.arguments = arguments
    self.console = console
  }

  /// Writes the migration file and prints its path.
  func run() throws -> ExitCode {
    guard let draft = try? MigrationDraft(name: arguments.name) else {
      throw UsageError(
        path: ["schema", "make"],
        fault: .invalidValue(parameter: "NAME", word: arguments.name, .notFileName))
    }
    for path in try draft.write(to: arguments.directory) { console.print("\(path)") }
    return .done
  }
}
