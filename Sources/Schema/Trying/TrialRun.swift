internal import MigrationFiles
internal import SQLText
internal import Postgres

/// A trial that is running, and its results so far.
final class TrialRun {
  let runner: SchemaRunner
  let options: TrialOptions
  var result = SchemaTrial()
  /// The time when the trial must end; nil without a limit.
  ///
  /// The time that the trial waits for another process does not count.
  private var end: ContinuousClock.Instant?
  private var limitSet: ContinuousClock.Instant?
  private var watch: LockWatch?
  private var recorder: LossRecorder?
  /// The functions whose effect no rollback can undo.
  private var outside = FunctionReach()
  private var sequences: SequenceWatch?
  /// True where a statement of the current migration was left out, so that a later statement may
  /// fail.
  private var hasLeftOut = false
  /// True where a statement of an earlier migration was left out.
  private var hasEverLeftOut = false

  private var connection: Connection { runner.connection }

  package init(_ runner: SchemaRunner, _ options: TrialOptions) {
    self.runner = runner
    self.options = options
  }

  /// Records that the losses of these steps cannot be known.
  func leaveOut(_ steps: some Sequence<SchemaPlan.Step>, because reason: String) {
    for step in steps where step.section.statements.count > step.done {
      note(step, because: reason)
    }
  }

  private func note(_ step: SchemaPlan.Step, because reason: String) {
    result.losses.entry(of: step) { entry in
      entry.unknown.append(UnknownLoss(name: step.unknownName, reason: reason))
    }
  }

  /// Executes the steps in a transaction, and rolls it back.
  func run(_ plan: SchemaPlan, from positions: SequencePositions) throws {
    let steps = try runner.remaining(plan)
    end = options.seconds.map { .now + .seconds($0) }
    // If the ledger does not exist yet, it is created and rolled back together with the rest.
    try connection.execute(script: "BEGIN")
    defer {
      sequences?.settle()
      runner.rollBack()
    }
    try runner.lock.holdThroughTransaction()
    try runner.ledger.ensure()
    outside = try OutsideEffect.functions(on: connection)
    sequences = try SequenceWatch(connection)
    let recorder = LossRecorder(try LossFinder(connection), positions)
    self.recorder = recorder
    if options.watchesLocks {
      watch = try LockWatch(connection, isProduction: options.isProduction)
    }
    recorder.finder.begin(from: try recorder.finder.mark(), inSavepoints: true)
    for (index, step) in steps.enumerated() {
      do {
        try run(step, recorder, isLast: index == steps.count - 1)
      } catch let stop as Stop {
        if stop.isFailure {
          result.failure = stop.reason
          result.isRefusal = stop.isRefusal
          result.isFailureCertain = stop.isCertain && !hasEverLeftOut && !hasLeftOut
        }
        return leaveOut(steps[index...], because: stop.reason)
      }
    }
  }

  /// Sets the sequences back that the statements have set.
  ///
  /// - Returns: the sequences that could not be set back.
  func putSequencesBack() throws(PostgresError) -> [String] { try sequences?.putBack() ?? [] }

  /// Counts the lost rows and values, after the rollback has released all locks.
  func count(_ plan: SchemaPlan) throws {
    guard let recorder else { return }
    let unknown = result.losses.entries
    result.losses = try recorder.preview(countedOn: connection)
    for entry in unknown {
      result.losses.entry(of: entry.step) { $0.unknown += entry.unknown }
    }
    func place(_ entry: LossPreview.Entry) -> Int {
      plan.steps.firstIndex { $0.isSame(as: entry.step) } ?? plan.steps.count
    }
    result.losses.entries.sort { place($0) < place($1) }
  }

  /// The end of a trial before its last statement, with the reason.
  struct Stop: Error {
    let reason: String
    let isFailure: Bool
    /// False where the trial itself may be the cause, because it runs everything in one
    /// transaction.
    var isCertain = false
    /// True where the migration's own code has refused the database by RAISE.
    var isRefusal = false
  }

  // MARK: One migration

  private func run(_ step: SchemaPlan.Step, _ recorder: LossRecorder, isLast: Bool) throws {
    hasEverLeftOut = hasEverLeftOut || hasLeftOut
    hasLeftOut = false
    let ends = step.section.unitEnds
    recorder.finder.prepare(for: step.section)
    let statements = step.section.statements
    limitSet = nil
    try guarded(nil, step) {
      for statement in statements.prefix(step.done).lastingSettings {
        try runner.send(statement)
      }
    }
    var isOpen = false
    var mark: RowActivity?
    for (index, statement) in statements.enumerated().dropFirst(step.done) {
      if !isOpen {
        try beginUnit()
        isOpen = true
        // Only changes that are rolled back later have to be distinguished.
        if step.section.mode == .itsOwn { mark = try recorder.finder.mark() }
      }
      try tryOut(statement, of: step, recorder)
      guard index == ends[index] else { continue }
      isOpen = false
      if statement.form == .rollback, let start = mark {
        try connection.execute(
          script: "ROLLBACK TO SAVEPOINT vector_ferry_unit; RELEASE SAVEPOINT vector_ferry_unit")
        try recorder.finder.forget(since: start)
        limitSet = nil
      } else {
        let unit = LossForecast.Unit(step, end: index)
        let endsAll = isLast && index == statements.count - 1
        try guarded(nil, step) { try close(unit, of: step, recorder, isLast: endsAll) }
      }
    }
    if step.isUp { try guarded(nil, step) { try noteTemporary(step) } }
    try runner.session.restore()
  }

  /// Creates the savepoint for statements that commit together, and limits their time.
  private func beginUnit() throws {
    let savepoint: SQL = "SAVEPOINT vector_ferry_unit"
    guard let limit = try nextLimit() else {
      try connection.execute(script: savepoint)
      return
    }
    try connection.execute(script: savepoint + "; " + limit)
  }

  private func noteTemporary(_ step: SchemaPlan.Step) throws {
    guard try connection.scalar(TemporaryObject.mayExist) == true else { return }
    let objects = try runner.newTemporaryObjects()
    guard !objects.isEmpty else { return }
    runner.knownTemporary.formUnion(objects)
    result.temporary.append(SchemaTrial.Temporary(step: step, objects: objects))
  }

  /// Examines the changes of statements that commit together, with the role that has connected.
  private func close(
    _ unit: LossForecast.Unit, of step: SchemaPlan.Step, _ recorder: LossRecorder, isLast: Bool
  ) throws {
    // A limit that the file has set does not apply to this check.
    try setLimit()
    try sequences?.begin(nil)
    let firing = try recorder.finder.fireDeferred(of: step.section)
    try sequences?.end()
    if firing == .moreMayWait { note(step, because: LossFinder.moreMayWaitReason) }
    try runner.asConnectedRole(in: step.section) {
      let counter = LossCounter(
        connection: connection, end: end ?? .now + LossCounter.patience,
        largestTable: options.largestCompared)
      try recorder.close(unit: unit, of: step, isLast: isLast, with: counter)
    }
    if firing != .nothing { try restoreConstraints() }
    try connection.query("RELEASE SAVEPOINT vector_ferry_unit")
  }

  /// Makes constraints deferred again, as they are at the beginning of a transaction.
  private func restoreConstraints() throws(PostgresError) {
    let row = try connection.query(
      """
      SELECT count(*) > 0, string_agg(DISTINCT format('%I.%I', n.nspname, k.conname), ', ')
        FILTER (WHERE NOT k.condeferred)
      FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE k.condeferrable
      """)
    guard try row.value(0, 0, as: Bool.self) else { return }
    try connection.execute(script: "SET CONSTRAINTS ALL DEFERRED")
    if let immediate: String = try row.optional(0, 1) {
      try connection.execute(script: SQL(script: "SET CONSTRAINTS \(immediate) IMMEDIATE"))
    }
  }

  private func tryOut(_ statement: SQLStatement, of step: SchemaPlan.Step, _ recorder: LossRecorder)
    throws
  {
    // The transaction of the trial has begun long ago; that of a live run begins with this statement.
    if statement.begins(with: "SET", "TRANSACTION") { return }
    let before = try watch?.look(before: statement)
    var way = statement.trialWay
    if way == .execute, let effect = outside.effect(of: statement) {
      way = .unknown(reason: OutsideEffect.reason(effect))
    }
    if way == .execute, watch == nil, try isLongBuild(statement) { way = .leaveOut }
    if way == .execute {
      try setLimit()
      try guarded(statement, step) {
        try sequences?.begin(statement)
        if let reason = try send(statement, of: step) {
          way = reason.isEmpty ? .leaveOut : .unknown(reason: reason)
        }
        try sequences?.end()
      }
    }
    if way == .leaveOut || way.isRead,
      let doubt = try CodeOutsideTransactions(connection).unknownReason(for: statement)
    {
      note(step, because: "\(step.section.file):\(statement.position): \(doubt)")
    }
    switch way {
    // The trial's own limit replaces a limit of the file.
    case .execute:
      if statement.text.lowercased().contains("timeout") { limitSet = nil }
      if statement.mayDefineCode(outside) { outside = try OutsideEffect.functions(on: connection) }
      if sequences?.mustReread(from: statement) == true { try sequences?.readSetters() }
    case .leaveOut: hasLeftOut = hasLeftOut || !statement.form.isTransactionControl
    case .evaluateSequences:
      try guarded(statement, step) {
        try setLimit()
        try recorder.note(try SequenceSetting.read(of: statement, on: connection), of: step)
      }
    case .read(let removals):
      hasLeftOut = true
      try recorder.note(removals, of: step)
    case .unknown(let reason):
      hasLeftOut = true
      note(step, because: "\(step.section.file):\(statement.position): \(reason)")
    }
    guard let before, !statement.form.isTransactionControl else { return }
    let entry = try watch?.entry(
      statement, of: step, untried: statement.reasonUntried(way), since: before)
    if let entry { result.entries.append(entry) }
  }

  /// Sends a statement; undoes it where the server accepts it only outside of transactions, or
  /// where it would end a transaction.
  ///
  /// - Returns: nil where the statement was executed, otherwise the reason why not; the reason is
  ///   empty where the statement causes no losses.
  private func send(_ statement: SQLStatement, of step: SchemaPlan.Step) throws -> String? {
    guard !step.section.isOneTransaction else {
      try runner.send(statement)
      return nil
    }
    try connection.execute(script: "SAVEPOINT vector_ferry_trial")
    do {
      try runner.send(statement)
      try connection.execute(script: "RELEASE SAVEPOINT vector_ferry_trial")
      return nil
    } catch let error as PostgresError {
      let state = error.serverError?.sqlState
      guard state == "25001" || state == "2D000" else { throw error }
      try connection.execute(
        script: "ROLLBACK TO SAVEPOINT vector_ferry_trial; RELEASE SAVEPOINT vector_ferry_trial")
      if state == "2D000" {
        return "this statement ends transactions by itself, so it cannot be tried"
      }
      return statement.keepsRowsOutsideTransactions
        ? "" : "the server accepts this statement only outside of transactions"
    }
  }

  /// Returns true for building an index on a large table: that causes no losses, but holds a lock
  /// for a long time.
  private func isLongBuild(_ statement: SQLStatement) throws -> Bool {
    guard let index = statement.indexCreation else { return false }
    let table = try connection.fullName(asWritten: index.table) ?? index.table
    let size: Int? = try connection.scalar("SELECT pg_table_size(to_regclass(\(table)))")
    return size.map { $0 > Self.smallTable } ?? false
  }

  private static let smallTable = 8 << 20

  // MARK: Bounds and failures

  /// Limits the time of the next statement to the time that the trial has left.
  private func setLimit() throws {
    if let limit = try nextLimit() { try connection.execute(script: limit) }
  }

  /// Returns the statement that limits the time of the next statements; nil where the last limit
  /// was set less than a second ago.
  private func nextLimit() throws -> SQL? {
    let now = ContinuousClock.now
    guard let end else {
      defer { limitSet = now }
      return limitSet == nil ? "SET LOCAL statement_timeout = 0" : nil
    }
    guard now < end else { throw late }
    if let limitSet, limitSet.duration(to: now) < .seconds(1) { return nil }
    limitSet = now
    let left = SQL(script: "\(Int(now.duration(to: end).seconds * 1000) + 1)")
    return "SET LOCAL statement_timeout = \(left)"
  }

  private var late: Stop {
    Stop(
      reason: "the trial was ended after \(Int((options.seconds ?? 0).rounded(.up))) s "
        + "(--trial-seconds)",
      isFailure: false)
  }

  /// Runs `body`; ends the trial where the server refuses something.
  private func guarded(
    _ statement: SQLStatement?, _ step: SchemaPlan.Step, _ body: () throws -> Void
  )
    throws
  {
    do {
      try body()
    } catch let error as PostgresError {
      guard let refusal = error.serverError else { throw error }
      if refusal.sqlState == "57014", end != nil { throw late }
      let isLock = refusal.sqlState == "55P03"
      throw Stop(
        reason: description(of: error, at: statement, step, inDoubt: hasLeftOut),
        isFailure: !isLock || watch != nil,
        isCertain: !Self.statesInDoubt.contains { refusal.sqlState.hasPrefix($0) },
        isRefusal: refusal.sqlState == "P0001")
    }
  }

  /// The first characters of the error codes for connections, transactions, objects in use,
  /// deadlocks, resources, operators and the server.
  ///
  /// Such an error may be caused by using one transaction for everything, or may not occur again.
  private static let statesInDoubt = [
    "08", "25", "2D", "40", "53", "54", "55006", "55P", "57", "58", "XX",
  ]

  private func description(
    of error: PostgresError, at statement: SQLStatement?, _ step: SchemaPlan.Step, inDoubt: Bool
  ) -> String {
    let fault = StatementFault(statement: statement, cause: error)
    let failure = MigrationFailure(
      step: step, statement: statement, cause: error, remainder: .nothing,
      explanation: runner.explanation(of: fault, in: step), inner: runner.inner(of: fault, in: step)
    )
    let explanation = failure.explanation.map { "; \($0)" } ?? ""
    let doubt = inDoubt ? " (perhaps because an earlier statement could not be tried)" : ""
    let inner = failure.inner.map { "; \($0.words)" } ?? ""
    return "\(failure.place): \(error)\(inner)\(doubt)\(explanation)"
  }
}

extension SQLStatement {
  /// True for statements such as REINDEX, which remove no rows even where the server accepts them
  /// only outside of transactions.
  fileprivate var keepsRowsOutsideTransactions: Bool {
    begins(with: "REINDEX") || begins(with: "CLUSTER") || begins(with: "ANALYZE")
  }
}
