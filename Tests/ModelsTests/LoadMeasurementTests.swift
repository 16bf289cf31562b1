import Ledger
import TestSupport
import Testing
import VectorMath

@testable import Models

/// Compares measurements during a load with measurements before it.
@Suite struct LoadMeasurementTests {
  private static let target = ModelFitTests.target

  /// Gives all rows to a measurement, as a load does, and returns the result.
  private static func load(
    _ rows: ModelFitTests.ListedRows, _ measurement: LoadMeasurement, _ engine: Engine
  ) throws -> FittedModel {
    var reducer = Reducer(projection: measurement.projection, engine: engine)
    return try load(rows, measurement, &reducer)
  }

  private static func load(
    _ rows: ModelFitTests.ListedRows, _ measurement: LoadMeasurement, _ reducer: inout Reducer
  ) throws -> FittedModel {
    try rows.forEachBatch { batch, count in
      let batch = Array(batch)
      let reduced = try reducer.withReduced(batch, count: count) { Array($0) }
      try measurement.add(batch, reduced: reduced, count: count)
    }
    return try measurement.finish()
  }

  @Test(arguments: OriginalsChoice.allCases, [300, 12])
  func `what is measured with the load is what is measured before it`(
    choice: OriginalsChoice, count: Int
  ) throws {
    let rows = ModelFitTests.rows(count, seed: 31)
    let engine = try Engine()
    let fit = ModelFit(engine: engine, originals: choice)
    let before = try fit.fit(rows, kind: .uncentered, target: Self.target)
    let measurement = try fit.fitForLoad(of: rows, kind: .uncentered, target: Self.target)
    #expect(measurement.keepsOriginals == before.measurement.keepsOriginals)
    #expect(try Self.load(rows, measurement, engine) == before)
    #expect(try fit.measure(measurement, on: rows) == before)
    let foreign = try fit.measure(before.projection, on: rows)
    let shared = try fit.measureWithLoad(of: rows, before.projection)
    #expect(shared.keepsOriginals == foreign.measurement.keepsOriginals)
    var documents = Reducer(foreign: before.projection, engine: engine)
    #expect(try Self.load(rows, shared, &documents) == foreign)
  }

  /// Returns rows of which every second one has only the first coordinates.
  ///
  /// A sample that has only these rows loses nothing. The other rows are pairs that differ only in
  /// the signs of the last coordinates, so that the principal directions are the coordinates.
  static func unevenRows(_ count: Int) -> ModelFitTests.ListedRows {
    var generator = SeededGenerator(seed: 32)
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }
    let rest = ModelFitTests.source - target
    let rows = stride(from: 0, to: count, by: 4).flatMap { _ -> [[Float]] in
      let (head, tail) = (numbers(target), numbers(rest).map { $0 * 0.7 })
      let zeros = [Float](repeating: 0, count: rest)
      return [
        numbers(target) + zeros, head + tail, numbers(target) + zeros, head + tail.map { -$0 },
      ]
    }
    return ModelFitTests.ListedRows(rows: rows)
  }

  @Test(arguments: [4_096, 12_288])
  func `originals that a sample did not ask for are asked for by all rows`(count: Int) throws {
    // With these numbers of rows, the sample has every second or every sixth row.
    let rows = Self.unevenRows(count)
    let engine = try Engine()
    let fit = ModelFit(engine: engine, originals: .auto)
    let measurement = try fit.fitForLoad(of: rows, kind: .uncentered, target: Self.target)
    #expect(!measurement.keepsOriginals)
    let wrong = #expect(throws: WrongOriginals.self) {
      try Self.load(rows, measurement, engine)
    }
    #expect(wrong?.areNeeded == true)
    let second = try fit.fitForLoad(
      of: rows, kind: .uncentered, target: Self.target, keepsOriginals: true)
    let model = try Self.load(rows, second, engine)
    #expect(model.measurement.keepsOriginals)
    #expect(model.fidelity.recall < 0.99)
    #expect(model.measurement.searchRecall > model.fidelity.recall)
  }

  @Test func `a number in the sample that half precision cannot hold decides at once`() throws {
    var numbers = ModelFitTests.rows(8_192, seed: 34).rows
    numbers[0][2] = 70_000
    let rows = ModelFitTests.ListedRows(rows: numbers)
    let engine = try Engine()
    let measurement = try ModelFit(engine: engine, originals: .auto)
      .fitForLoad(of: rows, kind: .uncentered, target: Self.target)
    #expect(!measurement.keepsOriginals)
    let model = try Self.load(rows, measurement, engine)
    #expect(!model.measurement.keepsOriginals && model.fidelity.recall < 0.99)
  }

  @Test func `a number that half precision cannot hold is found before it is written`() throws {
    var numbers = ModelFitTests.rows(8_192, seed: 33).rows
    numbers[4_097][2] = 70_000
    let rows = ModelFitTests.ListedRows(rows: numbers)
    let engine = try Engine()
    func measurement(_ choice: OriginalsChoice, keepsOriginals: Bool? = nil) throws
      -> LoadMeasurement
    {
      try ModelFit(engine: engine, originals: choice).fitForLoad(
        of: rows, kind: .uncentered, target: Self.target, keepsOriginals: keepsOriginals)
    }
    let open = try measurement(.auto)
    #expect(open.keepsOriginals)
    let wrong = #expect(throws: WrongOriginals.self) { try Self.load(rows, open, engine) }
    #expect(wrong?.areNeeded == false)
    let without = try Self.load(rows, measurement(.auto, keepsOriginals: false), engine)
    #expect(!without.measurement.keepsOriginals && without.fidelity.recall < 0.99)
    let refusal = #expect(throws: Failure.self) {
      try Self.load(rows, measurement(.always), engine)
    }
    #expect(refusal?.reason.contains("row 4097, position 2: 70000.0 is too large") == true)
  }
}
