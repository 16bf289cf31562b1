internal import Postgres

/// An object in the session's own schema, `pg_temp`; it is deleted when the session ends.
package struct TemporaryObject: Sendable, Hashable {
  /// The number in the catalogue, which distinguishes the object from others of the same name.
  let number: Int
  /// The kind and the name: `table posts`.
  package let name: String

  /// The query that tells whether the session has a schema `pg_temp`; most sessions have none.
  static let mayExist: SQL = "SELECT pg_my_temp_schema() <> 0"

  /// Reads all objects in the session's schema `pg_temp`, except indexes and other parts of tables.
  static func all(on connection: Connection) throws(PostgresError) -> [TemporaryObject] {
    let rows = try connection.query(CatalogueQueries.temporaryObjects)
    return try rows.map { (row) throws(PostgresError) in
      TemporaryObject(number: try rows.value(row, 0), name: try rows.value(row, 1))
    }
  }
}

extension [TemporaryObject] {
  /// The sentence for the operator that lists these temporary objects.
  package var note: String {
    "temporary objects, deleted when the session that made them ends: "
      + map(\.name).joined(separator: ", ")
  }
}
