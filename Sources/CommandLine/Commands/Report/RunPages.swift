internal import Journal
internal import Ledger
internal import Machine
internal import Messages
internal import Postgres
internal import Report

/// The pages that a live run leaves: one beside its backups, and one where the operator wants it.
struct RunPages {
  /// The paths of the pages; the one that the operator wants comes first.
  private(set) var paths: [String] = []
  /// The reasons why pages are missing.
  private(set) var failures: [Failure] = []
  /// True where the page that the operator wants is missing.
  private(set) var lacksRequested = false

  /// Creates no page.
  init() {}

  /// Writes the pages of a run from its journal; a page that cannot be written does not stop the
  /// run, which has ended.
  ///
  /// - Parameters:
  ///   - run: the run; nil where it ended before the journal knew it, and has no page.
  ///   - requested: the file that the operator wants; nil for none.
  ///   - connect: opens a session with the run's database; nil where it must not be asked.
  init(
    of run: RunID?, in backupDirectory: String, requested: ReportFile?,
    connect: (() throws -> Connection)?
  ) {
    guard let run else { return }
    do {
      let journal = try RunJournal.openReadOnly(path: RunJournal.path(in: backupDirectory))
      guard let record = try journal.run(run) else { return }
      let page = try RunPageReader(backupDirectory: backupDirectory, connect: connect)
        .page(of: record, in: journal)
      if let requested {
        attempt(requested.path) { try requested.write(page) }
        lacksRequested = !failures.isEmpty
      }
      let usual = ReportFile(of: run, in: backupDirectory)
      attempt(usual.path) { try usual.replace(with: page) }
    } catch {
      failures.append(Failure(error))
      lacksRequested = requested != nil
    }
  }

  private mutating func attempt(_ path: String, _ write: () throws -> Void) {
    do {
      try write()
      paths.append(path)
    } catch {
      failures.append(Failure(error))
    }
  }

  /// Says where the page is, and why a page is missing.
  func report(on console: Console) {
    for failure in failures {
      console.diagnostics.warn(
        """
        a page of the run is missing: \(failure.reason); write it with: vector-ferry report latest
        """)
    }
    if let path = paths.first { console.diagnostics.note("Page of the run: \(path)") }
  }
}
