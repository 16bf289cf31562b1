package import Doctor
package import Models
package import Ledger
package import Stores
package import VectorIndex
package import VectorMath

/// What a run tells while it goes on; whoever shows it decides how.
package enum MigrationEvent: Sendable {
  /// A dry run could not reach the database and goes on without it.
  case databaseUnreachable(reason: String)
  /// Something about the database should be looked at; the run goes on.
  case examined(Finding)
  /// These stores were selected.
  case found([FoundStore])
  /// A store is being read for the plan.
  case examining(FoundStore)
  /// The plan is made.
  case planned(MigrationPlan)
  /// Copies are about to be made in this folder.
  case backupsStarted(directory: String)
  /// A store's copy is made and verified.
  case backupCreated(StoreName, folder: String)
  /// A store's turn has come.
  case storeStarted(PlannedStore)
  /// Its files are open and their contents counted.
  case storeOpened(PlannedStore, StoreContents)
  /// A projection is being fitted to it.
  case modelFitting(PlannedStore, Projection.Kind, from: Int, to: Int)
  /// The model that all stores of a dimension share is there: found, or fitted to a sample of so
  /// many rows and kept in this place too.
  case sharedModelReady(Projection, population: Int?, savedTo: String?)
  /// It is measured on a store.
  case sharedModelUsed(PlannedStore, from: Int, to: Int)
  /// Its projection is measured, and, where it is its own, kept in this place.
  case modelFitted(PlannedStore, FittedModel, savedTo: String?)
  /// So many documents of the application were put into the coordinates of its new model.
  case addedCarried(StoreName, documents: Int)
  /// Its documents are about to be written.
  case storeWriting(PlannedStore, documents: Int)
  /// So many of its documents are on their way.
  case storeProgress(StoreName, documents: Int)
  /// The server has gone away, or is back.
  case server(ServerEvent)
  /// One of several connections did not come about; the run goes on with the others.
  case connectionRefused(Failure)
  /// The database could not be made ready because of an error that can pass; it is tried again.
  case setUpRetried(Failure, seconds: Double)
  /// An error that can pass has undone its transaction; it is tried again after so many seconds.
  case storeRetried(PlannedStore, Failure, seconds: Double)
  /// Another run has it; `holder` says who in words.
  case storeTaken(PlannedStore, holder: String, isWaitedFor: Bool)
  /// Its turn is over.
  case storeFinished(StoreResult)
  /// All stores are done, and the table gets this index.
  case indexPlanned(BuildPlan)
  /// So its building goes.
  case indexing(IndexEvent)
}

/// How one store fared.
package struct StoreResult: Sendable, Equatable {
  /// How it ended.
  package enum Outcome: Sendable, Equatable {
    /// A dry run found nothing against it.
    case planned
    /// Its documents are committed.
    case migrated(documents: Int)
    /// The database held it already; `missing` rows were deleted there since.
    case unchanged(missing: Int)
    /// It holds no documents and there is no table yet: nothing was written.
    case empty
    /// It was not carried over.
    case failed(Failure)

    /// Its documents are committed.
    var isMigrated: Bool { if case .migrated = self { true } else { false } }
  }

  /// What was planned for it.
  package let planned: PlannedStore
  /// How it ended.
  package let outcome: Outcome
  /// What was found inside, by the plan or by the run.
  package let contents: StoreContents?
  /// How well searches survive the reduction, measured; nil where nothing was made shorter.
  package let fidelity: Fidelity?
  /// Rows that stand in the table as the application left them, and were not written.
  package var kept = KeptDocuments()
  /// What became of rows that no ledger had listed.
  package var adoption = AdoptionReport()
  /// Rows of other tables that went or changed with documents, by leave of the operator.
  package var losses: [ReferringRows] = []
  /// The folder of its verified copy.
  package let backup: String?
  /// How long its turn took.
  package let seconds: Double

  /// The user and the collection.
  package var name: StoreName { planned.name }

  /// Why it failed, where it did.
  package var failure: Failure? {
    if case .failed(let failure) = outcome { failure } else { nil }
  }
}

/// The whole run, as the summary and `--json` show it.
package struct MigrationReport: Sendable {
  /// The run's name in journal and ledger; nil for a dry run.
  package let run: RunID?
  /// When it began.
  package let startedAt: CalendarTime
  /// What was planned.
  package let plan: MigrationPlan
  /// Each store, in the order of the plan.
  package let stores: [StoreResult]
  /// What became of the table's index.
  package let index: IndexResult
  /// A dry run's view of the database: what would stop a live run before it touches anything.
  package let obstacle: Failure?
  /// Why a dry run could not look at the database; nil where it did.
  package var unreachable: String?
  /// Why the run stopped before its end, where the server had gone away for too long; stores
  /// without a result were not begun.
  package let outage: Failure?
  /// The operator stopped the run; stores without a result were not begun.
  package let wasInterrupted: Bool
  /// How long everything took.
  package let seconds: Double

  /// Stores of the plan whose turn never came.
  package var notBegun: [StoreName] {
    let begun = Set(stores.map(\.name))
    return plan.stores.map(\.name).filter { !begun.contains($0) }
  }
  /// Stores that are as they should be.
  package var successful: Int { stores.count { $0.failure == nil } }
  /// Stores that were not carried over, those among them that another run had.
  package var failed: Int { stores.count - successful - interrupted }
  /// Stores that another run had until the end.
  package var taken: Int { stores.count { $0.failure?.kind == .taken } }
  /// Stores that were begun when the operator stopped the run; nothing of them was written.
  package var interrupted: Int { stores.count { $0.failure?.kind == .interrupted } }
  /// Stores that needed nothing.
  package var unchanged: Int {
    stores.count { if case .unchanged = $0.outcome { true } else { false } }
  }
  /// Stores without documents, for which there is no table yet.
  package var empty: Int { stores.count { $0.outcome == .empty } }
  /// Documents that this run committed.
  package var documents: Int {
    stores.reduce(0) { sum, store in
      if case .migrated(let documents) = store.outcome { sum + documents } else { sum }
    }
  }
}
