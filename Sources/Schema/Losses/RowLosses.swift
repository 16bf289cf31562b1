/// The losses of a table whose rows were changed, found by comparing the table before and after.
struct RowLosses {
  let touch: LossFinder.Touch
  /// The way in which the table's columns were compared; nil where only rows were counted.
  let method: MeasureMethod?
  /// The measures of the table before the change; nil where it could not be measured.
  let before: TableMeasure?
  let after: TableMeasure?
  /// The number of lost rows of this table that were reported before.
  var earlier = 0
  /// The number of updates that the migration has made in the table so far, by the server's count;
  /// a row counts once for each update.
  ///
  /// Nil stands for the updates since the last check.
  var updated: Int?

  private var table: String {
    touch.table.isMaterialized ? touch.table.identity : touch.table.name
  }

  /// The losses of rows and of values, each with its name.
  var all: [Loss] {
    if touch.table.isMaterialized { return ofView }
    return touch.isCounted ? rows + values : measured
  }

  /// The losses of a materialized view: REFRESH replaces all rows, so that only a smaller number of
  /// rows is a loss.
  private var ofView: [Loss] {
    guard let before, let after else { return [lost(.unknown)] }
    return before.rows > after.rows ? [lost(.exactly(before.rows - after.rows))] : []
  }

  /// The losses that the rows themselves show, without the server's counts: how many rows still
  /// exist that the transaction has not written.
  private var measured: [Loss] {
    let reason = "the migration writes to the table while the server's counting is off"
    guard let before, let after else {
      return [lost(.unknown), changed(nil, reason, rows: .unknown)]
    }
    let gone = before.rows - (after.rows - after.fresh)
    if gone <= 0 { return [] }
    if after.fresh == 0 { return [lost(.exactly(gone))] }
    // As many rows as before, with the same values: they were only rewritten.
    if method != nil, before.rows == after.rows, before.columns == after.columns,
      before.digest == after.digest
    {
      return []
    }
    return [lost(.unknown), changed(nil, reason, rows: .unknown)]
  }

  // MARK: Rows

  private var rows: [Loss] {
    let count: Loss.Count
    if touch.hasOtherFile {
      guard let before, let after else { return [lost(.unknown)] }
      // The rows from before that still exist are all present rows except those that were added
      // meanwhile.
      count = .exactly(min(before.rows, before.rows - (after.rows - touch.counts.inserted)))
    } else {
      count = deleted
    }
    if count.number ?? 0 <= 0 { return [] }
    return [lost(count)]
  }

  /// The number of earlier rows that were deleted since the last check.
  ///
  /// The server also counts rows that the transaction itself has added and deleted again, and
  /// changes that were rolled back. Where the rows were counted, they limit the server's number.
  private var deleted: Loss.Count {
    guard let bounds = gone else { return .exactly(touch.news.deleted) }
    let most = min(touch.news.deleted, bounds.most - earlier)
    let isCertain = most == touch.news.deleted || most <= bounds.least - earlier
    return isCertain ? .exactly(most) : .about(most)
  }

  /// The least and the greatest possible number of earlier rows that were deleted since the
  /// beginning; nil where the rows were not counted.
  ///
  /// Some of the rows that the transaction has written are updated earlier rows, and some are new.
  /// The server counts both, but also changes that were rolled back.
  private var gone: (least: Int, most: Int)? {
    guard let before, let after else { return nil }
    let untouched = after.rows - after.fresh
    return (
      before.rows - untouched - min(touch.counts.updated, after.fresh),
      before.rows - untouched - max(0, after.fresh - touch.counts.inserted)
    )
  }

  private func lost(_ count: Loss.Count) -> Loss {
    Loss(name: "rows \(table)", kind: .rows, count: count)
  }

  // MARK: Values

  private var values: [Loss] {
    guard touch.news.updated > 0 || touch.hasOtherFile else { return [] }
    guard let before, let after else {
      return touch.news.updated > 0 ? [changed(nil, "the values could not be compared")] : []
    }
    // If no earlier row is left, its values are lost with it; if none was written, no value has
    // changed.
    if before.rows == 0 || touch.hasOtherFile && after.rows <= touch.counts.inserted { return [] }
    if !touch.hasOtherFile, after.latest == 0 { return [] }
    guard let method else { return [changed(nil, "the table is too large to compare its values")] }
    guard hasSameRows(before, after) else {
      return [changed(nil, "rows are also added or removed, so that values cannot be compared")]
    }
    let columns = method.columns.filter { column in
      before.columns[column.key.part] != after.columns[column.key.part]
    }
    if columns.isEmpty, before.digest != after.digest {
      return [changed(nil, "the values are exchanged between the rows")]
    }
    return columns.compactMap { column in
      let (old, new) = (before.columns[column.key.part], after.columns[column.key.part])
      // Where there was no value, none was overwritten.
      guard let old, old.values > 0 else { return nil }
      return changed(column, "\(old.values) before, \(new?.values ?? 0) after")
    }
  }

  /// Returns true where all earlier rows still exist and there are no other rows.
  private func hasSameRows(_ before: TableMeasure, _ after: TableMeasure) -> Bool {
    guard before.rows == after.rows else { return false }
    if touch.counts.inserted == 0, touch.counts.deleted == 0 { return true }
    return !touch.hasOtherFile && min(touch.counts.deleted, gone?.most ?? .max) <= 0
  }

  private func changed(_ column: CatalogObject?, _ detail: String, rows count: Loss.Count? = nil)
    -> Loss
  {
    let name = column.map { touch.columns[$0.key.part] ?? $0.name } ?? table
    return Loss(
      name: "values \(name)", kind: .values,
      count: count ?? overwritten.map(Loss.Count.exactly) ?? .unknown, detail: detail)
  }

  /// The number of rows with overwritten values, each row counted once; nil where that is not
  /// known.
  private var overwritten: Int? {
    guard !touch.hasOtherFile else { return before?.rows }
    let counted = updated ?? touch.news.updated
    guard let before, let after else { return counted }
    return min(counted, before.rows, after.latest)
  }
}

extension LossFinder.Findings {
  /// The losses of large objects and of foreign tables, whose rows are not compared.
  var otherLosses: [Loss] {
    var losses: [Loss] = []
    if let count = largeObjects {
      losses.append(Loss(name: "large objects", kind: .object, count: count))
    }
    for table in foreign {
      losses.append(
        Loss(
          name: "rows \(table.identity)", kind: .rows, count: .unknown,
          detail: "another server keeps the rows"))
    }
    return losses
  }
}
