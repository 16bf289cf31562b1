package import Machine
internal import Postgres
package import Stores

/// The share of the vectors' energy that the first components of a model keep.
package struct EnergyCurve: Equatable, Sendable {
  /// The store of the model, or the first of several stores that share it.
  package let store: StoreName
  /// True where several stores may share the model.
  package let isShared: Bool
  /// The length of the vectors before the reduction.
  package let sourceDimensions: Int
  /// The length of the vectors after the reduction.
  package let dimensions: Int
  /// The number of rows that the model was fitted to.
  package let fittedRows: Int
  /// Numbers of components, each with the share that this many components keep.
  package let points: [Point]

  /// One point of the curve.
  package struct Point: Equatable, Sendable {
    /// The number of components.
    package let components: Int
    /// The share of the energy that these components keep, from 0 to 1.
    package let share: Double
  }
}

extension ModelCatalogue {
  /// Reads the curves of some models of the stores that a run has written: the models with the
  /// lowest and the highest recall, and others evenly between them.
  ///
  /// Stores that a later run has written again are left out.
  package func energyCurves(of run: RunID, limit: Int) throws -> [EnergyCurve] {
    let rows = try connection.query(ModelQueries.modelsOfRun(run: run.uuid))
    let count = rows.rowCount
    let taken = min(count, limit)
    return try (0..<taken).map { place in
      let row = taken > 1 ? place * (count - 1) / (taken - 1) : 0
      let energies = try ModelTable(connection: connection).energies(of: rows.value(row, 0))
      return EnergyCurve(
        store: StoreName(user: try rows.value(row, 2), collection: try rows.value(row, 3)),
        isShared: try rows.value(row, 1), sourceDimensions: try rows.value(row, 4),
        dimensions: try rows.value(row, 5), fittedRows: try rows.value(row, 6),
        points: Self.curve(energies, total: try rows.value(row, 7)))
    }
  }

  /// Adds up energies; a curve of about a hundred points looks the same as one of thousands.
  static func curve(_ energies: [Double], total: Double) -> [EnergyCurve.Point] {
    let stride = max(1, energies.count / 100)
    var points = [EnergyCurve.Point(components: 0, share: 0)]
    var sum = 0.0
    for (index, energy) in energies.enumerated() {
      sum += energy
      let components = index + 1
      guard components.isMultiple(of: stride) || components == energies.count else { continue }
      points.append(.init(components: components, share: total > 0 ? min(1, sum / total) : 1))
    }
    return points
  }
}
