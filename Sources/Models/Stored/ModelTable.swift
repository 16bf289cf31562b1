package import Machine
package import Postgres
internal import OwnSchema
package import VectorMath

/// The models in `vector_ferry.projections`, with the pieces of their components in
/// `vector_ferry.projection_components`.
package struct ModelTable {
  let connection: Connection

  package init(connection: Connection) {
    self.connection = connection
  }

  /// The properties that distinguish shared models.
  package struct Shape: Hashable, Sendable {
    package let source: Int
    package let target: Int
    package let kind: Projection.Kind

    package init(source: Int, target: Int, kind: Projection.Kind) {
      self.source = source
      self.target = target
      self.kind = kind
    }
  }

  /// The largest number of elements of a component that one row holds, so that the row fits into a
  /// page.
  private static let largestPiece = 1900

  /// Returns the number of elements of a component that each row holds; the last row may hold
  /// fewer.
  private static func pieceSize(_ dimensions: Int) -> Int {
    let pieces = pieces(of: dimensions, each: largestPiece)
    return (dimensions + pieces - 1) / pieces
  }

  /// Returns the number of pieces of `size` elements that are needed for `length` elements.
  private static func pieces(of length: Int, each size: Int) -> Int { (length + size - 1) / size }

  /// Estimates the size of a model that was fitted to this many rows, in bytes.
  ///
  /// Each piece of a component is a row of its own that lies in a page, so that long pieces leave
  /// much of their page empty. A model with fewer components than output coordinates also stores
  /// the components' images, twice.
  package static func storedBytes(of shape: Shape, fittedTo rows: Int) -> Int {
    let rank = min(rows, shape.target)
    let size = pieceSize(shape.source)
    let component = bytesOfRows(length: shape.source, each: size)
    // The two residual slots are not among the coordinates that a model is aligned to.
    let width = max(rank, shape.target - 2)
    let isShort = rank < width && rank * (shape.source + 2 * width) < width * shape.source
    guard shape.kind == .uncentered else { return Int(Double(rank) * component) }
    guard isShort else { return Int(Double(width) * component) }
    let images = bytesOfRows(length: width, each: size)
    return Int(Double(rank) * (component + images)) + width * (4 * rank + 8)
  }

  /// Returns the size in bytes of the rows that hold `length` elements in pieces; each row counts
  /// as its share of a page.
  private static func bytesOfRows(length: Int, each size: Int) -> Double {
    stride(from: 0, to: length, by: size).reduce(0) { sum, first in
      // The row's header, number of model, component and piece, and the vector's own header.
      let row = 48 + 4 * min(size, length - first)
      let stored = (row + 7) / 8 * 8 + 4
      return sum + 8192 / Double(max(1, 8168 / stored))
    }
  }

  /// Writes a model and returns its id.
  ///
  /// - Parameters:
  ///   - store: the store that owns the model; nil for a shared one.
  ///   - population: the number of rows that the model is made for; it may be fitted to only some
  ///     of them.
  package func insert(_ projection: Projection, owner store: Int?, run: RunID, population: Int)
    throws
    -> Int
  {
    let mean = projection.mean.isEmpty ? nil : VectorValue(projection.mean)
    let id: Int? = try connection.scalar(
      ModelQueries.insert(
        store: store, run: run.uuid, kind: projection.kind.rawValue,
        sourceDimensions: projection.inputDimensions, dimensions: projection.outputDimensions,
        rank: projection.rank, fittedRows: projection.fittedRows, population: population,
        totalEnergy: projection.totalEnergy, isExact: projection.isExact,
        querySlot: projection.queryResidualSlot, documentSlot: projection.documentResidualSlot,
        mean: mean, alignedDimensions: projection.alignedDimensions,
        pieceSize: Self.pieceSize(projection.inputDimensions),
        energies: DoubleArray(projection.energies), images: try images(of: projection)))
    guard let id else {
      throw PostgresError.unexpected(operation: "INSERT", what: "no id came back")
    }
    if projection.kind != .truncated { try insertComponents(of: projection, model: id) }
    return id
  }

  /// Returns a projection's images as the table holds them: one vector for each of the first
  /// coordinates, with one element for each component.
  private func images(of projection: Projection) throws -> VectorArray? {
    guard let width = projection.alignedDimensions, !projection.images.isEmpty else { return nil }
    let type = try connection.type(
      ofColumn: "component",
      in: QualifiedName(schema: FerrySchema.name, "projection_components"))
    let rank = projection.rank
    return VectorArray(
      elementType: type, count: width, length: rank
    ) { coordinate, number in projection.images[number * width + coordinate] }
  }

  private func insertComponents(of projection: Projection, model: Int) throws {
    let length = projection.inputDimensions
    let size = Self.pieceSize(length)
    try connection.copyIn(
      QualifiedName(schema: FerrySchema.name, "projection_components"),
      columns: ["projection_id", "piece", "number", "component"]
    ) { writer in
      try projection.components.withUnsafeBufferPointer { components in
        try insert(components, length: length, from: 0)
      }
      try projection.images.withUnsafeBufferPointer { images in
        let width = projection.alignedDimensions ?? 0
        try insert(images, length: width, from: Self.pieces(of: length, each: size))
      }
      func insert(
        _ numbers: UnsafeBufferPointer<Float>, length: Int, from firstPiece: Int
      ) throws {
        guard !numbers.isEmpty else { return }
        for piece in 0..<Self.pieces(of: length, each: size) {
          for number in 0..<projection.rank {
            let start = number * length
            let end = start + min((piece + 1) * size, length)
            try writer.beginRow()
            writer.int64(Int64(model))
            writer.int32(Int32(firstPiece + piece))
            writer.int32(Int32(number))
            writer.vector(UnsafeBufferPointer(rebasing: numbers[start + piece * size..<end]))
          }
        }
      }
    }
  }

  /// Returns the id of the shared model with this shape; nil where none was fitted.
  package func shared(_ shape: Shape) throws(PostgresError) -> Int? {
    try connection.scalar(
      """
      SELECT id FROM vector_ferry.projections
      WHERE store_id IS NULL AND source_dimensions = \(shape.source)
        AND dimensions = \(shape.target) AND kind = \(shape.kind.rawValue)
      """)
  }

  /// Returns the id of the model that reduced a store's vectors; nil where they were not reduced.
  package func model(ofStore store: Int) throws(PostgresError) -> Int? {
    try connection.scalar("SELECT projection_id FROM vector_ferry.stores WHERE id = \(store)")
  }

  /// Reads the model that reduced a store's vectors, with its measurement on the store; nil where
  /// the vectors were not reduced.
  package func model(of store: Int) throws -> StoreModel? {
    let row = try connection.query(ModelQueries.measured(store: store))
    guard row.rowCount == 1 else { return nil }
    let id: Int = try row.value(0, 0)
    let fidelity = Fidelity(
      recall: try row.value(0, 2), neighbours: 10, largestScoreChange: try row.value(0, 3),
      queries: try row.value(0, 4), cutRecall: try row.optional(0, 5),
      addedRecall: try row.optional(0, 6), doubledRecall: try row.optional(0, 7))
    let measurement = ModelMeasurement(
      fidelity, keepsOriginals: try row.value(0, 8), rerankedRecall: try row.optional(0, 9))
    return StoreModel(
      fitted: FittedModel(projection: try projection(id), measurement: measurement),
      shared: try row.value(0, 1, as: Bool.self) ? id : nil)
  }

  /// Reads a model's projection with all components; throws where the parts of the projection do
  /// not fit together.
  package func projection(_ id: Int) throws -> Projection {
    let row = try connection.query(
      """
      SELECT kind, source_dimensions, dimensions, total_energy, fitted_rows, is_exact, rank,
             piece_size, aligned_dimensions
      FROM vector_ferry.projections WHERE id = \(id)
      """)
    let kind: String = try row.value(0, 0)
    guard let kind = Projection.Kind(rawValue: kind) else {
      throw PostgresError.unexpected(operation: "SELECT", what: "a model of kind \(kind)")
    }
    let (dimensions, rank): (Int, Int) = (try row.value(0, 1), try row.value(0, 6))
    let width: Int? = try row.optional(0, 8)
    let size: Int = try row.value(0, 7)
    // A component's pieces come first, and then those of its image.
    let rows = Rows(pieces: try pieces(of: id), rank: rank, size: size)
    let (components, rest) = rows.joined(length: kind == .truncated ? 0 : dimensions, from: 0)
    let (images, end) = rows.joined(length: width.map { $0 > rank ? $0 : 0 } ?? 0, from: rest)
    guard end == rows.pieces.count else {
      throw PostgresError.unexpected(
        operation: "SELECT", what: "\(rows.pieces.count - end) numbers too many in model \(id)")
    }
    return try Projection(
      kind: kind, inputDimensions: dimensions, outputDimensions: try row.value(0, 2),
      components: components, energies: try energies(of: id), totalEnergy: try row.value(0, 3),
      mean: try vectors("SELECT mean FROM vector_ferry.projections WHERE id = \(number: id)"),
      fittedRows: try row.value(0, 4), isExact: try row.value(0, 5), alignedDimensions: width,
      images: images)
  }

  /// Reads the vectors of a query with one column, one after the other.
  private func vectors(_ query: SQL) throws -> [Float] {
    var numbers: [Float] = []
    try connection.copyOut(query) { row in
      if let field = try row.next() { _ = try field.appendVector(to: &numbers) }
    }
    return numbers
  }

  func energies(of id: Int) throws -> [Double] {
    var energies: [Double] = []
    try connection.copyOut(
      """
      SELECT e.energy FROM vector_ferry.projections p,
        unnest(p.energies) WITH ORDINALITY e (energy, number)
      WHERE p.id = \(number: id) ORDER BY e.number
      """
    ) { row in
      energies.append(Double(bitPattern: UInt64(bitPattern: try row.required().int64())))
    }
    return energies
  }

  private func pieces(of id: Int) throws -> [Float] {
    try vectors(
      """
      SELECT component FROM vector_ferry.projection_components
      WHERE projection_id = \(number: id) ORDER BY piece, number
      """)
  }

  /// The rows of a matrix, cut into pieces of one size: first the first pieces of all rows, then
  /// their second pieces, and so on.
  private struct Rows {
    let pieces: [Float]
    let rank: Int
    let size: Int

    /// Joins rows of `length` numbers whose pieces begin at `place`; also returns where the pieces
    /// end.
    ///
    /// Where numbers are missing, returns all that exist, which the projection then refuses.
    func joined(length: Int, from place: Int) -> (rows: [Float], end: Int) {
      let end = place + rank * length
      guard size > 0, end <= pieces.count else { return (Array(pieces[place...]), pieces.count) }
      var rows = [Float](repeating: 0, count: rank * length)
      var read = place
      for first in stride(from: 0, to: length, by: size) {
        let count = min(size, length - first)
        for number in 0..<rank {
          let target = number * length + first
          rows.replaceSubrange(target..<target + count, with: pieces[read..<read + count])
          read += count
        }
      }
      return (rows, end)
    }
  }
}
