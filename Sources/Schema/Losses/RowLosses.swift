/// What a table that was touched has lost, by what it was before and is now.
struct RowLosses {
  let touch: LossFinder.Touch
  /// The columns that were compared; nil where rows alone were counted.
  let method: MeasureMethod?
  /// Nil where nobody could count.
  let before: TableMeasure?
  let after: TableMeasure?

  private var table: String { touch.table.name }

  /// The losses, each with its name.
  var all: [Loss] { touch.isCounted ? rows + values : measured }

  /// By what the rows themselves say: how many are left that the transaction has not written.
  private var measured: [Loss] {
    let reason = "the migration writes to it while the server's counting is off"
    guard let before, let after else { return [lost(.unknown), changed(nil, reason)] }
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

  private var rows: [Loss] {
    let count: Loss.Count
    if touch.hasOtherFile {
      guard let before, let after else { return [lost(.unknown)] }
      // What was there and still is: all that is there now but what has come meanwhile.
      count = .exactly(before.rows - (after.rows - touch.counts.inserted))
    } else {
      count = .exactly(touch.news.deleted)
    }
    if case .exactly(let number) = count, number <= 0 { return [] }
    return [lost(count)]
  }

  private func lost(_ count: Loss.Count) -> Loss {
    Loss(name: "rows \(table)", kind: .rows, count: count)
  }

  private var values: [Loss] {
    guard touch.news.updated > 0 || touch.hasOtherFile else { return [] }
    guard let before, let after else {
      return touch.news.updated > 0 ? [changed(nil, "nobody could compare them")] : []
    }
    // Where no row of before is left, its values went with it.
    if before.rows == 0 || touch.hasOtherFile && after.rows <= touch.counts.inserted { return [] }
    guard let method else { return [changed(nil, "the table is too large to compare them")] }
    guard touch.counts.inserted == 0, touch.counts.deleted == 0, before.rows == after.rows else {
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

  private func changed(_ column: CatalogObject?, _ detail: String, rows count: Loss.Count? = nil)
    -> Loss
  {
    let rows = touch.hasOtherFile ? before?.rows : touch.news.updated
    return Loss(
      name: "values \(column?.name ?? table)", kind: .values,
      count: count ?? rows.map(Loss.Count.exactly) ?? .unknown, detail: detail)
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
