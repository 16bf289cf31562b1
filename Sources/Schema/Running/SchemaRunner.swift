package import MigrationFiles
internal import OwnSchema
package import Postgres
package import SQLText

/// Applies and undoes the migrations of one set in one database.
///
/// A plan is made first and shown; `run` then executes that plan and nothing else, under a lock.
/// The ledger is written in the same transaction as the statements wherever PostgreSQL allows it.
package final class SchemaRunner {
  /// The connection to the database; nothing else may use it while the runner works.
  package let connection: Connection
  /// The set whose migrations are applied and undone.
  package let set: MigrationSet
  let options: SchemaOptions
  let observe: (SchemaEvent) -> Void
  let ledger: MigrationLedger
  let session: SchemaSession
  let lock: MigrationLock
  /// The roles of the session when it begins to wait for the lock.
  var identity = SessionIdentity()
  /// True where the open transaction itself holds the lock for migrations.
  var isGuarded = false
  /// The temporary objects of this session that were reported already.
  var knownTemporary: Set<TemporaryObject> = []
  /// The check for losses before each COMMIT; nil where all losses are allowed.
  var losses: LossGuard?

  /// Creates a runner; the database is not used yet.
  package init(
    connection: Connection, set: MigrationSet, options: SchemaOptions = SchemaOptions(),
    observe: @escaping (SchemaEvent) -> Void = { _ in }
  ) {
    self.connection = connection
    self.set = set
    self.options = options
    self.observe = observe
    ledger = MigrationLedger(connection: connection, table: options.ledger)
    session = SchemaSession(connection: connection, options: options, isBundled: set.isBundled)
    lock = MigrationLock(session: session, patience: options.patience, observe: observe)
  }

  /// Reads the present state of the set; writes nothing.
  package func state() throws -> SetState {
    try SetState.read(set, on: connection, ledger: options.ledger)
  }

  /// Makes the plan for a request; writes nothing.
  package func plan(_ request: SchemaRequest) throws -> SchemaPlan {
    let state = try state()
    try ledger.refuseForeignOwners()
    if request.goesUp, !options.force { try state.refuseAppliedElsewhere(on: connection) }
    var plan: SchemaPlan
    if request == .applyAdvisable {
      let advice = try advisable(state)
      plan = try SchemaPlan(.apply(advice.names), state: state, options: options)
      plan.leftAside = advice.leftAside
    } else {
      plan = try SchemaPlan(request, state: state, options: options)
    }
    try refuseLedgerWrites(in: plan)
    return plan
  }

  /// Executes a plan that was shown.
  ///
  /// Once the lock is held, the plan is made again, and steps that another process has executed are
  /// left out. Where a transaction would cause a loss that is not allowed, it is rolled back.
  package func run(
    _ request: SchemaRequest, plan: SchemaPlan, allowing allowance: LossAllowance = .everything
  ) throws -> SchemaOutcome {
    var outcome = SchemaOutcome()
    try locked {
      let before = try CatalogSnapshot.read(connection)
      try ledger.ensure()
      for migration in plan.accepted { try ledger.accept(migration, set: set.name) }
      let now = try self.plan(request)
      for step in plan.steps where !now.contains(step) { observe(.doneElsewhere(step)) }
      if case .named(let names, let preview) = allowance {
        losses = try LossGuard(allowed: names, preview: preview, on: connection)
      }
      defer { losses = nil }
      let batch = try ledger.nextBatch(of: set.name)
      for step in now.steps where plan.contains(step) {
        outcome.temporary += try run(step, batch: batch)
        outcome.steps.append(step)
      }
      outcome.created = try CatalogSnapshot.read(connection).change(since: before)
    }
    return outcome
  }

  /// Marks all migrations up to a version as applied, without running them; returns those that it
  /// has marked.
  package func baseline(to word: String) throws -> [SQLMigration] {
    let target = try set.migration(named: word)
    return try mark(
      set.migrations.filter {
        !versionPrecedes(target.version, $0.version) && (!$0.isByNameOnly || $0 == target)
      }
    ) { _ in "marked as baseline, not run" }
  }

  /// Marks migrations of the set as applied, without running them; returns those that it has
  /// marked.
  ///
  /// Migrations that the ledger lists already stay as they are.
  ///
  /// - Parameters:
  ///   - scripts: statements that are executed in the same transaction, before the marks.
  ///   - statements: statements of the set that are executed after those.
  ///   - note: returns the note for the ledger's row of a migration.
  package func mark(
    _ migrations: [SQLMigration], preparing scripts: [SQL] = [], _ statements: [SQLStatement] = [],
    note: (SQLMigration) -> String
  ) throws -> [SQLMigration] {
    var marked: [SQLMigration] = []
    try locked {
      try ledger.ensure()
      let state = try self.state()
      let batch = try ledger.nextBatch(of: set.name)
      try connection.transaction {
        for script in scripts { try connection.execute(script: script) }
        for statement in statements { try send(statement) }
        for migration in migrations {
          let known = state.migrations.first { $0.version == migration.version }
          guard known?.row == nil else { continue }
          try ledger.record(
            migration, set: set.name, batch: batch, state: .baseline,
            done: migration.up.statements.count, note: note(migration))
          marked.append(migration)
        }
      }
    }
    return marked
  }

  /// Takes the lock for migrations, runs `body`, and releases the lock.
  func locked(_ body: () throws -> Void) throws {
    connection.onNotice { [observe] in observe(.notice($0)) }
    defer { connection.onNotice { _ in } }
    if !options.allowsPooler, try session.isPooled() {
      throw SchemaError(
        "the connection goes through a pooler, where the lock against a second run may be lost",
        remedy: "connect to the server itself (Neon: the host without -pooler; Supabase: port "
          + "5432), or give --allow-pooler if the pooler keeps one server session for the whole "
          + "connection"
      )
    }
    try session.prepare(as: .waiter)
    identity = try SessionIdentity.read(connection)
    // A pooler would pass the session with these settings to other clients.
    defer { connection.uninterruptibly { _ = try? connection.execute(script: "RESET ALL") } }
    try lock.acquire()
    defer {
      // Another message reports that a file has released the lock.
      connection.onNotice { _ in }
      lock.release()
    }
    try body()
  }

  /// Finds the optional migrations whose own condition is true now, and those whose condition is
  /// not, with the reason.
  private func advisable(_ state: SetState) throws -> (names: [String], leftAside: [String]) {
    var names: [String] = []
    var leftAside: [String] = []
    for entry in state.migrations where entry.kind == .optional {
      guard let migration = entry.migration, let condition = migration.advisableWhen else {
        continue
      }
      let isAdvisable = try answer(condition, about: migration)
      if isAdvisable == true {
        names.append(migration.fullName)
      } else {
        leftAside.append(
          "\(migration.fullName) is not advisable now, because its condition is not true: "
            + "\(condition)"
        )
      }
    }
    return (names, leftAside)
  }

  private func answer(_ condition: String, about migration: SQLMigration) throws -> Bool? {
    do {
      // The condition of a bundled set is evaluated with that set's search path.
      if set.isBundled { try session.setSetsPath(for: .verifier) }
      return try connection.transaction(readOnly: true) {
        try connection.asWritten { () throws(PostgresError) in
          try connection.scalar(SQL(script: condition))
        }
      }
    } catch let error as PostgresError where error.serverError != nil {
      throw SchemaError(
        "\(migration.up.file): its condition (-- migrate:when \(condition)) failed: \(error)",
        remedy: "first apply what the condition asks about (schema up), or correct the condition")
    }
  }
}

extension SchemaPlan {
  /// Returns true where the plan contains a step that applies, or undoes, the same migration.
  fileprivate func contains(_ step: Step) -> Bool {
    steps.contains { $0.isUp == step.isUp && $0.version == step.version }
  }
}
