internal import Layouts
internal import Postgres

/// The vector indexes of one table.
struct IndexCatalogue {
  let facts: TableFacts
  let connection: Connection

  init(_ facts: TableFacts, connection: Connection) {
    self.facts = facts
    self.connection = connection
  }

  /// Reads all vector indexes of the table, even INVALID ones, in the order of their names.
  func all() throws(PostgresError) -> [TableIndex] {
    let column: SQL = "quote_ident(\(Literal(facts.column.name)))"
    let rows = try connection.query(
      CatalogueQueries.indexes(column: column, table: facts.table.catalogueName))
    return try rows.map { (row) throws(PostgresError) in try index(rows, row) }
  }

  /// Reads the indexes that a search by cosine distance can use now.
  func serving() throws(PostgresError) -> [TableIndex] { try all().filter(\.serves) }

  private func index(_ rows: QueryResult, _ row: Int) throws(PostgresError) -> TableIndex {
    let method: IndexMethod = try rows.value(row, 2, as: String.self) == "hnsw" ? .hnsw : .ivfflat
    let comment: String? = try rows.optional(row, 9)
    let file: Int? = try rows.optional(row, 16)
    let options: String? = try rows.optional(row, 10)
    return TableIndex(
      name: QualifiedName(
        schema: Identifier(try rows.value(row, 0)), Identifier(try rows.value(row, 1))),
      catalogueName: try rows.value(row, 11), method: method,
      parameters: Self.parameters(method, options: options ?? ""),
      expression: try rows.value(row, 3), isOfEmbedding: try rows.value(row, 13),
      condition: try rows.optional(row, 12), operatorClass: try rows.value(row, 4),
      isValid: try rows.value(row, 5), isCopy: try rows.value(row, 6),
      isAttached: try rows.value(row, 14), isPartitioned: try rows.value(row, 15),
      bytes: try rows.value(row, 7), scans: try rows.value(row, 8),
      note: comment.flatMap { BuildNote(comment: $0) }.flatMap { $0.describes(file) ? $0 : nil })
  }

  /// Reads parameters from a text such as `m=16 ef_construction=64`; a missing parameter has
  /// pgvector's default.
  private static func parameters(_ method: IndexMethod, options: String) -> IndexParameters {
    var values: [Substring: Int] = [:]
    for option in options.split(separator: " ") {
      let pair = option.split(separator: "=")
      if pair.count == 2 { values[pair[0]] = Int(pair[1]) }
    }
    return switch method {
    case .hnsw:
      .hnsw(links: values["m"] ?? 16, construction: values["ef_construction"] ?? 64)
    case .ivfflat: .ivfflat(lists: values["lists"] ?? 100)
    }
  }
}
