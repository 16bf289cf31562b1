internal import Files
internal import Glibc
internal import Stores
internal import Synchronization

/// The operator's request to stop, by SIGINT, SIGTERM or SIGHUP.
///
/// After the first signal, every loop stops at its next safe point, and the server is asked to
/// cancel the present statement. The second signal ends the process at once: committed transactions
/// stay, and the server rolls back the others.
enum Interruption {
  /// True once a signal has come.
  static var isRequested: Bool { StopRequest.isMade }

  /// True where the handler says that the signal is ignored.
  ///
  /// The function compares bits, because Swift cannot compare function pointers.
  private static func isIgnored(_ handler: __sighandler_t?) -> Bool {
    unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Unblocks the signals, because a thread pool may start the program with every signal blocked.
  private static func unblock(_ numbers: [Int32]) {
    var mask = sigset_t()
    sigemptyset(&mask)
    for number in numbers { sigaddset(&mask, number) }
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  }

  /// Catches the three signals from now on.
  static func install() {
    let numbers = [SIGINT, SIGTERM, SIGHUP]
    // `StopRequest` is initialized here, so that no signal handler is the first to access it.
    _ = StopRequest.isMade
    unblock(numbers)
    for number in numbers {
      // Without SA_RESTART, so that a signal also ends the wait for an answer.
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        // Only what is safe in a signal handler: an atomic variable, and at most _exit.
        if StopRequest.count.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
      }
      var previous = sigaction()
      sigaction(number, &action, &previous)
      // nohup and shells without job control pass on an ignored signal: it stays ignored.
      if isIgnored(previous.__sigaction_handler.sa_handler) { sigaction(number, &previous, nil) }
    }
  }
}
