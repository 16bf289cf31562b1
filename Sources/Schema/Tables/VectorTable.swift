public import Postgres

/// The application's table of documents, `vector_documents` unless named otherwise.
public struct VectorTable: Sendable, Equatable {
  /// The table's name in SQL, always with its schema once it has been looked up.
  public let name: QualifiedName
  /// How many dimensions its column `embedding` takes.
  public let dimensions: Int
  /// Row-level security binds the session: COPY into the table is refused by the server.
  public let hasActiveRowSecurity: Bool

  /// A table that is to be made.
  public init(name: QualifiedName, dimensions: Int) {
    self.name = name
    self.dimensions = dimensions
    catalogueName = name.quoted
    hasActiveRowSecurity = false
    idIndexes = []
  }

  init(
    name: QualifiedName, dimensions: Int, catalogueName: String, hasActiveRowSecurity: Bool,
    idIndexes: Set<String>
  ) {
    self.name = name
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
  public func saysIDIsTaken(_ error: ServerError) -> Bool {
    guard error.sqlState == "23505", let schema = error.schema, let table = error.table,
      let index = error.constraint
    else { return false }
    return idIndexes.contains("\(schema).\(table).\(index)")
  }

  /// The name as `format('%I.%I')` writes it: the key of the ledger, fit to be cast to regclass.
  public let catalogueName: String

  /// pgvector stores a `vector` up to this many dimensions.
  public static let storableDimensions = 16_000

  /// pgvector indexes a `vector` up to this many dimensions.
  public static let indexableDimensions = 2000

  /// The columns that a load writes, in the order of its COPY.
  public static let loadedColumns: [Identifier] = [
    "id", "user_id", "collection_name", "text", "embedding", "metadata", "created_at",
  ]
}

extension VectorTable {
  /// Makes the table with its indexes and its trigger; the extension must be there.
  public func create(on connection: Connection, vectorSchema: Identifier) throws(PostgresError) {
    let vector = QualifiedName(schema: vectorSchema, "vector")
    try connection.query(
      """
      CREATE TABLE \(name) (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id varchar(255) NOT NULL,
        collection_name varchar(255) NOT NULL DEFAULT 'personal_assistant',
        text text NOT NULL,
        embedding \(vector)(\(number: dimensions)) NOT NULL,
        metadata jsonb DEFAULT '{}',
        created_at timestamptz DEFAULT now(),
        updated_at timestamptz DEFAULT now()
      )
      """)
    try connection.query(
      "CREATE INDEX \(relatedName("user_collection_idx")) ON \(name) (user_id, collection_name)")
    try connection.query(
      "CREATE INDEX \(relatedName("metadata_idx")) ON \(name) USING gin (metadata)")
    try createTrigger(on: connection)
  }

  /// Keeps `updated_at` current whenever the application changes a row.
  private func createTrigger(on connection: Connection) throws(PostgresError) {
    let function = QualifiedName(schema: name.schema, relatedName("touch_updated_at"))
    try connection.query(
      """
      CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.updated_at := pg_catalog.now();
        RETURN NEW;
      END
      $$
      """)
    try connection.query(
      """
      CREATE TRIGGER \(relatedName("updated_at")) BEFORE UPDATE ON \(name)
      FOR EACH ROW EXECUTE FUNCTION \(function)()
      """)
  }

  /// The name of something that belongs to the table; PostgreSQL cuts names at 63 bytes.
  public func relatedName(_ suffix: String) -> Identifier {
    var base = name.name.name[...]
    while base.utf8.count + suffix.utf8.count > 62 { base.removeLast() }
    return Identifier("\(base)_\(suffix)")
  }
}
