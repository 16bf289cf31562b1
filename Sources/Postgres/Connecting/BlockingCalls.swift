internal import CLibPQ
internal import Clock
internal import Glibc
internal import Synchronization

/// Calls `body` on a new thread and does not wait until `body` ends; returns false where no thread
/// can be created.
///
/// This is meant for calls of libpq that may block for as long as the network is blocked.
func onOwnThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let start = Unmanaged.passRetained(ThreadStart(body))
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  defer { pthread_attr_destroy(&attributes) }
  var thread = pthread_t()
  let failure = pthread_create(
    &thread, &attributes,
    { argument in
      argument.map { Unmanaged<ThreadStart>.fromOpaque($0).takeRetainedValue().body() }
      return nil
    }, start.toOpaque())
  if failure != 0 { start.release() }
  return failure == 0
}

/// The function that a new thread calls, as an object that can be passed to the thread.
private final class ThreadStart {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A check, on a connection of its own, whether the server answers.
final class ServerPing: Sendable {
  /// The result of a check.
  enum Answer {
    /// The server answered, even if it refused a session; also where the check was not possible.
    case there
    /// There was no answer.
    case nobody
  }

  /// The time when the check began.
  let began: Double
  private let found = Mutex<Answer?>(nil)

  /// The result so far; nil while there is none.
  var answer: Answer? { found.withLock { $0 } }

  init(_ parameters: [(keyword: String, value: String)], _ now: Double) {
    began = now
    let isUnderWay = onOwnThread { [self] in
      let status = parameters.withCArrays { PQpingParams($0, $1, 0) }
      found.withLock { $0 = status == PQPING_NO_RESPONSE ? .nobody : .there }
    }
    // A check that could not be made is no evidence.
    if !isUnderWay { found.withLock { $0 = .there } }
  }
}

/// A request to the server to cancel the statement of a session.
final class CancelRequest: Sendable {
  /// The time when the request was made.
  let began = MonotonicClock.seconds()
  private let done = Atomic<Bool>(false)

  /// True once the server has accepted or refused the request.
  var isDone: Bool { done.load(ordering: .acquiring) }

  /// Sends the request; nil where the session has no connection any more, or no thread can be
  /// started.
  init?(of handle: OpaquePointer) {
    guard let cancel = PQgetCancel(handle) else { return nil }
    // From here on only the thread uses the request.
    nonisolated(unsafe) let request = cancel
    let isUnderWay = onOwnThread { [self] in
      var reason = [CChar](repeating: 0, count: 256)
      _ = PQcancel(request, &reason, Int32(reason.count))
      PQfreeCancel(request)
      done.store(true, ordering: .releasing)
    }
    guard isUnderWay else {
      PQfreeCancel(cancel)
      return nil
    }
  }
}
