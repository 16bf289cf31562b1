internal import Glibc
internal import Journal
internal import Ledger
internal import Machine
internal import Report

/// A file for the page of a run; the end of its name decides what is written.
struct ReportFile {
  /// The path of the file.
  let path: String
  private let isMarkdown: Bool

  /// Reads the path that an operator has given.
  init(_ path: String) throws(Failure) {
    let name = path.lowercased()
    isMarkdown = name.hasSuffix(".md")
    guard isMarkdown || name.hasSuffix(".html") || name.hasSuffix(".htm") else {
      throw Failure(
        .preflight,
        "cannot write the page of the run to \(path): the name ends in neither .html nor .md",
        remedy: "name a file that ends in .html, or in .md for Markdown")
    }
    self.path = path
  }

  /// Names the page that lies beside the backups of every live run.
  init(of run: RunID, in backupDirectory: String) {
    path = "\(backupDirectory)/run-\(run.description.prefix(8)).html"
    isMarkdown = false
  }

  /// Refuses a path at which no file can be made, before the run begins.
  func checkIsFree() throws(Failure) {
    var facts = stat()
    if lstat(path, &facts) == 0 {
      throw Failure(
        .preflight, "cannot write the page of the run to \(path): the file exists",
        remedy: "name another file, or move the existing file away")
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw Failure(
        .preflight,
        "cannot write the page of the run to \(path): \(String(cString: strerror(errno)))",
        remedy: "name a file in a folder that exists and that you may write to")
    }
  }

  /// Writes a page; an existing file is an error.
  func write(_ page: RunPage) throws(Failure) { try NewFile.write(bytes(of: page), to: path) }

  /// Writes a page in place of an earlier one, which stays until the new one is complete.
  func replace(with page: RunPage) throws(Failure) {
    let part = "\(path).part"
    unlink(part)
    try NewFile.write(bytes(of: page), to: part)
    guard rename(part, path) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(part)
      throw Failure(
        .preflight, "cannot write \(path): \(reason)", remedy: "name another file with --output")
    }
  }

  private var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private func bytes(of page: RunPage) -> [UInt8] {
    Array((isMarkdown ? MarkdownPage(page).text : HTMLPage(page).text).utf8)
  }
}
