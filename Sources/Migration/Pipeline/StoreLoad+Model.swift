internal import Postgres
internal import Schema
internal import VectorMath

extension StoreLoad {
  /// Writes the store's projection, its components one a row, in the store's own transaction.
  func save(_ model: FittedModel, store: Int) throws {
    let projection = model.projection
    let mean = projection.mean.isEmpty ? nil : VectorValue(projection.mean)
    try connection.query(
      """
      INSERT INTO vector_ferry.projections
        (store_id, kind, source_dimensions, dimensions, rank, fitted_rows, total_energy, is_exact,
         query_slot, document_slot, mean, recall, score_change, queries)
      VALUES
        (\(store), \(projection.kind.rawValue), \(projection.inputDimensions),
         \(projection.outputDimensions), \(projection.rank), \(projection.fittedRows),
         \(projection.totalEnergy), \(projection.isExact), \(projection.queryResidualSlot),
         \(projection.documentResidualSlot), \(mean), \(model.fidelity.recall),
         \(model.fidelity.largestScoreChange), \(model.fidelity.queries))
      """)
    guard projection.kind != .truncated else { return }
    try saveComponents(of: projection, store: store)
  }

  private func saveComponents(of projection: Projection, store: Int) throws {
    let length = projection.inputDimensions
    try connection.copyIn(
      QualifiedName(schema: FerrySchema.name, "projection_components"),
      columns: ["store_id", "number", "energy", "component"]
    ) { writer in
      try projection.components.withUnsafeBufferPointer { components in
        for number in 0..<projection.rank {
          try writer.beginRow()
          writer.int64(Int64(store))
          writer.int32(Int32(number))
          writer.double(projection.energies[number])
          writer.vector(
            UnsafeBufferPointer(rebasing: components[number * length..<(number + 1) * length]))
        }
      }
    }
  }
}
