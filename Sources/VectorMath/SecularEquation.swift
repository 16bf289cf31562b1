/// The equation 1/rho + Σ zⱼ²/(dⱼ − λ) = 0 with d ascending: it has one root λ between each dⱼ and
/// the next, and one above the last.
struct SecularEquation {
  let d: [Double]
  let z: [Double]
  let rho: Double
  private let engine: Engine
  private let squares: [Double]

  init(d: [Double], z: [Double], rho: Double, engine: Engine) {
    self.d = d
    self.z = z
    self.rho = rho
    self.engine = engine
    squares = z.map { $0 * $0 }
  }

  private static let taskRoots = 32

  /// Computes all roots, ascending.
  func roots() throws(EigenproblemError) -> [SecularRoot] {
    var found = [SecularRoot?](repeating: nil, count: d.count)
    let tasks = (d.count + SecularEquation.taskRoots - 1) / SecularEquation.taskRoots
    found.withUnsafeMutableBufferPointer { found in
      // Each task writes its own elements.
      let found = found
      engine.team.run(tasks) { task, _ in
        let first = task * SecularEquation.taskRoots
        for index in first..<min(d.count, first + SecularEquation.taskRoots) {
          found[index] = root(index)
        }
      }
    }
    let roots = found.compactMap { $0 }
    guard roots.count == d.count else { throw .noConvergence(size: d.count) }
    return roots
  }

  /// Computes the numbers z for which the computed roots are exact (Löwner's formula).
  ///
  /// Vectors that are made with these numbers are orthogonal to full precision, however close the
  /// roots are.
  func weights(_ roots: [SecularRoot]) -> [Double] {
    let count = d.count
    var products = (0..<count).map { (roots[count - 1].origin - d[$0]) + roots[count - 1].offset }
    let block = 256
    let multiplyRatios = engine.kernels.multiplyRatios
    products.withUnsafeMutableBufferPointer { products in
      d.withUnsafeBufferPointer { d in
        guard let products = products.baseAddress, let d = d.baseAddress else { return }
        engine.team.run((count + block - 1) / block) { task, _ in
          let (from, to) = (task * block, min(count, task * block + block))
          for index in 0..<count - 1 {
            // Each root is paired with the pole on its far side, so that every ratio is in (0, 1).
            let split = min(max(from, index + 1), to)
            let root = roots[index]
            multiplyRatios(
              products + from, d + from, split - from, root.origin, root.offset, d[index + 1])
            multiplyRatios(
              products + split, d + split, to - split, root.origin, root.offset, d[index])
          }
        }
      }
    }
    return zip(products, z).map { product, z in
      let size = max(0, product).squareRoot()
      return z < 0 ? -size : size
    }
  }

  /// Computes the eigenvectors of the given roots as rows of length one in `target`; returns the
  /// inner products of each vector with `first` and `last`.
  func combine(
    roots: [SecularRoot], d: [Double], z: [Double], first: [Double], last: [Double],
    into target: UnsafeMutablePointer<Float>
  ) -> [(Double, Double)] {
    let count = d.count
    var ends = [(Double, Double)](repeating: (0, 0), count: roots.count)
    let scratch = WideMemory(count: engine.threads * count)
    let kernels = engine.kernels
    let tasks = (roots.count + SecularEquation.taskRoots - 1) / SecularEquation.taskRoots
    ends.withUnsafeMutableBufferPointer { ends in
      // Each task writes its own elements.
      let ends = ends
      engine.team.run(tasks) { task, worker in
        let row = scratch.start + worker * count
        let start = task * SecularEquation.taskRoots
        for index in start..<min(roots.count, start + SecularEquation.taskRoots) {
          let root = roots[index]
          let sums = kernels.secularVector(
            d, z, count, root.origin, root.offset, first, last, row)
          let factor = 1 / sums.square.squareRoot()
          kernels.narrow(row, factor, target + index * count, count)
          ends[index] = (sums.first * factor, sums.last * factor)
        }
      }
    }
    return ends
  }
}

/// A root, held as a nearby pole and the distance to it; the distance is precise even where the sum
/// of both is not.
struct SecularRoot {
  let origin: Double
  let offset: Double
  var value: Double { origin + offset }
}

extension SecularEquation {
  /// Computes the root between d[index] and the next pole; nil if the iteration fails.
  private func root(_ index: Int) -> SecularRoot? {
    let isLast = index == d.count - 1
    let gap = isLast ? rho * squares.reduce(0, +) : d[index + 1] - d[index]
    var low = 0.0
    var high = gap
    var origin = d[index]
    if !isLast {
      // The nearer pole becomes the origin.
      let sums = evaluate(index, origin, gap / 2)
      if sums.total < 0 {
        origin = d[index + 1]
        (low, high) = (-gap / 2, 0)
      } else {
        high = gap / 2
      }
    }
    var offset = isLast ? gap / 2 : low == 0 ? high : low
    for _ in 0..<200 {
      let sums = evaluate(index, origin, offset)
      if abs(sums.total) <= sums.noise { return SecularRoot(origin: origin, offset: offset) }
      if sums.total < 0 { low = offset } else { high = offset }
      var next = offset + step(index, origin, offset, sums)
      if !(next > low && next < high) { next = (low + high) / 2 }
      if abs(next - offset) <= 1e-11 * abs(next) || next == low || next == high {
        return next == 0 ? nil : SecularRoot(origin: origin, offset: next)
      }
      offset = next
    }
    return nil
  }

  private struct Sums {
    /// The sums over the poles up to d[index], and over the poles above it, each with its slope.
    let below, above: (value: Double, slope: Double)
    let total: Double
    /// The largest error that rounding may have caused in `total`.
    let noise: Double
  }

  private func evaluate(_ index: Int, _ origin: Double, _ offset: Double) -> Sums {
    d.withUnsafeBufferPointer { d in
      squares.withUnsafeBufferPointer { squares in
        guard let d = d.baseAddress, let squares = squares.baseAddress else {
          return Sums(below: (0, 0), above: (0, 0), total: 0, noise: 0)
        }
        let split = index + 1
        let below = engine.kernels.secularSums(d, squares, split, origin, offset)
        let above = engine.kernels.secularSums(
          d + split, squares + split, self.d.count - split, origin, offset)
        return Sums(
          below: below, above: above, total: 1 / rho + below.value + above.value,
          noise: 4 * Double.ulpOfOne * (1 / rho + abs(below.value) + abs(above.value)))
      }
    }
  }

  /// Computes the step from the present estimate to the next.
  ///
  /// The next estimate is the root of a function that has the same two nearest poles, and the same
  /// values and slopes on either side.
  private func step(_ index: Int, _ origin: Double, _ offset: Double, _ sums: Sums) -> Double {
    let a = (d[index] - origin) - offset
    let (s, r) = (sums.below.slope * a * a, sums.below.value - sums.below.slope * a)
    guard index + 1 < d.count else { return a + s / (1 / rho + r) }
    let b = (d[index + 1] - origin) - offset
    let c = 1 / rho + r + sums.above.value - sums.above.slope * b
    let linear = c * (a + b) + s + sums.above.slope * b * b
    let constant = a * b * sums.total
    let root = max(0, linear * linear - 4 * c * constant).squareRoot()
    return linear <= 0 ? (linear - root) / (2 * c) : 2 * constant / (linear + root)
  }
}
