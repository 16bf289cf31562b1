internal import Clock
internal import Synchronization

/// The progress of reading a file that takes many seconds, to be shown to the operator.
public struct LongReading: Sendable, Equatable {
  /// The file as the operator would type it.
  public let path: String
  /// The number of bytes that have been read.
  public let done: Int64
  /// The number of bytes of the file.
  public let size: Int64

  private static let observer = Mutex<(@Sendable (LongReading) -> Void)?>(nil)
  /// The time of the last report, on any file.
  private static let lastReport = Mutex<Double>(-.infinity)

  /// The seconds of reading before the first report, and the seconds between two reports.
  static let period = 8.0

  /// Sets the only observer of the process, which is called for every file whose reading takes
  /// long.
  public static func observe(_ observer: @escaping @Sendable (LongReading) -> Void) {
    Self.observer.withLock { $0 = observer }
  }

  /// Calls the observer, unless a report was made a moment ago, for this file or another.
  func report(at now: Double) {
    let isDue = Self.lastReport.withLock { lastReport in
      guard now - lastReport >= Self.period else { return false }
      lastReport = now
      return true
    }
    if isDue { Self.observer.withLock { $0 }?(self) }
  }
}

/// Measures how long the reading of one file takes, and makes the reports.
final class ReadingWatch: Sendable {
  private struct State {
    var began = -Double.infinity
    var last = -Double.infinity
    var lastReport = -Double.infinity
  }

  /// The seconds without a read after which the next read counts as the beginning of a new reading.
  private static let pause = 2.0

  private let path: String
  private let size: Int64
  private let state = Mutex(State())

  init(path: String, size: Int64) {
    self.path = path
    self.size = size
  }

  /// Records that the bytes before `offset` have been read.
  func passed(_ offset: Int64) {
    let now = MonotonicClock.seconds()
    let isLong = state.withLock { state in
      if now - state.last > Self.pause { state.began = now }
      state.last = now
      guard now - max(state.began, state.lastReport) >= LongReading.period else { return false }
      state.lastReport = now
      return true
    }
    if isLong { LongReading(path: path, done: offset, size: size).report(at: now) }
  }
}
