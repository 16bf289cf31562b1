extension LossFinder {
  /// The changes that a migration has made to the rows of a table; the table existed before the
  /// migration.
  struct Touch: Equatable {
    /// The table, under the name that it had when the migration began.
    let table: CatalogObject
    /// The names that the columns had when the migration began, by the column's number.
    var columns: [Int: String] = [:]
    /// The numbers of inserted, updated and deleted rows; TRUNCATE sets `inserted` back to zero.
    let counts: RowActivity.Counts
    /// The numbers of rows that were inserted, updated and deleted since the last check.
    let news: RowActivity.Counts
    /// True where the table has another file, because the table was emptied or rewritten.
    let hasOtherFile: Bool
    /// False where the server's counts may be incomplete, so that the table's rows must be
    /// examined.
    let isCounted: Bool

    /// True where rows that still exist may have other values than before.
    var changesValues: Bool {
      hasOtherFile || news.updated > 0 || !isCounted || table.isMaterialized
    }
    /// True where the table is compared with its state before the migrations, not with its state at
    /// the last check.
    var isTotal: Bool { hasOtherFile || !isCounted || table.isMaterialized }
  }

  /// The changes that a check has found and that no earlier check has reported.
  struct Findings {
    /// The dropped objects; those that were dropped together with another object are left out.
    var gone: [CatalogObject] = []
    /// The tables whose rows may have been deleted or changed.
    var touched: [Touch] = []
    /// The number of large objects that were deleted or overwritten; nil where there are none.
    var largeObjects: Loss.Count?
    /// The foreign tables that may have been written to.
    var foreign: [CatalogObject] = []
    /// The objects that have another definition than at the beginning.
    var definitions: [ObjectDefinitions.Change] = []
    /// The reason why a loss may have been missed; nil where no loss can have been missed.
    var unknownReason: String?
  }
}
