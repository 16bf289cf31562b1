internal import MigrationFiles
package import SQLText
package import Postgres

/// The events of a migration, for the display.
package enum SchemaEvent: Sendable {
  /// Another process migrates; this process waits for it.
  case waiting(LockHolder)
  /// A migration begins.
  case began(SchemaPlan.Step)
  /// A statement begins: its number from 1.
  case statement(SQLStatement, number: Int, of: Int)
  /// A statement was already executed by an earlier run that stopped.
  case foundDone(SQLStatement)
  /// An INVALID index that a failed build had left behind was dropped.
  case removedInvalidIndex(String)
  /// Another session of the server builds an index of the table; this session waits for it.
  case waitingForBuild(process: Int)
  /// A lock was not available in time; the migration is tried again.
  case retrying(SchemaPlan.Step, attempt: Int, reason: String)
  /// A migration has finished.
  case finished(SchemaPlan.Step, seconds: Double)
  /// The losses of a migration that were not known in advance.
  case lost(SchemaPlan.Step, [Loss])
  /// The objects of a migration that are deleted when this session ends.
  case temporary(SchemaPlan.Step, [TemporaryObject])
  /// Another process has executed the migration meanwhile.
  case doneElsewhere(SchemaPlan.Step)
  /// The server has sent a notice.
  case notice(ServerNotice)
}

/// The session that holds the lock for migrations.
package struct LockHolder: Sendable, Equatable, CustomStringConvertible {
  /// The session's process on the server.
  package let pid: Int
  /// The name of the session's program; for this program also its host and process.
  package let application: String
  /// The address from which the session connects; empty for a Unix socket.
  package let address: String
  /// When the session connected, as the server writes it.
  package let since: String

  /// The session's program, address, process and time on one line.
  package var description: String {
    let name = application.isEmpty ? "a session without a name" : application
    let place = address.isEmpty ? "" : " from \(address)"
    return "\(name)\(place) (server process \(pid), since \(since))"
  }
}

/// A statement of a migration that the server has refused, and the state of the database
/// afterwards.
package struct MigrationFailure: Error, Sendable, CustomStringConvertible {
  /// The part of the migration that is in the database afterwards.
  package enum Remainder: Sendable, Equatable {
    /// Nothing; the migration was rolled back.
    case nothing
    /// This many statements, which the ledger records.
    case statements(Int, of: Int)
    /// Everything or nothing: the answer to COMMIT was lost.
    case unknown
  }

  /// The migration that failed.
  package let step: SchemaPlan.Step
  /// The statement; nil where COMMIT or the ledger failed.
  package let statement: SQLStatement?
  /// The message of the server or of the connection.
  package let cause: PostgresError
  /// The part of the migration that is in the database afterwards.
  package let remainder: Remainder

  /// The place of the error in the file, or the beginning of the statement; nil without a
  /// statement.
  package var position: SourcePosition? {
    guard let statement else { return nil }
    guard let character = cause.serverError?.position else { return statement.position }
    return statement.position(ofCharacter: character)
  }

  /// The failure in the form `file:line:column: cause; state of the database and remedy`.
  package var description: String {
    let place = step.section.file + (position.map { ":\($0)" } ?? "")
    return "\(place): \(cause)\(remedy)"
  }

  private var remedy: String {
    if case .interrupted = cause { return "; \(left) — run \(way) again to continue" }
    if case .unexpected(LossGuard.operation, _) = cause {
      return "; \(left) — run \(way) again to see what would be lost now"
    }
    if remainder == .unknown { return "; \(left) — run \(way) again to find out which of the two" }
    if isTransactionUnwanted {
      return "; \(left) — \(step.section.form.transactionAdvice) and run \(way) again"
    }
    // The down part of a file may be changed without permission, because no text that was applied
    // is in that part.
    let cause =
      step.isUp || step.migration == nil ? "the cause" : "the cause, or the down migration,"
    return "; \(left) — correct \(cause) and run \(way) again"
  }

  /// The command that completes the migration.
  private var way: String {
    guard step.isUp else { return "the same command" }
    return step.migration?.isByNameOnly == true ? "schema apply \(step.version)" : "schema up"
  }

  /// True where the server accepts the statement only outside of transactions, or where code that
  /// it calls ends a transaction.
  private var isTransactionUnwanted: Bool {
    guard let state = cause.serverError?.sqlState, remainder == .nothing else { return false }
    return state == "25001" || state == "2D000"
  }

  private var left: String {
    switch remainder {
    case .nothing where !step.isUp:
      "\(step.version) is unchanged, because the down migration was rolled back"
    case .nothing: "nothing of \(step.version) was kept, because it was rolled back"
    case .statements(let done, let all):
      "\(done) of the \(all) statements of "
        + "\(step.isUp ? "" : "the down migration of ")\(step.version) "
        + "are done and recorded"
    case .unknown:
      "\(step.isUp ? "" : "the down migration of ")\(step.version) is either done and recorded, or "
        + "nothing of it was kept"
    }
  }
}

/// The results of a run.
package struct SchemaOutcome: Sendable, Equatable {
  /// The steps that this run has executed.
  package var steps: [SchemaPlan.Step] = []
  /// The tables and indexes that were created, dropped or renamed.
  package var created = CatalogChange()
  /// The objects that were created and are deleted when this session ends.
  package var temporary: [TemporaryObject] = []
}
