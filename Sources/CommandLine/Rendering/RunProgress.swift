internal import Migration
internal import Stores

/// The state of a run as its events report it: what is done, and what each worker does now.
struct RunProgress: Equatable, Sendable {
  /// The part of a run in which it is.
  enum Phase: Equatable, Sendable {
    /// The stores are read for the plan.
    case planning
    /// The files of the stores are copied.
    case backups
    /// A service makes vectors of the stores' texts.
    case fetching
    /// The stores are migrated.
    case migrating
  }

  /// A store that is being migrated.
  struct StoreInHand: Equatable, Sendable {
    /// The name of the store.
    let name: StoreName
    /// The present work on the store, in words.
    var stage: String
    /// The number of documents that were sent; nil in a stage that counts nothing.
    var sent: Int?
    /// The number of documents that will be sent.
    var documents: Int
  }

  /// The part of the run.
  var phase = Phase.planning
  /// The number of stores that are completed in this part of the run.
  var stores = 0
  /// The number of stores in this part of the run.
  var totalStores = 0
  /// The number of stores that failed.
  var failed = 0
  /// The number of documents that are completed, with those of failed stores, which need no more
  /// work; where texts are fetched, the number of texts.
  var documents = 0
  /// The number of documents in this part of the run; 0 where it is not known.
  var totalDocuments = 0
  /// The store that is being read for the plan, or copied; nil where there is none.
  var current: StoreName?
  /// The stores that are being migrated, in the order in which they were begun.
  var inHand: [StoreInHand] = []

  /// The documents of finished stores.
  private var finishedDocuments = 0
  /// The documents of each store that will be written.
  private var planned: [StoreName: Int] = [:]

  /// Takes an event into account; returns false where the event changes nothing that is shown.
  mutating func take(_ event: MigrationEvent) -> Bool {
    switch event {
    case .found(let stores):
      totalStores = stores.count
    case .examining(let store):
      if current != nil { stores += 1 }
      current = store.name
    case .planned(let plan): begin(plan)
    case .backupsStarted:
      phase = .backups
      stores = 0
      current = nil
    case .backupCreated(let store, _):
      stores += 1
      current = store
    case .fetchStarted(let texts):
      phase = .fetching
      documents = 0
      totalDocuments = texts
    case .fetchProgress(let texts, _): documents += texts
    case .fetchEnded: beginStores()
    case .storeStarted(let store):
      if phase != .migrating { beginStores() }
      inHand.removeAll { $0.name == store.name }
      inHand.append(
        StoreInHand(
          name: store.name, stage: "opening", documents: planned[store.name] ?? 0))
    case .storeOpened(let store, let contents):
      update(store.name, stage: "reading") { $0.documents = contents.documents }
    case .modelFitting(let store, _, _, _): update(store.name, stage: "fitting a model")
    case .sharedModelUsed(let store, _, _): update(store.name, stage: "measuring the shared model")
    case .storeWriting(let store, let documents, _):
      update(store.name, stage: "loading") { store in
        store.documents = documents
        store.sent = 0
      }
    case .storeProgress(let name, let sent):
      let isLast = inHand.first { $0.name == name }.map { sent >= $0.documents } ?? false
      update(name, stage: isLast ? "reading back" : "loading") { $0.sent = sent }
    case .loadedAgain(let store, _): update(store.name, stage: "loading again") { $0.sent = nil }
    case .storeRetried(let store, _, _):
      update(store.name, stage: "waiting to try again") { $0.sent = nil }
    case .storeTaken(let store, _, _): inHand.removeAll { $0.name == store.name }
    case .storeFinished(let result): finish(result)
    default: return false
    }
    return true
  }

  private mutating func begin(_ plan: MigrationPlan) {
    for store in plan.toMigrate { planned[store.name] = store.contents?.documents ?? 0 }
    totalStores = plan.toMigrate.count
    totalDocuments = planned.values.reduce(0, +)
    stores = 0
    documents = 0
    current = nil
  }

  private mutating func beginStores() {
    phase = .migrating
    stores = 0
    documents = 0
    totalStores = planned.count
    totalDocuments = planned.values.reduce(0, +)
    current = nil
  }

  private mutating func update(
    _ name: StoreName, stage: String, _ change: (inout StoreInHand) -> Void = { _ in }
  ) {
    guard let place = inHand.firstIndex(where: { $0.name == name }) else { return }
    inHand[place].stage = stage
    change(&inHand[place])
    countDocuments()
  }

  private mutating func finish(_ result: StoreResult) {
    inHand.removeAll { $0.name == result.name }
    if result.failure != nil { failed += 1 }
    // Stores that need no work do not count as a part of it.
    guard let documents = planned[result.name] else { return }
    if phase != .migrating { beginStores() }
    stores += 1
    finishedDocuments += documents
    countDocuments()
  }

  /// Counts the completed documents again; the count never falls, also where a store is loaded
  /// again.
  private mutating func countDocuments() {
    let now = inHand.reduce(finishedDocuments) { sum, store in
      sum + min(store.sent ?? 0, planned[store.name] ?? 0)
    }
    documents = min(totalDocuments, max(documents, now))
  }
}
