internal import Ledger
package import Stores
internal import VectorMath

/// Rows that a projection is fitted to or measured on; they are read in order, as often as needed.
package protocol RowSource {
  /// The length of each row.
  var dimensions: Int { get }
  /// The number of rows.
  var count: Int { get }
  /// Calls `body` with the rows from the first to the last, one batch at a time.
  func forEachBatch(_ body: (UnsafeBufferPointer<Float>, _ count: Int) throws -> Void) throws
  /// Calls `body` with the rows from a position on; a batch must begin at this position.
  func forEachBatch(
    from first: Int, _ body: (UnsafeBufferPointer<Float>, _ count: Int) throws -> Void
  ) throws
}

extension RowSource {
  package func forEachBatch(
    from first: Int, _ body: (UnsafeBufferPointer<Float>, _ count: Int) throws -> Void
  ) throws {
    var position = 0
    try forEachBatch { rows, count in
      if position >= first { try body(rows, count) }
      position += count
    }
  }
}

/// The vectors of a store's documents, without the documents' texts.
package struct StoreRows: RowSource {
  private let vectors: StoreVectors
  private let isInterrupted: @Sendable () -> Bool

  package init(reader: StoreReader, isInterrupted: @escaping @Sendable () -> Bool) {
    vectors = reader.vectors
    self.isInterrupted = isInterrupted
  }

  package var dimensions: Int { vectors.dimensions }
  package var count: Int { vectors.count }

  package func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
    try forEachBatch(from: 0, body)
  }

  package func forEachBatch(
    from first: Int, _ body: (UnsafeBufferPointer<Float>, Int) throws -> Void
  ) throws {
    try vectors.forEachBatch(from: first, limit: BatchSize.documents) { rows, positions in
      if isInterrupted() { throw Failure(.interrupted, "interrupted") }
      try rows.withUnsafeBufferPointer { try body($0, positions.count) }
    }
  }
}

/// Rows of several sources, one source after the other.
package struct JoinedRows: RowSource {
  let sources: [any RowSource]

  package init(sources: [any RowSource]) {
    self.sources = sources
  }

  package var dimensions: Int { sources.first?.dimensions ?? 0 }
  package var count: Int { sources.reduce(0) { $0 + $1.count } }

  package func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
    for source in sources where source.count > 0 { try source.forEachBatch(body) }
  }
}

/// Some rows of a source, chosen before the source is read; they are spread evenly, and are the
/// same at every run.
package struct RowSample {
  /// The number of rows that are used as queries where there are enough rows.
  package static let queryCount = 200

  /// The positions of the chosen rows among all rows.
  package let positions: [Int]
  /// The vectors of the chosen rows that have been read so far.
  package private(set) var rows: [[Float]] = []
  private var rowsSeen = 0

  /// Chooses the positions of a sample among this many rows.
  package init(of count: Int, size: Int = RowSample.queryCount) {
    positions = Fidelity.sample(of: count, count: size)
  }

  /// Takes the sample's rows out of the next batch.
  package mutating func take(from batch: UnsafeBufferPointer<Float>, count: Int) {
    let width = count == 0 ? 0 : batch.count / count
    while rows.count < positions.count, positions[rows.count] < rowsSeen + count {
      let start = (positions[rows.count] - rowsSeen) * width
      rows.append(Array(batch[start..<start + width]))
    }
    rowsSeen += count
  }
}
