import Glibc

/// The largest resident set this process ever had, in KiB; -1 where /proc does not say.
public func peakMemory() -> Int {
  guard let file = fopen("/proc/self/status", "r") else { return -1 }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, Int32(line.count), file) != nil {
    let text = String(
      decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    guard text.hasPrefix("VmHWM:") else { continue }
    return Int(text.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? -1
  }
  return -1
}
