internal import Glibc

/// The name of the machine that the program runs on.
public enum HostName {
  /// The name; `unknown` where the system does not report it.
  public static var current: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
