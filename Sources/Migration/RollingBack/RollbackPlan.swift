public import Ledger
public import Postgres
public import Stores

/// What a rollback will do, decided before anything is removed: `--dry-run` prints it, a live one
/// executes the same value.
public struct RollbackPlan: Sendable, Equatable {
  /// The run whose writing is taken back.
  public let run: RunID
  /// The run that it had taken back itself, where it was a rollback.
  public let takesBack: RunID?
  /// When it began, in UTC.
  public let startedAt: String
  /// The machine it ran on.
  public let host: String
  /// Each store that it wrote last, by name.
  public let stores: [StorePlan]

  /// Rows that will go.
  public var removes: Int { stores.reduce(0) { $0 + $1.removes } }
  /// Rows that stay because somebody has changed them.
  public var edited: Int { stores.reduce(0) { $0 + $1.edited.count } }

  /// One store's part of the plan.
  public struct StorePlan: Sendable, Equatable {
    /// The user and the collection.
    public let name: StoreName
    /// What will be taken out of the database; nil where only files are restored.
    public let rows: Rows?
    /// The state before the run, where it replaced an earlier one.
    public let previous: Previous?
    /// Files that will be put back.
    public let files: [FilePlan]
    /// The ledger says that they are what the run carried over, and not only their own manifest.
    public let areFilesProven: Bool
    /// Why it cannot be rolled back.
    public let refusal: Failure?

    /// Rows that will go.
    public var removes: Int { refusal == nil ? rows?.removes ?? 0 : 0 }
    /// Rows that stay because somebody has changed them.
    public var edited: KeptDocuments { rows?.edited ?? KeptDocuments() }
  }

  /// What becomes of a store's rows.
  public struct Rows: Sendable, Equatable {
    /// The store's row in the ledger.
    let store: Int
    /// The table that holds them.
    public let table: String
    /// The same as the ledger writes it.
    let catalogueName: String
    /// Rows that the run wrote and nobody has changed: they go.
    public let removes: Int
    /// Rows that the run wrote and somebody has changed: they stay.
    public let edited: KeptDocuments
    /// Rows that a run had taken over: they stay, as they were before.
    public let putsBack: Int
    /// Rows that the run wrote and somebody has deleted.
    public let gone: Int
    /// Rows that the application added: they stay.
    public let added: Int
    /// Rows that stand alongside, in no ledger: they stay.
    public let alongside: Int
    /// The vectors were made shorter, and their projection goes with the rows.
    public let hasProjection: Bool
    /// Tables that refer to the documents' by foreign keys that act on their rows.
    public let referring: [ReferringTable]
    /// Rows of such tables that go or change if all `removes` go.
    public var losses: [ReferringRows] = []
  }

  /// The state that the run replaced.
  public struct Previous: Sendable, Equatable {
    /// How many documents it had.
    public let documents: Int
    /// The run that had written it.
    public let run: RunID
    /// The copy it will be brought back from; nil where that was not asked for.
    public let backup: String?
  }

  /// One file that is put back.
  public struct FilePlan: Sendable, Equatable {
    /// What happens to it.
    public enum Action: Sendable, Equatable {
      /// It is there as the backup has it.
      case same
      /// It is missing and comes back.
      case write
      /// It differs and is exchanged; what was there stays under another name.
      case replace(keeping: String, isNewer: Bool)
    }

    /// The file as the operator would type it.
    public let path: String
    /// What happens to it.
    public let action: Action
  }
}

/// What a rollback comes to before anything is done.
public enum RollbackDecision: Sendable, Equatable {
  /// This would be done.
  case plan(RollbackPlan)
  /// Nothing is left to take back; why.
  case nothing(String)
}

/// What the operator wants taken back.
public struct RollbackOptions: Sendable {
  /// The run, by its name or the beginning of it; nil for the latest migration.
  public var run: String?
  /// The table whose latest migration is meant where no run is named.
  public var table = QualifiedName("vector_documents")
  /// Which of its stores.
  public var selection = StoreSelection()
  /// Brings back the state before the run where it replaced an earlier one.
  public var restores = false
  /// Puts the run's copies of the files back.
  public var restoresFiles = false
  /// Tables of which rows may go with documents by foreign keys, as the operator names them.
  public var allowedLosses: [String] = []
  /// Seconds that a server which has gone away is waited for.
  public var giveUpAfter = 60
  /// The folder of users.
  public var userDataDirectory = "user_data"
  /// Where backups and the journal are.
  public var backupDirectory = "migration_backup"

  /// All stores of the latest run.
  public init() {}
}

/// How one store's rollback ended.
public struct RollbackResult: Sendable, Equatable {
  /// What was planned for it.
  public let plan: RollbackPlan.StorePlan
  /// Rows that were removed.
  public internal(set) var removed = 0
  /// Rows that stayed because somebody had changed them.
  public internal(set) var edited = KeptDocuments()
  /// Rows that a run had taken over and that are as they were before.
  public internal(set) var putBack = 0
  /// Rows of other tables that went or changed with documents, by leave of the operator.
  public internal(set) var losses: [ReferringRows] = []
  /// Documents that were brought back from the state before.
  public internal(set) var restored = 0
  /// Files that were put back.
  public internal(set) var files = 0
  /// Why it did not come about, where it did not.
  public internal(set) var failure: Failure?

  /// The user and the collection.
  public var name: StoreName { plan.name }
}

/// The whole rollback, as the summary and `--json` show it.
public struct RollbackReport: Sendable {
  /// What was planned.
  public let plan: RollbackPlan
  /// Each store, in the order of the plan.
  public let stores: [RollbackResult]
  /// Why it stopped before its end, where the server had gone away for too long.
  public let outage: Failure?
  /// The operator stopped it before the last store.
  public let wasInterrupted: Bool

  /// Stores of the plan whose turn never came.
  public var notBegun: [StoreName] { plan.stores[stores.count...].map(\.name) }
  /// Stores that were not rolled back.
  public var failed: Int { stores.count { $0.failure != nil } }
  /// Stores whose rows went, were kept in part, or were exchanged for an earlier state.
  public var rolledBack: Int { stores.count { $0.failure == nil && $0.plan.rows != nil } }
  /// Stores of which rows stayed because somebody had changed them.
  public var partly: Int { stores.count { $0.failure == nil && $0.edited.count > 0 } }
}
