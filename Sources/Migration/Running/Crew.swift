internal import Glibc

/// Runs `body` on `count` threads, the calling one among them; returns when all have come back.
///
/// Each call gets its worker's number. Where the system gives fewer threads, fewer work.
func withCrew(_ count: Int, _ body: (Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    var threads: [pthread_t] = []
    for number in 1..<max(count, 1) {
      let errand = Unmanaged.passRetained(Errand { body(number) })
      var thread = pthread_t()
      let failure = pthread_create(
        &thread, nil,
        { argument in
          argument.map { Unmanaged<Errand>.fromOpaque($0).takeRetainedValue().run() }
          return nil
        }, errand.toOpaque())
      if failure == 0 { threads.append(thread) } else { errand.release() }
    }
    body(0)
    for thread in threads { pthread_join(thread, nil) }
  }
}

/// What a thread is started with.
private final class Errand {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
