package import Postgres
package import Layouts
package import Stores

/// Compares the number of rows of a store's collection with what this program has written and
/// removed.
///
/// The transaction must see a single snapshot and its own changes: then a difference can only come
/// from triggers or rules.
package struct CollectionRows {
  let connection: Connection
  let table: VectorTable
  let name: StoreName

  package init(connection: Connection, table: VectorTable, name: StoreName) {
    self.connection = connection
    self.table = table
    self.name = name
  }

  /// Counts the rows of the collection.
  package func count() throws(PostgresError) -> Int { try connection.scalar(question) ?? 0 }

  /// The query that counts the rows of the collection.
  package var question: SQL {
    """
    SELECT count(*) FROM \(table.rows) t
    WHERE t.user_id = \(name.user) AND t.collection_name = \(name.collection)
    """
  }

  /// Returns the number of rows that should be left after some were removed.
  ///
  /// The number is smaller where allowed foreign keys removed further rows of the table.
  package func count(removed: Int, of before: Int, _ references: ReferenceGuard)
    throws(PostgresError) -> Int
  {
    let left = before - removed
    let allowed = references.ownLosses.deleted
    guard allowed > 0 else { return left }
    return max(try count(), left - allowed)
  }

  /// Refuses to commit where the collection has more or fewer rows than expected.
  package func check(_ expected: Int, _ kind: Failure.Kind) throws {
    try check(expected, kind, found: try count())
  }

  /// Refuses to commit where the collection has `found` rows and another number was expected.
  package func check(_ expected: Int, _ kind: Failure.Kind, found: Int) throws {
    guard found != expected else { return }
    let triggers = try table.triggers(on: connection)
    let names = triggers.isEmpty ? "" : ": \(triggers.joined(separator: ", "))"
    throw Failure(
      kind,
      "the collection should have \(expected) rows and has \(found): something adds or deletes "
        + "rows when rows are written or removed",
      remedy: "nothing of this store was changed; look for triggers or rules on the table\(names)")
  }
}
