internal import Postgres

/// Finds losses during a trial, and counts the lost rows and values after the rollback.
final class LossRecorder {
  let finder: LossFinder
  private var records: [UnitRecord] = []
  /// The number of lost rows of each table that were reported already, by the table's number.
  private var reported: [Int: Int] = [:]
  private var forecast = LossForecast()

  /// The losses that a unit causes: statements that are committed together.
  private struct UnitRecord {
    let step: SchemaPlan.Step
    var definitions: [(change: ObjectDefinitions.Change, text: String?)] = []
    var gone: [CatalogObject] = []
    var others: [Loss] = []
    var tables: [TouchedTable] = []
    var unknownReason: String?
  }

  /// A table that a unit has changed, and its measures after the unit.
  private struct TouchedTable {
    let touch: LossFinder.Touch
    let unit: LossForecast.Unit
    let method: MeasureMethod?
    let after: TableMeasure?
    /// The number of updates that the migration has made in the table so far, by the server's
    /// count.
    let updated: Int
  }

  /// The current migration, and the number of updates that it has made in each table.
  private var current: (step: SchemaPlan.Step, updated: [Int: Int])?
  /// The age of the newest row in each table, before the current migration and now.
  private var marks: (before: [Int: Int], now: [Int: Int]) = ([:], [:])

  private let positions: SequencePositions
  /// The next number of each sequence whose loss was reported, by the name of the loss.
  private var reportedPositions: [String: Int] = [:]

  init(_ finder: LossFinder, _ positions: SequencePositions) {
    self.finder = finder
    self.positions = positions
  }

  /// Finds the losses of a unit (statements that are committed together), before it is rolled back.
  func close(
    unit: LossForecast.Unit, of step: SchemaPlan.Step, isLast: Bool, with counter: LossCounter
  ) throws(PostgresError) {
    let findings = try finder.look(readsEverything: isLast)
    var record = UnitRecord(
      step: step, gone: findings.gone, others: findings.otherLosses,
      unknownReason: findings.unknownReason)
    for (loss, next) in try positions.losses(of: finder.movedSequences, on: finder.connection)
    where reportedPositions[loss.name] != next {
      reportedPositions[loss.name] = next
      record.others.append(loss)
    }
    record.definitions = try findings.definitions.map { (change) throws(PostgresError) in
      (change, try ObjectDefinitions.text(of: change.after, on: finder.connection))
    }
    if current?.step.isSame(as: step) != true {
      current = (step, [:])
      marks.before = marks.now
    }
    for touch in findings.touched {
      record.tables.append(try look(at: touch, in: unit, with: counter))
    }
    records.append(record)
  }

  /// Measures a table that a unit has changed.
  private func look(
    at touch: LossFinder.Touch, in unit: LossForecast.Unit, with counter: LossCounter
  ) throws(PostgresError) -> TouchedTable {
    let number = touch.table.key.object
    current?.updated[number, default: 0] += touch.news.updated
    var method: MeasureMethod?
    var after: TableMeasure?
    if touch.changesValues {
      let comparesValues = try counter.isWorthComparing(number, in: finder.now)
      method = comparesValues ? finder.now.method(for: number, since: finder.start) : nil
    }
    if touch.changesValues ? true : try counter.isSmall(number) {
      after = try counter.measure(
        number, by: method, in: finder.now, since: finder.youngest, after: marks.before[number])
      marks.now[number] = after?.youngest
    }
    if touch.changesValues {
      forecast.note(
        number, in: unit, by: after == nil ? nil : method, isCounted: touch.isCounted)
    }
    return TouchedTable(
      touch: touch, unit: unit, method: method, after: after,
      updated: current?.updated[number] ?? touch.news.updated)
  }

  /// Records the objects that a statement would remove by name; the trial does not execute it.
  func note(_ removals: [NamedRemoval], of step: SchemaPlan.Step) throws(PostgresError) {
    var record = UnitRecord(step: step)
    for removal in removals {
      record.gone += try finder.objects(named: removal)
      record.others += try finder.others(named: removal)
    }
    records.append(record)
  }

  /// Records the positions that a statement would give to sequences; the trial does not execute it.
  func note(_ settings: [SequenceSetting], of step: SchemaPlan.Step) throws(PostgresError) {
    var record = UnitRecord(step: step)
    for setting in settings {
      guard let sequence = finder.start.relation(setting.sequence),
        let (loss, next) = try positions.loss(
          of: sequence, at: setting.value, isUsed: setting.isUsed),
        reportedPositions[loss.name] != next
      else { continue }
      reportedPositions[loss.name] = next
      record.others.append(loss)
    }
    records.append(record)
  }

  /// Counts the rows and values of all losses that were found; the trial must have been rolled
  /// back.
  func preview(countedOn connection: Connection) throws(PostgresError) -> LossPreview {
    var preview = LossPreview()
    let counter = LossCounter(connection: connection, end: .now + LossCounter.patience)
    let elsewhere = try goneElsewhere(on: connection)
    for record in records {
      var losses: [(loss: Loss, isTotal: Bool)] = []
      for object in record.gone where !elsewhere.contains(object.key) {
        losses.append((try counter.loss(of: object, in: finder.start), true))
        losses += try counter.attributeLosses(of: object, in: finder.start).map { ($0, true) }
      }
      for table in record.tables {
        losses += try self.losses(of: table, counter).map { ($0, table.touch.isTotal) }
      }
      losses += record.others.map { ($0, true) }
      let definitions = try redefined(record, on: connection)
      losses += definitions.filter(\.isSafeguard).map { ($0.asLoss, true) }
      guard !losses.isEmpty || record.unknownReason != nil || !definitions.isEmpty else { continue }
      preview.entry(of: record.step) { entry in
        entry.changes += definitions.filter { !$0.isSafeguard }
        for (loss, isTotal) in losses {
          if let index = entry.losses.firstIndex(where: { $0.name == loss.name }) {
            entry.losses[index].add(loss, isTotal: isTotal)
          } else {
            entry.losses.append(loss)
          }
        }
        if let reason = record.unknownReason, entry.unknown.isEmpty {
          entry.unknown.append(UnknownLoss(name: record.step.unknownName, reason: reason))
        }
      }
    }
    preview.forecast = forecast
    return preview
  }

  /// Returns the objects whose definitions differ as text, each with both definitions.
  private func redefined(_ record: UnitRecord, on connection: Connection) throws(PostgresError)
    -> [Redefinition]
  {
    var found: [Redefinition] = []
    for (change, after) in record.definitions {
      let before = try ObjectDefinitions.text(of: change.before, on: connection)
      guard before == nil || before != after else {
        forecast.sameDefinitions.insert(change.name)
        continue
      }
      let isHash = change.before.hidesDefinition
      found.append(
        Redefinition(
          name: change.name, before: isHash ? nil : before, after: isHash ? nil : after,
          isSafeguard: change.isSafeguard))
    }
    return found
  }

  /// Finds lost objects that do not exist even after the rollback, because another session has
  /// dropped them.
  private func goneElsewhere(on connection: Connection) throws(PostgresError)
    -> Set<CatalogObject.Key>
  {
    let gone = Set(records.flatMap(\.gone).map(\.key))
    var now = ObjectSnapshot()
    let groups = finder.start.groups.filter { !gone.isDisjoint(with: $0.value.keys) }.map(\.key)
    try now.refresh(groups, on: connection)
    return gone.filter { now[$0] == nil }
  }

  private func losses(of table: TouchedTable, _ counter: LossCounter) throws(PostgresError)
    -> [Loss]
  {
    let number = table.touch.table.key.object
    var method = table.method
    var before: TableMeasure?
    if table.touch.changesValues || table.after != nil {
      before = try counter.measure(number, by: method, in: finder.start)
      if before == nil, method != nil {
        // The table was too large to compare before; at least its rows are counted.
        method = nil
        before = try counter.measure(number, by: nil, in: finder.start)
      }
    }
    let found = RowLosses(
      touch: table.touch, method: method, before: before, after: table.after,
      earlier: reported[number] ?? 0, updated: table.updated
    ).all
    if table.touch.isCounted, table.touch.news.deleted > 0, !found.contains(where: \.isOfRows) {
      // The server has counted a deletion, but the rows exist; the live run, too, can only find
      // that out by counting the rows.
      forecast.noteMiscount(number, in: table.unit)
    }
    return found.filter { loss in
      guard loss.isOfRows, let count = loss.count.number else { return true }
      let earlier = reported[number] ?? 0
      guard table.touch.isTotal else {
        reported[number] = earlier + count
        return true
      }
      // Rows that an earlier unit has removed are not counted a second time.
      reported[number] = max(earlier, count)
      return count > earlier
    }
  }
}

extension Loss {
  /// True for a loss of rows in a table that still exists.
  fileprivate var isOfRows: Bool { kind == .rows }
}
