internal import MigrationFiles
package import SQLText
package import Postgres

/// The events of a run that are shown to the operator.
package enum SchemaEvent: Sendable {
  /// Another process migrates the database, and this process waits for it.
  case waiting(LockHolder)
  /// A migration begins.
  case began(SchemaPlan.Step)
  /// A statement begins; `number` counts the migration's statements from 1.
  case statement(SQLStatement, number: Int, of: Int)
  /// The statement needs no execution, because an earlier run had executed it before it stopped.
  case foundDone(SQLStatement)
  /// An INVALID index that a failed build had left behind was dropped.
  case removedInvalidIndex(String)
  /// Another session builds an index of the table, and this session waits for that build.
  case waitingForBuild(process: Int)
  /// A lock was not free in time, and the migration is tried again.
  case retrying(SchemaPlan.Step, attempt: Int, reason: String)
  /// A migration has finished.
  case finished(SchemaPlan.Step, seconds: Double)
  /// The losses of a migration that were not known in advance.
  case lost(SchemaPlan.Step, [Loss])
  /// The objects of a migration that are deleted when this session ends.
  case temporary(SchemaPlan.Step, [TemporaryObject])
  /// Another process has executed this step since the plan was made.
  case doneElsewhere(SchemaPlan.Step)
  /// The server has sent a notice.
  case notice(ServerNotice)
}

/// A session that holds the lock for migrations, or that is migrating.
package struct LockHolder: Sendable, Equatable, CustomStringConvertible {
  /// The number of the session's process on the server.
  package let pid: Int
  /// The name that the session's program has given; this program adds its host and process number.
  package let application: String
  /// The address from which the session connects; empty for a Unix socket.
  package let address: String
  /// The time at which the session connected, as the server writes it.
  package let since: String

  /// The session's program, address, process and time, in one line.
  package var description: String {
    let name = application.isEmpty ? "a session without a name" : application
    let place = address.isEmpty ? "" : " from \(address)"
    return "\(name)\(place) (server process \(pid), since \(since))"
  }
}

/// The failure of a migration, and what of the migration is in the database afterwards.
package struct MigrationFailure: Error, Sendable, CustomStringConvertible {
  /// The part of a failed migration that is in the database.
  package enum Remainder: Sendable, Equatable {
    /// Nothing, because the migration was rolled back.
    case nothing
    /// A number of statements, which the ledger records.
    case statements(Int, of: Int)
    /// All or nothing, because the server's answer to COMMIT was lost.
    case unknown
  }

  /// The migration that failed.
  package let step: SchemaPlan.Step
  /// The statement that failed; nil where COMMIT or writing to the ledger failed.
  package let statement: SQLStatement?
  /// The error from the server or from the connection.
  package let cause: PostgresError
  /// The part of the migration that is in the database afterwards.
  package let remainder: Remainder
  /// The cause and the remedy in words, where the program knows more than the server's message says.
  package let explanation: String?
  /// The place of the error inside of a block or function; nil where it is in neither.
  let inner: InnerFault?

  /// The place of the error in the file, or else the place of the statement; nil where no statement
  /// failed.
  package var position: SourcePosition? {
    guard let statement else { return nil }
    guard let character = cause.serverError?.position else { return statement.position }
    return statement.position(ofCharacter: character)
  }

  /// The failure in the form `file:line:column: cause; state of the database and remedy`.
  package var description: String {
    "\(place): \(cause)\(inner.map { "; \($0.words)" } ?? "")\(remedy)"
  }

  /// The place of the error: file, line and column, as far as they are known.
  var place: String {
    if cause.serverError?.position == nil, let position = inner?.position { return position }
    return step.section.file + (position.map { ":\($0)" } ?? "")
  }

  private var remedy: String {
    if let explanation { return "; \(left) — \(explanation)" }
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

  /// The command that finishes the migration.
  private var way: String {
    guard step.isUp else { return "the same command" }
    return step.migration?.isByNameOnly == true ? "schema apply \(step.version)" : "schema up"
  }

  /// True where the server accepts the statement only outside of transactions, or where code in the
  /// statement ends a transaction.
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

/// The changes that a run has made.
package struct SchemaOutcome: Sendable, Equatable {
  /// The steps that this run has executed.
  package var steps: [SchemaPlan.Step] = []
  /// The tables and indexes that were created, dropped or renamed.
  package var created = CatalogChange()
  /// The temporary objects that the run has created; they are deleted when the session ends.
  package var temporary: [TemporaryObject] = []
}
