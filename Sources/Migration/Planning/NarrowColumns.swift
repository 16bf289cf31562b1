internal import Layouts
internal import Ledger
internal import Postgres
internal import Stores
internal import Unlisted

extension VectorTable {
  /// Returns the reason why the table's columns are too narrow for a store; nil where the columns
  /// hold every value of the store.
  func refusalOfNarrowColumns(for reader: StoreReader, isInterrupted: @Sendable () -> Bool) throws
    -> Failure?
  {
    let name = reader.store.name
    func refusal(_ column: ColumnLimits.Narrow, _ what: String) -> Failure {
      Failure(
        .database,
        "\(what); the column \(column.column.name) of \(self.name) holds \(column.holds)",
        remedy: column.remedy(in: self.name))
    }
    func characters(_ count: Int) -> String { "\(count) character\(count == 1 ? "" : "s")" }
    let user = name.user.unicodeScalars.count
    if let column = limits.narrowUser(for: user, in: layout) {
      return refusal(column, "the user name has \(characters(user))")
    }
    let collection = name.collection.unicodeScalars.count
    if let column = limits.narrowCollection(for: collection, in: layout) {
      return refusal(column, "the collection name has \(characters(collection))")
    }
    guard limits.text != nil || limits.timeDigits != nil else { return nil }
    var first: Failure?
    var count = 0
    try reader.forEachBatch(isInterrupted: isInterrupted) { batch in
      for document in batch.documents {
        let length = limits.text == nil ? 0 : document.text.unicodeScalars.count
        let place = "the document at position \(document.position) (\(document.id))"
        if let column = limits.narrowText(for: length, in: layout) {
          count += 1
          first = first ?? refusal(column, "\(place) has a text of \(characters(length))")
        } else if let time = document.createdAt,
          let column = limits.narrowTime(for: time, in: layout)
        {
          count += 1
          first = first ?? refusal(column, "\(place) has a time with more digits of a second")
        }
      }
    }
    guard let first, count > 1 else { return first }
    return Failure(
      first.kind, "\(first.reason); this stops \(count) of its documents", remedy: first.remedy)
  }
}
