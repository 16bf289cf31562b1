internal import OwnSchema
package import Postgres

/// The application's table of documents: `vector_documents`, unless the operator names another
/// table.
package struct VectorTable: Sendable, Equatable {
  /// The table's name in SQL; it includes the schema once the table has been looked up.
  package let name: QualifiedName
  /// The columns in which the table keeps the parts of a document.
  package let layout: TableLayout
  /// The dimension of the table's vector column.
  package let dimensions: Int
  /// True where row-level security binds the session, so that the server refuses COPY into the
  /// table.
  package let hasActiveRowSecurity: Bool
  /// The limits of the columns that are narrower than a document's values may be.
  package let limits: ColumnLimits

  /// Creates the description of a table that does not exist yet.
  package init(
    name: QualifiedName, dimensions: Int, layout: TableLayout = .vectorDocuments
  ) {
    self.name = name
    self.layout = layout
    self.dimensions = dimensions
    catalogueName = name.quoted
    hasActiveRowSecurity = false
    limits = ColumnLimits()
    idIndexes = []
  }

  init(
    name: QualifiedName, layout: TableLayout, dimensions: Int, catalogueName: String,
    hasActiveRowSecurity: Bool, limits: ColumnLimits, idIndexes: Set<String>
  ) {
    self.name = name
    self.layout = layout
    self.dimensions = dimensions
    self.catalogueName = catalogueName
    self.hasActiveRowSecurity = hasActiveRowSecurity
    self.limits = limits
    self.idIndexes = idIndexes
  }

  /// The unique indexes of the table and its partitions that have the id column in their key, each
  /// as `schema.table.index`.
  private let idIndexes: Set<String>

  /// Returns true where the server refused a row because its id exists already, and not because of
  /// a constraint of the application.
  package func saysIDIsTaken(_ error: ServerError) -> Bool {
    guard error.sqlState == "23505", let schema = error.schema, let table = error.table,
      let index = error.constraint
    else { return false }
    return idIndexes.contains("\(schema).\(table).\(index)")
  }

  /// The name as `format('%I.%I')` writes it: the ledger uses it as a key, and it can be cast to
  /// regclass.
  package let catalogueName: String

  /// The largest dimension with which pgvector stores a `vector`.
  package static let storableDimensions = 16_000

  /// The largest dimension with which pgvector indexes a `vector`.
  package static let indexableDimensions = 2000
}

extension VectorTable {
  /// Creates the table with its indexes and its trigger; the extension must exist.
  ///
  /// Must be called in a transaction.
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
    // Another session may have created the function meanwhile; then the script has only replaced
    // its body, and the owner is still another role.
    if let obstacle = try obstacleToMaking(on: connection) { throw obstacle }
  }

  /// Returns a name for an object that belongs to the table; PostgreSQL cuts names at 63 bytes.
  package func relatedName(_ suffix: String) -> Identifier {
    var base = name.name.name[...]
    while base.utf8.count + suffix.utf8.count > 62 { base.removeLast() }
    return Identifier("\(base)_\(suffix)")
  }
}
