internal import Arguments
internal import Files
internal import Glibc
internal import Ledger
internal import Messages

/// The command `manual DIR`, which writes the manual pages.
struct ManualCommand {
  let folder: String
  let console: Console

  /// Writes a page for the program and one for each command; pages of the same names are replaced.
  func run() -> ExitCode {
    let pages = ManualPage.all(of: Program.vectorFerry(version: ProgramVersion.current))
    for page in pages {
      let path = "\(folder)/\(page.fileName)"
      do throws(SystemFailure) {
        let file = try FileDescriptor(
          opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        try file.write(Array(page.text.utf8))
      } catch {
        return console.report(
          failure: Failure(
            .preflight, "cannot write \(path): \(error.reason)",
            remedy: "name a folder that exists and that you may write to"), asJSON: false)
      }
    }
    console.print("Wrote \(counted(pages.count, "page")) into \(folder)")
    return .done
  }
}
