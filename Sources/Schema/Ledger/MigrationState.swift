package import MigrationFiles
package import Postgres

/// A migration of a set, known from its file, from the ledger, or from both.
package struct MigrationState: Sendable, Equatable {
  /// The state of a migration, according to its file and the ledger.
  package enum Kind: Sendable, Equatable, CustomStringConvertible {
    /// The ledger does not list the migration.
    case pending
    /// The migration is pending, and `schema up` leaves it out: it is applied only when it is
    /// named.
    case optional
    /// The migration is pending, although a later one was applied.
    case outOfOrder(after: String)
    /// The migration is applied.
    case applied
    /// The migration is applied, and its file has changed since.
    case changed
    /// The migration is repeatable and applied, and its file has another text now, so that it will
    /// run again.
    case repeated
    /// The migration is applied, and has no file.
    case missing
    /// Applying or undoing the migration stopped after some of its statements.
    case halfWay(isReverting: Bool, done: Int, of: Int)

    /// The state in words.
    package var description: String {
      switch self {
      case .pending: "pending"
      case .optional: "optional (schema apply)"
      case .outOfOrder(let after): "out of order (\(after) is applied)"
      case .applied: "applied"
      case .changed: "changed since it was applied"
      case .repeated: "changed, to be run again"
      case .missing: "missing: no file"
      case .halfWay(let isReverting, let done, let count):
        "partly \(isReverting ? "undone" : "applied"): \(done) of \(count) statements"
      }
    }
  }

  /// The version of the migration.
  package let version: String
  /// The name of the migration in words.
  package let description: String
  /// The state of the migration.
  package let kind: Kind
  /// The migration in the file; nil where the file is missing.
  package let migration: SQLMigration?
  /// The ledger's row of the migration; nil where the migration is pending.
  package let row: LedgerRow?

  /// True where the ledger has a row of the migration, so that all or a part of it is in the
  /// database.
  package var isInDatabase: Bool { row != nil }

  init(migration: SQLMigration?, row: LedgerRow?, kind: Kind) {
    self.migration = migration
    self.row = row
    self.kind = kind
    version = migration?.version ?? row?.version ?? ""
    description = migration?.description ?? row?.description ?? ""
  }
}

/// The state of a whole set in one database.
package struct SetState: Sendable, Equatable {
  /// The set of migrations.
  package let set: MigrationSet
  /// The migrations of the set's files, and those that only the ledger lists, in the order of
  /// versions.
  package let migrations: [MigrationState]

  init(set: MigrationSet, rows: [LedgerRow]) {
    self.set = set
    var open = rows
    var states: [MigrationState] = []
    let newest = rows.filter { row in
      set.regular.contains { !$0.isRepeatable && versionsEqual($0.version, row.version) }
    }.map(\.version).max(by: versionPrecedes)
    for migration in set.migrations {
      let place = open.firstIndex { versionsEqual($0.version, migration.version) }
      let row = place.map { open.remove(at: $0) }
      states.append(
        MigrationState(
          migration: migration, row: row,
          kind: Self.kind(
            of: migration, row, newest: newest, isBundled: set.isBundled)))
    }
    states += open.map { row in
      MigrationState(migration: nil, row: row, kind: row.isApplied ? .missing : Self.halfWay(row))
    }
    migrations = states.sorted { versionPrecedes($0.version, $1.version) }
  }

  private static func kind(
    of migration: SQLMigration, _ row: LedgerRow?, newest: String?, isBundled: Bool
  ) -> MigrationState.Kind {
    guard let row else {
      if migration.isByNameOnly { return .optional }
      if migration.isRepeatable { return .pending }
      if let newest, versionPrecedes(migration.version, newest) {
        return .outOfOrder(after: newest)
      }
      return .pending
    }
    if !row.isApplied { return halfWay(row) }
    let isKnown =
      row.checksum == migration.checksum || row.acceptedChecksum == migration.checksum
      || isBundled && Checksum.earlierBundled.contains(row.checksum.description)
    if migration.isRepeatable { return isKnown ? .applied : .repeated }
    return isKnown && !row.ranBothWays(of: migration) ? .applied : .changed
  }

  private static func halfWay(_ row: LedgerRow) -> MigrationState.Kind {
    .halfWay(
      isReverting: row.state == .reverting, done: row.statementsDone, of: row.statements)
  }

  /// The migrations that `schema up` would apply.
  package var pending: [MigrationState] {
    migrations.filter {
      switch $0.kind {
      case .pending, .outOfOrder, .repeated: true
      case .halfWay(let isReverting, _, _): !isReverting
      default: false
      }
    }
  }

  /// The migrations with a row in the ledger; the one that was applied last comes first.
  package var applied: [MigrationState] {
    migrations.filter(\.isInDatabase).sorted { one, other in
      guard let a = one.row, let b = other.row else { return false }
      if a.batch != b.batch { return a.batch > b.batch }
      return a.appliedAt == b.appliedAt
        ? versionPrecedes(other.version, one.version) : a.appliedAt > b.appliedAt
    }
  }
}

extension SetState {
  /// Reads a set's state from the ledger with this name; writes nothing.
  package static func read(
    _ set: MigrationSet, on connection: Connection, ledger: QualifiedName = .usualLedger
  ) throws -> SetState {
    let ledger = MigrationLedger(connection: connection, table: ledger)
    return SetState(set: set, rows: try ledger.rows(of: set.name))
  }
}
