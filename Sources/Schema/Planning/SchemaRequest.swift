package import OwnSchema
package import Postgres

/// The change that the operator requests for a set of migrations.
package enum SchemaRequest: Sendable, Equatable {
  /// Apply pending migrations: all of them, a number of them, or all up to a version.
  case up(SchemaExtent)
  /// Undo migrations: the last batch, a number of them, all, or those after a version.
  case down(SchemaExtent)
  /// Undo the last migration and apply it again.
  case redo
  /// Undo everything and apply it again.
  case refresh
  /// Apply the migrations with these names, in this order.
  case apply([String])
  /// Apply the optional migrations whose own condition is true in the database now.
  case applyAdvisable
  /// Undo the migration with this name.
  case revert(String)

  /// True where the request undoes no migration.
  package var goesUp: Bool {
    switch self {
    case .up, .apply, .applyAdvisable: true
    case .down, .redo, .refresh, .revert: false
    }
  }
}

/// The extent of a request: the migrations that a run applies or undoes.
package enum SchemaExtent: Sendable, Equatable {
  /// All migrations.
  case all
  /// The migrations that the last run has applied.
  case batch
  /// A number of migrations.
  case steps(Int)
  /// The migrations up to this version, or the applied migrations after it; at the end, the version
  /// itself is applied.
  case to(String)
}

/// The permissions that the operator gives, the time limits, and the place of the ledger.
package struct SchemaOptions: Sendable {
  /// The table that lists the applied migrations.
  package var ledger = QualifiedName.usualLedger
  /// True where the run continues although files have changed or are missing; changed files are
  /// recorded.
  package var force = false
  /// True where migrations older than the newest applied one may be applied.
  package var allowsOutOfOrder = false
  /// True where the connection may go through a pooler; the pooler must keep one server session for
  /// the whole connection.
  package var allowsPooler = false
  /// The time in milliseconds that a statement may wait for a lock.
  package var lockTimeout = 5000
  /// The number of further attempts after a migration has waited for a lock too long.
  package var lockRetries = 10
  /// The time in seconds to wait for another process that migrates the database.
  package var patience = 300

  /// Creates the default options.
  package init() {}

  /// The name of the usual ledger, as an operator would type it.
  package static let usualLedger = QualifiedName.usualLedger.description

  /// Reads the name of a ledger; a name without a schema is in the schema `public`.
  package static func ledger(named text: String) throws(SchemaError) -> QualifiedName {
    guard let name = QualifiedName(parsing: text) else {
      throw SchemaError("--ledger \(text) is not the name of a table", remedy: "write SCHEMA.NAME")
    }
    return QualifiedName(schema: name.schema ?? "public", name.name)
  }
}
