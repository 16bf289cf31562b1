/// A constraint or unique index of a table.
///
/// Functions can report errors that name any constraint, even one whose name is a value of a row:
/// only names that are in the catalogue are shown.
struct ConstraintName: Hashable, Sendable {
  let schema: String
  let table: String
  let name: String

  init(schema: String, table: String, name: String) {
    self.schema = schema
    self.table = table
    self.name = name
  }

  /// Creates the name in an error; nil where the error names none.
  init?(of error: ServerError) {
    guard let schema = error.schema, let table = error.table, let name = error.constraint else {
      return nil
    }
    self.init(schema: schema, table: table, name: name)
  }
}
