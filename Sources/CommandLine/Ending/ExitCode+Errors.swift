internal import Arguments
internal import Ledger
internal import Postgres
internal import Schema

/// The exit code of every error that ends a command; the codes of reports are in
/// `ExitCode+Reports.swift`.
extension ExitCode {
  /// The kind of work that an error has ended; the exit code depends on it.
  enum Work {
    /// The whole command, which has changed nothing before the error.
    case whole
    /// Work in the database, step by step: after a failure of the database, earlier steps are
    /// already done.
    case inPlace
    /// The work on one store: the error counts as the failure of that store.
    case oneStore
  }

  /// Creates the exit code of an error.
  init(for error: any Error, of work: Work = .whole) {
    self =
      switch error {
      case is UsageError: .usage
      // The work is done, but its output could not be written.
      case is SinkFailure: .someStoresFailed
      case let failure as MigrationFailure:
        failure.wasInterrupted ? .interrupted : .someStoresFailed
      default: ExitCode(kind: Failure(error).kind, of: work)
      }
  }

  private init(kind: Failure.Kind, of work: Work) {
    self =
      switch (kind, work) {
      case (.interrupted, _): .interrupted
      case (.verification, _): .differenceFound
      case (.begun, _): .someStoresFailed
      case (.preflight, _), (.backup, _): .preflightFailed
      case (.database, .inPlace): .someStoresFailed
      case (.source, .oneStore), (.database, .oneStore), (.taken, .oneStore), (.unknown, .oneStore):
        .someStoresFailed
      case (.source, _), (.database, _), (.taken, _), (.unknown, _): .preflightFailed
      }
  }
}

extension MigrationFailure {
  fileprivate var wasInterrupted: Bool { if case .interrupted = cause { true } else { false } }
}
