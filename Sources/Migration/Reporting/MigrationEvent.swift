package import Clock
package import Doctor
package import Embedding
package import Machine
package import Models
package import Ledger
package import StoreEmbedding
package import Stores
package import Unlisted
package import VectorIndex
package import VectorMath

/// An event of a migration, for display and for the journal.
package enum MigrationEvent: Sendable {
  /// A dry run could not reach the database and continues without it.
  case databaseUnreachable(reason: String)
  /// A check of the database found something that the operator should check; the run continues.
  case examined(Finding)
  /// These stores were selected.
  case found([FoundStore])
  /// A store is being read for the plan.
  case examining(FoundStore)
  /// The plan was made.
  case planned(MigrationPlan)
  /// A live run has begun, and is recorded under this id.
  case begun(RunID)
  /// Copies will now be made in this folder.
  case backupsStarted(directory: String)
  /// A store's copy was made and verified.
  case backupCreated(StoreName, folder: String)
  /// The vectors of this many texts are needed; a service is asked for those that the cache does not
  /// have.
  case fetchStarted(texts: Int)
  /// The vectors of this many more texts are in the cache; the usage counts all requests of the run
  /// so far.
  case fetchProgress(texts: Int, EmbeddingUsage)
  /// All vectors that could be made are in the cache; for this many stores, some could not be made.
  case fetchEnded(EmbeddingUsage, failedStores: Int)
  /// An event of the service that makes vectors.
  case embedding(EmbeddingEvent)
  /// The new vectors of a store were compared with those in its files.
  case overlapMeasured(StoreName, RankingOverlap)
  /// The run begins to migrate a store.
  case storeStarted(PlannedStore)
  /// The store's files are open and their contents are counted.
  case storeOpened(PlannedStore, StoreContents)
  /// A projection is being fitted to the store.
  case modelFitting(PlannedStore, Projection.Kind, from: Int, to: Int)
  /// The model that all stores of a dimension share is ready: found in the database, or fitted to a
  /// sample of this many rows and also saved to this path.
  case sharedModelReady(Projection, population: Int?, savedTo: String?)
  /// The shared model is being measured on a store.
  case sharedModelUsed(PlannedStore, from: Int, to: Int)
  /// The store's projection was measured; a projection of the store's own was also saved to this
  /// path.
  case modelFitted(PlannedStore, FittedModel, savedTo: String?)
  /// This many documents of the application were converted to the store's new model.
  case addedConverted(StoreName, documents: Int)
  /// This many originals of documents that the application has added are deleted, because the store
  /// keeps none any more.
  case originalsDeleted(StoreName, count: Int)
  /// The store's documents will now be written; where the model is measured at the same time,
  /// `modelFitted` follows after the last document.
  case storeWriting(PlannedStore, documents: Int, isMeasured: Bool)
  /// The load was rolled back, because the store's rows have led to another decision about
  /// originals than a sample of them; the store is loaded again.
  case loadedAgain(PlannedStore, keepsOriginals: Bool)
  /// This many of the store's documents were sent so far.
  case storeProgress(StoreName, documents: Int)
  /// The server no longer answers, or answers again.
  case server(ServerEvent)
  /// One of several connections could not be opened; the run continues with the other connections.
  case connectionRefused(Failure)
  /// The database could not be prepared because of a temporary error; the run tries again after
  /// `seconds`.
  case setUpRetried(Failure, seconds: Double)
  /// A temporary error has rolled the store's transaction back; the store is tried again after
  /// `seconds`.
  case storeRetried(PlannedStore, Failure, seconds: Double)
  /// Another run holds the store; `holder` describes that run in words.
  case storeTaken(PlannedStore, holder: String, isWaitedFor: Bool)
  /// The run has finished with a store.
  case storeFinished(StoreResult)
  /// All stores are finished, and this index will be built.
  case indexPlanned(BuildPlan)
  /// An event during the building of the index.
  case indexing(IndexEvent)
}

/// The result of one store.
package struct StoreResult: Sendable, Equatable {
  /// The outcome of a store's migration.
  package enum Outcome: Sendable, Equatable {
    /// A dry run found no obstacle.
    case planned
    /// The store's documents were committed.
    case migrated(documents: Int)
    /// The database already held the store; `missing` of the store's rows were deleted from the
    /// table since then.
    case unchanged(missing: Int)
    /// The store has no documents and there is no table yet: nothing was written.
    case empty
    /// The store was not migrated.
    case failed(Failure)

    /// True where the store's documents were committed.
    var isMigrated: Bool { if case .migrated = self { true } else { false } }
  }

  /// The store as it was planned.
  package let planned: PlannedStore
  /// The outcome of the store's migration.
  package let outcome: Outcome
  /// The contents of the store's files, as read for the plan or by the run; nil where they were not
  /// read.
  package let contents: StoreContents?
  /// The measured quality of searches after the reduction; nil where nothing was measured.
  package let measurement: ModelMeasurement?
  /// The rows that stay as the application left them, and were not written.
  package var kept = KeptDocuments()
  /// The report about rows that the ledger did not list.
  package var adoption = AdoptionReport()
  /// The rows of other tables that were deleted or changed together with documents, with the
  /// operator's permission.
  package var losses: [ReferringRows] = []
  /// The share of the nearest documents that old and new vectors have in common; nil where it was
  /// not measured.
  package var overlap: RankingOverlap?
  /// The folder of the store's verified copy; nil where none was made.
  package let backup: String?
  /// The number of seconds that the store took.
  package let seconds: Double

  /// The store's name: the user and the collection.
  package var name: StoreName { planned.name }

  /// The reason why the store failed; nil where it did not fail.
  package var failure: Failure? {
    if case .failed(let failure) = outcome { failure } else { nil }
  }
}

/// The result of the whole run, as the summary and `--json` show it.
package struct MigrationReport: Sendable {
  /// The run's id in journal and ledger; nil for a dry run.
  package let run: RunID?
  /// The time when the run began.
  package let startedAt: CalendarTime
  /// The plan of the run.
  package let plan: MigrationPlan
  /// The results of the stores, in the order of the plan.
  package let stores: [StoreResult]
  /// The result of building the table's index.
  package let index: IndexResult
  /// The reason why a live run would stop before it changes anything, as a dry run has found; nil
  /// where a live run would not stop.
  package let obstacle: Failure?
  /// The reason why a dry run could not read the database; nil where it was read.
  package var unreachable: String?
  /// The reason why the run stopped early, where the server did not answer for too long; nil
  /// otherwise.
  ///
  /// Stores without a result were not begun.
  package let outage: Failure?
  /// True where the operator stopped the run; stores without a result were not begun.
  package let wasInterrupted: Bool
  /// The number of seconds that the whole run took.
  package let seconds: Double
  /// The time of each stage.
  package var timings: [StageTime] = []
  /// The requests to the service that makes vectors, and their cost; nil where no service was used.
  package var usage: EmbeddingUsage?
  /// The space that the table took before the run; nil where it is not known.
  package var spaceBefore: DatabaseSpace?
  /// The space that the table takes after the run; nil where it is not known.
  package var spaceAfter: DatabaseSpace?

  /// The stores of the plan that were not begun.
  package var notBegun: [StoreName] {
    let begun = Set(stores.map(\.name))
    return plan.stores.map(\.name).filter { !begun.contains($0) }
  }
  /// The number of stores that ended without a failure.
  package var successful: Int { stores.count { $0.failure == nil } }
  /// The number of stores that failed, with those that another run held, without those that the
  /// operator interrupted.
  package var failed: Int { stores.count - successful - interrupted }
  /// The number of stores that another run held until the end.
  package var taken: Int { stores.count { $0.failure?.kind == .taken } }
  /// The number of stores that were being migrated when the operator stopped the run; nothing of
  /// these stores was written.
  package var interrupted: Int { stores.count { $0.failure?.kind == .interrupted } }
  /// The number of stores that were already in the database unchanged.
  package var unchanged: Int {
    stores.count { if case .unchanged = $0.outcome { true } else { false } }
  }
  /// The number of stores that have no documents while there is no table yet.
  package var empty: Int { stores.count { $0.outcome == .empty } }
  /// The stores that a live run would write, as a dry run has found, and their documents.
  package var wouldMigrate: (stores: Int, documents: Int) {
    stores.reduce(into: (0, 0)) { sum, store in
      guard store.outcome == .planned else { return }
      sum.0 += 1
      sum.1 += store.contents?.documents ?? 0
    }
  }
  /// The stores whose documents this run committed.
  package var migrated: [StoreResult] { stores.filter(\.outcome.isMigrated) }
  /// The number of documents that this run committed.
  package var documents: Int {
    stores.reduce(0) { sum, store in
      if case .migrated(let documents) = store.outcome { sum + documents } else { sum }
    }
  }
}
