internal import CSpawn
import Glibc

/// A program that is run to its end or left running, as the user of this process or as another
/// user.
struct ChildProcess {
  let program: String
  let arguments: [String]
  /// The account that the child switches to first; nil where it keeps the user of this process.
  var account: ServerAccount?
  /// The lock that the child and its own children keep, even if this process is killed.
  var lock: FileLock.Holder?
  /// The variables that the child gets in addition to the few that it inherits; secrets go here,
  /// never into arguments.
  var variables: [String: String] = [:]

  /// The environment of the child: `variables`, and a few variables of this process; the other
  /// variables may be secrets, which must not stay in a server's environment.
  private var environment: [String] {
    let kept = ["PATH", "TZ", "LD_LIBRARY_PATH", "TMPDIR"]
    return kept.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
      + variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } + ["LC_ALL=C"]
      + (getenv("PATH") == nil ? ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] : [])
  }

  private var commandLine: [String] {
    guard let account else { return [program] + arguments }
    return account.prefix + [program] + arguments
  }

  /// Runs the program to its end; `input` must fit into a pipe.
  func run(input: String = "") throws(EmbeddedServerError) -> (status: Int32, output: String) {
    let feed = try ProcessPipe()
    let answer = try ProcessPipe()
    let bytes = Array(input.utf8)
    _ = write(feed.writing, bytes, bytes.count)
    close(feed.writing)
    defer {
      close(feed.reading)
      close(answer.reading)
    }
    let process: pid_t
    do {
      defer { close(answer.writing) }
      process = try spawn(input: feed.reading, output: answer.writing, newSession: false)
    }
    let output = Self.readToEnd(answer.reading)
    return (Self.wait(for: process), output)
  }

  /// Runs the program to its end, or ends it once `isInterrupted` returns true.
  func run(until isInterrupted: () -> Bool) throws(EmbeddedServerError)
    -> (status: Int32, output: String)
  {
    let answer = try ProcessPipe()
    defer { close(answer.reading) }
    let process: pid_t
    do {
      defer { close(answer.writing) }
      process = try launch(output: answer.writing)
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      if isInterrupted() { kill(process, SIGTERM) }
      var event = pollfd(fd: answer.reading, events: Int16(POLLIN), revents: 0)
      guard Glibc.poll(&event, 1, 50) > 0 else { continue }
      let count = read(answer.reading, &buffer, buffer.count)
      if count > 0 { bytes += buffer[..<count] }
      if count == 0 || (count < 0 && errno != EINTR) { break }
    }
    return (Self.wait(for: process), String(decoding: bytes, as: UTF8.self))
  }

  /// Runs the program to its end, and throws an error with its output unless it succeeds.
  @discardableResult
  func succeed(input: String = "") throws(EmbeddedServerError) -> String {
    let (status, output) = try run(input: input)
    guard status == 0 else {
      throw .program(name: program, status: status, output: output)
    }
    return output
  }

  /// Starts the program and leaves it running in a session of its own, where signals to this
  /// process's session do not reach it.
  func launch(output: Int32) throws(EmbeddedServerError) -> pid_t {
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard nothing >= 0 else { throw .system(operation: "open", path: "/dev/null", code: errno) }
    defer { close(nothing) }
    return try spawn(input: nothing, output: output, newSession: true)
  }

  private func spawn(
    input: Int32, output: Int32, newSession: Bool
  ) throws(EmbeddedServerError) -> pid_t {
    var process: pid_t = 0
    let words = CStringArray(commandLine)
    let variables = CStringArray(environment)
    let code = withExtendedLifetime((words, variables)) {
      cspawn(
        &process, words.path, words.pointers, variables.pointers, input, output,
        lock?.file ?? -1, newSession ? 1 : 0)
    }
    guard code == 0 else { throw .system(operation: "run", path: words.path, code: code) }
    return process
  }

  /// Waits for a child to end, and returns its exit code, negative for a signal.
  static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return exitCode(status)
  }

  /// Returns the exit code of a child if it has ended; nil while it runs.
  static func poll(_ process: pid_t) -> Int32? {
    var status: Int32 = 0
    return waitpid(process, &status, WNOHANG) == process ? exitCode(status) : nil
  }

  private static func readToEnd(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count > 0 {
        bytes += buffer[..<count]
      } else if count == 0 || errno != EINTR {
        return String(decoding: bytes, as: UTF8.self)
      }
    }
  }

  private static func exitCode(_ status: Int32) -> Int32 {
    status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
  }
}

/// Both ends of a pipe; a child inherits an end only where it is passed on explicitly.
private struct ProcessPipe {
  let reading: Int32
  let writing: Int32

  init() throws(EmbeddedServerError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw .system(operation: "open", path: "a pipe", code: errno)
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }
}

/// Strings as a C command line takes them: copies in memory that this object owns, then a null
/// pointer.
private final class CStringArray {
  let pointers: [UnsafeMutablePointer<CChar>?]

  let path: String

  init(_ strings: [String]) {
    path = strings[0]
    pointers = strings.map { strdup($0) } + [nil]
  }

  deinit { for pointer in pointers { free(pointer) } }
}
