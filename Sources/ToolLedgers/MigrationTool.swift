internal import Postgres
package import SQLText

/// A tool for migrations that lists the applied ones in a table of the database.
package struct MigrationTool: Sendable {
  /// The kinds of types that tell tables apart that have columns of the same names.
  enum ColumnKind: Sendable {
    case any, text, number, truth

    /// Returns true where the server's type of this name is of the kind.
    func includes(_ type: String) -> Bool {
      switch self {
      case .any: true
      case .text: ["varchar", "text", "bpchar", "name"].contains(type)
      case .number: ["int2", "int4", "int8", "numeric"].contains(type)
      case .truth: type == "bool"
      }
    }
  }

  /// The tool's name.
  package let name: String
  /// The names of the tables that the tool uses by itself.
  package let tables: [String]
  /// The forms of the files that the tool reads; empty for files that this program does not read.
  package let forms: Set<MigrationForm>
  /// The columns that the tool's table has.
  let columns: [String: ColumnKind]
  /// True where the tool's table has no other columns.
  let isExact: Bool
  /// Another table of the tool in the same schema; nil where there is none.
  let neighbour: String?
  /// True where the table lists only the newest applied migration.
  let listsNewestOnly: Bool
  /// Returns the query of the applied migrations, oldest first, given the table's full name: the
  /// version, the name, the time, and whether the migration is applied completely.
  let query: @Sendable (SQL) -> SQL

  init(
    _ name: String, _ tables: [String], _ forms: Set<MigrationForm> = [],
    columns: [String: ColumnKind], isExact: Bool = false, neighbour: String? = nil,
    listsNewestOnly: Bool = false, query: @escaping @Sendable (SQL) -> SQL
  ) {
    self.name = name
    self.tables = tables
    self.forms = forms
    self.columns = columns
    self.isExact = isExact
    self.neighbour = neighbour
    self.listsNewestOnly = listsNewestOnly
    self.query = query
  }

  /// Returns true where a table with these columns, each with its type, may be the tool's.
  func recognises(_ found: [String: String]) -> Bool {
    (!isExact || found.count == columns.count)
      && columns.allSatisfy { name, kind in found[name].map(kind.includes) == true }
  }
}
