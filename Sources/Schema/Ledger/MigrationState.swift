package import MigrationFiles
package import Postgres

/// A migration of a set, from its file, from the ledger or from both.
package struct MigrationState: Sendable, Equatable {
  /// How file and ledger stand to each other.
  package enum Kind: Sendable, Equatable, CustomStringConvertible {
    /// The ledger does not know it.
    case pending
    /// Pending, to be applied by name only.
    case optional
    /// Pending, though a later one has been applied.
    case outOfOrder(after: String)
    /// There.
    case applied
    /// There, and its file has another checksum since.
    case changed
    /// There, and to be run again, as its file has another text since.
    case repeated
    /// There, and has no file.
    case missing
    /// Its way up or down stopped after so many of its statements.
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
        "half-way \(isReverting ? "down" : "up"): \(done) of \(count) statements"
      }
    }
  }

  /// The version.
  package let version: String
  /// The name in words.
  package let description: String
  /// How file and ledger stand to each other.
  package let kind: Kind
  /// The file's migration; nil where it is missing.
  package let migration: SQLMigration?
  /// The ledger's row; nil where it is pending.
  package let row: LedgerRow?

  /// True where something of it is in the database.
  package var isInDatabase: Bool { row != nil }

  init(migration: SQLMigration?, row: LedgerRow?, kind: Kind) {
    self.migration = migration
    self.row = row
    self.kind = kind
    version = migration?.version ?? row?.version ?? ""
    description = migration?.description ?? row?.description ?? ""
  }
}

/// A whole set, as it stands in one database.
package struct SetState: Sendable, Equatable {
  /// The set.
  package let set: MigrationSet
  /// Its migrations and those that only the ledger knows, in the order of versions.
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

  /// Those that a run up would apply.
  package var pending: [MigrationState] {
    migrations.filter {
      switch $0.kind {
      case .pending, .outOfOrder, .repeated: true
      case .halfWay(let isReverting, _, _): !isReverting
      default: false
      }
    }
  }

  /// Those that are there, newest application first.
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
  /// Reads a set's state; writes nothing.
  package static func read(_ set: MigrationSet, on connection: Connection) throws -> SetState {
    SetState(set: set, rows: try MigrationLedger(connection: connection).rows(of: set.name))
  }
}
