internal import Messages
internal import Layouts
internal import Postgres
internal import VectorIndex

extension IndexPrinter {
  /// Prints the state of the indexes.
  func show(_ status: IndexStatus) {
    let table = status.facts.table
    say(
      """
      \(table.name.description): \(rows(status.facts)) of \(table.dimensions) dimensions
      """)
    if status.entries.isEmpty { say("  No vector index") }
    for entry in status.entries { show(entry) }
    for name in status.otherInvalid { say("  \(name): \("INVALID", .red)") }
    if let build = status.build {
      let waits = build.progress.blocker.map { ", waits for \($0.description)" } ?? ""
      say(
        """
          Process \(build.process) is building: \(build.progress.phase), \
        \(Int(build.progress.fraction * 100))%\(waits)
        """)
    }
    for setting in status.functionSettings { say("  Search functions use \(setting)") }
    for advice in status.advice { say("  → \(advice)") }
    if status.canBeRepaired { say("❌ Repair the INVALID indexes with: vector-ferry index repair") }
  }

  private func rows(_ facts: TableFacts) -> String {
    switch facts.rowCount {
    case .counted(let rows): counted(rows, "row")
    case .estimated(let rows):
      "about \(counted(rows, "row")) (row-level security hides some from this role)"
    case .unknown: facts.shownRows
    }
  }

  private func show(_ entry: IndexStatus.Entry) {
    let index = entry.index
    let state: Message = index.isValid ? "\("valid", .green)" : "\("INVALID", .red)"
    say(
      """
        \(index.name.name.name, .bold): \(index.method.title) (\(index.parameters.description)) \
      on \(index.expression), \(index.operatorClass), \(state)
      """)
    say("    \(byteSize(index.bytes)), searched \(counted(index.scans, "time"))")
    if let why = index.unusableReason {
      say("    Searches for documents do not use this index: \(why)")
    }
    if let note = index.note {
      say(
        """
            Built \(note.moment) over \(counted(note.rows, "row")) in \
        \(note.seconds.shown(digits: 1)) s
        """)
    }
    if let quality = entry.quality {
      say(
        """
            Recall@10 \(quality.recall.shown(digits: 3)), median \
        \(quality.median.shown(digits: 2)) ms, p95 \(quality.p95.shown(digits: 2)) ms with \
        \(quality.setting.description)
        """)
    }
    for advice in entry.advice { say("    → \(advice)") }
  }
}
