/// A constraint or unique index of a table.
///
/// Functions can give errors out that name any constraint, also one that is called like a row's
/// value: only a name of the catalogue is shown.
struct ConstraintName: Hashable, Sendable {
  let schema: String
  let table: String
  let name: String

  init(schema: String, table: String, name: String) {
    self.schema = schema
    self.table = table
    self.name = name
  }

  /// The one that an error is about; nil where it names none.
  init?(of error: ServerError) {
    guard let schema = error.schema, let table = error.table, let name = error.constraint else {
      return nil
    }
    self.init(schema: schema, table: table, name: name)
  }
}
