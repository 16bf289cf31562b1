internal import Machine

/// Calls `own` on this thread and `other` on `count - 1` further threads, and waits until all have
/// ended.
///
/// Where the system starts fewer threads, there are fewer workers.
func runWorkers(_ count: Int, own: () -> Void, other: @Sendable () -> Void) {
  withoutActuallyEscaping(other) { other in
    let threads = (1..<max(count, 1)).compactMap { _ in OwnThread(other) }
    own()
    for thread in threads { thread.join() }
  }
}
