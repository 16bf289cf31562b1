internal import Postgres

/// Counts rows and values; stops neither the application nor the run where counting fails.
struct LossCounter {
  let connection: Connection
  /// The time when counting ends; the losses that are not counted by then are estimated.
  let end: ContinuousClock.Instant
  /// The size in bytes above which the values of a table are not compared.
  var largestTable = MeasureMethod.largestTable

  /// The time that counting may take during a trial.
  static let patience: Duration = .seconds(10)

  /// Counts the rows or values that are lost with an object that exists in `snapshot`.
  func loss(of object: CatalogObject, in snapshot: ObjectSnapshot) throws(PostgresError) -> Loss {
    switch object.kind {
    case "table", "materialized view", "rows":
      let kind: Loss.Kind = object.kind == "rows" ? .rows : .table
      return Loss(
        name: object.name, kind: kind, count: try rows(of: object.key.object, in: snapshot))
    case "foreign table":
      return Loss(
        name: object.name, kind: .object, count: .none,
        detail: "the table's rows stay on the foreign server")
    case "partition", "inheritance":
      return Loss(
        name: object.name, kind: .table, count: try rows(of: object.key.object, in: snapshot),
        detail: "the rows stay in a separate table")
    case "table column":
      return Loss(
        name: object.name, kind: .column, count: try values(of: object, in: snapshot))
    default: return Loss(name: object.name, kind: .object, count: .none)
    }
  }

  /// Counts the rows of a table; the rows of its partitions are included, those of child tables are
  /// not.
  private func rows(of table: Int, in snapshot: ObjectSnapshot) throws(PostgresError) -> Loss.Count
  {
    guard let relation = snapshot.relation(table), relation.detail != "f" else { return .unknown }
    let only: SQL = relation.detail == "p" ? "" : "ONLY"
    let name = SQL(script: relation.identity)
    return try count("SELECT count(*) FROM \(only) \(name)", of: table)
  }

  private func values(of column: CatalogObject, in snapshot: ObjectSnapshot)
    throws(PostgresError) -> Loss.Count
  {
    guard let relation = snapshot.relation(column.key.object) else { return .unknown }
    let name = Identifier(String(column.detail.dropFirst()))
    return try count(
      "SELECT count(t.\(name)) FROM \(SQL(script: relation.identity)) t", of: column.key.object)
  }

  func count(_ query: SQL, of table: Int) throws(PostgresError) -> Loss.Count {
    // A role that does not see every row would count too few.
    guard try seesEveryRow(of: table) else { return .unknown }
    if let number: Int = try attempt({ () throws(PostgresError) in try connection.scalar(query) }) {
      return .exactly(number)
    }
    let estimate: Double? = try connection.scalar(
      "SELECT reltuples::float8 FROM pg_class WHERE oid = \(table)::oid AND reltuples > 0")
    return estimate.map { .about(Int($0)) } ?? .unknown
  }

  /// Measures the rows and values of a table; nil where the role may not see every row, or where
  /// measuring failed or took too long.
  func measure(
    _ table: Int, by method: MeasureMethod?, in snapshot: ObjectSnapshot,
    since youngest: Int? = nil, after mark: Int? = nil
  ) throws(PostgresError) -> TableMeasure? {
    guard try seesEveryRow(of: table) else { return nil }
    let measured = try attempt { () throws(PostgresError) in
      try snapshot.measure(table, by: method, since: youngest, after: mark, on: connection)
    }
    return measured ?? nil
  }

  /// Returns true where a table is so small that counting its rows is quick.
  func isSmall(_ table: Int) throws(PostgresError) -> Bool {
    try connection.scalar("SELECT pg_table_size(\(table)::oid) <= \(largestTable)") ?? false
  }

  /// Returns true where a table has rows, and is small enough to compare their values.
  func isWorthComparing(_ table: Int, in snapshot: ObjectSnapshot) throws(PostgresError) -> Bool {
    guard let relation = snapshot.relation(table), try seesEveryRow(of: table) else { return false }
    return try connection.scalar(
      """
      SELECT pg_table_size(\(table)::oid) <= \(largestTable)
        AND EXISTS (SELECT FROM ONLY \(SQL(script: relation.identity)))
      """) ?? false
  }

  private func seesEveryRow(of table: Int) throws(PostgresError) -> Bool {
    try connection.scalar(
      """
      SELECT has_table_privilege(\(table)::oid, 'SELECT') AND NOT row_security_active(\(table)::oid)
      """) ?? false
  }

  /// Runs a query that may be refused or take too long; returns nil in that case.
  private func attempt<Value>(_ body: () throws(PostgresError) -> Value?) throws(PostgresError)
    -> Value?
  {
    let left = ContinuousClock.now.duration(to: end).seconds
    guard left > 0 else { return nil }
    let isInside = connection.isInTransaction
    try connection.execute(
      script: isInside ? "SAVEPOINT vector_ferry_count" : "BEGIN READ ONLY")
    do {
      let limit = SQL(script: "\(Int(left * 1000) + 1)")
      try connection.execute(script: "SET LOCAL statement_timeout = \(limit)")
      let value = try body()
      // The rollback also restores the settings.
      try connection.execute(
        script: isInside
          ? "ROLLBACK TO SAVEPOINT vector_ferry_count; RELEASE SAVEPOINT vector_ferry_count"
          : "ROLLBACK")
      return value
    } catch {
      guard error.serverError != nil, connection.isUsable else { throw error }
      try connection.execute(
        script: isInside
          ? "ROLLBACK TO SAVEPOINT vector_ferry_count; RELEASE SAVEPOINT vector_ferry_count"
          : "ROLLBACK")
      return nil
    }
  }
}
