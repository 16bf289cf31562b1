package import MigrationFiles
internal import OwnSchema
package import Postgres

/// Applies and undoes the migrations of one set in one database.
///
/// A plan is made first and shown; `run` carries out that plan and nothing else, under a lock, with
/// the ledger in the same transaction as the statements wherever PostgreSQL allows it.
package final class SchemaRunner {
  /// The session; used by nobody else meanwhile.
  package let connection: Connection
  /// The set.
  package let set: MigrationSet
  let options: SchemaOptions
  let observe: (SchemaEvent) -> Void
  let ledger: MigrationLedger
  let session: SchemaSession
  let lock: MigrationLock
  /// Who has connected; asked under the lock.
  var identity = SessionIdentity()
  /// True where the transaction that is open holds the lock by itself.
  var isGuarded = false
  /// The temporary objects of this session that were told.
  var knownTemporary: Set<TemporaryObject> = []
  /// Looks at what goes before each COMMIT; nil where everything may.
  var losses: LossGuard?

  /// A runner that has not touched the database yet.
  package init(
    connection: Connection, set: MigrationSet, options: SchemaOptions = SchemaOptions(),
    observe: @escaping (SchemaEvent) -> Void = { _ in }
  ) {
    self.connection = connection
    self.set = set
    self.options = options
    self.observe = observe
    ledger = MigrationLedger(connection: connection)
    session = SchemaSession(connection: connection, options: options, isBundled: set.isBundled)
    lock = MigrationLock(session: session, patience: options.patience, observe: observe)
  }

  /// The set as it stands; writes nothing.
  package func state() throws -> SetState { try SetState.read(set, on: connection) }

  /// What a request comes to; writes nothing.
  package func plan(_ request: SchemaRequest) throws -> SchemaPlan {
    let state = try state()
    try ledger.refuseForeignOwners()
    if request.goesUp, !options.force { try state.refuseAppliedElsewhere(on: connection) }
    guard request == .applyAdvisable else {
      return try SchemaPlan(request, state: state, options: options)
    }
    let advice = try advisable(state)
    var plan = try SchemaPlan(.apply(advice.names), state: state, options: options)
    plan.leftAside = advice.leftAside
    return plan
  }

  /// Carries out a plan that has been shown.
  ///
  /// Under the lock the plan is made anew: what another process has done meanwhile falls out.
  /// A transaction that would take away more than is allowed is rolled back.
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

  /// Marks migrations up to a version as applied without running them.
  package func baseline(to word: String) throws -> [SQLMigration] {
    let target = try set.migration(named: word)
    var marked: [SQLMigration] = []
    try locked {
      try ledger.ensure()
      let state = try self.state()
      let batch = try ledger.nextBatch(of: set.name)
      try connection.transaction {
        for migration in set.migrations
        where !versionPrecedes(target.version, migration.version)
          && (!migration.isByNameOnly || migration == target)
        {
          let known = state.migrations.first { $0.version == migration.version }
          guard known?.row == nil else { continue }
          try ledger.record(
            migration, set: set.name, batch: batch, state: .baseline,
            done: migration.up.statements.count, note: "marked as baseline, not run")
          marked.append(migration)
        }
      }
    }
    return marked
  }

  /// Runs `body` as the one process that migrates this database.
  func locked(_ body: () throws -> Void) throws {
    connection.onNotice { [observe] in observe(.notice($0)) }
    defer { connection.onNotice { _ in } }
    if !options.allowsPooler, try session.isPooled() {
      throw SchemaError(
        "the connection goes through a pooler, where the lock against a second run may be lost",
        remedy: "connect to the server itself (Neon: the host without -pooler; Supabase: port "
          + "5432), or give --allow-pooler where the pooler keeps a session for as long as it lasts"
      )
    }
    try session.prepare(as: .waiter)
    identity = try SessionIdentity.read(connection)
    // A pooler would hand the session on with these settings.
    defer { connection.uninterruptibly { _ = try? connection.execute(script: "RESET ALL") } }
    try lock.acquire()
    defer {
      // That a file has given the lock up is told elsewhere.
      connection.onNotice { _ in }
      lock.release()
    }
    try body()
  }

  /// Asks each migration's own condition whether it is advisable.
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
        leftAside.append("\(migration.fullName) is not advisable now: not \(condition)")
      }
    }
    return (names, leftAside)
  }

  private func answer(_ condition: String, about migration: SQLMigration) throws -> Bool? {
    do {
      // A bundled set's condition is asked under that set's own path.
      if set.isBundled { try session.setSetsPath(for: .verifier) }
      return try connection.transaction(readOnly: true) {
        try connection.asWritten { () throws(PostgresError) in
          try connection.scalar(SQL(script: condition))
        }
      }
    } catch let error as PostgresError where error.serverError != nil {
      throw SchemaError(
        "\(migration.up.file): its condition (-- migrate:when \(condition)) failed: \(error)",
        remedy: "apply first what it asks about (schema up), or mend it")
    }
  }
}

extension SchemaPlan {
  /// True where the plan goes the same way with the same migration.
  fileprivate func contains(_ step: Step) -> Bool {
    steps.contains { $0.isUp == step.isUp && $0.version == step.version }
  }
}
