internal import Stores
internal import Synchronization

/// Passes events on one at a time, whichever thread they come from.
///
/// The journal gets each event at once. What shows a run to the operator gets the events of one store
/// after those of another: while several stores are in work, the events of each are kept until it is
/// finished. Only what an operator may be waiting to know comes at once: that a store is tried again,
/// or that another run has it.
final class EventQueue {
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

  /// Keeps the events of each store together from here on: several are in work at once.
  func keepStoresTogether() { lock.withLock { _ in keepsTogether = true } }

  /// Passes an event on.
  func pass(_ event: MigrationEvent) {
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
  /// The store that it is about; nil for those of the whole run and those that are shown at once.
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
