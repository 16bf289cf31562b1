import Glibc

/// A child process that has ended and whose exit status was not read, so that the system keeps its
/// number.
public final class UnreapedProcess {
  /// The number of the process.
  public let pid: Int

  /// Starts a program that does nothing, and waits for its end.
  public init() throws {
    var child: pid_t = 0
    let name = strdup("true")
    defer { free(name) }
    var words: [UnsafeMutablePointer<CChar>?] = [name, nil]
    let code = posix_spawn(&child, "/bin/true", nil, nil, &words, nil)
    guard code == 0 else { throw Failed(code: code) }
    pid = Int(child)
    var facts = siginfo_t()
    while waitid(P_PID, id_t(child), &facts, WEXITED | WNOWAIT) != 0, errno == EINTR {}
  }

  deinit { waitpid(pid_t(pid), nil, 0) }

  struct Failed: Error { let code: Int32 }
}
