/// The request to a run that works with a set of migrations.
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
  /// Apply the migrations whose own condition says that they are advisable now.
  case applyAdvisable
  /// Undo the migration with this name.
  case revert(String)

  /// True where no migration is undone.
  package var goesUp: Bool {
    switch self {
    case .up, .apply, .applyAdvisable: true
    case .down, .redo, .refresh, .revert: false
    }
  }
}

/// How many migrations a run applies or undoes.
package enum SchemaExtent: Sendable, Equatable {
  /// All migrations are applied or undone.
  case all
  /// The migrations that the last run has applied.
  case batch
  /// This number of migrations.
  case steps(Int)
  /// The migrations up to this version, or down to it; the version itself is applied afterwards.
  case to(String)
}

/// The permissions of the operator, and the limits of time.
package struct SchemaOptions: Sendable {
  /// True where the run continues despite changed and missing files, and records that.
  package var force = false
  /// True where migrations older than the newest applied one may be applied.
  package var allowsOutOfOrder = false
  /// True where a pooler may be used; it must keep one server session for the whole connection.
  package var allowsPooler = false
  /// How long a statement may wait for a lock, in milliseconds.
  package var lockTimeout = 5000
  /// How often a migration is tried again after it waited for a lock too long.
  package var lockRetries = 10
  /// How long to wait for another process that migrates, in seconds.
  package var patience = 300

  /// Creates the default options.
  package init() {}
}
