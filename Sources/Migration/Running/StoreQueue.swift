internal import Synchronization

/// The queue of stores that are still to be migrated, shared by the workers of a run.
///
/// Two runs that begin at the same time would want the same stores. So a worker that finds a store
/// held by another run continues from the other end of the list, and returns to that store when
/// nothing else is left.
final class StoreQueue: Sendable {
  private struct State {
    var waiting: ArraySlice<Int>
    var isBackwards = false
    var taken: [Int] = []
  }

  private let state: Mutex<State>

  /// Creates a queue of the positions `0..<count` of a plan.
  init(count: Int) { state = Mutex(State(waiting: ArraySlice(0..<count))) }

  /// Returns the next store's place in the plan; nil where no store is left.
  ///
  /// Also returns true where another run held this store when it was visited before.
  func next() -> (place: Int, isSecondVisit: Bool)? {
    state.withLock { state in
      if let place = state.isBackwards ? state.waiting.popLast() : state.waiting.popFirst() {
        return (place, false)
      }
      return state.taken.popLast().map { ($0, true) }
    }
  }

  /// Puts a store that another run holds at the end of the queue, and continues from the other end.
  func postpone(_ place: Int) {
    state.withLock { state in
      state.taken.insert(place, at: 0)
      state.isBackwards.toggle()
    }
  }

  /// Continues from the other end of the queue, because another run was faster with a store.
  func reverse() { state.withLock { $0.isBackwards.toggle() } }
}
