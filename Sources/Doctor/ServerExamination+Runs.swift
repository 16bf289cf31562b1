internal import Ledger
internal import Machine
internal import Postgres
internal import OwnSchema

extension ServerExamination {
  /// Reports the unfinished runs of the last thirty days: a finding for each run that is still
  /// working, and one finding for all others.
  func runs() throws -> [Finding] {
    guard try FerrySchema.installedVersion(on: connection) > 0 else { return [] }
    let unfinished = try unfinishedRuns()
    guard !unfinished.isEmpty else { return [Finding("runs", .fine, "none is unfinished")] }
    let atWork = unfinished.filter(\.isAtWork).map { run in
      Finding(
        "runs", .warning, "\(run.description) is running",
        remedy: "wait for that run to end: another run would work on the same stores")
    }
    let others = unfinished.filter { !$0.isAtWork }
    guard let newest = others.first else { return atWork }
    // A run that was killed, or that lost the server, could not record its end in the database.
    let fate =
      newest.leftSession
      ? "has ended without recording its end, and the server still has its session"
      : newest.isHere ? "has not recorded its end" : "has not recorded its end, or is still running"
    let text =
      others.count == 1
      ? "\(newest.description) \(fate)"
      : "\(others.count) runs of the last 30 days are unfinished; the newest: "
        + "\(newest.description) \(fate)"
    return atWork + [
      Finding(
        "runs", .warning, text,
        remedy: "nothing has to be undone; vector-ferry migrate continues with the remaining stores"
      )
    ]
  }

  private struct UnfinishedRun {
    let description: String
    let isHere: Bool
    let isAtWork: Bool
    /// True where the run's process has ended while the server still has the session of the run.
    let leftSession: Bool
  }

  /// Returns the unfinished runs of the last thirty days, newest first.
  private func unfinishedRuns() throws -> [UnfinishedRun] {
    let rows = try connection.query(
      ExaminationQueries.unfinishedRuns(
        startedAt: LedgerTime.shown("r.started_at"), title: StoreLock.title))
    return try (0..<rows.rowCount).map { row in
      let id: String = try rows.value(row, 0)
      let host: String = try rows.value(row, 1)
      let pid: Int = try rows.value(row, 2)
      let start: String = try rows.value(row, 3)
      let isHere = host == HostName.current
      let isAlive = ProcessIdentity(host: host, pid: pid, start: "").isAlive
      let hasSession: Bool = try rows.value(row, 4)
      return UnfinishedRun(
        description: "run \(id.prefix(8)) of \(start) on \(host) (process \(pid))",
        isHere: isHere, isAtWork: isAlive ?? hasSession, leftSession: isAlive == false && hasSession
      )
    }
  }
}
