internal import Glibc

/// The seconds for which a process has kept processors busy.
public enum ProcessorTime {
  /// Returns the seconds of processor time of this process, with all of its threads.
  public static func ofThisProcess() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Returns the seconds of processor time of another process on this machine.
  ///
  /// Returns nil where the system does not show them, or where the process has another name than
  /// `name`.
  public static func of(process pid: Int, named name: String) -> Double? {
    guard let fields = ProcessIdentity.fields(of: pid, named: name),
      let user = Double(fields[11]), let system = Double(fields[12])
    else { return nil }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
