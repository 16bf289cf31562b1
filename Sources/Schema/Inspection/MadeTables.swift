internal import MigrationFiles
internal import SQLText
internal import Postgres

/// The tables that the applied migrations of a set have created by name and have not dropped since.
struct MadeTables {
  /// A table, as the migration's statements name the table.
  struct Table: Equatable {
    /// The name as written, with a schema if it has one.
    var name: String
    /// The migration that created the table.
    let migration: String
    /// True where a later statement may have dropped or moved this table, such as DROP SCHEMA.
    var isInDoubt = false
    /// True where the migration that created the table sets a search path.
    let hasOwnPath: Bool
    /// True where the table was created with CREATE UNLOGGED TABLE.
    var isUnlogged = false
  }

  private(set) var tables: [Table] = []

  /// Reads the statements of all applied migrations, in the order in which the migrations were
  /// applied.
  package init(_ state: SetState) {
    for entry in state.applied.reversed() where entry.row?.isApplied == true {
      guard let migration = entry.migration else {
        markAllInDoubt()
        continue
      }
      let hasOwnPath = migration.up.statements.contains {
        $0.text.lowercased().contains("search_path")
      }
      for statement in migration.up.statements {
        follow(statement, of: migration.fullName, hasOwnPath: hasOwnPath)
      }
    }
  }

  private mutating func follow(_ statement: SQLStatement, of migration: String, hasOwnPath: Bool) {
    if let name = statement.createdTable {
      guard !statement.makesTemporaryTable else { return }
      tables.removeAll { $0.isCalled(name) }
      // A partition or child table may be dropped with its parent, or later by the application.
      tables.append(
        Table(
          name: name, migration: migration, isInDoubt: statement.makesChildTable,
          hasOwnPath: hasOwnPath, isUnlogged: statement.begins(with: "CREATE", "UNLOGGED")))
    } else if statement.begins(with: "DROP", "TABLE") {
      let dropped = statement.droppedTables
      tables.removeAll { table in dropped.contains { table.isCalled($0) } }
    } else if let (old, new) = statement.renamedTable {
      for index in tables.indices where tables[index].isCalled(old) { tables[index].name = new }
    } else if statement.mayDropUnnamed {
      markAllInDoubt()
    }
  }

  private mutating func markAllInDoubt() {
    for index in tables.indices { tables[index].isInDoubt = true }
  }
}

extension MadeTables.Table {
  /// Returns true where this table's name and `other` may mean the same table; a name without a
  /// schema may mean a table in any schema.
  fileprivate func isCalled(_ other: String) -> Bool {
    let one = QualifiedParts(name)
    let two = QualifiedParts(other)
    return one.name == two.name
      && (one.schema == nil || two.schema == nil || one.schema == two.schema)
  }

  /// The last part of the table's name, without quotes, as in the catalogue.
  var plainName: String { QualifiedParts(name).name }
  /// True where the table's name contains a schema.
  var hasSchema: Bool { QualifiedParts(name).schema != nil }
}

/// The schema and the name in a name such as `public."Posts"`, both without quotes.
private struct QualifiedParts {
  let schema: String?
  let name: String

  package init(_ written: String) {
    var parts = [""]
    var isQuoted = false
    for character in written {
      if character == "\"" { isQuoted.toggle() }
      if character == ".", !isQuoted {
        parts.append("")
      } else {
        parts[parts.count - 1] += "\(character)"
      }
    }
    let plain = parts.map { part in
      part.hasPrefix("\"")
        ? String(part.dropFirst().dropLast()).replacing("\"\"", with: "\"") : part
    }
    name = plain[plain.count - 1]
    schema = plain.count > 1 ? plain[plain.count - 2] : nil
  }
}

extension SQLStatement {
  /// True for a CREATE TABLE of a temporary table.
  fileprivate var makesTemporaryTable: Bool {
    words.prefix(4).contains { $0.isWord("TEMP") || $0.isWord("TEMPORARY") }
      || createdTable.map { QualifiedParts($0).schema == "pg_temp" } == true
  }

  /// True for a CREATE TABLE of a partition or of a child table.
  fileprivate var makesChildTable: Bool {
    contains("PARTITION", "OF") || index(of: "INHERITS") != nil
  }

  /// The tables that DROP TABLE names.
  fileprivate var droppedTables: [String] {
    var start = words.dropFirst(2).first?.isWord("IF") == true ? 4 : 2
    var names: [String] = []
    while let (name, end) = qualifiedName(at: start) {
      names.append(name)
      guard end < words.count, words[end].text == "," else { break }
      start = end + 1
    }
    return names
  }

  /// The old and the new name in ALTER TABLE … RENAME TO and SET SCHEMA; nil for any other
  /// statement.
  fileprivate var renamedTable: (old: String, new: String)? {
    // ALTER INDEX and ALTER VIEW rename tables as well.
    guard ["TABLE", "INDEX", "VIEW"].contains(where: { begins(with: "ALTER", $0) }),
      let (old, end) = qualifiedName(at: alteredTableStart),
      end + 2 < words.count, let (new, _) = qualifiedName(at: end + 2)
    else { return nil }
    let parts = QualifiedParts(old)
    if words[end].isWord("RENAME"), words[end + 1].isWord("TO") {
      let schema = parts.schema.map { "\(Identifier($0).quoted)." } ?? ""
      return (old, schema + new)
    }
    guard words[end].isWord("SET"), words[end + 1].isWord("SCHEMA") else { return nil }
    return (old, "\(new).\(Identifier(parts.name).quoted)")
  }

  /// True for statements that may drop, rename or move tables whose names are not in the statement.
  fileprivate var mayDropUnnamed: Bool {
    form == .procedure || begins(with: "DROP", "SCHEMA") || begins(with: "DROP", "OWNED")
      || begins(with: "DROP", "EXTENSION") || begins(with: "ALTER", "SCHEMA")
      || begins(with: "SELECT")
  }
}
