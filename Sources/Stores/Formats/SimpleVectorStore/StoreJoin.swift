internal import Files

/// The pairs of a store's vectors and entries; vector and entry of the same position belong
/// together.
struct StoreJoin {
  let vectorCount: Int
  let entryCount: Int
  let withoutText: PositionList

  /// The number of positions that both files have.
  var documentCount: Int { min(vectorCount, entryCount) }

  /// Refuses different counts and entries without text, which only `--allow-mismatch` accepts.
  func check(store: String, _ metadata: String) throws(StoreError) {
    if vectorCount != entryCount {
      let vectors = vectorCount == 1 ? "1 vector" : "\(vectorCount) vectors"
      let entries = entryCount == 1 ? "1 metadata entry" : "\(entryCount) metadata entries"
      throw StoreError(
        .count, file: store, problem: "\(vectors) but \(entries)",
        remedy: "restore both files from the same moment, or use --allow-mismatch "
          + "to migrate the first \(documentCount)")
    }
    if withoutText.count > 0 {
      let count = withoutText.count == 1 ? "1 entry has" : "\(withoutText.count) entries have"
      throw StoreError(
        .text, file: metadata, place: "entry \(withoutText)", problem: "\(count) no text",
        remedy: "add the text, or use --allow-mismatch to keep each document with its vector "
          + "and an empty text")
    }
  }

  /// The findings about vectors or entries that are left out because the counts differ.
  var findings: [StoreFinding] {
    let common = documentCount
    return [
      StoreFinding(.leftOverVectors, PositionList(common..<max(common, vectorCount))),
      StoreFinding(.leftOverEntries, PositionList(common..<max(common, entryCount))),
    ].filter { $0.positions.count > 0 }
  }
}
