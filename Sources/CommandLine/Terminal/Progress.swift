internal import Messages
internal import Clock
import Glibc
import Synchronization

/// A line at the bottom of the terminal that shows the progress of the work.
///
/// Nothing is shown where standard error is not a terminal. `advance` is cheap and may be called
/// from any task: most calls draw nothing. One line is drawn at a time; two active lines replace
/// each other.
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

  /// The shortest time between two drawings.
  private static let interval = Duration.milliseconds(100)
  /// The number of seconds over which the speed is averaged.
  ///
  /// This time is long enough for a steady display, and short enough to follow changes.
  private static let memory = 5.0

  /// Creates a progress line at zero, and draws it at once.
  ///
  /// - Parameter now: returns the time of a clock that never goes back, with any starting point.
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

  /// Adds to the completed amount.
  func advance(by count: Int) { change { $0.completed += count } }

  /// Sets the completed amount.
  func update(to completed: Int) { change { $0.completed = completed } }

  /// Sets the completed amount and the label together.
  func update(to completed: Int, _ label: Message) {
    change { frame in
      frame.completed = completed
      frame.label = label
    }
  }

  /// Sets the label of the line.
  func relabel(_ label: Message) { change { $0.label = label } }

  /// Removes the line from the terminal; later calls draw nothing.
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
      // The end is always drawn: an older state would look as if the work had stopped there.
      let hasEnded = state.frame.isComplete && !wasComplete
      if let drawn = state.drawn, time - drawn < Self.interval, !hasEnded { return }
      Self.measure(&state, at: time)
      // The last column stays free: some terminals wrap when it is written.
      diagnostics.show(
        state.frame.line(
          columns: diagnostics.columns - 1, isUnicode: diagnostics.profile.isUnicode))
    }
  }

  /// Computes the speed of the work, which is not known in the first second.
  ///
  /// The first value is the mean since the start; later values are averages in which the last
  /// seconds count most.
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

/// Returns the time since some fixed moment; changes to the system's clock do not change it.
@Sendable func monotonicTime() -> Duration {
  .nanoseconds(Int64(clamping: MonotonicClock.nanoseconds()))
}

private func seconds(_ time: Duration) -> Double { time / .seconds(1) }
