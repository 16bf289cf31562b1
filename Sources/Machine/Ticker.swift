internal import Glibc

/// A thread that calls a closure again and again, with pauses, until it is stopped.
// Unchecked: a condition variable of the C library needs a bare lock, which the compiler cannot
// connect with the state; `Mutex` has no way to wait with a time limit.
package final class Ticker: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let pause: Duration
  private let body: @Sendable () -> Void
  private var isStopped = false
  private var thread: OwnThread?

  /// Starts calling `body`, first after one pause; does nothing where the system starts no thread.
  package init(every pause: Duration, _ body: @escaping @Sendable () -> Void) {
    self.pause = pause
    self.body = body
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(change, &attributes)
    pthread_condattr_destroy(&attributes)
    thread = OwnThread { [unowned self] in
      while waits() { body() }
    }
  }

  deinit {
    pthread_cond_destroy(change)
    pthread_mutex_destroy(lock)
    change.deallocate()
    lock.deallocate()
  }

  /// Stops the calls, and waits for a call that is being made; must be called before the ticker is
  /// released, and not by the closure.
  package func stop() {
    pthread_mutex_lock(lock)
    isStopped = true
    pthread_cond_broadcast(change)
    pthread_mutex_unlock(lock)
    thread?.join()
    thread = nil
  }

  /// Waits for one pause; returns false where the ticker was stopped meanwhile.
  private func waits() -> Bool {
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    let (seconds, attoseconds) = pause.components
    end.tv_sec += Int(seconds)
    end.tv_nsec += Int(attoseconds / 1_000_000_000)
    if end.tv_nsec >= 1_000_000_000 {
      end.tv_sec += 1
      end.tv_nsec -= 1_000_000_000
    }
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while !isStopped {
      if pthread_cond_timedwait(change, lock, &end) == ETIMEDOUT { return !isStopped }
    }
    return false
  }
}
