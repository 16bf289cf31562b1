internal import Ledger
internal import Machine
internal import Messages
internal import Migration
internal import Models
internal import Stores
internal import VectorMath

/// The lines at the end of a live run's report that say which stores stand out, what was needed, and
/// what to do next.
struct MigrationHighlights {
  let report: MigrationReport
  /// True where every store has lines of its own in the report.
  let namesEveryStore: Bool

  /// The largest number of stores in a list.
  private static let shown = 5

  /// The lines about the stores, about the sizes, and about what to do next.
  var lines: [Message] {
    var lines: [Message] = []
    if !namesEveryStore {
      if let line = list("Slowest stores", of: slowest) { lines.append(line) }
      if let line = list("Lowest recall@10", of: lowestRecall) { lines.append(line) }
    }
    if let sizes { lines.append(sizes) }
    if let next { lines.append(next) }
    return lines
  }

  /// The line that says what to do after a run that has written something.
  private var next: Message? {
    guard let run = report.run, !report.migrated.isEmpty else { return nil }
    return """
      Next: vector-ferry verify compares the database with the files again; \
      vector-ferry rollback \(run.description) takes this run back
      """
  }

  private func list(_ title: String, of stores: [String]) -> Message? {
    stores.isEmpty ? nil : "\(title): \(stores.joined(separator: "; "))"
  }

  /// The stores that took the most time.
  private var slowest: [String] {
    report.migrated.sorted { $0.seconds > $1.seconds }.prefix(Self.shown).map { store in
      "\(store.name.description) \(duration(.milliseconds(Int64(store.seconds * 1000))))"
        + " (\(counted(store.contents?.documents ?? 0, "document")))"
    }
  }

  /// The stores whose searches find the smallest share of what they should find.
  private var lowestRecall: [String] {
    report.migrated.compactMap { store in store.measurement.map { (store.name, $0.searchRecall) } }
      .filter { $0.1 < 0.9995 }
      .sorted { $0.1 < $1.1 }.prefix(Self.shown)
      .map { "\($0.0.description) \($0.1.shown(digits: 3))" }
  }

  private var sizes: Message? {
    guard let space = report.spaceAfter, !report.migrated.isEmpty else { return nil }
    let files = report.migrated.reduce(0) { $0 + Int($1.planned.store.size) }
    let copies = report.migrated.contains { $0.backup != nil } ? " (and as much in backups)" : ""
    return """
      Sizes: \(byteSize(files)) of files\(copies); in the database \(byteSize(space.table)) of rows, \
      \(byteSize(space.indexes)) of keys and indexes, \(byteSize(space.ownSchema)) of ledger and models
      """
  }
}
