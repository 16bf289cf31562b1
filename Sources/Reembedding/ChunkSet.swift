internal import Ledger
internal import Postgres
internal import Layouts
internal import OwnSchema

/// The tables of the set semantic_search as they are in the database; their form decides which
/// columns are written.
struct ChunkSet: Equatable {
  /// The word for each state in the column `status` of contents.
  struct States: Equatable {
    let pending: String
    let processing: String
    let completed: String
    let failed: String

    /// The words of the production form.
    static let production = States(
      pending: "PENDING", processing: "PROCESSING", completed: "COMPLETED", failed: "FAILED")
    /// The words of the template form.
    static let template = States(
      pending: "pending", processing: "indexing", completed: "completed", failed: "failed")
  }

  /// The table of chunks with the dimensions of its embeddings, for building the index.
  let table: VectorTable
  /// The table of the contents, which are texts that are split into chunks.
  let contents: QualifiedName
  /// The type `vector` of pgvector, with its schema.
  let vector: QualifiedName
  let states: States
  /// True where the columns model_name and model_version exist; otherwise metadata holds these
  /// values.
  let hasModelColumns: Bool
  /// True where the set's indexes are HNSW: in its template form, or after its fifth migration.
  let prefersGraph: Bool

  /// Reads the form of the tables; throws where the tables are missing or their texts cannot be
  /// embedded.
  static func find(on connection: Connection) throws -> ChunkSet {
    let embeddings = try connection.resolve(QualifiedName("vector_embedding"))
    let contents = try connection.resolve(QualifiedName("indexed_content"))
    let tuned = SQL.joined(
      try connection.searchedSchemas().map { "\(Literal($0.name))" }, separator: ", ")
    let row = try connection.query(
      ChunkQueries.tables(schemas: tuned, contents: contents?.quoted, chunks: embeddings?.quoted))
    guard let contents, row.rowCount == 1, try row.value(0, 5) else {
      throw Failure(
        .preflight, "the set semantic_search is not in this database",
        remedy: "run: vector-ferry schema up --set semantic_search")
    }
    let dimensions: Int = try row.value(0, 1)
    guard dimensions > 0 else {
      throw Failure(
        .preflight, "the column embedding of vector_embedding has no dimension",
        remedy:
          "give the column a dimension: ALTER TABLE vector_embedding ALTER COLUMN embedding TYPE "
          + "vector(384)"
      )
    }
    let isTemplate: Bool = try row.value(0, 2)
    let name = QualifiedName(schema: Identifier(try row.value(0, 0)), "vector_embedding")
    return ChunkSet(
      table: VectorTable(name: name, dimensions: dimensions), contents: contents,
      vector: QualifiedName(schema: try FerrySchema.vectorSchema(on: connection), "vector"),
      states: isTemplate ? .template : .production, hasModelColumns: try row.value(0, 3),
      prefersGraph: try isTemplate || row.value(0, 4))
  }

  /// Returns an SQL condition for the contents to embed: contents with a chunk without an
  /// embedding, in the state pending or processing; also in the state failed where failed contents
  /// are retried.
  func isOpen(retryingFailed: Bool) -> SQL {
    let words = [states.pending, states.processing] + (retryingFailed ? [states.failed] : [])
    let list = SQL.joined(words.map { "\(Literal($0))" }, separator: ", ")
    return """
      c.status::pg_catalog.text OPERATOR(pg_catalog.=) ANY (ARRAY[\(list)]::pg_catalog.text[]) AND EXISTS (
        SELECT FROM \(table.name) n
        WHERE n.content_id OPERATOR(pg_catalog.=) c.id AND n.embedding IS NULL)
      """
  }

  /// Returns the name of a model other than `model` that made embeddings of the set; nil where
  /// there is none.
  func otherModel(than model: String, on connection: Connection) throws(PostgresError) -> String? {
    if hasModelColumns {
      return try connection.scalar(
        """
        SELECT model_name::text FROM \(table.name)
        WHERE embedding IS NOT NULL AND model_name <> \(model) LIMIT 1
        """)
    }
    return try connection.scalar(
      """
      SELECT metadata->>'model_name' FROM \(table.name)
      WHERE embedding IS NOT NULL AND metadata->>'model_name' <> \(model) LIMIT 1
      """)
  }
}
