import Ledger
import TestSupport
import Testing
import VectorMath

@testable import Models

/// Compares the measurements of a model with scans in double precision.
@Suite struct ModelFitTests {
  static let (source, target) = (24, 16)

  /// Rows in memory, in batches whose size divides no number of rows.
  struct ListedRows: RowSource {
    let rows: [[Float]]
    let dimensions = ModelFitTests.source
    var count: Int { rows.count }

    func forEachBatch(_ body: (UnsafeBufferPointer<Float>, Int) throws -> Void) throws {
      for first in stride(from: 0, to: rows.count, by: 7) {
        let batch = rows[first..<min(first + 7, rows.count)]
        try batch.flatMap { $0 }.withUnsafeBufferPointer { try body($0, batch.count) }
      }
    }
  }

  /// Returns rows whose numbers become smaller from coordinate to coordinate.
  static func rows(_ count: Int, seed: UInt64) -> ListedRows {
    var generator = SeededGenerator(seed: seed)
    return ListedRows(
      rows: (0..<count).map { _ in
        (0..<source).map {
          Float.random(in: -1...1, using: &generator) / Float(1 + $0).squareRoot()
        }
      })
  }

  static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    func dot(_ x: [Float], _ y: [Float]) -> Double {
      zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
  }

  /// Returns the mean share of the ten nearest rows that are also among the ten nearest by reduced
  /// vectors.
  static func recall(
    _ queries: [(own: Int, full: [Float], reduced: [Float])], _ rows: [[Float]],
    _ reduced: [[Float]]
  ) -> Double {
    func nearest(_ query: [Float], _ rows: [[Float]], without own: Int) -> Set<Int> {
      let scores = rows.map { cosine(query, $0) }
      return Set(rows.indices.filter { $0 != own }.sorted { scores[$0] > scores[$1] }.prefix(10))
    }
    var (found, wanted) = (0, 0)
    for query in queries {
      let truth = nearest(query.full, rows, without: query.own)
      found += truth.intersection(nearest(query.reduced, reduced, without: query.own)).count
      wanted += truth.count
    }
    return Double(found) / Double(wanted)
  }

  @Test(arguments: [(80, 1), (15, 2), (40, 3)])
  func `documents added later, and queries that are cut, are measured as they would be found`(
    count: Int, seed: UInt64
  ) throws {
    let all = Self.rows(count, seed: seed)
    let engine = try Engine()
    let model = try ModelFit(engine: engine).fit(all, kind: .uncentered, target: Self.target)
    #expect(model.projection.fittedRows == count)
    let reduced = try all.rows.map { row in
      var reducer = Reducer(projection: model.projection, engine: engine)
      return try reducer.withReduced(row, count: 1) { Array($0) }
    }
    let asked = Fidelity.sample(of: count, count: 200)
    let cut = Self.recall(
      asked.map { ($0, all.rows[$0], Array(all.rows[$0].prefix(Self.target))) }, all.rows, reduced)
    #expect(model.fidelity.cutRecall == cut)
    #expect(cut < 1 || count < Self.target)
    #expect(
      try model.fidelity.addedRecall
        == recallOfAdded(all, leavingOut: Fidelity.sample(of: count, count: count / 10)))
    // Of few rows, half are fitted and half are added.
    #expect(
      try model.fidelity.doubledRecall
        == (count < Self.target
          ? recallOfAdded(all, leavingOut: Fidelity.sample(of: count, count: count / 2)) : nil))
  }

  /// Returns the recall of queries like the rows at these positions, where these rows were added
  /// after the fit.
  private func recallOfAdded(
    _ all: ListedRows, leavingOut added: [Int], among compared: [Int]? = nil
  ) throws -> Double {
    let engine = try Engine()
    let others = ListedRows(
      rows: all.rows.indices.filter { !added.contains($0) }.map { all.rows[$0] })
    let projection = try ModelFit(engine: engine)
      .project(others, kind: .uncentered, target: Self.target)
    let compared = compared ?? Array(all.rows.indices)
    let reduced = try compared.map { position in
      var reducer = Reducer(projection: projection, engine: engine)
      return added.contains(position)
        ? try projection.reduceDocument(all.rows[position])
        : try reducer.withReduced(all.rows[position], count: 1) { Array($0) }
    }
    let queries = try added.map { position in
      (
        own: try #require(compared.firstIndex(of: position)), full: all.rows[position],
        reduced: try projection.reduceQuery(all.rows[position])
      )
    }
    return Self.recall(queries, compared.map { all.rows[$0] }, reduced)
  }

  @Test func `of very many rows some are compared, and the added ones always`() throws {
    let all = Self.rows(90, seed: 4)
    let engine = try Engine()
    var leftOut = LeftOutRows(of: all.count, kind: .uncentered)
    let fitter = try ProjectionFitter(
      dimensions: Self.source, target: Self.target, engine: engine)
    try all.forEachBatch { batch, count in
      try leftOut.take(from: batch, count: count) { try fitter.add(rows: $0, count: $1) }
    }
    #expect(fitter.rowCount == 81)
    #expect(leftOut.rows == leftOut.positions.flatMap { all.rows[$0] })
    var probe = try AddedProbe(
      leftOut, projection: fitter.projection(), limit: 25, engine: engine)
    try all.forEachBatch { try probe.add($0, count: $1) }
    let compared = all.rows.indices.filter { $0 % 4 == 0 || leftOut.positions.contains($0) }
    #expect(
      try probe.recall == recallOfAdded(all, leavingOut: leftOut.positions, among: compared))
  }

  @Test(arguments: [(9, Projection.Kind.uncentered), (80, .truncated)])
  func `where nothing can be left out, nothing is measured for added documents`(
    count: Int, kind: Projection.Kind
  ) throws {
    let model = try ModelFit(engine: Engine()).fit(
      Self.rows(count, seed: 5), kind: kind, target: Self.target)
    #expect(model.fidelity.addedRecall == nil && model.fidelity.doubledRecall == nil)
    #expect(model.fidelity.cutRecall != nil)
  }

  struct OriginalsCase: CustomTestStringConvertible {
    enum Result { case kept, notKept, refused }

    let choice: OriginalsChoice
    let rows: Int
    var wereKept = false
    var areStorable = true
    var hasLargeNumber = false
    let result: Result

    var testDescription: String {
      "\(choice), \(rows) rows\(wereKept ? ", kept before" : "")"
        + (areStorable ? "" : ", not storable")
        + (hasLargeNumber ? ", one number too large" : "")
    }
  }

  @Test(arguments: [
    OriginalsCase(choice: .auto, rows: 80, result: .kept),
    OriginalsCase(choice: .auto, rows: 12, result: .notKept),
    OriginalsCase(choice: .auto, rows: 12, wereKept: true, result: .kept),
    OriginalsCase(choice: .auto, rows: 80, areStorable: false, result: .notKept),
    OriginalsCase(choice: .auto, rows: 80, hasLargeNumber: true, result: .notKept),
    // The originals of added documents must not be deleted without an option.
    OriginalsCase(
      choice: .auto, rows: 80, wereKept: true, hasLargeNumber: true, result: .refused),
    OriginalsCase(choice: .auto, rows: 80, wereKept: true, areStorable: false, result: .refused),
    OriginalsCase(choice: .always, rows: 12, result: .kept),
    OriginalsCase(choice: .always, rows: 80, areStorable: false, result: .refused),
    OriginalsCase(choice: .always, rows: 80, hasLargeNumber: true, result: .refused),
    OriginalsCase(choice: .never, rows: 80, wereKept: true, result: .notKept),
    OriginalsCase(choice: .never, rows: 80, areStorable: false, result: .notKept),
  ])
  func `originals are kept where searches need them, or where the operator wants them`(
    example: OriginalsCase
  ) throws {
    var rows = Self.rows(example.rows, seed: 6).rows
    if example.hasLargeNumber { rows[3][2] = 70_000 }
    func fit() throws -> FittedModel {
      let choice = try example.choice.resolved(
        areStorable: example.areStorable, wereKept: example.wereKept)
      return try ModelFit(engine: Engine(), originals: choice)
        .fit(ListedRows(rows: rows), kind: .uncentered, target: Self.target)
    }
    guard example.result != .refused else {
      let failure = #expect(throws: Failure.self) { try fit() }
      if example.hasLargeNumber {
        #expect(failure?.reason.contains("row 3, position 2: 70000.0 is too large") == true)
      }
      #expect(failure?.remedy?.contains("--keep-original never") == true)
      return
    }
    let model = try fit()
    #expect(model.measurement.keepsOriginals == (example.result == .kept))
    #expect((model.measurement.rerankedRecall != nil) == (example.result == .kept))
    if example.rows == 80 { #expect(model.fidelity.recall < 0.99) }
    if let reranked = model.measurement.rerankedRecall { #expect(reranked > 0.99) }
  }
}
