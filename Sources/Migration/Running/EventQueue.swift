internal import Stores
internal import Synchronization

/// Passes events to the journal and to the display, one at a time, from any thread.
///
/// The journal gets each event at once. For display the events of different stores are separated:
/// while several stores are migrated at once, the events of each store are kept until that store is
/// finished, and its progress is not shown. Only events that the operator should see at once are
/// passed on immediately: that a store is retried, or that another run holds it.
final class EventQueue: Sendable {
  private struct State {
    var keepsTogether = false
    var kept: [StoreName: [MigrationEvent]] = [:]
  }

  private let record: @Sendable (MigrationEvent) -> Void
  private let show: @Sendable (MigrationEvent) -> Void
  private let state = Mutex(State())

  init(
    record: @escaping @Sendable (MigrationEvent) -> Void,
    show: @escaping @Sendable (MigrationEvent) -> Void
  ) {
    self.record = record
    self.show = show
  }

  /// Keeps the events of each store together from now on, because several stores are migrated at
  /// once.
  func keepStoresTogether() { state.withLock { $0.keepsTogether = true } }

  /// Passes an event to the journal and to the display.
  func pass(_ event: MigrationEvent) {
    state.withLock { state in
      record(event)
      guard state.keepsTogether, let store = event.store else { return show(event) }
      switch event {
      case .storeProgress: return
      case .storeRetried, .storeTaken: return show(event)
      default: break
      }
      state.kept[store, default: []].append(event)
      guard case .storeFinished = event else { return }
      for event in state.kept.removeValue(forKey: store) ?? [] { show(event) }
    }
  }
}

extension MigrationEvent {
  /// The store of the event; nil for events of the whole run, and for events that are shown at
  /// once.
  fileprivate var store: StoreName? {
    switch self {
    case .storeStarted(let store), .storeOpened(let store, _), .modelFitting(let store, _, _, _),
      .modelFitted(let store, _, _), .storeWriting(let store, _, _),
      .storeRetried(let store, _, _), .loadedAgain(let store, _),
      .storeTaken(let store, _, _), .sharedModelUsed(let store, _, _):
      store.name
    case .storeProgress(let name, _), .addedConverted(let name, _), .originalsDeleted(let name, _):
      name
    case .storeFinished(let result): result.name
    default: nil
    }
  }
}
