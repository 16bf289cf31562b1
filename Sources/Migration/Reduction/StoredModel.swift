internal import Postgres
internal import VectorMath

/// The projection that a store's rows were reduced by, as the database keeps it.
struct StoredModel {
  let projection: Projection
  /// The recall that was measured when the store was carried over.
  let recall: Double

  /// Reads a store's model; nil where its vectors were not made shorter.
  static func read(store: Int, on connection: Connection) throws -> StoredModel? {
    let row = try connection.query(
      """
      SELECT kind, source_dimensions, dimensions, total_energy, fitted_rows, is_exact, recall
      FROM vector_ferry.projections WHERE store_id = \(store)
      """)
    guard row.rowCount == 1 else { return nil }
    let name: String = try row.value(0, 0)
    guard let kind = Projection.Kind(rawValue: name) else {
      throw PostgresError.unexpected(operation: "SELECT", what: "a projection of kind \(name)")
    }
    let parts = try components(store: store, on: connection)
    let projection = try Projection(
      kind: kind, inputDimensions: try row.value(0, 1), outputDimensions: try row.value(0, 2),
      components: parts.components, energies: parts.energies, totalEnergy: try row.value(0, 3),
      mean: try mean(store: store, on: connection), fittedRows: try row.value(0, 4),
      isExact: try row.value(0, 5))
    return StoredModel(projection: projection, recall: try row.value(0, 6))
  }

  private static func mean(store: Int, on connection: Connection) throws -> [Float] {
    var mean: [Float] = []
    try connection.copyOut(
      "SELECT mean FROM vector_ferry.projections WHERE store_id = \(number: store)"
    ) { row in
      if let field = try row.next() { _ = try field.appendVector(to: &mean) }
    }
    return mean
  }

  private static func components(store: Int, on connection: Connection) throws
    -> (components: [Float], energies: [Double])
  {
    var components: [Float] = []
    var energies: [Double] = []
    try connection.copyOut(
      """
      SELECT energy, component FROM vector_ferry.projection_components
      WHERE store_id = \(number: store) ORDER BY number
      """
    ) { row in
      energies.append(Double(bitPattern: UInt64(bitPattern: try row.required().int64())))
      _ = try row.required().appendVector(to: &components)
    }
    return (components, energies)
  }
}
