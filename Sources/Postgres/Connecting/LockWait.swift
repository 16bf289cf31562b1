internal import Clock
internal import Synchronization

/// A statement that waits because other sessions hold locks that it needs.
public struct LockWait: Sendable, Equatable {
  /// The object of a lock.
  public enum Subject: Sendable, Equatable {
    /// Rows of a table; the name is empty where the server does not show the table.
    case rows(of: String)
    /// A table or an index as a whole.
    case table(String)
    /// An advisory lock, or anything else.
    case other
    /// Unknown: for this reason, this program cannot see whether the statement waits for other
    /// sessions.
    case unknown(String)
  }

  /// The object of the lock.
  public let subject: Subject
  /// The sessions that hold the lock; empty where they are not known.
  public let holders: [Blocker]
  /// The seconds for which the statement has waited for the server's answer.
  public let seconds: Double

  private static let observer = Mutex<(@Sendable (LockWait) -> Void)?>(nil)

  /// Sets the process's only observer, a function that is called for every statement that waits for
  /// other sessions.
  public static func observe(_ observer: @escaping @Sendable (LockWait) -> Void) {
    Self.observer.withLock { $0 = observer }
  }

  /// True where an observer is set.
  static var isObserved: Bool { observer.withLock { $0 } != nil }

  func report() { Self.observer.withLock { $0 }?(self) }
}

/// Finds out, during one wait for the server, whether other sessions block the statement.
///
/// Only a second session can see that. The second session is opened on a thread of its own after a
/// moment, sends one query, and is closed, so that a quick statement costs nothing. It may be
/// impossible to open a second session, or, behind a pooler, the second session may see another
/// session under this session's process number: either is reported after a while.
struct LockWatch {
  private unowned let connection: Connection
  private let began: Double
  private var nextLook: Double
  private var look: LockLook?
  private var hasReportedFailure = false

  /// The seconds before the first check.
  private static let firstLook = 1.0
  /// The seconds between two checks.
  private static let pause = 10.0

  init(_ connection: Connection) {
    self.connection = connection
    began = MonotonicClock.seconds()
    nextLook = began + Self.firstLook
  }

  /// Begins a check of the locks where a check is due, and reports the result of the previous
  /// check; never waits.
  mutating func turn() {
    let now = MonotonicClock.seconds()
    if let running = look {
      guard let answer = running.answer else { return }
      look = nil
      nextLook = now + Self.pause
      report(answer, seconds: now - began)
    } else if now >= nextLook {
      guard LockWait.isObserved, connection.reportsLockWaits else {
        nextLook = .infinity
        return
      }
      look = LockLook(connection)
      nextLook = now + Self.pause
    }
  }

  private mutating func report(_ answer: LockLook.Answer, seconds: Double) {
    switch answer {
    case .works: break
    case .waits(let subject, let holders):
      LockWait(subject: subject, holders: holders, seconds: seconds).report()
    case .impossible(let reason):
      // A short wait is no reason to report that nothing can be seen.
      guard seconds > Self.pause, !hasReportedFailure else { return }
      hasReportedFailure = true
      LockWait(subject: .unknown(reason), holders: [], seconds: seconds).report()
    }
  }
}
