internal import Clock
internal import Synchronization

/// The progress of reading a file that takes many seconds, for the operator.
public struct LongReading: Sendable, Equatable {
  /// The file as the operator would type it.
  public let path: String
  /// How many bytes have been read.
  public let done: Int64
  /// How many bytes the file has.
  public let size: Int64

  private static let observer = Mutex<(@Sendable (LongReading) -> Void)?>(nil)
  /// The time when the last report was made, of any file.
  private static let lastReport = Mutex<Double>(-.infinity)

  /// The seconds of reading before the first report, and between two reports.
  static let period = 8.0

  /// Sets the only observer of the process, which is called for every file whose reading takes
  /// long.
  public static func observe(_ observer: @escaping @Sendable (LongReading) -> Void) {
    Self.observer.withLock { $0 = observer }
  }

  /// Calls the observer, unless it was called for another file a moment ago.
  func report(at now: Double) {
    let isDue = Self.lastReport.withLock { lastReport in
      guard now - lastReport >= Self.period else { return false }
      lastReport = now
      return true
    }
    if isDue { Self.observer.withLock { $0 }?(self) }
  }
}

/// Watches how long the reading of one file takes.
final class ReadingWatch: Sendable {
  private struct State {
    var began = -Double.infinity
    var last = -Double.infinity
    var lastReport = -Double.infinity
  }

  /// How many seconds without a read mean that a file is being read from its beginning again.
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
