package import Files
internal import SQLite

/// The tables of an SQLite file that hold texts with their vectors.
///
/// A table of sqlite-vec is read without the extension, from the tables in which it keeps its
/// columns.
package final class SQLiteTables {
  /// A table that documents can be read from.
  package struct Table: Sendable, Equatable {
    /// The table's name, which is the collection's name.
    package let name: String
    /// The number of rows.
    package let count: Int
    /// The number of numbers in each vector, where the definition of the table says so.
    package let dimensions: Int?
    /// The reason why the table is not read; nil where it is.
    package let problem: String?
    /// The definition of a table of sqlite-vec; nil for an ordinary table.
    let definition: String?
  }

  let copy: SQLiteCopy
  /// The file's path, as it is shown to the operator.
  package var path: String { copy.path }

  /// Copies and opens a file in a folder.
  package init(named name: String, in folder: Directory) throws(FileError) {
    copy = try SQLiteCopy(of: name, in: folder)
  }

  /// Lists the tables with vectors.
  package func tables() throws(FileError) -> [Table] {
    try copy.reading { database in
      let sql = "SELECT name, ifnull(sql, '') FROM sqlite_schema WHERE type = 'table' ORDER BY name"
      let all = try database.rows(sql) { (name: try $0.text(0), sql: try $0.text(1)) }
      let virtual = all.filter { VirtualTable.isMade(by: $0.sql) }
      var found: [Table] = []
      for (name, sql) in all {
        if VirtualTable.isMade(by: sql) {
          // LangChain keeps the vectors beside the texts as well, and searches in this table.
          if name.hasSuffix("_vec"),
            let columns = try database.orderedColumns(ofTable: String(name.dropLast(4))),
            TableShape(columns)?.text != nil
          {
            continue
          }
          found.append(try virtualTable(name, sql))
        } else if !virtual.contains(where: { isPart(name, of: $0.name) }),
          let columns = try database.orderedColumns(ofTable: name),
          let shape = TableShape(columns), shape.text != nil
        {
          let count = try database.first(
            "SELECT count(*) FROM \(name.quotedName)", [], { try $0.integer(0) })
          found.append(
            Table(name: name, count: count ?? 0, dimensions: nil, problem: nil, definition: nil))
        }
      }
      return found
    }
  }

  /// Returns true for the name of a table in which sqlite-vec keeps a part of another table.
  private func isPart(_ name: String, of table: String) -> Bool {
    guard name.hasPrefix("\(table)_") else { return false }
    let rest = name.dropFirst(table.count + 1)
    return ["info", "chunks", "rowids", "auxiliary"].contains(String(rest))
      || ["vector_chunks", "metadatachunks", "metadatatext"].contains { rest.hasPrefix($0) }
  }

  private func virtualTable(_ name: String, _ sql: String) throws -> Table {
    do throws(VirtualTable.Unread) {
      let table = try VirtualTable(name, sql: sql)
      let count = try? copy.database.first(
        "SELECT count(*) FROM \("\(name)_rowids".quotedName)", [], { try $0.integer(0) })
      guard let count else {
        throw VirtualTable.Unread(problem: "the table of its rows is missing")
      }
      return Table(
        name: name, count: count, dimensions: table.dimensions, problem: nil, definition: sql)
    } catch {
      return Table(name: name, count: 0, dimensions: nil, problem: error.problem, definition: sql)
    }
  }

  /// Opens a table.
  package func rows(of table: Table) throws(FileError) -> any LibraryRows {
    if let problem = table.problem {
      throw FileError(
        .rows, file: copy.path, place: "table \(ShownText.of(table.name))",
        problem: "the table is not read: \(problem)",
        remedy: "copy its rows into a table with the columns id, text, embedding and metadata")
    }
    if let definition = table.definition {
      return try VirtualTableRows(table.name, definition, in: copy)
    }
    return try TableRows(table.name, in: copy)
  }
}

extension Database {
  /// Returns the columns of an ordinary table in their order; nil for a view or a virtual table.
  func orderedColumns(ofTable name: String) throws -> [String]? {
    guard try columns(ofTable: name) != nil else { return nil }
    // Generated columns count, and those that a virtual table hides do not.
    let sql = "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid"
    return try rows(sql, [.text(name)]) { try $0.text(0) }
  }
}
