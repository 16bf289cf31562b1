/// Something that a statement names which no transaction can hold.
enum NamedRemoval: Equatable {
  /// An index, its name as written.
  case index(String)
  /// A partition, and the table it leaves.
  case partition(String, of: String)
  /// What belongs to the whole server: a database, tablespace or subscription.
  case other(kind: String, name: String)
}
