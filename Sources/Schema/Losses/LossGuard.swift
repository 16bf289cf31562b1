internal import MigrationFiles
internal import SQLText
internal import Postgres

/// Checks before each COMMIT that a run causes only losses that the operator has allowed.
final class LossGuard {
  private let finder: LossFinder
  private let positions: SequencePositions
  private let allowed: Set<String>
  private let preview: LossPreview
  /// The migration that is running, and the part of it that is committed next.
  private var current: (step: SchemaPlan.Step, unit: LossForecast.Unit)?
  private var measures: [Int: (method: MeasureMethod?, before: TableMeasure?)] = [:]

  /// The operation that an error names where the check for losses stops a run.
  static let operation = "the check for losses"

  /// The time that comparing the values of tables may take; a comparison that takes longer stops
  /// the run.
  private static let patience: Duration = .seconds(60)

  private var connection: Connection { finder.connection }

  init(allowed: Set<String>, preview: LossPreview, on connection: Connection) throws {
    finder = try LossFinder(connection)
    positions = try SequencePositions.read(connection)
    self.allowed = allowed
    self.preview = preview
  }

  /// Returns true where the operator allows everything that a migration may remove.
  func allowsEverything(of step: SchemaPlan.Step) -> Bool { allowed.contains(step.unknownName) }

  /// The section that is running; nil before the first statement.
  var section: MigrationSection? { current?.step.section }

  /// Notes which statement runs next.
  ///
  /// - Parameter ends: for each statement, the index of the last statement that commits with it.
  func prepare(for step: SchemaPlan.Step, statement index: Int, ends: [Int]) {
    // A long file is searched once, not once for each statement.
    if current?.step.isSame(as: step) != true { finder.prepare(for: step.section) }
    current = (step, LossForecast.Unit(step, end: ends[index]))
  }

  /// The query that is sent at the beginning of a transaction; `begin(from:)` takes its answer.
  var opening: SQL { finder.activity }

  /// Measures the tables that the trial has compared, at the beginning of a transaction.
  func begin() throws { try begin(from: RowActivity(try connection.query(opening))) }

  /// Measures the tables that the trial has compared; `activity` is the answer to `opening`.
  func begin(from activity: RowActivity) throws {
    guard let current else { return }
    measures = [:]
    finder.begin(from: activity)
    guard !allowsEverything(of: current.step) else { return }
    let counter = LossCounter(connection: connection, end: .now + Self.patience)
    for (table, look) in preview.forecast[current.unit].sorted(by: { $0.key < $1.key }) {
      guard let relation = finder.now.relation(table) else { continue }
      if look.needsLock { try lockAgainstWriters(table, relation) }
      if !look.isCounted { finder.recount(table) }
      let method = look.columns.map { numbers in
        MeasureMethod(
          columns: finder.start.columns(of: table).filter { numbers.contains($0.key.part) },
          casts: look.casts)
      }
      measures[table] = (method, try counter.measure(table, by: method, in: finder.now))
    }
  }

  /// Locks a table against writers of other sessions, because its values will be compared.
  private func lockAgainstWriters(_ table: Int, _ relation: CatalogObject) throws {
    let mayLock: Bool? = try connection.scalar(
      """
      SELECT has_table_privilege(\(table)::oid, 'UPDATE')
        OR has_table_privilege(\(table)::oid, 'DELETE')
        OR has_table_privilege(\(table)::oid, 'TRUNCATE')
      """)
    guard mayLock == true, !relation.isMaterialized else { return }
    try connection.execute(
      script: "LOCK TABLE ONLY \(SQL(script: relation.identity)) IN SHARE ROW EXCLUSIVE MODE")
  }

  /// Runs all constraints and triggers that are deferred until COMMIT, as the current role; throws
  /// where their losses cannot be known and are not allowed.
  func fireDeferred(of step: SchemaPlan.Step) throws {
    let firing = try finder.fireDeferred(of: step.section)
    guard firing == .moreMayWait, !allowsEverything(of: step) else { return }
    let unknown = UnknownLoss(name: step.unknownName, reason: LossFinder.moreMayWaitReason)
    try refuse([unknown.asLoss], leaves: "nothing of this transaction is committed")
  }

  /// Checks the losses of the open transaction; throws where a loss was not allowed.
  ///
  /// - Returns: the losses to report where the operator allows all losses of the step; otherwise
  ///   none.
  func check() throws -> [Loss] {
    guard let current else { return [] }
    let findings = try finder.look()
    let counter = LossCounter(connection: connection, end: .now + Self.patience)
    var losses = findings.gone.map { Loss(name: $0.name, kind: .object, count: .none) }
    for object in findings.gone {
      losses += try counter.attributeLosses(of: object, in: finder.start, countsValues: false)
    }
    losses += findings.otherLosses
    for touch in findings.touched { losses += try self.losses(of: touch, counter) }
    losses += findings.definitions.filter {
      $0.isSafeguard && !preview.forecast.sameDefinitions.contains($0.name)
    }.map { Loss(name: $0.name, kind: .meaning, count: .none) }
    losses += try positions.losses(of: finder.movedSequences, on: connection).map(\.loss)
    if allowsEverything(of: current.step) { return losses }
    if let reason = findings.unknownReason {
      losses.append(UnknownLoss(name: current.step.unknownName, reason: reason).asLoss)
    }
    do {
      try refuse(losses, leaves: "nothing of this transaction is committed")
    } catch {
      // A rollback would not reset the sequence.
      _ = try positions.restore(on: connection)
      throw error
    }
    return []
  }

  private func losses(of touch: LossFinder.Touch, _ counter: LossCounter) throws -> [Loss] {
    let table = touch.table.key.object
    var before: TableMeasure?
    var after: TableMeasure?
    var method: MeasureMethod?
    if let measured = measures[table] {
      before = measured.before
      method = measured.method
      after = try counter.measure(table, by: method, in: finder.now, since: finder.youngest)
    }
    return RowLosses(touch: touch, method: method, before: before, after: after).all
  }

  /// Throws before a statement is sent whose effect no rollback can undo, unless the operator
  /// allows all losses of the step.
  func checkOutside(_ statement: SQLStatement) throws {
    guard let current, !allowsEverything(of: current.step),
      case .unknown(let reason) = statement.trialWay
    else { return }
    try refuse(
      [UnknownLoss(name: current.step.unknownName, reason: reason).asLoss],
      leaves: "the statement was not sent")
  }

  // MARK: Statements outside of transactions

  /// Throws before a statement outside of transactions is sent, where the objects that it removes
  /// by name may not be lost.
  func checkAlone(_ statement: SQLStatement, of step: SchemaPlan.Step) throws {
    try checkOutside(statement)
    guard !allowsEverything(of: step) else { return }
    if let reason = try CodeOutsideTransactions(connection).unknownReason(for: statement) {
      let unknown = UnknownLoss(name: step.unknownName, reason: reason)
      try refuse([unknown.asLoss], leaves: "the statement was not sent")
    }
    guard case .read(let removals) = statement.trialWay else { return }
    var losses: [Loss] = []
    for removal in removals {
      losses += try finder.others(named: removal)
      losses += try finder.objects(named: removal).map {
        Loss(name: $0.name, kind: .object, count: .none)
      }
    }
    try refuse(losses, leaves: "the statement was not sent")
  }

  /// Checks the losses of a statement that has committed by itself; throws where a loss was not
  /// allowed.
  ///
  /// - Returns: the losses to report where the operator allows all losses of the step; otherwise
  ///   none.
  func checkBehind(of step: SchemaPlan.Step, isProcedure: Bool) throws -> [Loss] {
    let losses = try finder.lookAfterCommit(afterProcedure: isProcedure)
      .map { Loss(name: $0.name, kind: .object, count: .none) }
    if allowsEverything(of: step) { return losses }
    try refuse(losses, leaves: "the statement has committed by itself and cannot be undone")
    return []
  }

  private func refuse(_ losses: [Loss], leaves rest: String) throws {
    let refused = losses.filter { !allowed.contains($0.name) }
    guard !refused.isEmpty else { return }
    let names = refused.map { $0.name }.joined(separator: ", ")
    let foreseen = Set(preview.names)
    let reason: String
    if refused.contains(where: { foreseen.contains($0.name) }) {
      reason = "no --allow-loss names this"
    } else {
      let counts = refused.compactMap(\.withCount).joined(separator: ", ")
      reason = "data have changed since the preview" + (counts.isEmpty ? "" : " (\(counts))")
    }
    throw PostgresError.unexpected(
      operation: Self.operation, what: "\(names) would be lost: \(reason); \(rest)")
  }
}

extension UnknownLoss {
  fileprivate var asLoss: Loss {
    Loss(name: name, kind: .object, count: .unknown, detail: reason)
  }
}

extension Loss {
  /// The name of the loss and the number of lost rows; nil where rows are not counted.
  fileprivate var withCount: String? {
    switch count {
    case .none, .unknown: nil
    case .exactly(let number): "\(name): \(number) \(number == 1 ? "row" : "rows")"
    case .about(let number): "\(name): about \(number) \(number == 1 ? "row" : "rows")"
    }
  }
}
