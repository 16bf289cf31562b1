internal import Ledger
internal import Migration
internal import Reembedding
internal import Rollback
internal import Verification

/// The exit codes of runs that report the failure of each store separately.
extension ExitCode {
  /// Creates the exit code of a migration.
  ///
  /// - Parameter stopsAtLimit: true where a dry run expects a live run to reach a limit of cost.
  init(for report: MigrationReport, stopsAtLimit: Bool) {
    if report.wasInterrupted {
      self = .interrupted
    } else if report.obstacle != nil {
      self = .preflightFailed
    } else if report.stores.contains(where: { $0.failure?.kind == .verification }) {
      self = .differenceFound
    } else {
      let isWhole =
        report.failed == 0 && report.outage == nil && report.index.failure == nil && !stopsAtLimit
      self = isWhole ? .done : .someStoresFailed
    }
  }

  /// Creates the exit code of a rollback.
  init(for report: RollbackReport) {
    if report.wasInterrupted {
      self = .interrupted
    } else {
      self = report.failed > 0 || report.outage != nil ? .someStoresFailed : .done
    }
  }

  /// Creates the exit code of a verification; a store that could not be compared is not verified.
  init(for report: VerificationReport) {
    if report.wasInterrupted {
      self = .interrupted
    } else if report.outage != nil, !report.stores.contains(where: { $0.outcome == .different }) {
      self = .someStoresFailed
    } else {
      self = report.verified == report.stores.count ? .done : .differenceFound
    }
  }

  /// Creates the exit code of a run of `reembed`.
  init(for report: ReembeddingReport) {
    if let obstacle = report.obstacle {
      self = obstacle.kind == .interrupted ? .interrupted : .someStoresFailed
    } else {
      self = report.failed.isEmpty ? .done : .someStoresFailed
    }
  }
}
