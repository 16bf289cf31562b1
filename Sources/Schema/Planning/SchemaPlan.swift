package import MigrationFiles
internal import SQLText

/// The steps that a run will execute; they are decided before the run changes anything.
package struct SchemaPlan: Sendable, Equatable {
  /// One migration that is applied or undone.
  package struct Step: Sendable, Equatable {
    /// True where the step applies the migration; false where it undoes the migration.
    package let isUp: Bool
    /// The version of the migration.
    package let version: String
    /// The name of the migration in words.
    package let description: String
    /// The statements that the step runs.
    package let section: MigrationSection
    /// The migration in the file; nil where the file is missing, so that the text in the ledger
    /// undoes the migration.
    package let migration: SQLMigration?
    /// The number of the step's statements that an earlier run has executed.
    package let done: Int
    /// True where the step begins with its first statement.
    package var isFresh: Bool { done == 0 }
    /// True where undoing only deletes the ledger's row, so that the next run applies the file
    /// again.
    package var isForgotten: Bool { !isUp && migration?.isRepeatable == true }
  }

  /// The steps of the plan, in order.
  package var steps: [Step]
  /// The warnings about the plan; warnings do not stop the run.
  package var warnings: [String]
  /// The migrations with changed files that `--force` allows; the run records the new checksums.
  var accepted: [SQLMigration] = []
  /// The migrations that the plan leaves out, each with the reason.
  package var leftAside: [String] = []

  /// The number of CREATE TABLE statements that the steps execute.
  package var createdTables: Int { ups.filter { $0.createdTable != nil }.count }

  /// The number of CREATE INDEX statements that the steps execute.
  package var createdIndexes: Int { ups.filter { $0.indexCreation != nil }.count }

  /// The statements of all steps that apply migrations, without those that an earlier run has
  /// executed.
  var ups: [SQLStatement] {
    steps.filter(\.isUp).flatMap { $0.section.statements.dropFirst($0.done) }
  }

  /// True where the plan has steps, or changed files whose checksums the run records.
  package var needsRun: Bool { !steps.isEmpty || !accepted.isEmpty }

}

extension SQLStatement {
  /// True for a statement that, by its first words, removes rows or objects.
  var drops: Bool {
    begins(with: "DROP") || begins(with: "TRUNCATE") || begins(with: "DELETE")
      || (begins(with: "ALTER", "TABLE") && index(of: "DROP") != nil)
  }
}
