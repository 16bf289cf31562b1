internal import Glibc

/// Calls `own` on this thread and `other` on `count - 1` further ones, and waits until all have
/// ended.
///
/// Where the system starts fewer threads, there are fewer workers.
func runWorkers(_ count: Int, own: () -> Void, other: @Sendable () -> Void) {
  withoutActuallyEscaping(other) { other in
    var threads: [pthread_t] = []
    for _ in 1..<max(count, 1) {
      let start = Unmanaged.passRetained(WorkerStart(other))
      var thread = pthread_t()
      let failure = pthread_create(
        &thread, nil,
        { argument in
          argument.map { Unmanaged<WorkerStart>.fromOpaque($0).takeRetainedValue().run() }
          return nil
        }, start.toOpaque())
      if failure == 0 { threads.append(thread) } else { start.release() }
    }
    own()
    for thread in threads { pthread_join(thread, nil) }
  }
}

/// The closure that a thread runs.
private final class WorkerStart: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
