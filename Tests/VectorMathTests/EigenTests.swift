import Foundation
import KernelsPortable
import TestSupport
import Testing

@testable import VectorMath

@Suite("Symmetric eigenproblem")
struct EigenTests {
  enum Spectrum: String, CaseIterable {
    case random, clustered, rankDeficient, graded, zero, identity, repeated, indefinite, tiny, huge
    case alreadyTridiagonal, diagonal, gluedWilkinson
  }

  static let sizes = Oracle.isFullRun ? [1, 2, 3, 31, 97, 98, 145, 260, 401] : [1, 2, 3, 97, 145]

  @Test("has orthonormal vectors and small residuals", arguments: Spectrum.allCases, sizes)
  func solves(_ spectrum: Spectrum, _ size: Int) throws {
    let engine = try Engine(threads: 2)
    var generator = SeededGenerator(seed: UInt64(size))
    let matrix = Self.matrix(spectrum, size, &generator)
    let count = max(1, size * 2 / 3)
    let system = try Self.solve(matrix, size, count, engine)
    try Self.check(system, matrix, size, count)
  }

  @Test("is solved on every processor level", arguments: levels)
  func solves(_ level: ProcessorLevel) throws {
    var generator = SeededGenerator(seed: 3)
    let matrix = Self.matrix(.random, 150, &generator)
    let system = try Self.solve(matrix, 150, 150, Engine(threads: 2, level: level))
    try Self.check(system, matrix, 150, 150)
  }

  @Test("finds the eigenvalues that a Jacobi iteration in double precision finds")
  func agreesWithJacobi() throws {
    let engine = try Engine(threads: 2)
    let size = 130
    var generator = SeededGenerator(seed: 4)
    for spectrum in Spectrum.allCases {
      let matrix = Self.matrix(spectrum, size, &generator)
      let system = try Self.solve(matrix, size, size, engine)
      let expected = Self.jacobi(matrix, size)
      let norm = expected.reduce(0) { max($0, abs($1)) }
      for (found, wanted) in zip(system.values, expected) {
        #expect(abs(found - wanted) <= 1e-5 * norm, "\(spectrum)")
      }
    }
  }

  @Test("is the same, bit for bit, for every number of threads")
  func ignoresThreads() throws {
    var generator = SeededGenerator(seed: 8)
    let size = 220
    let matrix = Self.matrix(.random, size, &generator)
    let results = try [1, 2, 3].map {
      try Self.solve(matrix, size, 100, Engine(threads: $0))
    }
    for result in results {
      #expect(result.values == results[0].values)
      #expect(result.vectors == results[0].vectors)
    }
  }

  /// Rows whose products are matrices of rank one; all other parts of these matrices are rounding
  /// errors.
  static let singleRows: [@Sendable (Int) -> Float] = [
    { _ in 1 }, { $0 % 2 == 0 ? 1 : -1 }, { _ in 0.1 }, { Float(sin(Double($0))) },
    { Float($0 * 37 % 11) / 11 },
  ]

  @Test("is solved where there is a single direction", arguments: [2, 12, 24, 60, 96, 130])
  func solvesSingleDirections(size: Int) throws {
    let engine = try Engine(threads: 2)
    for row in Self.singleRows {
      var matrix = [Float](repeating: 0, count: size * size)
      for i in 0..<size { for j in 0..<size { matrix[i * size + j] = row(i) * row(j) } }
      try Self.check(try Self.solve(matrix, size, size, engine), matrix, size, size)
    }
  }

  @Test("is solved for subnormal numbers", arguments: [2, 24, 130])
  func solvesSubnormalNumbers(size: Int) throws {
    let number = Float.leastNonzeroMagnitude * 70_000
    let matrix = [Float](repeating: number, count: size * size)
    let system = try Self.solve(matrix, size, size, Engine(threads: 2))
    #expect(abs(system.values[0] / (Double(number) * Double(size)) - 1) < 1e-3)
    #expect(system.vectors.allSatisfy { $0.isFinite })
  }

  @Test("refuses a matrix that is not finite")
  func refuses() throws {
    let engine = try Engine(threads: 1)
    var matrix = [Float](repeating: 1, count: 16)
    matrix[8] = .infinity
    #expect(throws: EigenproblemError.notFinite) { try Self.solve(matrix, 4, 2, engine) }
  }

  static func solve(
    _ matrix: [Float], _ size: Int, _ count: Int, _ engine: Engine
  ) throws -> Eigensystem {
    let memory = FloatMemory(count: matrix.count)
    for index in matrix.indices { memory.start[index] = matrix[index] }
    // The upper triangle must not be read.
    for i in 0..<size { for j in i + 1..<max(size, i + 1) { memory.start[i * size + j] = .nan } }
    return try engine.leadingEigenvectors(
      of: MatrixTarget(memory.start, rows: size, columns: size), count: count)
  }

  static func check(
    _ system: Eigensystem, _ matrix: [Float], _ size: Int, _ count: Int
  ) throws {
    #expect(system.values.count == count)
    #expect(system.vectors.count == count * size)
    #expect(system.values == system.values.sorted(by: >))
    let norm = matrix.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    var worstResidual = 0.0
    var worstProduct = 0.0
    matrix.withUnsafeBufferPointer { matrix in
      system.vectors.withUnsafeBufferPointer { vectors in
        guard let matrix = matrix.baseAddress, let vectors = vectors.baseAddress else { return }
        for row in 0..<count {
          let v = vectors + row * size
          var square = 0.0
          for i in 0..<size {
            let excess =
              wideDot(matrix + i * size, v, size) - system.values[row] * Double(v[i])
            square += excess * excess
          }
          worstResidual = max(worstResidual, square.squareRoot())
          for other in 0...row {
            let product = wideDot(v, vectors + other * size, size) - (other == row ? 1 : 0)
            worstProduct = max(worstProduct, abs(product))
          }
        }
      }
    }
    #expect(worstResidual <= 1e-5 * norm)
    #expect(worstProduct <= 1e-5)
  }

  /// Returns a symmetric matrix with a difficult spectrum.
  static func matrix(
    _ spectrum: Spectrum, _ size: Int, _ generator: inout SeededGenerator
  ) -> [Float] {
    func spread(_ value: (Int) -> Double) -> [Double] { (0..<size).map(value) }
    switch spectrum {
    case .random:
      return turned(spread { _ in Double.random(in: 0...1, using: &generator) }, &generator)
    case .clustered: return turned(spread { $0 % 2 == 0 ? 1 : 1 + 1e-7 * Double($0) }, &generator)
    case .rankDeficient: return turned(spread { $0 < size / 5 ? 2 + Double($0) : 0 }, &generator)
    case .graded: return turned(spread { i in (0..<i).reduce(1.0) { x, _ in x * 0.8 } }, &generator)
    case .zero: return Array(repeating: 0, count: size * size)
    case .identity: return (0..<size * size).map { $0 / size == $0 % size ? 1 : 0 }
    case .repeated: return turned(spread { Double($0 % 3) }, &generator)
    case .indefinite: return turned(spread { $0 % 2 == 0 ? 1.5 : -1 - Double($0) / 7 }, &generator)
    case .tiny: return turned(spread { 1e-30 * Double($0 + 1) }, &generator)
    case .huge: return turned(spread { 1e30 * Double($0 + 1) }, &generator)
    case .alreadyTridiagonal:
      return (0..<size * size).map {
        abs($0 / size - $0 % size) == 1 ? -1 : $0 / size == $0 % size ? 2 : 0
      }
    case .diagonal: return (0..<size * size).map { $0 / size == $0 % size ? Float($0 % 7) : 0 }
    case .gluedWilkinson:
      return (0..<size * size).map { place in
        let (i, j) = (place / size, place % size)
        if i == j { return Float(abs(i % 21 - 10)) }
        return abs(i - j) == 1 ? (max(i, j) % 21 == 0 ? 1e-4 : 1) : 0
      }
    }
  }

  /// Returns Q·diag(values)·Qᵀ, where Q is a product of a few reflections.
  private static func turned(
    _ values: [Double], _ generator: inout SeededGenerator
  ) -> [Float] {
    let size = values.count
    var a = [Double](repeating: 0, count: size * size)
    for i in 0..<size { a[i * size + i] = values[i] }
    for _ in 0..<4 {
      let v = normals(size, &generator).map { Double($0) }
      let factor = 2 / max(1e-9, v.reduce(0) { $0 + $1 * $1 })
      for pass in 0..<2 {
        for i in 0..<size {
          func place(_ j: Int) -> Int { pass == 0 ? i * size + j : j * size + i }
          var sum = 0.0
          for j in 0..<size { sum += a[place(j)] * v[j] }
          for j in 0..<size { a[place(j)] -= factor * sum * v[j] }
        }
      }
    }
    return (0..<size * size).map { Float((a[$0] + a[$0 % size * size + $0 / size]) / 2) }
  }

  /// Returns the eigenvalues by cyclic Jacobi rotations, largest first.
  private static func jacobi(_ matrix: [Float], _ size: Int) -> [Double] {
    var a = matrix.map { Double($0) }
    for _ in 0..<12 {
      for p in 0..<size {
        for q in p + 1..<max(size, p + 1) where a[p * size + q] != 0 {
          let theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q])
          let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for k in 0..<size {
            let (x, y) = (a[k * size + p], a[k * size + q])
            (a[k * size + p], a[k * size + q]) = (c * x - s * y, s * x + c * y)
          }
          for k in 0..<size {
            let (x, y) = (a[p * size + k], a[q * size + k])
            (a[p * size + k], a[q * size + k]) = (c * x - s * y, s * x + c * y)
          }
        }
      }
    }
    return (0..<size).map { a[$0 * size + $0] }.sorted(by: >)
  }
}
