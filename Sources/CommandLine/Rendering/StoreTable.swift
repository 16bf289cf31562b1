internal import Messages
internal import Stores

/// A list of stores with their outcomes: stores that need the operator's attention come first, and
/// of the others only some are listed.
struct StoreTable {
  /// A store in the list.
  struct Row {
    /// The name of the store.
    let name: StoreName
    /// The outcome in words.
    let outcome: String
    /// True where the operator need not do anything.
    let isInOrder: Bool
    /// The number of documents; nil where it is not known.
    let documents: Int?
    /// The time of the outcome; empty where it is not known.
    let time: String
    /// The reasons and differences; empty where there are none.
    let remarks: String
  }

  /// The number of stores in order that a terminal shows where the operator names no other.
  static let usualLimit = 20

  let console: Console
  /// The largest number of stores in order that are listed; nil for the usual one.
  let limit: Int?

  /// Prints the counts of the outcomes, the stores, and how many stores are not listed.
  func show(_ stores: [Row]) {
    guard !stores.isEmpty else { return }
    console.printLines(of: "\(counted(stores.count, "store")): \(Self.tally(of: stores))")
    let others = stores.filter { !$0.isInOrder }
    let inOrder = stores.filter(\.isInOrder)
    let isTerminal = console.output.profile.isTerminal
    let most = limit ?? (isTerminal ? Self.usualLimit : inOrder.count)
    let listed = others + inOrder.prefix(most)
    if isTerminal {
      showNarrow(listed)
    } else {
      console.print(Self.table(listed, withRemarks: true))
    }
    let hidden = stores.count - listed.count
    if hidden > 0 {
      console.printLines(
        of: "… and \(counted(hidden, "more store")) in order (--limit \(inOrder.count) lists all)")
    }
  }

  /// Prints a table with the remarks of each store below it, in lines that fit.
  private func showNarrow(_ stores: [Row]) {
    let width = console.output.profile.columns
    let lines = Self.table(stores, withRemarks: false).lines(width: width)
    guard let heading = lines.first else { return }
    console.print(heading)
    for (store, line) in zip(stores, lines.dropFirst()) {
      console.print(line)
      console.printLines(of: store.remarks, indent: 4)
    }
  }

  private static func table(_ stores: [Row], withRemarks: Bool) -> Table {
    var table = Table(
      [
        .left("USER"), .left("COLLECTION"), .left("OUTCOME"), .right("DOCUMENTS", isOptional: true),
        .time("WHEN"),
      ] + (withRemarks ? [.left("REASON")] : []))
    for store in stores {
      table.append(
        [
          "\(store.name.user)", "\(store.name.collection)",
          Message(store.outcome, store.isInOrder ? .green : .red),
          "\(store.documents.map { grouped($0) } ?? "")", "\(store.time)",
        ] + (withRemarks ? ["\(store.remarks)"] : []))
    }
    return table
  }

  /// Returns how many stores have each outcome, those that need attention first.
  private static func tally(of stores: [Row]) -> String {
    var counts: [(outcome: String, isInOrder: Bool, count: Int)] = []
    for store in stores.filter({ !$0.isInOrder }) + stores.filter(\.isInOrder) {
      if let place = counts.firstIndex(where: {
        $0.outcome == store.outcome && $0.isInOrder == store.isInOrder
      }) {
        counts[place].count += 1
      } else {
        counts.append((store.outcome, store.isInOrder, 1))
      }
    }
    return counts.map { entry -> String in
      // A store that was migrated may not be in the database any more.
      let isDifferent =
        !entry.isInOrder && counts.contains { $0.outcome == entry.outcome && $0.isInOrder }
      return "\(grouped(entry.count)) \(entry.outcome)" + (isDifferent ? ", but different now" : "")
    }.joined(separator: ", ")
  }
}
