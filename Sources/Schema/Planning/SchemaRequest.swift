/// What a run is asked to do with a set.
package enum SchemaRequest: Sendable, Equatable {
  /// Apply what is pending: all, the next so many, or up to a version.
  case up(SchemaExtent)
  /// Undo: the last batch, the last so many, all, or what came after a version.
  case down(SchemaExtent)
  /// Undo the last migration and apply it again.
  case redo
  /// Undo everything and apply it again.
  case refresh
  /// Apply these by name, in this order.
  case apply([String])
  /// Apply those that their own condition finds advisable now.
  case applyAdvisable
  /// Undo this one by name.
  case revert(String)

  /// True where nothing is undone first.
  package var goesUp: Bool {
    switch self {
    case .up, .apply, .applyAdvisable: true
    case .down, .redo, .refresh, .revert: false
    }
  }
}

/// How far a run goes.
package enum SchemaExtent: Sendable, Equatable {
  /// As far as it goes.
  case all
  /// What the last run has applied.
  case batch
  /// So many migrations.
  case steps(Int)
  /// Up to this version, or down to it; it is there afterwards.
  case to(String)
}

/// What the operator allows, and how long things may take.
package struct SchemaOptions: Sendable {
  /// Go on over changed and missing files, and record it.
  package var force = false
  /// Apply migrations older than the newest one applied.
  package var allowsOutOfOrder = false
  /// Go through a pooler, which must hand out a server's session for as long as ours lasts.
  package var allowsPooler = false
  /// How long a statement may wait for a lock, in milliseconds.
  package var lockTimeout = 5000
  /// How often a statement that waited in vain is tried again.
  package var lockRetries = 10
  /// How long to wait for another process that migrates, in seconds.
  package var patience = 300

  /// The usual ones.
  package init() {}
}
