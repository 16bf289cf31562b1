internal import Messages
internal import Clock
import Glibc
import Synchronization

/// A line at the bottom of the terminal that tells how far the work is; nothing elsewhere.
///
/// Advancing is cheap and may be done from any task: most calls draw nothing. One line is drawn
/// at a time; where two are alive, they take turns.
final class Progress: Sendable {
  private struct State {
    var frame: ProgressFrame
    var started: Duration
    var drawn: Duration?
    var countedThen: Int
    var isOver = false
  }

  private let diagnostics: Diagnostics
  private let now: @Sendable () -> Duration
  private let state: Mutex<State>

  /// Draws at most once in this time.
  private static let interval = Duration.milliseconds(100)
  /// How long past speed counts: long enough to be calm, short enough to follow.
  private static let memory = 5.0

  /// Begins at zero, and draws at once.
  ///
  /// - Parameter now: a clock that never goes back, from any beginning.
  init(
    _ label: Message, total: Int?, unit: ProgressFrame.Unit, on diagnostics: Diagnostics,
    now: @escaping @Sendable () -> Duration = monotonicTime
  ) {
    self.diagnostics = diagnostics
    self.now = now
    let frame = ProgressFrame(label: label, completed: 0, total: total, unit: unit)
    state = Mutex(State(frame: frame, started: now(), countedThen: 0))
    advance(by: 0)
  }

  deinit { finish() }

  /// Counts more as done.
  func advance(by count: Int) { change { $0.completed += count } }

  /// Sets how much is done.
  func update(to completed: Int) { change { $0.completed = completed } }

  /// Sets how much is done, and says what is going on now, in one drawing.
  func update(to completed: Int, _ label: Message) {
    change { frame in
      frame.completed = completed
      frame.label = label
    }
  }

  /// Says what is going on now.
  func relabel(_ label: Message) { change { $0.label = label } }

  /// Takes the line away; later calls draw nothing.
  func finish() {
    state.withLock { state in
      if state.isOver { return }
      state.isOver = true
      diagnostics.show(nil)
    }
  }

  private func change(_ edit: (inout ProgressFrame) -> Void) {
    state.withLock { state in
      let wasComplete = state.frame.isComplete
      edit(&state.frame)
      guard diagnostics.drawsProgress, !state.isOver else { return }
      let time = now()
      // The end is always shown: what stood there before would be taken for where it stopped.
      let hasEnded = state.frame.isComplete && !wasComplete
      if let drawn = state.drawn, time - drawn < Self.interval, !hasEnded { return }
      Self.measure(&state, at: time)
      // The last column stays free: some terminals wrap when it is written.
      diagnostics.show(
        state.frame.line(
          columns: diagnostics.columns - 1, isUnicode: diagnostics.profile.isUnicode))
    }
  }

  /// The mean speed of the first second, then one that forgets.
  private static func measure(_ state: inout State, at time: Duration) {
    defer {
      state.drawn = time
      state.countedThen = state.frame.completed
    }
    let total = seconds(time - state.started)
    guard total >= 1, let drawn = state.drawn else { return }
    let since = max(seconds(time - drawn), 1e-3)
    let speed = Double(state.frame.completed - state.countedThen) / since
    guard let before = state.frame.rate else {
      state.frame.rate = Double(state.frame.completed) / total
      return
    }
    state.frame.rate = before + (1 - exp(-since / memory)) * (speed - before)
  }
}

/// The time since some fixed moment; changes of the calendar do not touch it.
@Sendable func monotonicTime() -> Duration {
  .nanoseconds(Int64(clamping: MonotonicClock.nanoseconds()))
}

private func seconds(_ time: Duration) -> Double { time / .seconds(1) }
