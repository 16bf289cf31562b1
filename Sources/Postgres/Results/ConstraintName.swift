/// A constraint or unique index of a table.
///
/// A function can report an error with any name of a constraint, even with a value of a row as the
/// name. Therefore only names that are in the catalogue are shown.
struct ConstraintName: Hashable, Sendable {
  let schema: String
  let table: String
  let name: String

  init(schema: String, table: String, name: String) {
    self.schema = schema
    self.table = table
    self.name = name
  }

  /// Creates the name from an error; nil where the error names no constraint.
  init?(of error: ServerError) {
    guard let schema = error.schema, let table = error.table, let name = error.constraint else {
      return nil
    }
    self.init(schema: schema, table: table, name: name)
  }
}
