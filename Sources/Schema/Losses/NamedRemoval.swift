/// An object that a statement outside of transactions removes by name.
enum NamedRemoval: Equatable {
  /// An index, with its name as in the statement.
  case index(String)
  /// A partition that is detached, and the table that loses it.
  case partition(String, of: String)
  /// An object of the server or of replication: a database, tablespace or subscription.
  case other(kind: String, name: String)
}
