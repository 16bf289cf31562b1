internal import Postgres

/// Writes the statements that give a part of a database the name that a set gives it, or make it.
struct BaselineScripts {
  let schema: Identifier

  private func full(_ name: String) -> QualifiedName {
    QualifiedName(schema: schema, Identifier(name))
  }

  /// Returns the statement that renames a part.
  func rename(_ match: StructureComparison.Match) -> SQL {
    let old = Identifier(match.found.name)
    let new = Identifier(match.wanted.name)
    let table = full(match.wanted.table)
    return switch match.wanted.kind {
    case .constraint: "ALTER TABLE \(table) RENAME CONSTRAINT \(old) TO \(new)"
    case .trigger: "ALTER TRIGGER \(old) ON \(table) RENAME TO \(new)"
    case .policy: "ALTER POLICY \(old) ON \(table) RENAME TO \(new)"
    case .sequence: "ALTER SEQUENCE \(full(match.found.name)) RENAME TO \(new)"
    default: "ALTER INDEX \(full(match.found.name)) RENAME TO \(new)"
    }
  }

  /// The name of a table that makes room for a view of the set.
  static func asideName(_ table: String) -> String { "\(table)_earlier" }

  /// Returns the statement that renames a table whose name a view of the set has.
  func setAside(_ table: String) -> SQL {
    "ALTER TABLE \(full(table)) RENAME TO \(Identifier(Self.asideName(table)))"
  }

  /// Returns the statement that makes a missing constraint or index; nil for other parts.
  func make(_ item: StructureItem) -> SQL? {
    let name = Identifier(item.name)
    let table = full(item.table)
    // The definitions are those of the bundled sets.
    switch item.kind {
    case .constraint:
      return "ALTER TABLE \(table) ADD CONSTRAINT \(name) \(SQL(script: item.definition))"
    case .index:
      let isUnique = item.definition.hasPrefix("UNIQUE ")
      let tail = SQL(script: isUnique ? String(item.definition.dropFirst(7)) : item.definition)
      return isUnique
        ? "CREATE UNIQUE INDEX \(name) ON \(table) \(tail)"
        : "CREATE INDEX \(name) ON \(table) \(tail)"
    default: return nil
    }
  }
}
