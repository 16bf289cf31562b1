internal import Glibc

/// How many seconds processes have kept processors busy.
public enum ProcessorTime {
  /// Returns the seconds of this process, all of its threads together.
  public static func ofThisProcess() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Returns the seconds of another process of this machine; nil where the system does not show
  /// them, or where the process has another name.
  public static func of(process pid: Int, named name: String) -> Double? {
    guard let fields = ProcessIdentity.fields(of: pid, named: name),
      let user = Double(fields[11]), let system = Double(fields[12])
    else { return nil }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
