internal import MigrationFiles
internal import SQLText
internal import Postgres

/// Sees to it that a run takes nothing away but what was allowed, before each COMMIT.
final class LossGuard {
  private let finder: LossFinder
  private let positions: SequencePositions
  private let allowed: Set<String>
  private let preview: LossPreview
  /// The part of the plan that is under way, and its migration.
  private var current: (step: SchemaPlan.Step, unit: LossForecast.Unit)?
  private var measures: [Int: (method: MeasureMethod?, before: TableMeasure?)] = [:]

  /// What a run that is stopped was about.
  static let operation = "the look at what goes"

  /// How long the values of a table are compared for; those that take longer stop the run.
  private static let patience: Duration = .seconds(60)

  private var connection: Connection { finder.connection }

  init(allowed: Set<String>, preview: LossPreview, on connection: Connection) throws {
    finder = try LossFinder(connection)
    positions = try SequencePositions.read(connection)
    self.allowed = allowed
    self.preview = preview
  }

  /// True where the operator lets a migration take away whatever it takes.
  func allowsEverything(of step: SchemaPlan.Step) -> Bool { allowed.contains(step.unknownName) }

  /// The section that is under way.
  var section: MigrationSection? { current?.step.section }

  /// Says which statement comes next.
  func prepare(for step: SchemaPlan.Step, statement index: Int, ends: [Int]) {
    // A long file is looked through once, not once for each statement.
    if current?.step.isSame(as: step) != true { finder.prepare(for: step.section) }
    current = (step, LossForecast.Unit(step, end: ends[index]))
  }

  /// Begins a transaction: what a trial has compared is measured as it stands.
  func begin() throws {
    guard let current else { return }
    measures = [:]
    try finder.begin()
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

  /// Lets nobody write to a table whose values are about to be compared with what they were.
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

  /// Fires what waits for COMMIT, as the role that is set.
  func fireDeferred(of step: SchemaPlan.Step) throws {
    let firing = try finder.fireDeferred(of: step.section)
    guard firing == .moreMayWait, !allowsEverything(of: step) else { return }
    let unknown = UnknownLoss(name: step.unknownName, reason: LossFinder.moreMayWaitReason)
    try refuse([unknown.asLoss], leaves: "nothing of it is committed")
  }

  /// Looks at what the transaction has taken away; stops it where that was not allowed.
  ///
  /// - Returns: what an unknown step has taken, to be told.
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
      try refuse(losses, leaves: "nothing of it is committed")
    } catch {
      // A rollback would not undo it.
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

  /// Stops a statement before it does what no rollback takes back.
  func checkOutside(_ statement: SQLStatement) throws {
    guard let current, !allowsEverything(of: current.step),
      case .unknown(let reason) = statement.trialWay
    else { return }
    try refuse(
      [UnknownLoss(name: current.step.unknownName, reason: reason).asLoss],
      leaves: "the statement was not sent")
  }

  // MARK: Statements outside of transactions

  /// Looks at what such a statement names, before it is sent.
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

  /// Looks at what went with a statement that committed by itself.
  ///
  /// - Returns: what an unknown step has taken, to be told.
  func checkBehind(of step: SchemaPlan.Step, isProcedure: Bool) throws -> [Loss] {
    let losses = try finder.lookAfterCommit(afterProcedure: isProcedure)
      .map { Loss(name: $0.name, kind: .object, count: .none) }
    if allowsEverything(of: step) { return losses }
    try refuse(losses, leaves: "it has committed by itself and stands")
    return []
  }

  private func refuse(_ losses: [Loss], leaves rest: String) throws {
    let refused = losses.filter { !allowed.contains($0.name) }
    guard !refused.isEmpty else { return }
    let names = refused.map { $0.name }.joined(separator: ", ")
    let foreseen = Set(preview.names)
    let reason: String
    if refused.contains(where: { foreseen.contains($0.name) }) {
      reason = "--allow-loss has not named it"
    } else {
      let counts = refused.compactMap(\.withCount).joined(separator: ", ")
      reason = "data have changed since the preview" + (counts.isEmpty ? "" : " (\(counts))")
    }
    throw PostgresError.unexpected(
      operation: Self.operation, what: "\(names) would go: \(reason); \(rest)")
  }
}

extension UnknownLoss {
  fileprivate var asLoss: Loss {
    Loss(name: name, kind: .object, count: .unknown, detail: reason)
  }
}

extension Loss {
  /// Its name and how many rows of it would go; nil where they are not counted.
  fileprivate var withCount: String? {
    switch count {
    case .none, .unknown: nil
    case .exactly(let number): "\(name): \(number) \(number == 1 ? "row" : "rows")"
    case .about(let number): "\(name): about \(number) \(number == 1 ? "row" : "rows")"
    }
  }
}
