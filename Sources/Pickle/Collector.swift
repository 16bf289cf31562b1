/// Collects numbers in a buffer, in the order of the file.
///
/// Where CPython wrote the pickle from lists of floats, the numbers in this order are the matrix.
struct Collector {
  private let output: UnsafeMutableBufferPointer<Float>
  /// The number of collected numbers, as long as all of them fitted and were finite.
  private(set) var count = 0
  private(set) var isComplete = true

  init(_ output: UnsafeMutableBufferPointer<Float>) { self.output = output }

  /// Adds one number.
  mutating func take(_ number: Number) {
    let value = number.float
    guard isComplete, count < output.count, value.isFinite else {
      isComplete = false
      return
    }
    output[count] = value
    count += 1
  }

  /// Converts as many BINFLOAT opcodes at the beginning of `bytes` as there is room for.
  ///
  /// The numbers are counted only by ``take(converted:)``.
  ///
  /// - Returns: the number of converted opcodes; nil where there is no room, or where numbers are
  ///   not collected any more.
  mutating func convert(_ bytes: UnsafeRawBufferPointer, atMost limit: Int) -> Int? {
    let room = output.count - count
    guard isComplete, room > 0, let start = output.baseAddress else { return nil }
    let (converted, areFinite) = convertFloats(
      bytes, atMost: min(limit, room), to: start + count)
    isComplete = areFinite
    return converted
  }

  /// Counts the numbers that ``convert(_:atMost:)`` has just converted.
  mutating func take(converted number: Int) { count += number }

  /// Ends the collecting: the collected numbers are not complete.
  mutating func giveUp() { isComplete = false }
}

extension PickledRows {
  /// Checks a whole pickle, and in the same pass converts its numbers where they are plain floats.
  ///
  /// This is twice as fast as opening the pickle and reading every row. `output` must have room for
  /// the whole matrix; a list of lists of floats has at most one number for every nine bytes of the
  /// file.
  ///
  /// - Returns: the rows, and true where `output` begins with all their numbers. Otherwise (too
  ///   little room, shared rows, arrays, a number that is not finite) the caller must read the
  ///   rows.
  public static func open(
    source: any PickleSource, limits: PickleLimits = PickleLimits(),
    convertingInto output: UnsafeMutableBufferPointer<Float>
  ) throws(PickleError) -> (rows: PickledRows, isConverted: Bool) {
    var machine = Machine(source, mode: .rows, limits: limits)
    machine.collector = Collector(output)
    let rows = try PickledRows(running: &machine, source: source, limits: limits)
    guard let collector = machine.collector, collector.isComplete else { return (rows, false) }
    return (rows, rows.coverInOrder(collector.count))
  }

  /// Returns true where the rows together have all `count` numbers of the file, in the file's
  /// order.
  ///
  /// Rows with rising starts do not overlap, so they have all numbers where the counts are equal.
  private func coverInOrder(_ count: Int) -> Bool {
    guard case .rows(let rows) = storage else { return false }
    var total = 0
    var last = -1
    for row in rows {
      guard row.kind == .opcodes, row.start > last else { return false }
      last = row.start
      total += row.count
    }
    return total == count
  }
}
