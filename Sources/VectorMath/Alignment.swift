/// Computes the images of an orthonormal basis in the first coordinates: the orthonormal rows that
/// are nearest to the basis when the basis is cut to its first numbers.
///
/// With C as the basis P cut to `width` columns, the images are t = (C·Cᵀ)^(−½)·C, the polar factor
/// of C. The smallest rotation of the whole space that brings the span of P into the first
/// coordinates brings pᵢ to tᵢ, and leaves unchanged every vector at right angles to all pᵢ and tᵢ.
///
/// A product C·Cᵀ loses twice as many digits where a direction of the span is nearly at right
/// angles to the first coordinates. Therefore each step takes only the directions whose cosines are
/// within a factor of three of the largest cosine, and then makes the remaining directions
/// orthogonal to the images of these.
///
/// Where the first rows of the basis have much more energy than the other rows, the first rows are
/// taken on their own, before the others. Otherwise the part that all vectors share would be mixed
/// into the images of the other rows, which disturbs comparisons with vectors that are merely cut.
struct Alignment {
  /// The cosine below which a direction counts as at right angles to the first coordinates: a
  /// smaller part there is only rounding.
  static let tolerance = 5e-6
  /// The smallest squared cosine that a step takes, as a share of the largest squared cosine.
  private static let reach = 0.1

  private let basis: MatrixView
  private let width: Int
  private let engine: Engine
  /// The images so far, `count` × `width` numbers; each direction that is taken adds its part.
  private let images: FloatMemory
  /// The directions that are not taken yet, as combinations of the basis's rows; `cut` holds their
  /// first coordinates.
  private var directions: FloatMemory
  private var cut: FloatMemory
  private var left: Int
  /// The number of rows of the basis that were taken first; the directions that are left have no
  /// part in these rows.
  private var first = 0
  /// The parts that the other rows had along the images of the rows that were taken first: `first`
  /// × the number of other rows.
  private var shares = FloatMemory(count: 0)

  /// Computes the images of the basis's rows: for each row, one image of `width` numbers.
  ///
  /// - Parameters:
  ///   - width: the number of first coordinates, at least the number of rows of the basis.
  ///   - first: the number of rows of the basis that are taken before the others.
  static func images(
    of basis: MatrixView, width: Int, first: Int = 0, engine: Engine
  ) throws(EigenproblemError) -> FloatMemory {
    precondition(basis.rows <= width && width <= basis.columns && basis.columnStride == 1)
    var alignment = Alignment(of: basis, width: width, engine: engine)
    if first > 0 { try alignment.take(first: first) }
    if basis.columns - width < basis.rows {
      try alignment.takeMost()
    } else if first > 0 {
      alignment.leaveFirst()
    }
    while alignment.left > 0 { try alignment.takeNearest() }
    return alignment.images
  }

  private init(of basis: MatrixView, width: Int, engine: Engine) {
    (self.basis, self.width, self.engine) = (basis, width, engine)
    images = FloatMemory(count: basis.rows * width)
    directions = FloatMemory(count: 0)
    cut = FloatMemory(count: basis.rows * width)
    left = basis.rows
    for row in 0..<count {
      (cut.start + row * width).update(from: basis.start + row * basis.rowStride, count: width)
    }
  }

  private var count: Int { basis.rows }

  private func view(_ memory: FloatMemory, _ rows: Int, _ columns: Int) -> MatrixView {
    MatrixView(memory.start, rows: rows, columns: columns)
  }

  private func product(
    _ a: MatrixView, _ b: MatrixView, region: Engine.Region = .everything
  ) -> FloatMemory {
    let result = FloatMemory(count: a.rows * b.columns)
    engine.multiply(
      a, b, into: MatrixTarget(result.start, rows: a.rows, columns: b.columns), overwrite: true,
      region: region)
    return result
  }

  /// Computes the eigenvectors of m·mᵀ, one in each row, largest values first.
  private func eigenvectors(ofSquare m: MatrixView) throws(EigenproblemError) -> (
    values: [Double], vectors: FloatMemory
  ) {
    let gram = product(m, m.transposed, region: .lowerTriangle)
    let system = try engine.leadingEigenvectors(
      of: MatrixTarget(gram.start, rows: m.rows, columns: m.rows), count: m.rows)
    return (system.values, FloatMemory(copying: system.vectors))
  }

  /// Adds the images of some directions, directionsᵀ·rows; the directions are at right angles to
  /// all earlier directions.
  private func add(_ rows: MatrixView, of directions: MatrixView) {
    engine.multiply(
      directions.transposed, rows,
      into: MatrixTarget(images.start, rows: count, columns: width))
  }
}

extension Alignment {
  /// Takes the first rows of the basis on their own, and makes the first coordinates of the other
  /// rows orthogonal to the images of the first rows.
  private mutating func take(first rows: Int) throws(EigenproblemError) {
    let others = count - rows
    let taken = try Self.images(
      of: MatrixView(basis.start, rows: rows, columns: basis.columns, stride: basis.rowStride),
      width: width, engine: engine)
    images.start.update(from: taken.start, count: rows * width)
    let rest = cut.start + rows * width
    shares = product(
      view(taken, rows, width), MatrixView(rest, rows: others, columns: width).transposed)
    engine.multiply(
      view(shares, rows, others).transposed, view(taken, rows, width),
      into: MatrixTarget(rest, rows: others, columns: width), scale: -1)
    cut.start.update(repeating: 0, count: rows * width)
    first = rows
    left = others
  }

  /// Makes the remaining directions from the rows of the basis that were not taken first.
  private mutating func leaveFirst() {
    directions = FloatMemory(count: left * count)
    for row in 0..<left { directions.start[row * count + first + row] = 1 }
    cut = FloatMemory(copying: cut.start + first * width, count: left * width)
  }

  /// Takes the directions that are nearest to the first coordinates, of those that are left.
  private mutating func takeNearest() throws(EigenproblemError) {
    let isFirst = directions.count == 0
    if !isFirst { projectOut() }
    let (values, vectors) = try eigenvectors(ofSquare: view(cut, left, width))
    let largest = max(0, values.first ?? 0)
    guard largest.squareRoot() > Self.tolerance else { return complete() }
    let near = values.count { $0 > Self.reach * largest }
    let turn = view(vectors, left, left)
    cut = product(turn, view(cut, left, width))
    directions = isFirst ? vectors : product(turn, view(directions, left, count))
    for row in 0..<near {
      engine.kernels.scale(Float(1 / values[row].squareRoot()), cut.start + row * width, width)
    }
    add(view(cut, near, width), of: view(directions, near, count))
    left -= near
    cut = FloatMemory(copying: cut.start + near * width, count: left * width)
    directions = FloatMemory(copying: directions.start + near * count, count: left * count)
  }

  /// Takes all directions except those that are nearly at right angles to the first coordinates.
  ///
  /// This is for a basis with more rows than there are coordinates to cut off: then most directions
  /// lie in the first coordinates already. With D as the last coordinates of the basis, C·Cᵀ = 1 −
  /// D·Dᵀ, which differs from 1 only in as many directions as D has columns. D has more columns
  /// where rows were taken first: one for each image of those rows.
  private mutating func takeMost() throws(EigenproblemError) {
    (images.start + first * width).update(from: cut.start + first * width, count: left * width)
    let lost = lostCoordinates()
    defer { withExtendedLifetime(lost.memory) {} }
    let d = lost.view
    let rest = d.columns
    guard rest > 0 else {
      left = 0
      return
    }
    let (squares, vectors) = try eigenvectors(ofSquare: d.transposed)
    // D·u for each eigenvector u, as rows: the directions, each as long as its sine.
    let turned = product(view(vectors, rest, rest), d.transposed)
    let far = squares.count { 1 - $0 <= Self.reach }
    let parts = product(view(turned, rest, count), view(cut, count, width))
    (left, directions, cut) = (
      far, FloatMemory(copying: turned.start, count: far * count),
      FloatMemory(copying: parts.start, count: far * width)
    )
    for row in 0..<far {
      let scale = Float(1 / squares[row].squareRoot())
      engine.kernels.scale(scale, directions.start + row * count, count)
      engine.kernels.scale(scale, cut.start + row * width, width)
    }
    for row in 0..<rest {
      let square = squares[row]
      // The parts of the far directions are subtracted here; the next steps add their images.
      let factor = row < far ? -1 / square : Self.stretch(square)
      engine.kernels.scale(Float(factor), parts.start + row * width, width)
    }
    add(view(parts, rest, width), of: view(turned, rest, count))
  }

  /// Returns D: the parts of each row of the basis along the last coordinates, and along the images
  /// that were taken first.
  private func lostCoordinates() -> (view: MatrixView, memory: FloatMemory?) {
    let last = basis.columns - width
    guard first > 0 else {
      return (
        MatrixView(basis.start + width, rows: count, columns: last, stride: basis.rowStride), nil
      )
    }
    let memory = FloatMemory(count: count * (last + first))
    for row in first..<count {
      let place = memory.start + row * (last + first)
      place.update(from: basis.start + row * basis.rowStride + width, count: last)
      for index in 0..<first {
        place[last + index] = shares.start[index * left + row - first]
      }
    }
    return (MatrixView(memory.start, rows: count, columns: last + first), memory)
  }

  /// Computes ((1 − s)^(−½) − 1)/s.
  private static func stretch(_ s: Double) -> Double {
    s < 1e-6 ? 0.5 + 0.375 * s : (1 / (1 - s).squareRoot() - 1) / s
  }

  /// Makes the first coordinates of the remaining directions orthogonal to the images so far.
  private func projectOut() {
    let weights = product(view(cut, left, width), view(images, count, width).transposed)
    engine.multiply(
      view(weights, left, count), view(images, count, width),
      into: MatrixTarget(cut.start, rows: left, columns: width), scale: -1)
  }

  /// Chooses images for the remaining directions, which are all at right angles to the first
  /// coordinates: each image begins as the coordinate that other images use least.
  private mutating func complete() {
    var free = [Double](repeating: 1, count: width)
    for row in 0..<count {
      let image = images.start + row * width
      for j in 0..<width { free[j] -= Double(image[j]) * Double(image[j]) }
    }
    let rows = FloatMemory(count: left * width)
    for row in 0..<left {
      let image = rows.start + row * width
      let chosen = free.indices.max { (free[$0], -$0) < (free[$1], -$1) } ?? 0
      image[chosen] = 1
      for _ in 0..<2 {
        subtractParts(along: images, count, from: image)
        subtractParts(along: rows, row, from: image)
        let length = engine.kernels.wideDot(image, image, width).squareRoot()
        engine.kernels.scale(Float(1 / length), image, width)
      }
      for j in 0..<width { free[j] -= Double(image[j]) * Double(image[j]) }
    }
    let directions = directions.count == 0 ? FloatMemory(identity: count) : directions
    fixSigns(of: directions)
    add(view(rows, left, width), of: view(directions, left, count))
    left = 0
  }

  /// Changes the signs of directions so that the largest number of each is positive, because the
  /// sign of an image that `complete` chooses is arbitrary.
  private func fixSigns(of directions: FloatMemory) {
    let whole = product(view(directions, left, count), basis)
    let length = basis.columns
    for row in 0..<left {
      let numbers = whole.start + row * length
      let largest = (0..<length).max { abs(numbers[$0]) < abs(numbers[$1]) } ?? 0
      if numbers[largest] < 0 { engine.kernels.scale(-1, directions.start + row * count, count) }
    }
  }

  /// Subtracts from a vector its parts along the given rows.
  ///
  /// The rows are orthonormal, or they are a product U·R, where U has orthonormal columns and R has
  /// orthonormal rows.
  private func subtractParts(
    along rows: FloatMemory, _ count: Int, from vector: UnsafeMutablePointer<Float>
  ) {
    let kernels = engine.kernels
    let weights = (0..<count).map { kernels.wideDot(rows.start + $0 * width, vector, width) }
    for (row, weight) in weights.enumerated() {
      kernels.axpy(-Float(weight), rows.start + row * width, vector, width)
    }
  }
}

extension FloatMemory {
  /// Creates a block with a copy of numbers.
  convenience init(copying start: UnsafePointer<Float>, count: Int) {
    self.init(count: count)
    self.start.update(from: start, count: count)
  }

  /// Creates a block with a copy of numbers.
  convenience init(copying numbers: [Float]) {
    self.init(count: numbers.count)
    numbers.withUnsafeBufferPointer { buffer in
      if let from = buffer.baseAddress { start.update(from: from, count: buffer.count) }
    }
  }

  /// Creates an identity matrix.
  convenience init(identity size: Int) {
    self.init(count: size * size)
    for row in 0..<size { start[row * size + row] = 1 }
  }
}
