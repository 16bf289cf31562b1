internal import Stores
internal import Synchronization

/// Passes events to the journal, to the display of progress and to the report, one at a time, from
/// any thread.
///
/// The journal and the display of progress get each event at once. For the report the events of
/// different stores are separated: while several stores are migrated at once, the events of each
/// store are kept until that store is finished. Only events that the operator should see at once
/// are passed on immediately: that a store is retried, or that another run holds it.
final class EventQueue: Sendable {
  private struct State {
    var keepsTogether = false
    var kept: [StoreName: [MigrationEvent]] = [:]
  }

  private let record: @Sendable (MigrationEvent) -> Void
  private let follow: @Sendable (MigrationEvent) -> Void
  private let show: @Sendable (MigrationEvent) -> Void
  private let state = Mutex(State())

  /// Creates a queue.
  ///
  /// - Parameters:
  ///   - record: gets each event at once, for the journal.
  ///   - follow: gets each event at once, for the display of progress.
  ///   - show: gets the events store by store, for the report.
  init(
    record: @escaping @Sendable (MigrationEvent) -> Void,
    follow: @escaping @Sendable (MigrationEvent) -> Void = { _ in },
    show: @escaping @Sendable (MigrationEvent) -> Void
  ) {
    self.record = record
    self.follow = follow
    self.show = show
  }

  /// Keeps the events of each store together from now on, because several stores are migrated at
  /// once.
  func keepStoresTogether() { state.withLock { $0.keepsTogether = true } }

  /// Passes an event on.
  func pass(_ event: MigrationEvent) {
    state.withLock { state in
      record(event)
      follow(event)
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
