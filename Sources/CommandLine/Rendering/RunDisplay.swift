import Glibc
internal import Machine
internal import Messages
internal import Migration
internal import Synchronization

/// Shows the progress of a run: on a terminal as lines below the report, which move several times a
/// second; elsewhere as a line of text every ten seconds.
final class RunDisplay: Sendable {
  private struct State {
    var progress = RunProgress()
    var speed: Speed
    var turn = 0
    var isShown = false
    var isOver = false
    /// The time of the last line of text.
    var written: Duration
  }

  private let diagnostics: Diagnostics
  private let now: @Sendable () -> Duration
  private let begun: Duration
  private let state: Mutex<State>
  private let ticker = Mutex<Ticker?>(nil)

  /// The time between two drawings.
  private static let interval = Duration.milliseconds(125)
  /// The time between two lines of text.
  private static let pause = Duration.seconds(10)

  /// Creates a display that shows nothing before the first event.
  ///
  /// - Parameter now: returns the time of a clock that never goes back, with any starting point.
  init(
    on diagnostics: Diagnostics, now: @escaping @Sendable () -> Duration = monotonicTime
  ) {
    self.diagnostics = diagnostics
    self.now = now
    begun = now()
    state = Mutex(State(speed: Speed(), written: begun))
  }

  deinit { end() }

  /// Takes an event of the run into account.
  func follow(_ event: MigrationEvent) {
    switch event {
    case .indexPlanned: return end()
    case .planned: hide(after: event)
    default:
      let isShown = state.withLock { state in
        guard !state.isOver, state.progress.take(event) else { return false }
        state.isShown = true
        return true
      }
      if isShown { startTicking() }
    }
  }

  /// Removes the lines until the next event: the operator may be asked a question now.
  private func hide(after event: MigrationEvent) {
    state.withLock { state in
      _ = state.progress.take(event)
      state.isShown = false
      diagnostics.show(nil)
    }
  }

  /// Removes the lines from the terminal; later events show nothing.
  func end() {
    let last = ticker.withLock { ticker in
      defer { ticker = nil }
      return ticker
    }
    last?.stop()
    state.withLock { state in
      if state.isOver { return }
      state.isOver = true
      diagnostics.show(nil)
    }
  }

  /// Starts the drawings, the first one of which comes after a moment: a short run shows nothing.
  private func startTicking() {
    guard !diagnostics.isQuiet else { return }
    ticker.withLock { ticker in
      guard ticker == nil else { return }
      ticker = Ticker(every: Self.interval) { [weak self] in self?.tick() }
    }
  }

  /// Draws the present state, or writes a line of text where it is time.
  func tick() {
    state.withLock { state in
      guard !state.isOver, state.isShown else { return }
      let time = now()
      state.turn += 1
      state.speed.note(state.progress, at: time)
      let frame = RunFrame(
        progress: state.progress, rate: state.speed.rate, turn: state.turn)
      if diagnostics.drawsProgress {
        // The last column stays free: some terminals wrap when it is written.
        diagnostics.show(
          lines: frame.lines(
            columns: diagnostics.columns - 1, rows: diagnostics.rows - 2,
            isUnicode: diagnostics.profile.isUnicode))
      } else if !diagnostics.profile.isTerminal, time - state.written >= Self.pause {
        state.written = time
        let elapsed = duration(wholeSeconds: Int((time - begun) / .seconds(1)))
        diagnostics.note("[\(elapsed)] \(frame.plain)")
      }
    }
  }
}

/// The speed of a run: the documents, or stores, that are completed in a second, averaged so that
/// the last seconds count most.
struct Speed: Sendable {
  /// The speed; nil in the first second of a part of a run.
  private(set) var rate: Double?
  private var phase: RunProgress.Phase?
  private var started = Duration.zero
  private var last = (time: Duration.zero, count: 0)
  private var first = 0

  /// The number of seconds over which the speed is averaged.
  private static let memory = 10.0

  /// Takes the present state into account.
  mutating func note(_ progress: RunProgress, at time: Duration) {
    let countsDocuments =
      progress.totalDocuments > 0 && (progress.phase == .migrating || progress.phase == .fetching)
    let count = countsDocuments ? progress.documents : progress.stores
    guard progress.phase == phase else {
      phase = progress.phase
      started = time
      last = (time, count)
      first = count
      rate = nil
      return
    }
    let total = (time - started) / .seconds(1)
    let since = (time - last.time) / .seconds(1)
    guard total >= 1, since > 0 else { return }
    let speed = Double(count - last.count) / since
    last = (time, count)
    guard let before = rate else {
      if count > first { rate = Double(count - first) / total }
      return
    }
    rate = before + (1 - exp(-since / Self.memory)) * (speed - before)
  }
}
