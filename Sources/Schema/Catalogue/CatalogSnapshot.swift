package import Postgres

/// The tables and indexes of a database, except those of PostgreSQL itself.
package struct CatalogSnapshot: Sendable, Equatable {
  /// The names of tables by their numbers, which stay the same when a table is renamed.
  private let tableNames: [Int: String]
  /// The names of indexes by their numbers.
  private let indexNames: [Int: String]
  /// The indexes, each with its method, such as `hnsw`.
  package let indexes: [String: String]
  /// The indexes that a failed build has left unusable.
  package let invalidIndexes: Set<String>
  /// The tables, with their schema where that is not `public`.
  package var tables: Set<String> { Set(tableNames.values) }

  /// Reads the tables and indexes; writes nothing.
  package static func read(_ connection: Connection) throws(PostgresError) -> CatalogSnapshot {
    let rows = try connection.query(CatalogueQueries.relations)
    var tableNames: [Int: String] = [:]
    var indexNames: [Int: String] = [:]
    var indexes: [String: String] = [:]
    var invalid: Set<String> = []
    for row in 0..<rows.rowCount {
      let name: String = try rows.value(row, 0)
      let number: Int = try rows.value(row, 4)
      if try rows.value(row, 2, as: Bool.self) {
        indexNames[number] = name
        indexes[name] = try rows.value(row, 1, as: String.self)
        if try !rows.value(row, 3, as: Bool.self) { invalid.insert(name) }
      } else {
        tableNames[number] = name
      }
    }
    return CatalogSnapshot(
      tableNames: tableNames, indexNames: indexNames, indexes: indexes, invalidIndexes: invalid)
  }

  /// Returns the objects that were created, dropped and renamed since `earlier`.
  package func change(since earlier: CatalogSnapshot) -> CatalogChange {
    let tables = Names(earlier.tableNames, tableNames)
    let indexes = Names(earlier.indexNames, indexNames)
    return CatalogChange(
      tables: tables.new,
      indexes: indexes.new.map { CatalogChange.Index(name: $0, method: self.indexes[$0] ?? "") },
      droppedTables: tables.gone, droppedIndexes: indexes.gone, renamedTables: tables.renamed,
      renamedIndexes: indexes.renamed)
  }

  /// The names that are new, gone or renamed in a later snapshot; an object that was dropped and
  /// created again under the same name is neither new nor gone.
  private struct Names {
    let new: [String]
    let gone: [String]
    let renamed: [CatalogChange.Renaming]

    init(_ before: [Int: String], _ after: [Int: String]) {
      renamed = before.compactMap { number, name in
        after[number].flatMap { $0 == name ? nil : CatalogChange.Renaming(from: name, to: $0) }
      }.sorted { $0.from < $1.from }
      let given = Set(renamed.map(\.to))
      let left = Set(renamed.map(\.from))
      new = Set(after.values).subtracting(Set(before.values).subtracting(left)).subtracting(given)
        .sorted()
      gone = Set(before.values).subtracting(Set(after.values).subtracting(given))
        .subtracting(left).sorted()
    }
  }
}

/// The changes that a run has made to tables and indexes.
package struct CatalogChange: Sendable, Equatable {
  /// An index and its method.
  package struct Index: Sendable, Equatable {
    /// The name of the index.
    package let name: String
    /// The access method, such as `hnsw`.
    package let method: String
  }

  /// The renaming of an object.
  package struct Renaming: Sendable, Equatable {
    /// The object's name before the renaming.
    package let from: String
    /// The object's name after the renaming.
    package let to: String
  }

  /// The tables that were created.
  package var tables: [String] = []
  /// The indexes that were created.
  package var indexes: [Index] = []
  /// The tables that were dropped.
  package var droppedTables: [String] = []
  /// The indexes that were dropped.
  package var droppedIndexes: [String] = []
  /// The tables that were renamed.
  package var renamedTables: [Renaming] = []
  /// The indexes that were renamed.
  package var renamedIndexes: [Renaming] = []
}
