internal import Clock
internal import Synchronization

/// A file that is being read for many seconds, as the operator is told of it.
public struct LongReading: Sendable, Equatable {
  /// The file as the operator would type it.
  public let path: String
  /// How far the reading is, in bytes.
  public let done: Int64
  /// How large the file is.
  public let size: Int64

  private static let observer = Mutex<(@Sendable (LongReading) -> Void)?>(nil)
  /// When it was told last, of whichever file.
  private static let told = Mutex<Double>(-.infinity)

  /// Seconds of reading until it is told, and between two times.
  static let period = 8.0

  /// Has `observer` told of every file that takes long, one observer for the process.
  public static func observe(_ observer: @escaping @Sendable (LongReading) -> Void) {
    Self.observer.withLock { $0 = observer }
  }

  /// Tells the observer, unless it was told of another file a moment ago.
  func tell(at now: Double) {
    let isDue = Self.told.withLock { told in
      guard now - told >= Self.period else { return false }
      told = now
      return true
    }
    if isDue { Self.observer.withLock { $0 }?(self) }
  }
}

/// Watches how long one file is being read.
final class ReadingWatch: Sendable {
  private struct State {
    var began = -Double.infinity
    var last = -Double.infinity
    var told = -Double.infinity
  }

  /// A file that was left alone for so many seconds is being read anew.
  private static let pause = 2.0

  private let path: String
  private let size: Int64
  private let state = Mutex(State())

  init(path: String, size: Int64) {
    self.path = path
    self.size = size
  }

  /// The bytes before `offset` have been read.
  func passed(_ offset: Int64) {
    let now = MonotonicClock.seconds()
    let isLong = state.withLock { state in
      if now - state.last > Self.pause { state.began = now }
      state.last = now
      guard now - max(state.began, state.told) >= LongReading.period else { return false }
      state.told = now
      return true
    }
    if isLong { LongReading(path: path, done: offset, size: size).tell(at: now) }
  }
}
