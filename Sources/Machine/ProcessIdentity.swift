internal import Files
internal import Glibc

/// The identity of a run's process; a later process can tell from it whether the run's process is
/// alive.
public struct ProcessIdentity: Equatable, Sendable {
  /// The machine's name.
  public let host: String
  /// The number of the process, which the system may give to another process later.
  public let pid: Int
  /// The boot and the tick of the clock at which the process began; empty where unknown.
  ///
  /// Boot and tick together belong to one process only.
  public let start: String

  /// Creates an identity from its parts.
  public init(host: String, pid: Int, start: String) {
    self.host = host
    self.pid = pid
    self.start = start
  }

  /// The identity of this process.
  public static var current: ProcessIdentity {
    let pid = Int(getpid())
    var start = ""
    if case .began(let mark) = state(of: pid) { start = mark }
    return ProcessIdentity(host: HostName.current, pid: pid, start: start)
  }

  /// True where the process is alive, false where it has ended; nil where it belongs to another
  /// machine.
  public var isAlive: Bool? {
    guard host == HostName.current else { return nil }
    switch Self.state(of: pid) {
    case .ended: return false
    case .began(let mark) where !start.isEmpty: return mark == start
    // Without /proc the number has to suffice; EPERM means a process of another user.
    case .began, .unknown: return kill(pid_t(clamping: pid), 0) == 0 || errno == EPERM
    }
  }

  /// The system's answer about a process.
  private enum State {
    /// The boot and the time at which the process began.
    case began(String)
    /// The process has ended, but its parent has not asked for the exit status yet.
    case ended
    /// The system has no /proc, or /proc has no process of this number.
    case unknown
  }

  private static func state(of pid: Int) -> State {
    // The third field of all is the state, the 22nd the start time in ticks since boot.
    guard let fields = fields(of: pid), let boot = firstLine("/proc/sys/kernel/random/boot_id")
    else { return .unknown }
    return fields[0] == "Z" || fields[0] == "X" ? .ended : .began("\(boot):\(fields[19])")
  }

  /// Returns the fields of a process's `stat` in /proc (proc(5)), from the third field on.
  ///
  /// Returns nil where the system does not show them, or where the process has another name than
  /// `name`.
  static func fields(of pid: Int, named name: String? = nil) -> [Substring]? {
    // The name, in parentheses, may contain spaces: fields are counted from its end.
    guard let line = firstLine("/proc/\(pid)/stat"), let start = line.firstIndex(of: "("),
      let end = line.lastIndex(of: ")"),
      name == nil || line[line.index(after: start)..<end] == name ?? ""
    else { return nil }
    let fields = line[line.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? fields : nil
  }

  private static func firstLine(_ path: String) -> String? {
    guard let bytes = try? FileDescriptor(opening: path, O_RDONLY).read(upTo: 4096), !bytes.isEmpty
    else { return nil }
    return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
  }
}
