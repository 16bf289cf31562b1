/// The problem that the join of two parts solves: the eigenvectors of diag(d) + rho·z·zᵀ with rho >
/// 0, in the basis of both parts' eigenvectors.
struct RankOneUpdate {
  enum Side { case left, both, right }

  /// A rotation that replaces row p by c·p + s·q, and row q by c·q − s·p.
  struct Rotation {
    let p, q: Int
    let cosine, sine: Double
  }

  var d: [Double]
  var z: [Double]
  let rho: Double
  /// The first and the last component of each eigenvector within the joined part.
  var first: [Double]
  var last: [Double]
  var sides: [Side]
  private let tolerance: Double

  init(_ solver: DivideAndConquer, _ whole: Range<Int>, middle: Int, coupling: Double) {
    let left = whole.lowerBound..<middle
    let right = middle..<whole.upperBound
    d = Array(solver.values[whole])
    // The update's vector has a one on either side of the cut; with vectors of length one, z has
    // the length √2, which is moved into rho.
    let sign = coupling < 0 ? -1.0 : 1.0
    let z = solver.last[left] + solver.first[right].map { $0 * sign }
    self.z = z.map { $0 * 0.5.squareRoot() }
    rho = 2 * abs(coupling)
    first = solver.first[left] + right.map { _ in 0 }
    last = left.map { _ in 0 } + solver.last[right]
    sides = left.map { _ in .left } + right.map { _ in .right }
    tolerance = solver.tolerance
  }

  /// Separates the places that are eigenpairs already: where z is practically zero, or where a
  /// rotation can make z zero because two values are practically equal.
  ///
  /// The values of the other places are ascending and distinct, and z is not zero there.
  mutating func deflate() -> Deflation {
    var result = Deflation()
    var previous: Int?
    for index in d.indices.sorted(by: { d[$0] < d[$1] }) {
      if rho * abs(z[index]) <= tolerance {
        result.deflated.append(index)
        continue
      }
      guard let candidate = previous else {
        previous = index
        continue
      }
      if let rotation = merge(candidate, index) {
        result.rotations.append(rotation)
        result.deflated.append(candidate)
      } else {
        result.kept.append(candidate)
      }
      previous = index
    }
    if let previous { result.kept.append(previous) }
    return result
  }

  /// Rotates z so that it becomes zero at `p`, if the values at `p` and `q` are so close that
  /// nothing else changes; returns the rotation, nil where nothing was rotated.
  private mutating func merge(_ p: Int, _ q: Int) -> Rotation? {
    let length = (z[p] * z[p] + z[q] * z[q]).squareRoot()
    let cosine = z[q] / length
    let sine = -z[p] / length
    guard abs((d[q] - d[p]) * cosine * sine) <= tolerance else { return nil }
    z[q] = length
    z[p] = 0
    (d[p], d[q]) = (
      d[p] * cosine * cosine + d[q] * sine * sine, d[p] * sine * sine + d[q] * cosine * cosine
    )
    turn(&first, p, q, cosine, sine)
    turn(&last, p, q, cosine, sine)
    if sides[p] != sides[q] {
      sides[p] = .both
      sides[q] = .both
    }
    return Rotation(p: p, q: q, cosine: cosine, sine: sine)
  }

  private func turn(
    _ values: inout [Double], _ p: Int, _ q: Int, _ cosine: Double, _ sine: Double
  ) {
    (values[p], values[q]) = (
      cosine * values[p] + sine * values[q], cosine * values[q] - sine * values[p]
    )
  }
}

/// The result of deflating a rank-one update; places are counted within the joined part.
struct Deflation {
  var kept: [Int] = []
  var deflated: [Int] = []
  var rotations: [RankOneUpdate.Rotation] = []
}
