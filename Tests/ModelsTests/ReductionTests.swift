import Ledger
import Testing
import VectorMath

@testable import Models

@Suite struct ReductionTests {
  @Test(arguments: [
    (3072, 3072, Reduction.none), (768, 2000, .extend(from: 768, to: 2000)),
    (3072, 2000, .project(.uncentered, from: 3072, to: 2000)),
  ])
  func `vectors get the table's dimension`(source: Int, target: Int, way: Reduction) {
    #expect(ReductionOptions().reduction(from: source, to: target) == way)
  }

  @Test func `nothing is ever cut unless it was asked for`() {
    var options = ReductionOptions()
    options.method = .none
    #expect(options.reduction(from: 3072, to: 2000) == nil)
    options.method = .truncate
    #expect(
      options.reduction(from: 3072, to: 2000) == .project(.truncated, from: 3072, to: 2000))
    options.method = .pca
    options.isCentered = true
    #expect(options.reduction(from: 3072, to: 2000) == .project(.centered, from: 3072, to: 2000))
  }

  @Test(arguments: [Projection.Kind.uncentered, .centered, .truncated])
  func `a kind is needed only where vectors get shorter`(kind: Projection.Kind) {
    for named in [kind, nil] {
      #expect(Reduction(from: 9, to: 9, by: named) == Reduction.none)
      #expect(Reduction(from: 9, to: 12, by: named) == .extend(from: 9, to: 12))
    }
    #expect(Reduction(from: 9, to: 4, by: kind) == .project(kind, from: 9, to: 4))
    #expect(Reduction(from: 9, to: 4, by: nil) == nil)
  }

  @Test func `zeros follow the values of shorter vectors`() throws {
    var reducer = Reducer(.extend(from: 2, to: 5))
    let rows = try reducer.withReduced([1, 2, 3, 4], count: 2) { Array($0) }
    #expect(rows == [1, 2, 0, 0, 0, 3, 4, 0, 0, 0])
    let fewer = try reducer.withReduced([5, 6], count: 1) { Array($0) }
    #expect(fewer == [5, 6, 0, 0, 0])
  }

  @Test func `what a model leaves of a vector is zero where pgvector could not compare it`() throws
  {
    let engine = try Engine()
    let rows = ModelFitTests.rows(80, seed: 51)
    let projection = try ModelFit(engine: engine, originals: .never)
      .project(rows, kind: .uncentered, target: ModelFitTests.target)
    var reducer = Reducer(projection: projection, engine: engine)
    func reduced(_ row: [Float]) throws -> [Float] {
      try reducer.withReduced(row, count: 1) { Array($0) }
    }
    // The vector is the part of a row that the model does not keep; the model keeps only rounding
    // errors of it.
    let row = rows.rows[0]
    let lost = try zip(row, projection.expand(reduced(row))).map { $0 - $1 }
    #expect(try reduced(lost).contains { $0 != 0 })
    let small = lost.map { $0 * 0x1p-50 }
    #expect(try reduced(small).allSatisfy { $0 == 0 })
    #expect(try reduced(row.map { $0 * 0x1p-50 }).contains { $0 != 0 })
  }

  @Test func `a model that loses too much is refused with the figure`() throws {
    let projection = try Projection.truncation(from: 4, to: 2)
    let model = FittedModel(
      projection: projection,
      fidelity: Fidelity(recall: 0.8666, neighbours: 10, largestScoreChange: 0.2, queries: 9))
    #expect(throws: Never.self) { try model.check(minimumRecall: 0.85) }
    let failure = #expect(throws: Failure.self) { try model.check(minimumRecall: 0.95) }
    #expect(failure?.reason.contains("0.867") == true)
    #expect(failure?.remedy?.contains("--min-recall") == true)
  }
}
