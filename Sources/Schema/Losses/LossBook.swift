internal import Postgres

/// Collects during a trial what goes, and counts it when the trial has been rolled back.
final class LossBook {
  let finder: LossFinder
  private var pages: [Page] = []
  /// Rows of emptied tables that were told of already.
  private var told: [Int: Int] = [:]
  private var forecast = LossForecast()

  /// What one unit has done.
  private struct Page {
    let step: SchemaPlan.Step
    var gone: [CatalogObject] = []
    var others: [Loss] = []
    var tables: [TouchedTable] = []
    var doubt: String?
  }

  /// A table as a unit has left it.
  private struct TouchedTable {
    let touch: LossFinder.Touch
    let method: MeasureMethod?
    let after: TableMeasure?
  }

  init(_ finder: LossFinder) { self.finder = finder }

  /// Looks at what a unit has done, before it is forgotten.
  func close(
    unit: LossForecast.Unit, of step: SchemaPlan.Step, until end: ContinuousClock.Instant
  ) throws(PostgresError) {
    let findings = try finder.look()
    var page = Page(
      step: step, gone: findings.gone, others: findings.otherLosses, doubt: findings.doubt)
    let counter = LossCounter(connection: finder.connection, end: end)
    for touch in findings.touched {
      let number = touch.table.key.object
      guard touch.changesValues else {
        page.tables.append(TouchedTable(touch: touch, method: nil, after: nil))
        continue
      }
      let comparesValues = try counter.isWorthComparing(number, in: finder.now)
      let method = comparesValues ? finder.now.method(for: number, since: finder.start) : nil
      let after = try counter.measure(number, by: method, in: finder.now)
      forecast.note(number, in: unit, by: after == nil ? nil : method)
      page.tables.append(TouchedTable(touch: touch, method: method, after: after))
    }
    pages.append(page)
  }

  /// Notes what a statement names that was not executed.
  func note(_ removals: [NamedRemoval], of step: SchemaPlan.Step) throws(PostgresError) {
    var page = Page(step: step)
    for removal in removals {
      page.gone += try finder.objects(named: removal)
      page.others += try finder.others(named: removal)
    }
    pages.append(page)
  }

  /// All that was found, counted; nothing of the trial may stand any more.
  func preview(countedOn connection: Connection) throws(PostgresError) -> LossPreview {
    var preview = LossPreview()
    preview.forecast = forecast
    let counter = LossCounter(connection: connection, end: .now + LossCounter.patience)
    for page in pages {
      var losses: [(loss: Loss, isTotal: Bool)] = []
      for object in page.gone {
        losses.append((try counter.loss(of: object, in: finder.start), true))
      }
      for table in page.tables {
        // A table with another file was compared with what it was before all units.
        losses += try self.losses(of: table, counter).map { ($0, table.touch.hasOtherFile) }
      }
      losses += page.others.map { ($0, true) }
      guard !losses.isEmpty || page.doubt != nil else { continue }
      preview.entry(of: page.step) { entry in
        for (loss, isTotal) in losses {
          if let index = entry.losses.firstIndex(where: { $0.name == loss.name }) {
            entry.losses[index].add(loss, isTotal: isTotal)
          } else {
            entry.losses.append(loss)
          }
        }
        if let doubt = page.doubt, entry.unknown.isEmpty {
          entry.unknown.append(UnknownLoss(name: page.step.unknownName, reason: doubt))
        }
      }
    }
    return preview
  }

  private func losses(of table: TouchedTable, _ counter: LossCounter) throws(PostgresError)
    -> [Loss]
  {
    let number = table.touch.table.key.object
    var method = table.method
    var before: TableMeasure?
    if table.touch.changesValues {
      before = try counter.measure(number, by: method, in: finder.start)
      if before == nil, method != nil {
        // It was larger before than it is now: its rows at least are counted.
        method = nil
        before = try counter.measure(number, by: nil, in: finder.start)
      }
    }
    let found = RowLosses(
      touch: table.touch, method: method, before: before, after: table.after
    ).all
    return found.filter { loss in
      guard table.touch.hasOtherFile, loss.kind == .rows, case .exactly(let count) = loss.count
      else { return true }
      // What an earlier unit has emptied is not emptied once more.
      defer { told[number] = max(told[number] ?? 0, count) }
      return count > told[number] ?? 0
    }
  }
}
