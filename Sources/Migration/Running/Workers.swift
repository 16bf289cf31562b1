internal import Glibc

/// Calls `body` on `count` threads, including the calling one, and waits until all have ended.
///
/// Each call gets the number of its worker. Where the system starts fewer threads, there are fewer
/// workers.
func runWorkers(_ count: Int, _ body: (Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    var threads: [pthread_t] = []
    for number in 1..<max(count, 1) {
      let start = Unmanaged.passRetained(WorkerStart { body(number) })
      var thread = pthread_t()
      let failure = pthread_create(
        &thread, nil,
        { argument in
          argument.map { Unmanaged<WorkerStart>.fromOpaque($0).takeRetainedValue().run() }
          return nil
        }, start.toOpaque())
      if failure == 0 { threads.append(thread) } else { start.release() }
    }
    body(0)
    for thread in threads { pthread_join(thread, nil) }
  }
}

/// The closure that a thread runs.
private final class WorkerStart {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
