internal import Glibc
internal import Machine

/// Values that one thread makes and another thread uses, in the same order; a few values are made
/// before they are needed.
///
/// Where the system starts no thread, each value is made when it is used.
final class ReadAhead<Value> {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var ready: [Value] = []
  private var failure: (any Error)?
  private var isFinished = false
  private var isStopped = false
  private let ahead: Int

  private init(ahead: Int) {
    self.ahead = ahead
    pthread_mutex_init(lock, nil)
    pthread_cond_init(change, nil)
  }

  deinit {
    pthread_cond_destroy(change)
    pthread_mutex_destroy(lock)
    change.deallocate()
    lock.deallocate()
  }

  /// Calls `make` on a thread of its own until it returns nil, and `use` with each value on this
  /// thread.
  ///
  /// An error of `make` is thrown after the values that were made before it were used. When this
  /// function returns or throws, the other thread has ended.
  static func run(
    ahead: Int = 2, make: () throws -> Value?, use: (Value) throws -> Void
  ) throws {
    let queue = ReadAhead(ahead: ahead)
    try withoutActuallyEscaping(make) { make in
      guard let thread = OwnThread({ queue.fill(by: make) }) else {
        while let value = try make() { try use(value) }
        return
      }
      defer {
        queue.stop()
        thread.join()
      }
      while let value = try queue.next() { try use(value) }
    }
  }

  /// Runs `body` while no other thread uses the queue.
  private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return try body()
  }

  /// Makes values until `make` returns nil or throws, or until `stop` is called.
  private func fill(by make: () throws -> Value?) {
    while waitForRoom() {
      let made = Result { try make() }
      locked {
        switch made {
        case .success(let value?): ready.append(value)
        case .success(nil): isFinished = true
        case .failure(let error):
          failure = error
          isFinished = true
        }
        pthread_cond_broadcast(change)
      }
    }
  }

  /// Waits until another value may be made; returns false where no more values are to be made.
  private func waitForRoom() -> Bool {
    locked {
      while ready.count >= ahead, !isStopped { pthread_cond_wait(change, lock) }
      return !isStopped && !isFinished
    }
  }

  /// Waits for the next value and returns it; nil after the last value.
  private func next() throws -> Value? {
    try locked {
      while ready.isEmpty, !isFinished { pthread_cond_wait(change, lock) }
      if !ready.isEmpty {
        let value = ready.removeFirst()
        pthread_cond_broadcast(change)
        return value
      }
      if let failure { throw failure }
      return nil
    }
  }

  /// Stops the thread that makes values.
  private func stop() {
    locked {
      isStopped = true
      pthread_cond_broadcast(change)
    }
  }
}
