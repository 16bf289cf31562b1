import TestSupport
import Testing

@testable import VectorMath

@Suite("Matrix products")
struct ProductTests {
  struct Shape: CustomTestStringConvertible {
    let rows, depth, columns: Int
    var testDescription: String { "\(rows) × \(depth) × \(columns)" }
  }

  static let shapes = [
    Shape(rows: 1, depth: 1, columns: 1), Shape(rows: 12, depth: 7, columns: 32),
    Shape(rows: 13, depth: 385, columns: 33), Shape(rows: 5, depth: 0, columns: 4),
    Shape(rows: 97, depth: 800, columns: 3), Shape(rows: 3, depth: 40, columns: 401),
    Shape(rows: 130, depth: 130, columns: 130), Shape(rows: 0, depth: 3, columns: 2),
  ]

  @Test("equals the sum of products, with either operand transposed", arguments: shapes, levels)
  func agrees(_ shape: Shape, _ level: ProcessorLevel) throws {
    let engine = try Engine(threads: 2, level: level)
    var generator = SeededGenerator(seed: 11)
    let a = normals(shape.rows * shape.depth, &generator)
    let b = normals(shape.depth * shape.columns, &generator)
    let at = transpose(a, shape.rows, shape.depth)
    let bt = transpose(b, shape.depth, shape.columns)
    let expected = plainProduct(a, b, shape)
    for (left, right, leftIsTurned, rightIsTurned) in [
      (a, b, false, false), (at, b, true, false), (a, bt, false, true), (at, bt, true, true),
    ] {
      let c = multiply(left, right, shape, leftIsTurned, rightIsTurned, engine)
      for (found, wanted) in zip(c, expected) {
        #expect(abs(Double(found) - wanted) <= 1e-5 * Double(max(1, shape.depth)).squareRoot())
      }
    }
  }

  @Test("adds to what is there, scaled, and touches nothing outside", arguments: levels)
  func accumulates(_ level: ProcessorLevel) throws {
    let engine = try Engine(threads: 1, level: level)
    let a = FloatMemory(copying: [1, 2, 3, 4, 5, 6])
    let c = FloatMemory(copying: Array(repeating: 10, count: 10))
    let left = MatrixView(a.start, rows: 2, columns: 3)
    engine.multiply(
      left, left.transposed, into: MatrixTarget(c.start, rows: 2, columns: 2, stride: 5),
      scale: -1)
    #expect(c.array == [-4, -22, 10, 10, 10, -22, -67, 10, 10, 10])
  }

  @Test("is the same, bit for bit, for every number of threads", arguments: levels)
  func ignoresThreads(_ level: ProcessorLevel) throws {
    var generator = SeededGenerator(seed: 5)
    let shape = Shape(rows: 211, depth: 500, columns: 333)
    let a = normals(shape.rows * shape.depth, &generator)
    let b = normals(shape.depth * shape.columns, &generator)
    let results = try [1, 2, 3, 8].map {
      multiply(a, b, shape, false, false, try Engine(threads: $0, level: level))
    }
    for result in results { #expect(result == results[0]) }
  }

  @Test("of a matrix with itself fills the lower triangle", arguments: levels)
  func fillsLowerTriangle(_ level: ProcessorLevel) throws {
    let engine = try Engine(threads: 2, level: level)
    var generator = SeededGenerator(seed: 6)
    let (rows, columns) = (50, 121)
    let x = normals(rows * columns, &generator)
    let full = multiply(
      x, x, Shape(rows: columns, depth: rows, columns: columns), true, false, engine)
    let lower = FloatMemory(count: columns * columns)
    let memory = FloatMemory(copying: x)
    let view = MatrixView(memory.start, rows: rows, columns: columns)
    engine.multiply(
      view.transposed, view, into: MatrixTarget(lower.start, rows: columns, columns: columns),
      overwrite: true, region: .lowerTriangle)
    for i in 0..<columns {
      for j in 0...i { #expect(lower.start[i * columns + j] == full[i * columns + j]) }
    }
  }

  private func plainProduct(_ a: [Float], _ b: [Float], _ shape: Shape) -> [Double] {
    var c = [Double](repeating: 0, count: shape.rows * shape.columns)
    for i in 0..<shape.rows {
      for k in 0..<shape.depth {
        let factor = Double(a[i * shape.depth + k])
        for j in 0..<shape.columns {
          c[i * shape.columns + j] += factor * Double(b[k * shape.columns + j])
        }
      }
    }
    return c
  }

  private func transpose(_ x: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    (0..<columns).flatMap { j in (0..<rows).map { x[$0 * columns + j] } }
  }

  private func multiply(
    _ a: [Float], _ b: [Float], _ shape: Shape, _ aIsTurned: Bool, _ bIsTurned: Bool,
    _ engine: Engine
  ) -> [Float] {
    let (left, right) = (FloatMemory(copying: a), FloatMemory(copying: b))
    let c = FloatMemory(count: shape.rows * shape.columns)
    engine.multiply(
      aIsTurned
        ? MatrixView(left.start, rows: shape.depth, columns: shape.rows).transposed
        : MatrixView(left.start, rows: shape.rows, columns: shape.depth),
      bIsTurned
        ? MatrixView(right.start, rows: shape.columns, columns: shape.depth).transposed
        : MatrixView(right.start, rows: shape.depth, columns: shape.columns),
      into: MatrixTarget(c.start, rows: shape.rows, columns: shape.columns), overwrite: true)
    return c.array
  }
}
