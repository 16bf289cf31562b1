/// A simple solver: Householder tridiagonalisation, then implicit QL steps, all in Float64.
///
/// The solver is slow for large matrices, but simple enough to trust; the fast solver uses it for
/// small matrices.
struct PlainEigensolver {
  private let size: Int
  /// The memory that first holds the matrix, then the reflectors, then the eigenvectors as rows.
  private var a: [Double]
  private var diagonal: [Double]
  private var offDiagonal: [Double]

  /// Computes all eigenvalues, largest first, with eigenvectors as rows of `vectors`.
  static func solve(
    _ matrix: [Double], size: Int
  ) throws(EigenproblemError) -> (values: [Double], vectors: [Double]) {
    guard size > 0 else { return ([], []) }
    guard matrix.allSatisfy(\.isFinite) else { throw .notFinite }
    var solver = PlainEigensolver(matrix, size: size)
    solver.tridiagonalise()
    solver.formTransform()
    try solver.iterate()
    return solver.sorted()
  }

  private init(_ matrix: [Double], size: Int) {
    self.size = size
    a = matrix
    diagonal = Array(repeating: 0, count: size)
    offDiagonal = Array(repeating: 0, count: size)
  }

  /// Reduces `a` to tridiagonal form from the first column on; reflector v of step j stays in row
  /// j, scaled so that I − v·vᵀ is the reflection.
  private mutating func tridiagonalise() {
    for j in 0..<size {
      diagonal[j] = a[j * size + j]
      guard j + 1 < size else { return }
      let largest = (j + 1..<size).reduce(0) { max($0, abs(a[j * size + $1])) }
      guard largest > 0 else { continue }
      var square = 0.0
      for i in j + 1..<size {
        a[j * size + i] /= largest
        square += a[j * size + i] * a[j * size + i]
      }
      let norm = square.squareRoot()
      let head = a[j * size + j + 1]
      let target = head > 0 ? -norm : norm
      offDiagonal[j] = target * largest
      // v = (x − target·e₁)/√(norm·(norm + |head|)), so that vᵀv = 2.
      let factor = 1 / (norm * (norm + abs(head))).squareRoot()
      a[j * size + j + 1] = head - target
      for i in j + 1..<size { a[j * size + i] *= factor }
      reflectTrailing(j)
    }
  }

  private mutating func reflectTrailing(_ j: Int) {
    let v = j * size
    var w = [Double](repeating: 0, count: size)
    var product = 0.0
    for i in j + 1..<size {
      var sum = 0.0
      for k in j + 1..<size { sum += a[i * size + k] * a[v + k] }
      w[i] = sum
      product += sum * a[v + i]
    }
    for i in j + 1..<size { w[i] -= product / 2 * a[v + i] }
    for i in j + 1..<size {
      for k in j + 1..<size { a[i * size + k] -= a[v + i] * w[k] + w[i] * a[v + k] }
    }
  }

  /// Replaces the reflectors by the product of their reflections, transposed: rows that `iterate`
  /// rotates.
  private mutating func formTransform() {
    var q = [Double](repeating: 0, count: size * size)
    for i in 0..<size { q[i * size + i] = 1 }
    // Q = H₀·H₁·…; the rows of Qᵀ are built by reflecting each row's tail.
    for j in stride(from: size - 2, through: 0, by: -1) where offDiagonal[j] != 0 {
      let v = j * size
      for row in 0..<size {
        var sum = 0.0
        for k in j + 1..<size { sum += q[row * size + k] * a[v + k] }
        for k in j + 1..<size { q[row * size + k] -= sum * a[v + k] }
      }
    }
    a = q
  }

  private mutating func iterate() throws(EigenproblemError) {
    try TridiagonalSteps.iterate(&diagonal, &offDiagonal) { upper, lower, cosine, sine in
      for k in 0..<size {
        let (p, q) = (a[upper * size + k], a[lower * size + k])
        a[upper * size + k] = cosine * p - sine * q
        a[lower * size + k] = sine * p + cosine * q
      }
    }
  }

  private func sorted() -> (values: [Double], vectors: [Double]) {
    let order = (0..<size).sorted { diagonal[$0] > diagonal[$1] }
    let vectors = order.flatMap { a[$0 * size..<($0 + 1) * size] }
    return (order.map { diagonal[$0] }, vectors)
  }
}

/// Performs implicit QL steps on a symmetric tridiagonal matrix.
enum TridiagonalSteps {
  /// Makes the matrix diagonal.
  ///
  /// `rotate(i, i + 1, c, s)` is called for each plane rotation, to replace rows p and q of the
  /// vectors by c·p − s·q and s·p + c·q.
  static func iterate(
    _ d: inout [Double], _ e: inout [Double],
    rotate: (_ upper: Int, _ lower: Int, _ cosine: Double, _ sine: Double) -> Void
  ) throws(EigenproblemError) {
    let size = d.count
    // A number below this bound is rounding of the largest numbers. Without the bound, steps over a
    // matrix of low rank would have to order rounding errors, and might not end.
    let noise = Double.ulpOfOne * (0..<size).reduce(0) { max($0, abs(d[$1]) + abs(e[$1])) }
    for start in 0..<size {
      var steps = 0
      while true {
        var end = start
        while end < size - 1, !isNegligible(e[end], d[end], d[end + 1], noise) {
          end += 1
        }
        if end == start { break }
        steps += 1
        guard steps <= 60 else { throw .noConvergence(size: size) }
        sweep(start, end, &d, &e, rotate)
      }
    }
  }

  private static func isNegligible(
    _ e: Double, _ first: Double, _ second: Double, _ noise: Double
  ) -> Bool {
    abs(e) <= max(noise, Double.ulpOfOne * 0.5 * (abs(first) + abs(second)), 1e-290)
  }

  /// Performs one QL sweep with Wilkinson's shift over the block from `start` to `end`.
  private static func sweep(
    _ start: Int, _ end: Int, _ d: inout [Double], _ e: inout [Double],
    _ rotate: (Int, Int, Double, Double) -> Void
  ) {
    let half = (d[start + 1] - d[start]) / (2 * e[start])
    let root = hypotenuse(half, 1)
    var g = d[end] - d[start] + e[start] / (half + (half >= 0 ? root : -root))
    var (sine, cosine, shift) = (1.0, 1.0, 0.0)
    var index = end - 1
    while index >= start {
      let f = sine * e[index]
      let b = cosine * e[index]
      let r = hypotenuse(f, g)
      e[index + 1] = r
      if r == 0 {
        d[index + 1] -= shift
        e[end] = 0
        return
      }
      sine = f / r
      cosine = g / r
      g = d[index + 1] - shift
      let t = (d[index] - g) * sine + 2 * cosine * b
      shift = sine * t
      d[index + 1] = g + shift
      g = cosine * t - b
      rotate(index, index + 1, cosine, sine)
      index -= 1
    }
    d[start] -= shift
    e[start] = g
    e[end] = 0
  }

  /// Computes √(x² + y²) without overflow.
  private static func hypotenuse(_ x: Double, _ y: Double) -> Double {
    let (large, small) = (max(abs(x), abs(y)), min(abs(x), abs(y)))
    guard large > 0 else { return 0 }
    let ratio = small / large
    return large * (1 + ratio * ratio).squareRoot()
  }
}
