internal import Ledger
package import Stores
internal import VectorMath

/// Rows that a projection is fitted to or measured on, read in order as often as needed.
package protocol RowSource {
  /// Numbers in each row.
  var dimensions: Int { get }
  /// How many rows there are.
  var count: Int { get }
  /// Lends the rows from the first to the last, a batch at a time.
  func forEachBatch(_ body: (UnsafeBufferPointer<Float>, _ count: Int) throws -> Void) throws
}

/// The vectors of a store's documents; their texts are not read.
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
    try vectors.forEachBatch(limit: BatchSize.documents) { rows, positions in
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

/// The rows of a source that are asked as queries: spread evenly, the same at every run.
package struct QuerySample {
  /// How many queries are asked where there are enough rows.
  static let size = 200

  /// Their positions among all rows.
  package let positions: [Int]
  /// Their vectors, as far as they have been met.
  package private(set) var queries: [[Float]] = []
  private var rowsSeen = 0

  /// A sample of so many rows.
  package init(of rows: Int) { positions = Fidelity.sample(of: rows, count: Self.size) }

  /// Picks the sample's rows out of the next batch.
  package mutating func take(from rows: UnsafeBufferPointer<Float>, count: Int) {
    let width = count == 0 ? 0 : rows.count / count
    while queries.count < positions.count, positions[queries.count] < rowsSeen + count {
      let start = (positions[queries.count] - rowsSeen) * width
      queries.append(Array(rows[start..<start + width]))
    }
    rowsSeen += count
  }
}
