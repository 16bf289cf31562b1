internal import OwnSchema
package import Postgres

extension VectorTable {
  /// A column as the catalogue describes it.
  private struct Column {
    let name: String
    let type: String
    let typeModifier: Int
    let mustBeGiven: Bool
  }

  /// Reads a table, and refuses a table that cannot hold documents; nil where the table does not
  /// exist.
  package static func find(
    _ name: QualifiedName, layout: TableLayout = .vectorDocuments, on connection: Connection
  ) throws -> VectorTable? {
    let found = try connection.query(VectorTableQueries.find(name: name.quoted))
    guard found.rowCount == 1 else { return nil }
    let full = QualifiedName(schema: Identifier(try found.value(0, 1)), name.name)
    let kind: String = try found.value(0, 2)
    if kind == "f" { throw Self.foreign(full.description) }
    guard kind == "r" || kind == "p" else {
      throw SchemaError(
        "\(full) is not a table", remedy: "name a table with --table, or rename this object")
    }
    let table: Int = try found.value(0, 0)
    let columns = try columns(of: table, on: connection)
    return VectorTable(
      name: full, layout: layout,
      dimensions: try dimensions(of: full, columns: columns, layout: layout),
      catalogueName: try found.value(0, 4), hasActiveRowSecurity: try found.value(0, 3),
      limits: limits(of: columns, layout: layout),
      idIndexes: try idIndexes(of: table, key: layout.key, on: connection))
  }

  private static func idIndexes(
    of table: Int, key: Identifier, on connection: Connection
  ) throws(PostgresError) -> Set<String> {
    let rows = try connection.query(VectorTableQueries.idIndexes(table: table, key: key.name))
    return Set(try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) })
  }

  private static func columns(of table: Int, on connection: Connection) throws(PostgresError)
    -> [Column]
  {
    let rows = try connection.query(VectorTableQueries.columns(table: table))
    return try rows.map { (row) throws(PostgresError) in
      Column(
        name: try rows.value(row, 0), type: try rows.value(row, 1),
        typeModifier: try rows.value(row, 2), mustBeGiven: try rows.value(row, 3))
    }
  }

  private static func limits(of columns: [Column], layout: TableLayout) -> ColumnLimits {
    func limit(_ name: Identifier, _ type: String, _ size: (Int) -> Int) -> Int? {
      columns.first { $0.name == name.name && $0.type == type && $0.typeModifier >= 0 }
        .map { size($0.typeModifier) }
    }
    func characters(_ name: Identifier) -> Int? {
      // The modifier of varchar counts four bytes of a header as well.
      limit(name, "varchar") { $0 - 4 }
    }
    return ColumnLimits(
      user: characters(layout.user), collection: characters(layout.collection),
      text: characters(layout.text), timeDigits: limit(layout.time, "timestamptz") { $0 })
  }

  /// Checks every column, and returns the dimension of the vector column.
  private static func dimensions(
    of table: QualifiedName, columns: [Column], layout: TableLayout
  ) throws(SchemaError) -> Int {
    let accepted = layout.acceptedTypes
    let remedy = "use another table with --table, or alter this table (docs/ARCHITECTURE.md)"
    let byName = Dictionary(columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let missing = layout.loaded.map(\.name).filter { byName[$0] == nil }
    if !missing.isEmpty {
      let names = missing.joined(separator: ", ")
      throw SchemaError(
        "table \(table) has no column\(missing.count == 1 ? "" : "s") \(names)", remedy: remedy)
    }
    for column in layout.loaded {
      guard let found = byName[column.name] else { continue }
      guard accepted[column, default: []].contains(found.type) else {
        let wanted = accepted[column, default: []].sorted().joined(separator: " or ")
        throw SchemaError(
          "column \(column.name) of \(table) is \(found.type), not \(wanted)", remedy: remedy)
      }
    }
    if let other = columns.first(where: { $0.mustBeGiven && accepted[Identifier($0.name)] == nil })
    {
      throw SchemaError(
        "column \(other.name) of \(table) requires a value and has no default",
        remedy: "give the column a default, or use another table with --table")
    }
    // A pgvector column without a dimension has the type modifier -1.
    guard let dimensions = byName[layout.vector.name]?.typeModifier, dimensions > 0 else {
      throw SchemaError(
        "column \(layout.vector.name) of \(table) has no dimension and could not be indexed",
        remedy: "give the column a dimension: ALTER TABLE … ALTER COLUMN \(layout.vector.name) "
          + "TYPE vector(2000)")
    }
    return dimensions
  }
}
