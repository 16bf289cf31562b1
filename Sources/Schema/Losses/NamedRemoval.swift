/// An object that is removed by a statement which cannot be in a transaction.
enum NamedRemoval: Equatable {
  /// An index, with its name as written.
  case index(String)
  /// A partition, and the table from which it is detached.
  case partition(String, of: String)
  /// An object of the whole server: a database, tablespace or subscription.
  case other(kind: String, name: String)
}
