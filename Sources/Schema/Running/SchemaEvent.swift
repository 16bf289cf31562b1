internal import MigrationFiles
package import SQLText
package import Postgres

/// What happens while a set is migrated, for whoever shows it.
package enum SchemaEvent: Sendable {
  /// Another process migrates; this one waits for it.
  case waiting(LockHolder)
  /// A migration begins.
  case began(SchemaPlan.Step)
  /// A statement begins: its number from 1.
  case statement(SQLStatement, number: Int, of: Int)
  /// A statement was found to be done already by a run that stopped.
  case foundDone(SQLStatement)
  /// An INVALID index that a failed build had left was taken away.
  case removedInvalidIndex(String)
  /// Another session of the server builds an index of the table, and is waited for.
  case waitingForBuild(process: Int)
  /// A lock did not come in time; the migration is tried again.
  case retrying(SchemaPlan.Step, attempt: Int, reason: String)
  /// A migration is done.
  case finished(SchemaPlan.Step, seconds: Double)
  /// What went with a migration of which that was not known beforehand.
  case lost(SchemaPlan.Step, [Loss])
  /// What a migration has made that goes with this session.
  case temporary(SchemaPlan.Step, [TemporaryObject])
  /// Another process has done it meanwhile.
  case doneElsewhere(SchemaPlan.Step)
  /// The server had something to say.
  case notice(ServerNotice)
}

/// The session that holds the lock of migrations.
package struct LockHolder: Sendable, Equatable, CustomStringConvertible {
  /// Its process on the server.
  package let pid: Int
  /// What it calls itself: program, host and process, where it is this program.
  package let application: String
  /// Where it connects from; empty for a Unix socket.
  package let address: String
  /// When it connected, as the server writes it.
  package let since: String

  /// One line with all of it.
  package var description: String {
    let name = application.isEmpty ? "a session without a name" : application
    let place = address.isEmpty ? "" : " from \(address)"
    return "\(name)\(place) (server process \(pid), since \(since))"
  }
}

/// A statement of a migration that the server has refused, and what that leaves behind.
package struct MigrationFailure: Error, Sendable, CustomStringConvertible {
  /// What is in the database afterwards.
  package enum Remainder: Sendable, Equatable {
    /// Everything of the migration was rolled back.
    case nothing
    /// So many statements stand, and the ledger says so.
    case statements(Int, of: Int)
  }

  /// The migration.
  package let step: SchemaPlan.Step
  /// The statement; nil where COMMIT or the ledger failed.
  package let statement: SQLStatement?
  /// What the server or the connection said.
  package let cause: PostgresError
  /// What is in the database afterwards.
  package let remainder: Remainder

  /// The place in the file where the server saw the error, or where the statement begins.
  package var position: SourcePosition? {
    guard let statement else { return nil }
    guard let character = cause.serverError?.position else { return statement.position }
    return statement.position(ofCharacter: character)
  }

  /// `file:line:column: what; what is left and how to go on`.
  package var description: String {
    let place = step.section.file + (position.map { ":\($0)" } ?? "")
    return "\(place): \(cause)\(remedy)"
  }

  private var remedy: String {
    if case .interrupted = cause { return "; \(left) — run \(way) again to go on" }
    if case .unexpected(LossGuard.operation, _) = cause {
      return "; \(left) — run \(way) again to see what goes now"
    }
    if isTransactionUnwanted {
      return "; \(left) — \(step.section.form.transactionAdvice) and run \(way) again"
    }
    // The file's way down may change without anybody's leave: what was applied is not in it.
    let cause = step.isUp || step.migration == nil ? "the cause" : "the cause, or its way down,"
    return "; \(left) — mend \(cause) and run \(way) again"
  }

  /// What completes the migration.
  private var way: String {
    guard step.isUp else { return "the same command" }
    return step.migration?.isByNameOnly == true ? "schema apply \(step.version)" : "schema up"
  }

  /// True where the server takes the statement outside of transactions only, or what it calls ends
  /// one by itself.
  private var isTransactionUnwanted: Bool {
    guard let state = cause.serverError?.sqlState, remainder == .nothing else { return false }
    return state == "25001" || state == "2D000"
  }

  private var left: String {
    switch remainder {
    case .nothing where !step.isUp:
      "\(step.version) stands as it was, its way down was rolled back"
    case .nothing: "nothing of \(step.version) stands, it was rolled back"
    case .statements(let done, let all):
      "\(done) of the \(all) statements of \(step.isUp ? "" : "the way down of ")\(step.version) "
        + "are done and recorded"
    }
  }
}

/// What a run has done.
package struct SchemaOutcome: Sendable, Equatable {
  /// The steps that this run carried out.
  package var steps: [SchemaPlan.Step] = []
  /// What has come into being.
  package var created = CatalogChange()
  /// What has come into being and goes with this session.
  package var temporary: [TemporaryObject] = []
}
