internal import Arguments
internal import Ledger
internal import Postgres
internal import Schema

/// The exit code of every error that ends a command; what a report counts is in
/// `ExitCode+Reports.swift`.
extension ExitCode {
  /// What a command has in hand, which decides what a failure has left behind.
  enum Work {
    /// All that was asked for: what is thrown stands against the whole, and nothing was touched.
    case whole
    /// Something in the database, step by step: where the database fails, steps are done.
    case inPlace
    /// One store: what is wrong with it is the failure of a store.
    case oneStore
  }

  /// The code of an error.
  init(for error: any Error, of work: Work = .whole) {
    self =
      switch error {
      case is UsageError: .usage
      // The work is done, and its results are lost.
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
