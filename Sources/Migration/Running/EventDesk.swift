internal import Stores
internal import Synchronization

/// Passes events on one at a time, whichever thread they come from.
///
/// The journal hears of everything at once. Whoever shows a run hears of one store after another:
/// while several are under way, what a store has to tell is kept until its turn is over. Only what
/// an operator may be waiting to know comes at once: that a store is tried again, or taken.
final class EventDesk {
  private let record: (MigrationEvent) -> Void
  private let show: (MigrationEvent) -> Void
  private let lock = Mutex(())
  // Both are read and written under `lock` only.
  private var keepsTogether = false
  private var kept: [StoreName: [MigrationEvent]] = [:]

  init(record: @escaping (MigrationEvent) -> Void, show: @escaping (MigrationEvent) -> Void) {
    self.record = record
    self.show = show
  }

  /// From here on several stores are under way.
  func keepStoresTogether() { lock.withLock { _ in keepsTogether = true } }

  /// Passes an event on.
  func tell(_ event: MigrationEvent) {
    lock.withLock { _ in
      record(event)
      guard keepsTogether, let store = event.store else { return show(event) }
      switch event {
      case .storeProgress: return
      case .storeRetried, .storeTaken: return show(event)
      default: break
      }
      kept[store, default: []].append(event)
      guard case .storeFinished = event else { return }
      for event in kept.removeValue(forKey: store) ?? [] { show(event) }
    }
  }
}

extension MigrationEvent {
  /// The store whose turn it belongs to.
  fileprivate var store: StoreName? {
    switch self {
    case .storeStarted(let store), .storeOpened(let store, _), .modelFitting(let store, _, _, _),
      .modelFitted(let store, _, _), .storeWriting(let store, _), .storeRetried(let store, _, _),
      .storeTaken(let store, _, _), .sharedModelUsed(let store, _, _):
      store.name
    case .storeProgress(let name, _), .addedCarried(let name, _): name
    case .storeFinished(let result): result.name
    default: nil
    }
  }
}
