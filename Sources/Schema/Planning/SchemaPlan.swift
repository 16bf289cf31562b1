package import MigrationFiles
internal import SQLText

/// The plan of a run, decided before anything is done.
package struct SchemaPlan: Sendable, Equatable {
  /// One migration in one direction.
  package struct Step: Sendable, Equatable {
    /// True where the migration is applied, not undone.
    package let isUp: Bool
    /// The version of the migration.
    package let version: String
    /// The name of the migration in words.
    package let description: String
    /// The statements that the step runs.
    package let section: MigrationSection
    /// The migration of the file; nil where the file is missing and the ledger's own text undoes
    /// the migration.
    package let migration: SQLMigration?
    /// How many statements an earlier run has executed.
    package let done: Int
    /// True where the step begins with its first statement.
    package var isFresh: Bool { done == 0 }
    /// True where only the ledger's row is deleted, so that the next run applies the file again.
    package var isForgotten: Bool { !isUp && migration?.isRepeatable == true }
  }

  /// The steps of the plan, in order.
  package var steps: [Step]
  /// The warnings; they do not stop the run.
  package var warnings: [String]
  /// The changed migrations that `--force` allows, to be recorded.
  var accepted: [SQLMigration] = []
  /// The migrations that are not applied, with the reason.
  package var leftAside: [String] = []

  /// How many CREATE TABLE statements the steps contain.
  package var createdTables: Int { ups.filter { $0.createdTable != nil }.count }

  /// How many CREATE INDEX statements the steps contain.
  package var createdIndexes: Int { ups.filter { $0.indexCreation != nil }.count }

  /// The statements of all steps that are applied, without the executed ones.
  var ups: [SQLStatement] {
    steps.filter(\.isUp).flatMap { $0.section.statements.dropFirst($0.done) }
  }

  /// True where the plan has steps, or changed migrations to record.
  package var needsRun: Bool { !steps.isEmpty || !accepted.isEmpty }

}

extension SQLStatement {
  /// True for a statement that removes rows or objects, by its form.
  var drops: Bool {
    begins(with: "DROP") || begins(with: "TRUNCATE") || begins(with: "DELETE")
      || (begins(with: "ALTER", "TABLE") && index(of: "DROP") != nil)
  }
}
