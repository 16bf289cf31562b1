/// A buffer for numbers in the order in which they are in the file.
///
/// Where CPython wrote the pickle from lists of floats, the numbers in this order are the matrix.
struct Collector {
  private let output: UnsafeMutableBufferPointer<Float>
  /// How many numbers were collected, as long as all of them fitted and were finite.
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

  /// Converts the BINFLOAT opcodes at the beginning of `bytes`, as many as there is room for.
  ///
  /// The numbers are counted only by ``take(converted:)``.
  ///
  /// - Returns: how many numbers were converted, nil where there is no room or numbers are not
  ///   collected any more.
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

  /// Marks the numbers as incomplete from here on.
  mutating func giveUp() { isComplete = false }
}

extension PickledRows {
  /// Checks a whole pickle and converts it in the same pass, where it consists of plain floats.
  ///
  /// This is twice as fast as opening the pickle and reading every row, but `output` must have room
  /// for the whole matrix: for a list of lists of floats, one number for every nine bytes of the
  /// file.
  ///
  /// - Returns: the rows, and whether `output` begins with all their numbers. Where it does not
  ///   (too little room, shared rows, arrays, a number that is not finite), the rows must be read.
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

  /// Returns whether the rows together have all `count` numbers of the file, in the file's order.
  ///
  /// Rows that begin one after another do not overlap, so they have all numbers if the counts are
  /// equal.
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
