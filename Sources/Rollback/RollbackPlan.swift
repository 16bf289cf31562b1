package import Ledger
package import Machine
package import Postgres
package import Stores

/// The plan of a rollback, made before anything is deleted: `--dry-run` prints it, and a live
/// rollback executes the same value.
package struct RollbackPlan: Sendable, Equatable {
  /// The run that is rolled back.
  package let run: RunID
  /// The run that the rolled back run had itself rolled back; nil where the rolled back run was not
  /// a rollback.
  package let undoneRun: RunID?
  /// The time when the rolled back run began, in UTC.
  package let startedAt: String
  /// The host of the rolled back run.
  package let host: String
  /// Each store that was last written by this run, ordered by name.
  package let stores: [StorePlan]
  /// The stores that the run has touched, but that are not rolled back with it, ordered by name.
  package var leftOut: [LeftOut] = []

  /// The number of rows that will be deleted.
  package var removes: Int { stores.reduce(0) { $0 + $1.removes } }
  /// The number of rows that stay because they were changed.
  package var edited: Int { stores.reduce(0) { $0 + $1.edited.count } }

  /// A store that a run has touched, but that is not rolled back with it.
  package struct LeftOut: Sendable, Equatable {
    /// The store's name: the user and the collection.
    package let name: StoreName
    /// The run that has written the store's present documents.
    package let run: RunID
    /// True where the run that is rolled back has only fitted the store's model; false where it has
    /// written documents that the other run has replaced.
    package let isOnlyFitted: Bool

    /// The reason why the store is left out, and the command that rolls it back.
    package var reason: String {
      (isOnlyFitted
        ? "\(name): only its model was fitted again, its documents are those of run \(run)"
        : "\(name): run \(run) has replaced it since")
        + "; vector-ferry rollback \(run) undoes that"
    }
  }

  /// The part of the plan for one store.
  package struct StorePlan: Sendable, Equatable {
    /// The store's name: the user and the collection.
    package let name: StoreName
    /// The work that will be done on the store's rows; nil where only files are restored, or where
    /// the store is refused.
    package let rows: Rows?
    /// The state of the store before the run; nil where the run did not replace an earlier state.
    package let previous: Previous?
    /// The files that will be restored.
    package let files: [FilePlan]
    /// True where the ledger confirms that `files` are the files that were migrated; false where
    /// only the manifest of the backup confirms this.
    package let areFilesProven: Bool
    /// The reason why the store cannot be rolled back; nil where a rollback is possible.
    package let refusal: Failure?

    /// The reason why a rollback of the store would fail; nil where no reason is known.
    package var failure: Failure? { refusal ?? rows?.obstacle }
    /// The number of rows of the store that will be deleted.
    package var removes: Int { refusal == nil ? rows?.removes ?? 0 : 0 }
    /// The rows of the store that stay because they were changed.
    package var edited: KeptDocuments { rows?.edited ?? KeptDocuments() }
  }

  /// The work that will be done on a store's rows.
  package struct Rows: Sendable, Equatable {
    /// The store's id in the ledger.
    let store: Int
    /// The table that holds the rows.
    package let table: String
    /// The table's name as the ledger writes it.
    let catalogueName: String
    /// The number of rows that the run wrote and nobody changed; these rows will be deleted.
    package let removes: Int
    /// The rows that the run wrote and that were changed: they stay.
    package let edited: KeptDocuments
    /// The number of adopted rows that will be restored to their earlier state.
    package let putsBack: Int
    /// The number of rows that the run wrote and that no longer exist.
    package let gone: Int
    /// The number of rows that the application added; these rows stay.
    package let added: Int
    /// The number of rows of the collection that the ledger does not list and that existed before
    /// the store was migrated; these rows stay.
    package let alongside: Int
    /// True where the vectors were reduced; their projection is deleted with the rows.
    package let hasProjection: Bool
    /// The tables that have foreign keys by which rows of these tables are deleted or changed
    /// together with documents.
    package let referring: [ReferringTable]
    /// The rows of other tables that are deleted or changed if all `removes` rows are deleted.
    package var losses: [ReferringRows] = []
    /// The reason why no row could be deleted in the present state; nil where rows could be
    /// deleted.
    package var obstacle: Failure?
  }

  /// The earlier state that the run replaced.
  package struct Previous: Sendable, Equatable {
    /// The number of documents that the earlier state had.
    package let documents: Int
    /// The run that wrote the earlier state.
    package let run: RunID
    /// The folder of the copy from which the earlier state will be restored; nil where the operator
    /// did not ask to restore it.
    package let backup: String?
  }

  /// A file that is restored.
  package struct FilePlan: Sendable, Equatable {
    /// The work that will be done for a file.
    package enum Action: Sendable, Equatable {
      /// The file already has the contents of the backup; nothing is done.
      case same
      /// The file is missing and will be written.
      case write
      /// The file differs from the backup and will be replaced; the present file is kept under the
      /// name `keeping`.
      ///
      /// `isNewer` is true where the present file was changed after the run that made the backup
      /// had begun.
      case replace(keeping: String, isNewer: Bool)
    }

    /// The file's path as the operator would type it.
    package let path: String
    /// The work that will be done for the file.
    package let action: Action
  }
}

/// The decision of a rollback's planner, before anything is changed.
package enum RollbackDecision: Sendable, Equatable {
  /// The plan would be carried out.
  case plan(RollbackPlan)
  /// Nothing is left to roll back, for this reason.
  case nothing(String)
}

/// The operator's choices for a rollback.
package struct RollbackOptions: Sendable {
  /// The run, by its id or the beginning of the id; nil for the latest migration.
  package var run: String?
  /// The table whose latest migration is rolled back where no run is named.
  package var table = QualifiedName("vector_documents")
  /// The stores of the run that are rolled back.
  package var selection = StoreSelection()
  /// True where the state before the run is restored, if the run replaced one.
  package var restores = false
  /// True where the run's copies of the files are restored.
  package var restoresFiles = false
  /// The tables whose rows foreign keys may delete or change together with documents, as the
  /// operator names them.
  package var allowedLosses: [String] = []
  /// The number of seconds to wait for a server that no longer answers.
  package var giveUpAfter = 60
  /// The folder that contains a folder for each user.
  package var userDataDirectory = "user_data"
  /// The file or folder that the run's stores were migrated from, where the operator had named it;
  /// nil for stores in `userDataDirectory`.
  package var place: GivenPlace?
  /// The directory of backups and the journal.
  package var backupDirectory = "migration_backup"

  /// Creates the default choices: all stores of the latest run.
  package init() {}
}

/// The result of one store's rollback.
package struct RollbackResult: Sendable, Equatable {
  /// The plan for the store.
  package let plan: RollbackPlan.StorePlan
  /// The number of rows that were deleted.
  package internal(set) var removed = 0
  /// The rows that stayed because they were changed.
  package internal(set) var edited = KeptDocuments()
  /// The number of adopted rows that were restored to their earlier state.
  package internal(set) var putBack = 0
  /// The rows of other tables that were deleted or changed with documents, as the operator allowed.
  package internal(set) var losses: [ReferringRows] = []
  /// The number of documents of the earlier state that were restored.
  package internal(set) var restored = 0
  /// The number of the application's documents that were converted to the earlier model.
  package internal(set) var converted = 0
  /// The number of the application's documents that keep the vectors of the later model, because
  /// the earlier state has vectors of another dimension.
  package internal(set) var unconverted = 0
  /// The number of files that were restored.
  package internal(set) var files = 0
  /// The reason why the store was not rolled back; nil where the rollback succeeded.
  package internal(set) var failure: Failure?

  /// The store's name: the user and the collection.
  package var name: StoreName { plan.name }
}

/// The result of the whole rollback, as the summary and `--json` show it.
package struct RollbackReport: Sendable {
  /// The plan of the rollback.
  package let plan: RollbackPlan
  /// The results of the stores, in the order of the plan.
  package let stores: [RollbackResult]
  /// The reason why the rollback stopped early, where the server did not answer for too long; nil
  /// otherwise.
  package let outage: Failure?
  /// True where the operator stopped the rollback before the last store.
  package let wasInterrupted: Bool

  /// The stores of the plan that were not begun.
  package var notBegun: [StoreName] { plan.stores[stores.count...].map(\.name) }
  /// The number of stores that could not be rolled back, without the stores that were not begun.
  package var failed: Int { stores.count { $0.failure != nil } }
  /// The number of stores whose rows were deleted, also where some rows stay, or were replaced by
  /// an earlier state.
  package var rolledBack: Int { stores.count { $0.failure == nil && $0.plan.rows != nil } }
  /// The number of stores in which some rows stay because they were changed.
  package var partly: Int { stores.count { $0.failure == nil && $0.edited.count > 0 } }
}
