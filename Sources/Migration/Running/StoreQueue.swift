internal import Synchronization

/// The stores that are still to be carried over, shared by the workers of a run.
///
/// Two runs that begin at one moment would meet at each store. So whoever finds a store in other
/// hands goes on from the other end of the list, and comes back to that store when nothing else is
/// left.
final class StoreQueue: Sendable {
  private struct State {
    var waiting: ArraySlice<Int>
    var isBackwards = false
    var taken: [Int] = []
  }

  private let state: Mutex<State>

  /// A queue of the places `0..<count` of a plan.
  init(count: Int) { state = Mutex(State(waiting: ArraySlice(0..<count))) }

  /// The next store, nil where none is left; on a second visit another run had it before.
  func next() -> (place: Int, isSecondVisit: Bool)? {
    state.withLock { state in
      if let place = state.isBackwards ? state.waiting.popLast() : state.waiting.popFirst() {
        return (place, false)
      }
      return state.taken.popLast().map { ($0, true) }
    }
  }

  /// Another run has this store now.
  func comeBack(to place: Int) {
    state.withLock { state in
      state.taken.insert(place, at: 0)
      state.isBackwards.toggle()
    }
  }

  /// Another run was quicker with a store that was still to be done.
  func meetOther() { state.withLock { $0.isBackwards.toggle() } }
}
