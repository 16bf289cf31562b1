extension LossFinder {
  /// The changes to the rows of a table that existed before.
  struct Touch: Equatable {
    /// The table, under the name that it had when the migration began.
    let table: CatalogObject
    /// The names that the columns had when the migration began, by number.
    var columns: [Int: String] = [:]
    /// How many rows were inserted, updated and deleted; TRUNCATE sets `inserted` back to zero.
    let counts: RowActivity.Counts
    /// How many rows were inserted, updated and deleted since the last check.
    let news: RowActivity.Counts
    /// True where the table has a new file, because it was emptied or rewritten.
    let hasOtherFile: Bool
    /// False where the server's counts may be incomplete, so that the rows themselves must be
    /// examined.
    let isCounted: Bool

    /// True where the remaining rows may have other values now.
    var changesValues: Bool {
      hasOtherFile || news.updated > 0 || !isCounted || table.isMaterialized
    }
    /// True where the table is compared with its state before all units, not only before this unit.
    var isTotal: Bool { hasOtherFile || !isCounted || table.isMaterialized }
  }

  /// The changes that a check has found and no earlier check has found.
  struct Findings {
    /// The dropped objects, except those that are dropped with another object.
    var gone: [CatalogObject] = []
    /// The tables whose rows may have been deleted or changed.
    var touched: [Touch] = []
    /// The large objects that were deleted or overwritten; nil where there are none.
    var largeObjects: Loss.Count?
    /// The foreign tables that may have been written to.
    var foreign: [CatalogObject] = []
    /// The objects whose definition differs from that at the beginning.
    var definitions: [ObjectDefinitions.Change] = []
    /// The reason why a loss may have been missed; nil where no loss can have been missed.
    var unknownReason: String?
  }
}
