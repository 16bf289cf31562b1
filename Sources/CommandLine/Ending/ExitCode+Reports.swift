internal import Ledger
internal import Migration
internal import Reembedding

/// How runs ended that told the failure of each store by itself.
extension ExitCode {
  /// How a migration ended.
  init(for report: MigrationReport) {
    if report.wasInterrupted {
      self = .interrupted
    } else if report.obstacle != nil {
      self = .preflightFailed
    } else if report.stores.contains(where: { $0.failure?.kind == .verification }) {
      self = .differenceFound
    } else {
      let isWhole =
        report.failed == 0 && report.outage == nil && report.index.failure == nil
      self = isWhole ? .done : .someStoresFailed
    }
  }

  /// How a rollback ended.
  init(for report: RollbackReport) {
    if report.wasInterrupted {
      self = .interrupted
    } else {
      self = report.failed > 0 || report.outage != nil ? .someStoresFailed : .done
    }
  }

  /// How a verification ended: what could not be compared is not verified either.
  init(for report: VerificationReport) {
    if report.wasInterrupted {
      self = .interrupted
    } else if report.outage != nil, !report.stores.contains(where: { $0.outcome == .different }) {
      self = .someStoresFailed
    } else {
      self = report.verified == report.stores.count ? .done : .differenceFound
    }
  }

  /// How a run of `reembed` ended.
  init(for report: ReembeddingReport) {
    if let obstacle = report.obstacle {
      self = obstacle.kind == .interrupted ? .interrupted : .someStoresFailed
    } else {
      self = report.failed.isEmpty ? .done : .someStoresFailed
    }
  }
}
