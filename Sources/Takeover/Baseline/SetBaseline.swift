package import MigrationFiles
internal import OwnSchema
package import Postgres
package import Schema
internal import SQLText

/// The state of a bundled set that a database is in, and what makes the database the same as one
/// that the set's migrations have made.
package struct SetBaseline: Sendable {
  /// The migrations whose changes are in the database, in the order in which they are applied.
  package let migrations: [SQLMigration]
  /// The schema of the set's tables.
  package let schema: Identifier
  /// The parts of the structure that get the set's names: from, to, and where.
  package let renamings: [String]
  /// The parts of the structure that will be made.
  package let additions: [String]
  /// The parts that differ from the set's and stay as they are.
  package let differences: [String]
  /// The statements that give the set's names.
  let scripts: [SQL]
  /// The statements of the set that make missing functions, views and triggers.
  let statements: [SQLStatement]

  /// Finds the state of a set by the structure of its tables; writes nothing.
  ///
  /// - Throws: where the database has no table of the set, or tables or columns are missing.
  package static func find(_ set: MigrationSet, on connection: Connection) throws -> SetBaseline {
    let states = SetStructure.states(of: set.name)
    guard set.isBundled, let first = states.first else {
      throw SchemaError(
        "the state of a database can be found only for the bundled sets",
        remedy: "name the last migration that the database has: schema baseline VERSION")
    }
    let (schema, found) = try structure(of: set, states, on: connection)
    let known = Set(states.flatMap { $0.structure.items.map(\.key) })
    let ranked = states.map { state in
      (state, StructureComparison(of: found, with: state.structure, known: known))
    }
    // Of several states that are equally near, the first one has the fewest migrations.
    let best = ranked.min { $0.1.distance(known: known) < $1.1.distance(known: known) }
    let (state, comparison) = best ?? (first, ranked[0].1)
    let occupied = found.tables
    guard comparison.obstacles.isEmpty else {
      let names = comparison.obstacles.map(\.description).joined(separator: "; ")
      throw SchemaError(
        "the tables in schema \(schema.name) are in no state that set \(set.name) makes; the "
          + "nearest is that of \(state.versions.joined(separator: ", ")), where the database "
          + "lacks: \(names)",
        remedy:
          "add what is missing, or mark the migrations that the database has with schema baseline "
          + "VERSION")
    }
    return try SetBaseline(set, state, comparison, in: schema, besides: occupied)
  }

  /// Reads the structure of the schema in which the set's tables are.
  private static func structure(
    of set: MigrationSet, _ states: [SetStructure], on connection: Connection
  ) throws -> (Identifier, Structure) {
    let tables = states.reduce(into: Swift.Set<String>()) { $0.formUnion($1.structure.tables) }
    let names = tables.sorted()
    let places = try connection.fullNames(asWritten: names.map { Identifier($0).quoted })
    guard let place = places.compactMap(\.self).first else {
      throw SchemaError(
        "the database has no table of set \(set.name)",
        remedy: "run vector-ferry schema up --set \(set.name)")
    }
    let schema: String? = try connection.scalar(StructureQueries.schema(table: place))
    let vector: String? = try connection.scalar(StructureQueries.vectorSchema)
    let found = Identifier(schema ?? "public")
    return (
      found,
      try Structure(of: found, vectorSchema: vector.map { Identifier($0) }, on: connection)
    )
  }

  private init(
    _ set: MigrationSet, _ state: SetStructure, _ comparison: StructureComparison,
    in schema: Identifier, besides tables: Swift.Set<String>
  ) throws {
    self.schema = schema
    // A migration that changes nothing comes before the others.
    let empty = set.migrations.filter { migration in
      !state.versions.contains(migration.version)
        && migration.up.statements.allSatisfy { $0.begins(with: "SELECT") }
    }
    let applied = state.versions.compactMap { version in
      set.migrations.first { $0.version == version }
    }
    migrations = empty + applied
    let sources = applied.flatMap(\.up.statements)
    let builder = BaselineScripts(schema: schema)
    var scripts = comparison.renamings.map(builder.rename)
    var additions: [String] = []
    var made: [SQLStatement] = []
    var differences: [String] = []
    var moved: [String] = []
    for item in comparison.missing {
      if item.kind == .view, tables.contains(item.name) {
        // The earlier scripts kept a table under the name of a view of the set.
        scripts.insert(builder.setAside(item.name), at: 0)
        moved.append("table \(item.name) → \(BaselineScripts.asideName(item.name))")
      }
      if let script = builder.make(item) {
        scripts.append(script)
        additions.append(item.description)
      } else if let statement = sources.last(where: { $0.makes(item) }) {
        if !made.contains(statement) { made.append(statement) }
        additions.append(item.description)
      } else {
        differences.append("missing: \(item.description)")
      }
    }
    // The statements keep the order of the set: a function may need another one.
    statements = sources.filter { made.contains($0) || $0.part != nil }
    self.scripts = scripts
    self.additions = additions
    renamings =
      moved
      + comparison.renamings.map {
        "\($0.wanted.kind.rawValue) \($0.found.name)"
          + "\($0.wanted.table.isEmpty ? "" : " of \($0.wanted.table)") → \($0.wanted.name)"
      }
    differences += comparison.variations.map {
      "\($0.found.description); the set makes \($0.wanted.definition)"
    }
    differences += comparison.surplus.map { "not of the set: \($0.description)" }
    self.differences = differences
  }

  /// Marks the migrations as applied, gives the set's names to what has others, and makes what is
  /// missing: all in one transaction.
  ///
  /// - Returns: the migrations that were not marked before.
  package func take(by runner: SchemaRunner) throws -> [SQLMigration] {
    try runner.mark(migrations, preparing: scripts, statements) { _ in
      "baseline: the structure of the database was compared with the set's"
    }
  }
}

extension SQLStatement {
  /// Returns true for the statement that creates this function, view or trigger.
  fileprivate func makes(_ item: StructureItem) -> Bool {
    guard begins(with: "CREATE") else { return false }
    let kind = item.kind.rawValue.uppercased()
    guard let place = words.prefix(5).firstIndex(where: { $0.isWord(kind) }) else { return false }
    return words.dropFirst(place + 1).first?.name == item.name
  }
}
