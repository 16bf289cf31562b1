package import Ledger
package import Postgres
package import Stores

/// What a rollback will do, decided before anything is removed: `--dry-run` prints it, a live one
/// executes the same value.
package struct RollbackPlan: Sendable, Equatable {
  /// The run whose writing is taken back.
  package let run: RunID
  /// The run that it had taken back itself, where it was a rollback.
  package let takesBack: RunID?
  /// When it began, in UTC.
  package let startedAt: String
  /// The machine it ran on.
  package let host: String
  /// Each store that it wrote last, by name.
  package let stores: [StorePlan]

  /// Rows that will go.
  package var removes: Int { stores.reduce(0) { $0 + $1.removes } }
  /// Rows that stay because somebody has changed them.
  package var edited: Int { stores.reduce(0) { $0 + $1.edited.count } }

  /// One store's part of the plan.
  package struct StorePlan: Sendable, Equatable {
    /// The user and the collection.
    package let name: StoreName
    /// What will be taken out of the database; nil where only files are restored.
    package let rows: Rows?
    /// The state before the run, where it replaced an earlier one.
    package let previous: Previous?
    /// Files that will be put back.
    package let files: [FilePlan]
    /// The ledger says that they are what the run carried over, and not only their own manifest.
    package let areFilesProven: Bool
    /// Why it cannot be rolled back.
    package let refusal: Failure?

    /// Why a rollback would fail, as far as can be seen; nil where it would not.
    package var failure: Failure? { refusal ?? rows?.obstacle }
    /// Rows that will go.
    package var removes: Int { refusal == nil ? rows?.removes ?? 0 : 0 }
    /// Rows that stay because somebody has changed them.
    package var edited: KeptDocuments { rows?.edited ?? KeptDocuments() }
  }

  /// What becomes of a store's rows.
  package struct Rows: Sendable, Equatable {
    /// The store's row in the ledger.
    let store: Int
    /// The table that holds them.
    package let table: String
    /// The same as the ledger writes it.
    let catalogueName: String
    /// Rows that the run wrote and nobody has changed: they go.
    package let removes: Int
    /// Rows that the run wrote and somebody has changed: they stay.
    package let edited: KeptDocuments
    /// Rows that a run had taken over: they stay, as they were before.
    package let putsBack: Int
    /// Rows that the run wrote and somebody has deleted.
    package let gone: Int
    /// Rows that the application added: they stay.
    package let added: Int
    /// Rows that stand alongside, in no ledger: they stay.
    package let alongside: Int
    /// The vectors were made shorter, and their projection goes with the rows.
    package let hasProjection: Bool
    /// Tables that refer to the documents' by foreign keys that act on their rows.
    package let referring: [ReferringTable]
    /// Rows of such tables that go or change if all `removes` go.
    package var losses: [ReferringRows] = []
    /// Why none of it would go, as things stand.
    package var obstacle: Failure?
  }

  /// The state that the run replaced.
  package struct Previous: Sendable, Equatable {
    /// How many documents it had.
    package let documents: Int
    /// The run that had written it.
    package let run: RunID
    /// The copy it will be brought back from; nil where that was not asked for.
    package let backup: String?
  }

  /// One file that is put back.
  package struct FilePlan: Sendable, Equatable {
    /// What happens to it.
    package enum Action: Sendable, Equatable {
      /// It is there as the backup has it.
      case same
      /// It is missing and comes back.
      case write
      /// It differs and is exchanged; what was there stays under another name.
      case replace(keeping: String, isNewer: Bool)
    }

    /// The file as the operator would type it.
    package let path: String
    /// What happens to it.
    package let action: Action
  }
}

/// What a rollback comes to before anything is done.
package enum RollbackDecision: Sendable, Equatable {
  /// This would be done.
  case plan(RollbackPlan)
  /// Nothing is left to take back; why.
  case nothing(String)
}

/// What the operator wants taken back.
package struct RollbackOptions: Sendable {
  /// The run, by its name or the beginning of it; nil for the latest migration.
  package var run: String?
  /// The table whose latest migration is meant where no run is named.
  package var table = QualifiedName("vector_documents")
  /// Which of its stores.
  package var selection = StoreSelection()
  /// Brings back the state before the run where it replaced an earlier one.
  package var restores = false
  /// Puts the run's copies of the files back.
  package var restoresFiles = false
  /// Tables of which rows may go with documents by foreign keys, as the operator names them.
  package var allowedLosses: [String] = []
  /// Seconds that a server which has gone away is waited for.
  package var giveUpAfter = 60
  /// The folder of users.
  package var userDataDirectory = "user_data"
  /// Where backups and the journal are.
  package var backupDirectory = "migration_backup"

  /// All stores of the latest run.
  package init() {}
}

/// How one store's rollback ended.
package struct RollbackResult: Sendable, Equatable {
  /// What was planned for it.
  package let plan: RollbackPlan.StorePlan
  /// Rows that were removed.
  package internal(set) var removed = 0
  /// Rows that stayed because somebody had changed them.
  package internal(set) var edited = KeptDocuments()
  /// Rows that a run had taken over and that are as they were before.
  package internal(set) var putBack = 0
  /// Rows of other tables that went or changed with documents, by leave of the operator.
  package internal(set) var losses: [ReferringRows] = []
  /// Documents that were brought back from the state before.
  package internal(set) var restored = 0
  /// Files that were put back.
  package internal(set) var files = 0
  /// Why it did not come about, where it did not.
  package internal(set) var failure: Failure?

  /// The user and the collection.
  package var name: StoreName { plan.name }
}

/// The whole rollback, as the summary and `--json` show it.
package struct RollbackReport: Sendable {
  /// What was planned.
  package let plan: RollbackPlan
  /// Each store, in the order of the plan.
  package let stores: [RollbackResult]
  /// Why it stopped before its end, where the server had gone away for too long.
  package let outage: Failure?
  /// The operator stopped it before the last store.
  package let wasInterrupted: Bool

  /// Stores of the plan whose turn never came.
  package var notBegun: [StoreName] { plan.stores[stores.count...].map(\.name) }
  /// Stores that were not rolled back.
  package var failed: Int { stores.count { $0.failure != nil } }
  /// Stores whose rows went, were kept in part, or were exchanged for an earlier state.
  package var rolledBack: Int { stores.count { $0.failure == nil && $0.plan.rows != nil } }
  /// Stores of which rows stayed because somebody had changed them.
  package var partly: Int { stores.count { $0.failure == nil && $0.edited.count > 0 } }
}
