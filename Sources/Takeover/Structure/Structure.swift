internal import Postgres

/// The structure of a set's tables in a schema, and the functions, views and types beside them.
struct Structure: Sendable, Equatable {
  var items: [StructureItem]

  init(items: [StructureItem]) { self.items = items }

  /// Reads the structure of a schema.
  ///
  /// - Parameter vectorSchema: the schema that pgvector is in; nil where pgvector is not enabled.
  init(of schema: Identifier, vectorSchema: Identifier?, on connection: Connection)
    throws(PostgresError)
  {
    let rows = try connection.query(StructureQueries.items(schema: schema.name))
    let prefixes = Set(
      [schema, vectorSchema].compactMap(\.self).flatMap { name in
        [name.quoted + ".", name.name + "."]
      })
    items = try rows.map { (row) throws(PostgresError) in
      var definition: String = try rows.optional(row, 3) ?? ""
      for prefix in prefixes { definition = definition.replacing(prefix, with: "") }
      let word: String = try rows.value(row, 0)
      return StructureItem(
        // The query writes the words of these kinds.
        kind: StructureItem.Kind(rawValue: word) ?? .table, table: try rows.value(row, 1),
        name: try rows.value(row, 2), definition: definition, type: try rows.value(row, 4))
    }
  }

  /// The names of the tables.
  var tables: Set<String> { Set(items.filter { $0.kind == .table }.map(\.name)) }

  // MARK: As text

  /// The structure as text, one line for each part.
  var lines: [String] {
    items.map {
      [$0.kind.rawValue, $0.table, $0.name, $0.definition, $0.type].joined(separator: "|")
    }
  }

  /// Creates a part from its line; nil where the line is not one.
  static func item(_ line: Substring) -> StructureItem? {
    let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 5, let kind = StructureItem.Kind(rawValue: parts[0]) else { return nil }
    // A definition may contain the sign that separates the parts.
    return StructureItem(
      kind: kind, table: parts[1], name: parts[2],
      definition: parts[3..<parts.count - 1].joined(separator: "|"), type: parts[parts.count - 1])
  }
}
