internal import MigrationFiles
internal import Postgres

/// Measures what IVFFlat indexes find: an index that was built before its rows were there has
/// arbitrary clusters, and finds few of the nearest rows.
struct ClusterIndexes {
  let connection: Connection

  /// The share of the nearest rows that an index must find.
  private static let wantedShare = 0.9

  /// Returns the finding about the indexes of these tables; nil where they have no IVFFlat index.
  func finding(of tables: [String]) throws -> VerificationReport.Finding? {
    var count = 0
    var details: [String] = []
    for table in tables {
      let rows = try connection.query(InspectionQueries.clusterIndexes(table: table))
      for row in 0..<rows.rowCount {
        count += 1
        let index = Index(
          name: try rows.value(row, 0), table: table, column: try rows.value(row, 1),
          distance: try rows.value(row, 2), lists: try rows.value(row, 3),
          operatorClass: try rows.value(row, 4))
        if let detail = try examine(index) { details.append(detail) }
      }
    }
    guard count > 0 else { return nil }
    return VerificationReport.Finding(
      category: .performance, title: "IVFFlat indexes find the nearest rows", holds: true,
      isOpen: !details.isEmpty, details: details, seconds: nil)
  }

  private struct Index {
    let name: String
    let table: String
    let column: String
    let distance: String
    let lists: Int
    let operatorClass: String

    /// The statements that build the index again, and the setting for searches.
    func rebuilding(lists: Int) -> String {
      let parameters = "(\(column) \(operatorClass)) WITH (lists = \(lists))"
      return [
        "DROP INDEX CONCURRENTLY \(name)",
        "CREATE INDEX CONCURRENTLY ON \(table) USING ivfflat \(parameters)",
        "SET ivfflat.probes = \(max(1, Int(Double(lists).squareRoot())))",
      ].joined(separator: "; ")
    }
  }

  /// The error that rolls a measurement back.
  private struct Measured: Error {}

  /// Measures one index; returns what is wrong with it and the remedy, or nil.
  private func examine(_ index: Index) throws -> String? {
    let rows: Int =
      try connection.scalar(
        SQL(script: "SELECT count(*) FROM \(index.table) WHERE \(index.column) IS NOT NULL")) ?? 0
    guard rows > 1 else { return nil }
    // Each vector costs a scan of the whole table.
    let vectors = rows <= 20_000 ? 20 : 3
    var exact: [String: [String]] = [:]
    var found: [String: [String]] = [:]
    do {
      try connection.transaction {
        try connection.execute(
          script: "SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        exact = try nearest(index, vectors: vectors)
        try connection.execute(
          script: "SET LOCAL enable_indexscan = on; SET LOCAL enable_seqscan = off")
        found = try nearest(index, vectors: vectors)
        throw Measured()
      }
    } catch is Measured {}
    let all = exact.values.reduce(0) { $0 + $1.count }
    let hits = exact.reduce(0) { $0 + Set($1.value).intersection(found[$1.key] ?? []).count }
    guard all > 0, Double(hits) < Self.wantedShare * Double(all) else { return nil }
    let lists = rows <= 1_000_000 ? max(1, rows / 1000) : Int(Double(rows).squareRoot())
    return
      "\(index.name) (\(index.lists) lists) finds \(hits) of the \(all) nearest of \(rows) rows, "
      + "perhaps because it was built before the rows were there; build it again: "
      + index.rebuilding(lists: lists)
  }

  private func nearest(_ index: Index, vectors: Int) throws(PostgresError) -> [String: [String]] {
    let rows = try connection.query(
      InspectionQueries.nearest(
        table: SQL(script: index.table), column: SQL(script: index.column),
        operation: SQL(script: "OPERATOR(\(try vectorSchema()).\(index.distance))"),
        probes: vectors, wanted: 10))
    var places: [String: [String]] = [:]
    for row in 0..<rows.rowCount {
      let found: String = try rows.value(row, 1)
      places[try rows.value(row, 0)] = found.split(separator: " ").map(String.init)
    }
    return places
  }

  private func vectorSchema() throws(PostgresError) -> String {
    try connection.scalar(InspectionQueries.vectorSchema) ?? "public"
  }
}
