internal import Arguments
internal import Ledger

/// `completions bash|zsh|fish`: prints the script that a shell loads.
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
