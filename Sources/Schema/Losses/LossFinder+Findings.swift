extension LossFinder {
  /// What has happened to the rows of a table that was there before.
  struct Touch: Equatable {
    /// The table as it was, under the name that it had when the migration began.
    let table: CatalogObject
    /// What its columns were called then, by number.
    var columns: [Int: String] = [:]
    /// Rows that came, were overwritten and went; TRUNCATE makes `inserted` begin anew.
    let counts: RowActivity.Counts
    /// The same since the last look.
    let news: RowActivity.Counts
    /// True where it has another file: it was emptied, or written anew.
    let hasOtherFile: Bool
    /// False where the counts may leave something out, so that its rows must be looked at.
    let isCounted: Bool

    /// True where rows that stay may hold other values now.
    var changesValues: Bool {
      hasOtherFile || news.updated > 0 || !isCounted || table.isMaterialized
    }
    /// True where it is compared with what it was before all units, not before this one.
    var isTotal: Bool { hasOtherFile || !isCounted || table.isMaterialized }
  }

  /// What a look has found that no earlier one had.
  struct Findings {
    /// Objects that have gone and whose going nothing else implies.
    var gone: [CatalogObject] = []
    /// Tables whose rows may have gone or changed.
    var touched: [Touch] = []
    /// Large objects that were deleted or overwritten; nil where none was.
    var largeObjects: Loss.Count?
    /// Foreign tables that may have been written to.
    var foreign: [CatalogObject] = []
    /// What has another definition under its name than at the beginning.
    var definitions: [ObjectDefinitions.Change] = []
    /// Why something that went may have been missed; nil where nothing can have been.
    var unknownReason: String?
  }
}
