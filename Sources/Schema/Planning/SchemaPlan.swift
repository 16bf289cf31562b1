package import MigrationFiles
internal import SQLText

/// What a run will do, decided before anything is done.
package struct SchemaPlan: Sendable, Equatable {
  /// One migration in one direction.
  package struct Step: Sendable, Equatable {
    /// True for the way up.
    package let isUp: Bool
    /// The version.
    package let version: String
    /// The name in words.
    package let description: String
    /// The statements to run.
    package let section: MigrationSection
    /// The file's migration; nil where the ledger's own text undoes a missing one.
    package let migration: SQLMigration?
    /// How many statements an earlier run has done.
    package let done: Int
    /// True where the ledger has no half-way row to go on from.
    package var isFresh: Bool { done == 0 }
    /// True where only the ledger's row goes, so that the next way up runs the file again.
    package var isForgotten: Bool { !isUp && migration?.isRepeatable == true }
  }

  /// The steps in order.
  package var steps: [Step]
  /// What the operator should know, though it stops nothing.
  package var warnings: [String]
  /// Changed migrations that `--force` lets pass, to be recorded.
  var accepted: [SQLMigration] = []
  /// Migrations left aside, with the reason.
  package var leftAside: [String] = []

  /// How many CREATE TABLE statements the steps hold.
  package var createdTables: Int { ups.filter { $0.createdTable != nil }.count }

  /// How many CREATE INDEX statements the steps hold.
  package var createdIndexes: Int { ups.filter { $0.indexCreation != nil }.count }

  /// Every statement of the steps that go up and are not done yet.
  var ups: [SQLStatement] {
    steps.filter(\.isUp).flatMap { $0.section.statements.dropFirst($0.done) }
  }

  /// True where a plan without steps still has something to record.
  package var needsRun: Bool { !steps.isEmpty || !accepted.isEmpty }

}

extension SQLStatement {
  /// True where rows or objects are taken away.
  var drops: Bool {
    begins(with: "DROP") || begins(with: "TRUNCATE") || begins(with: "DELETE")
      || (begins(with: "ALTER", "TABLE") && index(of: "DROP") != nil)
  }
}
