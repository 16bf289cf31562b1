internal import Glibc

/// A thread that runs one closure.
package struct OwnThread {
  private let thread: pthread_t

  /// Starts a thread; nil where the system cannot start one.
  package init?(_ body: @escaping () -> Void) {
    let start = Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { argument in
        argument.map { Unmanaged<Start>.fromOpaque($0).takeRetainedValue().run() }
        return nil
      }, start.toOpaque())
    guard failure == 0 else {
      start.release()
      return nil
    }
    self.thread = thread
  }

  /// Waits until the closure has ended; may be called only once.
  package func join() { pthread_join(thread, nil) }

  private final class Start {
    let run: () -> Void

    init(_ run: @escaping () -> Void) { self.run = run }
  }
}
