package import MigrationFiles
internal import OwnSchema
package import Postgres
package import Schema
package import ToolLedgers

/// The migrations that another tool has applied, each with the migration of a set that it is.
package struct Adoption: Sendable {
  /// What becomes of a row of the other tool's ledger.
  package enum Fate: String, Sendable {
    /// The migration of the set will be marked as applied.
    case marks
    /// This program's ledger lists the migration already.
    case known
    /// The other tool says that the migration has failed or has not ended, so it is not marked.
    case incomplete
    /// The set has no such migration.
    case unmatched
  }

  /// A row of the other tool's ledger, with its migration.
  package struct Entry: Sendable {
    /// The words by which an operator finds the row in the other tool's table.
    package let record: String
    /// The time that the other tool has recorded, as the server writes it; nil where there is none.
    package let appliedAt: String?
    /// The migration of the set; nil where the set has no such migration.
    package let migration: SQLMigration?
    /// What becomes of the row.
    package let fate: Fate
  }

  /// The other tool's ledger.
  package let source: ToolLedger
  /// The rows of that ledger, oldest first.
  package let entries: [Entry]

  /// The migrations that will be marked as applied.
  package var marked: [SQLMigration] {
    entries.compactMap { $0.fate == .marks ? $0.migration : nil }
  }

  /// Compares another tool's ledger with the state of a set; writes nothing.
  package init(of source: ToolLedger, state: SetState) {
    self.source = source
    let isListed = { (migration: SQLMigration) in
      state.migrations.contains { $0.version == migration.version && $0.isInDatabase }
    }
    var entries: [Entry] = []
    for record in source.records {
      let migration = Self.migration(of: record, in: state.set)
      if source.listsNewestOnly, migration != nil, let newest = record.version {
        // The table says nothing of the earlier ones, but they are applied, too. A version that the
        // set does not have belongs to other migrations, and says nothing of this set.
        entries += state.set.regular.filter { versionPrecedes($0.version, newest) }.map { earlier in
          Entry(
            record: "before \(newest)", appliedAt: nil, migration: earlier,
            fate: isListed(earlier) ? .known : .marks)
        }
      }
      let fate: Fate =
        migration.map { isListed($0) ? .known : record.isComplete ? .marks : .incomplete }
        ?? .unmatched
      entries.append(
        Entry(
          record: record.description, appliedAt: record.appliedAt, migration: migration,
          fate: fate))
    }
    self.entries = entries
  }

  /// Finds the migration of a set that a row means: by its version, by its name, or by the hash of
  /// its file.
  private static func migration(of record: ToolLedger.Record, in set: MigrationSet)
    -> SQLMigration?
  {
    for word in [record.version, record.name].compactMap(\.self) {
      let stem = word.split(separator: "/").last.map(String.init) ?? word
      for written in [word, stem, withoutEnding(stem)] {
        let found = set.migrations.filter { isName(written, of: $0) }
        if found.count == 1 { return found[0] }
      }
      if let same = set.migrations.first(where: { $0.checksum.description == word }) {
        return same
      }
    }
    return nil
  }

  /// Returns the name of a file without its endings: tools whose files are programs record names
  /// such as `20240211000001_initial_setup.ts`.
  private static func withoutEnding(_ name: String) -> String {
    name.replacing(/(\.[A-Za-z]+)+$/, with: "")
  }

  private static func isName(_ word: String, of migration: SQLMigration) -> Bool {
    migration.isNamed(word) || migration.fullName == word.replacing("-", with: "_")
  }

  // MARK: Taking over

  /// Finds the ledger of the other tool: the table that is named, or the only one in the database.
  ///
  /// - Throws: where no tool's ledger is found, or several are.
  package static func source(
    named name: QualifiedName?, for set: MigrationSet, on connection: Connection
  ) throws -> ToolLedger {
    if let name { return try ToolLedger.read(name, on: connection) }
    let found = try ToolLedger.all(on: connection)
    let fitting = found.filter { !$0.tool.forms.isDisjoint(with: set.forms) }
    if let only = fitting.count == 1 ? fitting.first : found.count == 1 ? found.first : nil {
      return only
    }
    guard !found.isEmpty else {
      throw SchemaError(
        "no ledger of another migration tool is found in this database",
        remedy: "name its table with --from SCHEMA.NAME, or use schema baseline VERSION")
    }
    let names = found.map { "\($0.name) (\($0.tool.name))" }.joined(separator: ", ")
    throw SchemaError(
      "there are ledgers of several tools: \(names)", remedy: "name one of them with --from")
  }

  /// Marks the migrations as applied in this program's ledger; the other tool's table is not
  /// changed.
  package func take(by runner: SchemaRunner) throws -> [SQLMigration] {
    try runner.mark(marked) { migration in
      let entry = entries.first { $0.migration == migration }
      let time = entry?.appliedAt.map { ", applied at \($0)" } ?? ""
      return "adopted from \(source.name) of \(source.tool.name)\(time), not run"
    }
  }
}
