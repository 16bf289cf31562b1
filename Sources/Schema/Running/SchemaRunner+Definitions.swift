internal import SQLText
internal import Postgres

/// An index in the catalogue.
struct CatalogueIndex: Equatable {
  /// The quoted name of the index with its schema.
  let name: String
  let isValid: Bool
}

extension SchemaRunner {
  /// Finds the existing indexes that have the definition of a CREATE INDEX statement: method,
  /// columns, operator classes, uniqueness, predicate and parameters.
  ///
  /// The server itself reads the definition: it creates the index on an empty table with the same
  /// columns, and this is rolled back. Where the server refuses that, no index is found.
  func indexes(definedBy statement: SQLStatement) throws -> [CatalogueIndex] {
    guard let creation = statement.indexCreation else { return [] }
    var found: [CatalogueIndex] = []
    do {
      try inTransaction {
        try connection.execute(script: Self.trialScript(of: creation))
        found = try read(definedAs: "pg_temp.\(Self.trialIndex)", of: creation.table)
        throw RollBack()
      }
    } catch is RollBack {
    } catch let error as PostgresError {
      guard error.serverError != nil else { throw error }
    }
    return found
  }

  /// The error that makes the transaction roll back.
  private struct RollBack: Error {}

  private static let trialIndex = "vector_ferry_rehearsal_index"

  private static func trialScript(of creation: IndexCreation) -> SQL {
    RunningQueries.tryIndex(
      table: SQL(script: creation.table), unique: creation.isUnique ? "UNIQUE" : "",
      definition: SQL(script: creation.tail))
  }

  private func read(definedAs name: String, of table: String) throws(PostgresError)
    -> [CatalogueIndex]
  {
    let table = try connection.fullName(asWritten: table) ?? table
    let rows = try connection.query(RunningQueries.sameIndexes(table: table, name: name))
    return try rows.map { (row) throws(PostgresError) in
      CatalogueIndex(name: try rows.value(row, 0), isValid: try rows.value(row, 1))
    }
  }
}
