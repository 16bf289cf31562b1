import TestSupport

@testable import VectorMath

/// Returns numbers of a roughly normal distribution.
func normals(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
  (0..<count).map { _ in
    let sum = (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &generator)
    }
    return sum * 0.8660254
  }
}

/// Returns rows with roughly the same direction and a decaying spectrum, like embeddings.
func embeddings(_ rows: Int, _ dimensions: Int, _ generator: inout SeededGenerator) -> [Float] {
  let mean = normals(dimensions, &generator)
  var result = normals(rows * dimensions, &generator)
  for row in 0..<rows {
    var square: Float = 0
    for j in 0..<dimensions {
      let place = row * dimensions + j
      result[place] = result[place] / (1 + Float(j) * 8 / Float(dimensions)) + mean[j] * 0.5
      square += result[place] * result[place]
    }
    for j in 0..<dimensions { result[row * dimensions + j] /= square.squareRoot() }
  }
  return result
}

/// The processor levels that this machine supports.
let levels = ProcessorLevel.allCases.filter(\.isSupported)

/// Returns the inner product in double precision.
func inner(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
  zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

/// Returns the cosine in double precision.
func cosine(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
  inner(a, b) / (inner(a, a) * inner(b, b)).squareRoot()
}

extension [Float] {
  /// Returns one row of a row-major matrix.
  func row(_ index: Int, of length: Int) -> ArraySlice<Float> {
    self[index * length..<(index + 1) * length]
  }
}
