// Compiled together with the module's own sources by fuzz.sh, so it sees what is internal.

/// Reads all rows; nil where anything is refused.
private func bits(_ source: PickleBytes, takesRuns: Bool) -> [UInt32]? {
  guard
    let rows = try? PickledRows(source: source, limits: PickleLimits(), takesRuns: takesRuns)
  else { return nil }
  var count = 0
  for row in 0..<rows.rowCount { count += rows.width(ofRow: row) }
  var numbers = [Float](repeating: .nan, count: count)
  var failed = false
  numbers.withUnsafeMutableBufferPointer { buffer in
    do { try rows.read(rows: 0..<rows.rowCount, into: buffer) } catch { failed = true }
  }
  return failed ? nil : numbers.map(\.bitPattern)
}

private func bitsAtOnce(_ source: PickleBytes, room: Int) -> [UInt32]? {
  var numbers = [Float](repeating: .nan, count: room)
  let isConverted = numbers.withUnsafeMutableBufferPointer { buffer in
    (try? PickledRows.open(source: source, convertingInto: buffer))?.isConverted ?? false
  }
  return isConverted ? numbers.map(\.bitPattern) : nil
}

/// One input: the ways of reading must agree, and nothing may trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPickle(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let source = PickleBytes(Array(UnsafeBufferPointer(start: start, count: count)))
  let fast = bits(source, takesRuns: true)
  precondition(fast == bits(source, takesRuns: false), "two ways of reading disagree")
  if let fast, let once = bitsAtOnce(source, room: fast.count) {
    precondition(fast == once, "one pass and two disagree")
  }
  _ = try? PickledRows.peek(source: source)
  _ = try? PickleValue(source: source, classes: ["a.B"])
  return 0
}
