package import Machine
package import Postgres
internal import OwnSchema
package import VectorMath

/// The models in `vector_ferry.projections`; each of their components is a row of another table.
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

  /// Writes a model and returns its id.
  ///
  /// - Parameters:
  ///   - store: the store that owns the model; nil for a shared one.
  ///   - population: how many rows the model is for; it may be fitted to only some of them.
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
        mean: mean))
    guard let id else {
      throw PostgresError.unexpected(operation: "INSERT", what: "no id came back")
    }
    if projection.kind != .truncated { try insertComponents(of: projection, model: id) }
    return id
  }

  private func insertComponents(of projection: Projection, model: Int) throws {
    let length = projection.inputDimensions
    try connection.copyIn(
      QualifiedName(schema: FerrySchema.name, "projection_components"),
      columns: ["projection_id", "number", "energy", "component"]
    ) { writer in
      try projection.components.withUnsafeBufferPointer { components in
        for number in 0..<projection.rank {
          try writer.beginRow()
          writer.int64(Int64(model))
          writer.int32(Int32(number))
          writer.double(projection.energies[number])
          writer.vector(
            UnsafeBufferPointer(rebasing: components[number * length..<(number + 1) * length]))
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

  /// Reads the model that reduced a store's vectors, with what was measured on the store; nil where
  /// they were not reduced.
  package func model(of store: Int) throws -> StoreModel? {
    let row = try connection.query(
      """
      SELECT p.id, p.store_id IS NULL, s.recall, s.score_change, s.queries
      FROM vector_ferry.stores s JOIN vector_ferry.projections p ON p.id = s.projection_id
      WHERE s.id = \(store)
      """)
    guard row.rowCount == 1 else { return nil }
    let id: Int = try row.value(0, 0)
    let fidelity = Fidelity(
      recall: try row.value(0, 2), neighbours: 10, largestScoreChange: try row.value(0, 3),
      queries: try row.value(0, 4))
    return StoreModel(
      fitted: FittedModel(projection: try projection(id), fidelity: fidelity),
      shared: try row.value(0, 1, as: Bool.self) ? id : nil)
  }

  /// Reads a model's projection with all components; its parts must fit together.
  package func projection(_ id: Int) throws -> Projection {
    let row = try connection.query(
      """
      SELECT kind, source_dimensions, dimensions, total_energy, fitted_rows, is_exact
      FROM vector_ferry.projections WHERE id = \(id)
      """)
    let kind: String = try row.value(0, 0)
    guard let kind = Projection.Kind(rawValue: kind) else {
      throw PostgresError.unexpected(operation: "SELECT", what: "a model of kind \(kind)")
    }
    let parts = try components(of: id)
    return try Projection(
      kind: kind, inputDimensions: try row.value(0, 1), outputDimensions: try row.value(0, 2),
      components: parts.components, energies: parts.energies, totalEnergy: try row.value(0, 3),
      mean: try mean(of: id), fittedRows: try row.value(0, 4), isExact: try row.value(0, 5))
  }

  private func mean(of id: Int) throws -> [Float] {
    var mean: [Float] = []
    try connection.copyOut(
      "SELECT mean FROM vector_ferry.projections WHERE id = \(number: id)"
    ) { row in
      if let field = try row.next() { _ = try field.appendVector(to: &mean) }
    }
    return mean
  }

  private func components(of id: Int) throws -> (components: [Float], energies: [Double]) {
    var components: [Float] = []
    var energies: [Double] = []
    try connection.copyOut(
      """
      SELECT energy, component FROM vector_ferry.projection_components
      WHERE projection_id = \(number: id) ORDER BY number
      """
    ) { row in
      energies.append(Double(bitPattern: UInt64(bitPattern: try row.required().int64())))
      _ = try row.required().appendVector(to: &components)
    }
    return (components, energies)
  }
}
