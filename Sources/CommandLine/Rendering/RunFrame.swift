internal import Messages
internal import Stores

/// The lines that show the progress of a run: one for the whole run, and one for each store in hand.
struct RunFrame: Sendable {
  /// The state of the run.
  let progress: RunProgress
  /// The number of documents, or of stores where there are no documents, that are completed in a
  /// second; nil where it is not known yet.
  let rate: Double?
  /// The number of drawings so far, which moves the signs of work that counts nothing.
  let turn: Int

  /// Creates the lines, each at most `columns` wide.
  ///
  /// - Parameter rows: the largest number of lines.
  func lines(columns: Int, rows: Int, isUnicode: Bool) -> [Message] {
    var lines = [overall(columns: columns, isUnicode: isUnicode)]
    let room = max(0, rows - 1)
    let stores = progress.inHand
    let shown = stores.count <= room ? stores.count : max(0, room - 1)
    for store in stores.prefix(shown) {
      lines.append(line(of: store, columns: columns, isUnicode: isUnicode))
    }
    if shown < stores.count, room > 0 {
      let rest = "  and \(counted(stores.count - shown, "more store")) in hand"
      lines.append(Message(rest))
    }
    return lines.map { $0.trimmed(to: columns) }
  }

  /// The text for a log: everything on one line, without a bar.
  var plain: Message {
    let parts = [label, percentage, documents, speed, remaining, failures].compactMap { part in
      part.map { $0.split(separator: " ").joined(separator: " ") }
    }.filter { !$0.isEmpty }
    let now = progress.inHand.prefix(3).map { "\($0.name.description) \($0.stage)" }
    let rest = progress.inHand.count - now.count
    let stores = now + (rest > 0 ? ["\(rest) more"] : [])
    return Message(
      parts.joined(separator: ", ") + (stores.isEmpty ? "" : " (\(stores.joined(separator: "; ")))")
    )
  }

  // The whole run.

  private func overall(columns: Int, isUnicode: Bool) -> Message {
    // The least important figures are left out first; the number of failures is never left out.
    let ladder = [
      (label, [percentage, documents, speed, failures]), (label, [percentage, speed, failures]),
      (shortLabel, [percentage, speed, failures]), (shortLabel, [percentage, failures]),
    ]
    for (label, figures) in ladder {
      let text = figures.compactMap { $0 }.joined(separator: "  ")
      // The bar keeps its width, however long the rest takes.
      let room = max(Self.widestRest, remaining?.count ?? 0)
      let space = columns - label.displayWidth - text.displayWidth - room - 4
      guard let share, space >= Self.smallestBar + 2 else { continue }
      let bar = progressBar(share, width: min(space - 2, 40), isUnicode: isUnicode)
      return "\(label)  \(bar, .cyan)  \(text)  \(remaining ?? "")"
    }
    for figures in [[percentage, failures, remaining], [percentage, failures]] {
      let text = "\(shortLabel)  \(figures.compactMap { $0 }.joined(separator: "  "))"
      if text.displayWidth <= columns { return Message(text) }
    }
    return Message("\(failures ?? percentage ?? "")  \(shortLabel)".trimmed(to: columns))
  }

  /// The number of columns that the rest of the time takes at most, as a rule: `12 min 05 s left`.
  private static let widestRest = 16
  private static let smallestBar = 10

  /// The part of the run, and the number of its stores.
  private var label: String {
    let unit = progress.totalStores == 1 ? " store" : " stores"
    return progress.phase == .fetching ? shortLabel : shortLabel + unit
  }

  /// The part of the run and the number of its stores, without a unit.
  private var shortLabel: String {
    let total = grouped(progress.totalStores)
    // The number keeps its width, so that nothing after it moves.
    let stores = "\(filled(grouped(progress.stores), to: total.count)) of \(total)"
    return switch progress.phase {
    case .planning: "Reading \(stores)"
    case .backups: "Copying \(stores)"
    case .fetching: "Embedding"
    case .migrating: "Migrating \(stores)"
    }
  }

  /// The amount that is done, and the whole amount: of stores, or of documents where these are
  /// counted.
  private var amount: (done: Int, total: Int) {
    countsStoresAlone
      ? (progress.stores, progress.totalStores) : (progress.documents, progress.totalDocuments)
  }

  /// The part of the work that is done, from 0 to 1; nil where it is not known.
  private var share: Double? {
    amount.total > 0 ? min(1, Double(amount.done) / Double(amount.total)) : nil
  }

  /// True in the parts of a run in which documents are not counted.
  private var countsStoresAlone: Bool {
    switch progress.phase {
    case .planning, .backups: true
    case .fetching, .migrating: progress.totalDocuments == 0
    }
  }

  /// The percentage that is done, rounded down, so that 100 % means that all is done.
  private var percentage: String? {
    share.map { filled("\(Int($0 * 100))", to: 3) + "%" }
  }

  private var documents: String? {
    guard !countsStoresAlone else { return nil }
    let total = grouped(progress.totalDocuments)
    let unit = progress.phase == .fetching ? "texts" : "documents"
    return "\(filled(grouped(progress.documents), to: total.count)) of \(total) \(unit)"
  }

  private var speed: String {
    guard let rate, rate.isFinite, rate >= 0.05, rate < 1e12 else { return filled("", to: 8) }
    return filled("\(rate < 10 ? rate.shown(digits: 1) : grouped(Int(rate)))/s", to: 8)
  }

  private var remaining: String? {
    guard let rate, rate.isFinite, rate > 0 else { return nil }
    let left = amount.total - amount.done
    guard left > 0 else { return nil }
    let seconds = (Double(left) / rate).rounded(.up)
    // An estimate of more than a hundred days helps nobody.
    guard seconds < 8_640_000 else { return nil }
    return "\(duration(wholeSeconds: Int(seconds))) left"
  }

  private var failures: String? {
    progress.failed == 0 ? nil : "\(grouped(progress.failed)) failed"
  }

  // A store in hand.

  private func line(
    of store: RunProgress.StoreInHand, columns: Int, isUnicode: Bool
  ) -> Message {
    let signs = isUnicode ? Self.turns : Self.plainTurns
    let sign = signs[turn % signs.count]
    let name = sanitised(store.name.description)
    guard let sent = store.sent, store.documents > 0 else {
      return Message(trusted: "\(sign) \("\(name)  \(store.stage)".trimmed(to: columns - 2))")
    }
    let total = grouped(store.documents)
    let count = "\(filled(grouped(min(sent, store.documents)), to: total.count)) of \(total)"
    let width = columns - 2 - count.displayWidth - 2
    guard width >= 4 else { return Message(trusted: count.trimmed(to: columns)) }
    let stage = width > name.displayWidth + store.stage.displayWidth + 2 ? "  \(store.stage)" : ""
    let text = "\(name.trimmed(to: width))\(stage)"
    return Message(trusted: "\(sign) \(text)  \(count)")
  }

  private static let turns = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
  private static let plainTurns = ["|", "/", "-", "\\"]
}

/// Puts spaces before a text, so that it takes at least `width` columns.
private func filled(_ text: String, to width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
