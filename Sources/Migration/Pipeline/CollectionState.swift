internal import Clock
internal import Layouts
internal import Postgres
internal import Stores

/// The state of a store's collection in the table, before the store is written.
struct CollectionState {
  /// The number of rows that the collection has.
  let rows: Int
  /// True where the collection has rows that this program may have written: only this program makes
  /// ids of version 5.
  let hasNamedRows: Bool
  /// The time of the transaction, in microseconds since 1970: documents without a time stamp of
  /// their own get this time.
  let now: Int64

  /// Returns the query that reads the state; it must run in the store's transaction, before any row
  /// is written.
  static func question(about name: StoreName, in table: VectorTable) -> SQL {
    StoreLoadQueries.collection(rows: table.rows, user: name.user, collection: name.collection)
  }

  /// Reads the state from the answer to the query that `question` returns.
  init(_ answer: QueryResult) throws(PostgresError) {
    rows = try answer.value(0, 0)
    hasNamedRows = try answer.value(0, 1)
    now = try answer.value(0, 2, as: Timestamp.self).microseconds
  }
}
