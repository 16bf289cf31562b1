internal import Arguments
internal import Ledger

/// The command `completions bash|zsh|fish`, which prints the completion script of a shell.
struct CompletionsCommand {
  let shell: Shell
  let console: Console

  /// Prints the script.
  func run() -> ExitCode {
    let program = Program.vectorFerry(version: ProgramVersion.current)
    console.output.write(raw: CompletionScript(of: program).text(for: shell))
    return .done
  }
}
