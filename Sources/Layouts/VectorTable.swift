internal import OwnSchema
package import Postgres

/// The application's table of documents, `vector_documents` unless named otherwise.
package struct VectorTable: Sendable, Equatable {
  /// The table's name in SQL, always with its schema once it has been looked up.
  package let name: QualifiedName
  /// Where it keeps the parts of a document.
  package let layout: TableLayout
  /// How many dimensions its column of vectors takes.
  package let dimensions: Int
  /// Row-level security binds the session: COPY into the table is refused by the server.
  package let hasActiveRowSecurity: Bool

  /// A table that is to be made.
  package init(
    name: QualifiedName, dimensions: Int, layout: TableLayout = .vectorDocuments
  ) {
    self.name = name
    self.layout = layout
    self.dimensions = dimensions
    catalogueName = name.quoted
    hasActiveRowSecurity = false
    idIndexes = []
  }

  init(
    name: QualifiedName, layout: TableLayout, dimensions: Int, catalogueName: String,
    hasActiveRowSecurity: Bool, idIndexes: Set<String>
  ) {
    self.name = name
    self.layout = layout
    self.dimensions = dimensions
    self.catalogueName = catalogueName
    self.hasActiveRowSecurity = hasActiveRowSecurity
    self.idIndexes = idIndexes
  }

  /// Unique indexes with the column `id` in their key, of the table and its partitions, each as
  /// `schema.table.index`.
  private let idIndexes: Set<String>

  /// True where the server has refused a row because its id is taken; any other constraint is the
  /// application's own.
  package func saysIDIsTaken(_ error: ServerError) -> Bool {
    guard error.sqlState == "23505", let schema = error.schema, let table = error.table,
      let index = error.constraint
    else { return false }
    return idIndexes.contains("\(schema).\(table).\(index)")
  }

  /// The name as `format('%I.%I')` writes it: the key of the ledger, fit to be cast to regclass.
  package let catalogueName: String

  /// pgvector stores a `vector` up to this many dimensions.
  package static let storableDimensions = 16_000

  /// pgvector indexes a `vector` up to this many dimensions.
  package static let indexableDimensions = 2000
}

extension VectorTable {
  /// Makes the table with its indexes and its trigger; the extension must be there.
  ///
  /// It is called in a transaction.
  package func create(on connection: Connection, vectorSchema: Identifier) throws {
    if let obstacle = try obstacleToMaking(on: connection) { throw obstacle }
    let file = FerryFiles.file("vector_documents", in: FerryFiles.objects)
    try connection.execute(
      script: file.script(
        vectorSchema: vectorSchema,
        variables: [
          "table": name.quoted,
          "dimensions": "\(dimensions)",
          "user_collection_index": relatedName("user_collection_idx").quoted,
          "metadata_index": relatedName("metadata_idx").quoted,
          "touch_function": touchFunction.quoted,
          "touch_trigger": relatedName("updated_at").quoted,
        ]))
    // Another session may have made the function meanwhile, which has been replaced then.
    if let obstacle = try obstacleToMaking(on: connection) { throw obstacle }
  }

  /// The name of something that belongs to the table; PostgreSQL cuts names at 63 bytes.
  package func relatedName(_ suffix: String) -> Identifier {
    var base = name.name.name[...]
    while base.utf8.count + suffix.utf8.count > 62 { base.removeLast() }
    return Identifier("\(base)_\(suffix)")
  }
}
