internal import Ledger
internal import Embedding
internal import Postgres

/// The column of texts from which the vectors in another column are made.
struct TextColumn {
  let name: Identifier
  let column: VectorColumn

  /// The greatest number of keys that an error shows.
  private static let shownKeys = 5

  /// Reads the column of texts from the catalogue; throws where no trigger could see its changes.
  init(_ name: Identifier, of column: VectorColumn, on connection: Connection) throws {
    self.name = name
    self.column = column
    let rows = try connection.query(
      VectorColumnQueries.textColumn(
        types: FollowTrigger.textTypes, table: column.table, column: name.name))
    guard rows.rowCount == 1, try rows.value(0, 0) else {
      throw Failure(
        .preflight, "\(column.table) has no column \(name.name) of type text or varchar",
        remedy: "name the column of the texts with --text-column")
    }
    guard try rows.value(0, 1) else {
      throw Failure(
        .preflight,
        "column \(name.name) of \(column.table) is generated: no trigger sees its texts in time",
        remedy: "name the column that it is generated from with --text-column")
    }
  }

  /// The SHA-256 of a row's text; a vector is written only where the text still has the same
  /// digest.
  var digest: SQL { "sha256(convert_to(t.\(name)::text, 'UTF8'))" }

  /// Throws where rows have a vector but no text from which a new vector could be made.
  func refuseEmpty(on connection: Connection) throws {
    // The column's own collation may not support regular expressions.
    let isEmpty: SQL = """
      FROM \(column.sql) t WHERE t.\(column.name) IS NOT NULL
        AND (t.\(name) IS NULL OR t.\(name) COLLATE "default" !~ '[^[:space:]]')
      """
    let found: Int? = try connection.scalar("SELECT count(*) \(isEmpty)")
    guard let found, found > 0 else { return }
    let rows = try connection.query(
      "SELECT t.\(column.key)::text \(isEmpty) ORDER BY t.\(column.key) LIMIT \(Self.shownKeys)")
    let keys = try rows.map { (row) throws(PostgresError) -> String in try rows.value(row, 0) }
    throw Failure(
      .preflight,
      "\(found) rows of \(column.table) have a vector, but no text from which it could be made "
        + "again: "
        + keys.joined(separator: ", ") + (found > keys.count ? ", …" : ""),
      remedy: "give these rows a text, delete them, or name another column with --text-column")
  }

  /// Counts the texts that would be sent, and their bytes.
  ///
  /// - Parameter target: the new column, so that only rows without a new vector count; nil counts
  ///   all rows that have a vector.
  func survey(waitingFor target: Identifier?, on connection: Connection) throws -> TextSurvey {
    let waits: SQL = target.map { "AND t.\($0) IS NULL" } ?? ""
    let row = try connection.query(
      """
      SELECT count(*), coalesce(sum(octet_length(t.\(name))), 0)::bigint
      FROM \(column.sql) t WHERE t.\(column.name) IS NOT NULL \(waits)
      """)
    return TextSurvey(texts: try row.value(0, 0), bytes: try row.value(0, 1))
  }
}

/// The number and the size of texts that are to be embedded.
package struct TextSurvey: Sendable, Equatable {
  /// The number of texts.
  package let texts: Int
  /// The size of the texts in bytes.
  package let bytes: Int

  /// The estimated number of tokens in the texts.
  package var estimatedTokens: Int { EmbeddingPrice.estimatedTokens(ofBytes: bytes) }
}
