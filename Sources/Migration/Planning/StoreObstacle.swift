internal import Ledger
internal import Layouts
internal import Postgres
internal import Stores
internal import Unlisted

/// Finds obstacles that would stop a store in a live run although a dry run could read it: a live
/// run discovers such obstacles only in the store's own transaction.
struct StoreObstacle {
  let options: MigrationOptions
  let database: DatabaseAnswers

  /// Returns the first obstacle; nil where no obstacle can be seen.
  ///
  /// - Parameters:
  ///   - planned: the store, with the counts of what it removes.
  ///   - entry: the store's entry in the ledger; nil where it is new.
  func find(for planned: PlannedStore, replacing entry: LedgerEntry?, reader: StoreReader) throws
    -> Failure?
  {
    guard let table = database.table else { return nil }
    if let entry, !options.force {
      let edited = try database.edited(entry, planned.name)
      if let refusal = Failure(edited: edited) { return refusal }
    }
    if let entry, entry.settings.projection != nil, reader.documentCount > 0,
      reader.dimensions != entry.sourceDimensions
    {
      let added = try database.added(entry, planned.name)
      if let refusal = Failure(
        added: added, reducedFrom: entry.sourceDimensions, to: reader.dimensions)
      {
        return refusal
      }
    }
    if let removes = planned.removes, removes > 0 {
      let removals = DatabaseAnswers.Removals(rows: removes, losses: planned.losses)
      if let refusal = try database.refusalOfLosses(removals) { return refusal }
    }
    // Documents that are paired with an adopted row are not written under their own ids.
    let adopting = options.unlisted == .adopt ? planned.unlisted?.equal ?? 0 : 0
    let taken = try database.taken(reader)
    guard let first = taken.first, taken.count > adopting else { return nil }
    return Failure(taken: first, more: taken.count - 1, in: table)
  }
}

extension Failure {
  /// Creates the failure for a store whose rows were edited in the database; nil where no row was
  /// edited.
  init?(edited rows: KeptDocuments) {
    guard rows.count > 0 else { return nil }
    let documents =
      rows.count == 1
      ? "1 of the store's documents was" : "\(rows.count) of the store's documents were"
    self.init(
      .database, "\(documents) changed in the database after the migration (\(rows.summary))",
      remedy:
        "--force replaces \(rows.count == 1 ? "this document" : "these documents") by the files' "
        + "contents"
    )
  }

  /// Creates the failure for a store whose vectors have another dimension than before, while the
  /// application has added documents that no model can convert; nil where there are no such
  /// documents.
  init?(added count: Int, reducedFrom old: Int, to dimensions: Int) {
    guard count > 0 else { return nil }
    let documents =
      count == 1
      ? "1 document that the application has added was"
      : "\(count) documents that the application has added were"
    self.init(
      .source,
      "the store's vectors have \(dimensions) dimensions now, but \(documents) reduced from "
        + "\(old): no model serves both",
      remedy:
        "migrate the store into another table (--table NAME), or delete those documents, migrate, "
        + "and add them again with vectors of \(dimensions) dimensions")
  }

  /// Creates the failure for a document whose id exists in another collection.
  ///
  /// - Parameters:
  ///   - document: the document; nil where it is not known.
  ///   - more: the number of other documents that have the same problem.
  init(taken document: Document?, more: Int = 0, in table: VectorTable) {
    let name =
      document.map { "the document at position \($0.position) (\($0.id))" }
      ?? "a document of the store"
    let others = more == 0 ? "" : more == 1 ? " (and so is 1 more)" : " (and so are \(more) more)"
    let id = document.map { "'\($0.id)'" } ?? "…"
    self.init(
      .database, "\(name) is in another collection already\(others)",
      remedy: "look with SELECT \(table.layout.user.name), \(table.layout.collection.name) FROM "
        + "\(table.name) WHERE \(table.layout.key.name) = \(id); move the row back or delete it")
  }
}
