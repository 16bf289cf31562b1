internal import Bounds

/// The rows of a source, kept in memory when they are first read, as far as there is room; later
/// passes read only the other rows from the source.
final class KeptRows<Source: RowSource>: RowSource {
  private let source: Source
  private var kept: [(rows: [Float], count: Int)] = []
  /// The number of elements that may still be kept; nil after the first pass, which keeps as many
  /// rows as there is room for.
  private var room: Int?

  var dimensions: Int { source.dimensions }
  var count: Int { source.count }

  /// Creates rows of which up to this many bytes are kept in memory.
  init(_ source: Source, limit bytes: Int) {
    self.source = source
    room = bytes / MemoryLayout<Float>.stride
  }

  func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
    guard var room else { return try again(body) }
    var isFull = false
    kept = []
    try source.forEachBatch { rows, count in
      isFull = isFull || rows.count > room
      if !isFull {
        kept.append((Array(rows), count))
        room -= rows.count
      }
      try body(rows, count)
    }
    self.room = nil
  }

  private func again(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
    for (rows, count) in kept { try rows.withUnsafeBufferPointer { try body($0, count) } }
    let read = kept.reduce(0) { $0 + $1.count }
    if read < count { try source.forEachBatch(from: read, body) }
  }
}

/// The reduced rows that a measurement has computed, kept so that a load need not compute them
/// again.
///
/// The rows are kept from the first one on, as far as there is room.
package final class ReducedRows {
  private var batches: [[Float]] = []
  private var counts: [Int] = []
  private var room: Int
  /// The batch that is asked for next, and the position of its first row in the store.
  private var next = (batch: 0, row: 0)

  /// Prepares to keep up to this many bytes of reduced rows.
  init(limit bytes: Int) { room = bytes / MemoryLayout<Float>.stride }

  /// Keeps the next rows; where there is no room for them, neither these nor later rows are kept.
  func add(_ rows: UnsafeBufferPointer<Float>, count: Int) {
    guard rows.count <= room else {
      room = 0
      return
    }
    room -= rows.count
    batches.append(Array(rows))
    counts.append(count)
  }

  /// Removes and returns the kept batch of rows from a position on; nil where the next kept batch
  /// has another position or count.
  func take(from row: Int, count: Int) -> [Float]? {
    guard next.batch < batches.count, next.row == row, counts[next.batch] == count else {
      return nil
    }
    defer {
      batches[next.batch] = []
      next = (next.batch + 1, row + count)
    }
    return batches[next.batch]
  }
}

/// The memory for rows that are kept between passes.
package struct RowMemory: Sendable {
  /// The bytes for rows as they were read.
  let rows: Int
  /// The bytes for reduced rows.
  let reduced: Int

  /// No memory: every pass reads the rows anew.
  package static let none = RowMemory(bytes: 0)

  /// Divides this many bytes between both kinds of rows; divides fewer bytes where the system has
  /// too little free memory.
  ///
  /// - Parameter isForLoad: true where reduced rows are kept for a load.
  package init(bytes: Int, isForLoad: Bool = true) {
    var bytes = bytes
    // As much again is left for everything else.
    while bytes > 0, (try? MemoryRoom.require(bytes * 2, for: "kept rows")) == nil { bytes /= 2 }
    rows = bytes / 5 * 3
    reduced = isForLoad ? bytes / 5 * 2 : 0
  }
}
