import Synchronization
import TestSupport
import Testing
import VectorMath

@testable import Models

/// Tests rows that are kept in memory between passes: all passes see the same rows, however many
/// are kept.
@Suite struct KeptRowsTests {
  /// A source that counts the rows that are read from it.
  final class CountedRows: RowSource {
    let rows: ModelFitTests.ListedRows
    var read = 0

    init(_ rows: ModelFitTests.ListedRows) { self.rows = rows }

    var dimensions: Int { rows.dimensions }
    var count: Int { rows.count }

    func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
      try rows.forEachBatch {
        read += $1
        try body($0, $1)
      }
    }

    func forEachBatch(
      from first: Int, _ body: (UnsafeBufferPointer<Float>, Int) throws -> Void
    ) throws {
      var position = 0
      try rows.forEachBatch { rows, count in
        defer { position += count }
        guard position >= first else { return }
        read += count
        try body(rows, count)
      }
    }
  }

  private static let rowBytes = ModelFitTests.source * 4

  /// The batches have seven rows: with room for 20 rows, two batches are kept.
  @Test(arguments: [(0, 100), (6, 100), (7, 93), (20, 86), (99, 2), (100, 0), (1000, 0)])
  func `a second pass reads what was not kept`(room: Int, again: Int) throws {
    let source = CountedRows(ModelFitTests.rows(100, seed: 21))
    let kept = KeptRows(source, limit: room * Self.rowBytes)
    for pass in 1...3 {
      source.read = 0
      var seen: [[Float]] = []
      try kept.forEachBatch { rows, count in
        for row in 0..<count {
          seen.append(Array(rows[row * source.dimensions..<(row + 1) * source.dimensions]))
        }
      }
      #expect(seen == source.rows.rows)
      #expect(source.read == (pass == 1 ? 100 : again))
    }
  }

  @Test func `a pass that throws keeps nothing`() throws {
    struct Stop: Error {}
    let source = CountedRows(ModelFitTests.rows(30, seed: 22))
    let kept = KeptRows(source, limit: 30 * Self.rowBytes)
    #expect(throws: Stop.self) { try kept.forEachBatch { _, _ in throw Stop() } }
    var count = 0
    try kept.forEachBatch { count += $1 }
    #expect(count == 30)
  }

  @Test(arguments: [80, 15], [0, 3_000, 9_000, 1_000_000])
  func `model, measurement and reduced rows are the same, bit for bit`(count: Int, bytes: Int)
    throws
  {
    let rows = ModelFitTests.rows(count, seed: 23)
    let engine = try Engine()
    let plain = try ModelFit(engine: engine, originals: .auto)
      .fit(rows, kind: .uncentered, target: ModelFitTests.target)
    let fit = ModelFit(engine: engine, originals: .auto, memory: RowMemory(bytes: bytes))
    let model = try fit.fit(rows, kind: .uncentered, target: ModelFitTests.target)
    #expect(model == plain)
    var expected = Reducer(projection: plain.projection, engine: engine)
    var reducer = expected.using(fit.reduced)
    var position = 0
    try rows.forEachBatch { batch, count in
      let batch = Array(batch)
      let wanted = try expected.reducedRows(batch, from: position, count: count)
      #expect(try reducer.reducedRows(batch, from: position, count: count) == wanted)
      position += count
    }
  }

  @Test func `rows are taken from their own position alone, and once`() {
    let reduced = ReducedRows(limit: 1_000)
    for first in [0, 2, 4] {
      [Float(first), Float(first) + 1].withUnsafeBufferPointer { reduced.add($0, count: 2) }
    }
    #expect(reduced.take(from: 2, count: 2) == nil)
    #expect(reduced.take(from: 0, count: 1) == nil)
    #expect(reduced.take(from: 0, count: 2) == [0, 1])
    #expect(reduced.take(from: 0, count: 2) == nil)
    #expect(reduced.take(from: 2, count: 2) == [2, 3])
    #expect(reduced.take(from: 4, count: 2) == [4, 5])
    #expect(reduced.take(from: 6, count: 2) == nil)
  }
}
