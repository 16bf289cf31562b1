/// What a table that was touched has lost, by what it was before and is now.
struct RowLosses {
  let touch: LossFinder.Touch
  /// The columns that were compared; nil where rows alone were counted.
  let method: MeasureMethod?
  /// Nil where nobody could count.
  let before: TableMeasure?
  let after: TableMeasure?
  /// How many rows earlier units have been told to take.
  var earlier = 0
  /// How many rows the migration has overwritten by the server's count, those of earlier units with
  /// them; a row counts each time.
  var updated: Int?

  private var table: String {
    touch.table.isMaterialized ? touch.table.identity : touch.table.name
  }

  /// The losses, each with its name.
  var all: [Loss] {
    if touch.table.isMaterialized { return ofView }
    return touch.isCounted ? rows + values : measured
  }

  /// REFRESH replaces rows by others; those are told that there are fewer of.
  private var ofView: [Loss] {
    guard let before, let after else { return [lost(.unknown)] }
    return before.rows > after.rows ? [lost(.exactly(before.rows - after.rows))] : []
  }

  /// By what the rows themselves say: how many are left that the transaction has not written.
  private var measured: [Loss] {
    let reason = "the migration writes to it while the server's counting is off"
    guard let before, let after else {
      return [lost(.unknown), changed(nil, reason, rows: .unknown)]
    }
    let gone = before.rows - (after.rows - after.fresh)
    if gone <= 0 { return [] }
    if after.fresh == 0 { return [lost(.exactly(gone))] }
    // As many rows as before with the same values: they were only written anew.
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
      // What was there and still is: all that is there now but what has come meanwhile.
      count = .exactly(min(before.rows, before.rows - (after.rows - touch.counts.inserted)))
    } else {
      count = deleted
    }
    if count.number ?? 0 <= 0 { return [] }
    return [lost(count)]
  }

  /// How many rows of before went now: the server's count, in which rows of its own making and
  /// what was rolled back have a part, as far as the rows that are there bear it out.
  private var deleted: Loss.Count {
    guard let bounds = gone else { return .exactly(touch.news.deleted) }
    let most = min(touch.news.deleted, bounds.most - earlier)
    let isCertain = most == touch.news.deleted || most <= bounds.least - earlier
    return isCertain ? .exactly(most) : .about(most)
  }

  /// How many rows of before cannot be there any more, and may not be, since the beginning.
  ///
  /// Of the rows that the transaction has written some were there before and were overwritten, and
  /// some are new; the server counts both, what was rolled back with them.
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
      return touch.news.updated > 0 ? [changed(nil, "nobody could compare them")] : []
    }
    // Where no row of before is left, its values went with it; where none was written, none changed.
    if before.rows == 0 || touch.hasOtherFile && after.rows <= touch.counts.inserted { return [] }
    if !touch.hasOtherFile, after.latest == 0 { return [] }
    guard let method else { return [changed(nil, "the table is too large to compare them")] }
    guard hasSameRows(before, after) else {
      return [changed(nil, "rows come or go, too, so that they cannot be compared")]
    }
    let columns = method.columns.filter { column in
      before.columns[column.key.part] != after.columns[column.key.part]
    }
    if columns.isEmpty, before.digest != after.digest {
      return [changed(nil, "they change places among the rows")]
    }
    return columns.compactMap { column in
      let (old, new) = (before.columns[column.key.part], after.columns[column.key.part])
      // Where there was no value, none was overwritten.
      guard let old, old.values > 0 else { return nil }
      return changed(column, "\(old.values) before, \(new?.values ?? 0) after")
    }
  }

  /// True where the rows of before are all there, and no other.
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

  /// In how many rows: each once, however often it was overwritten.
  private var overwritten: Int? {
    guard !touch.hasOtherFile else { return before?.rows }
    let counted = updated ?? touch.news.updated
    guard let before, let after else { return counted }
    return min(counted, before.rows, after.latest)
  }
}

extension LossFinder.Findings {
  /// What needs no counting in tables: the rest of what has gone.
  var otherLosses: [Loss] {
    var losses: [Loss] = []
    if let count = largeObjects {
      losses.append(Loss(name: "large objects", kind: .object, count: count))
    }
    for table in foreign {
      losses.append(
        Loss(
          name: "rows \(table.identity)", kind: .rows, count: .unknown,
          detail: "another server keeps them"))
    }
    return losses
  }
}
