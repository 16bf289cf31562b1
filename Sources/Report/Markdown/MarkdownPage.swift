internal import Clock
internal import Journal
internal import Messages
internal import Stores

/// The page of a run as Markdown, with the numbers of the plots as tables.
package struct MarkdownPage {
  private let page: RunPage

  /// Creates the page of a run.
  package init(_ page: RunPage) { self.page = page }

  /// The whole file.
  package var text: String {
    var text: Markdown = """
      # \(page.title)

      \(page.run.startedAt.description) · \(page.run.facts.database)

      **\(page.verdictWords)**


      """
    text += table(["Count", ""], page.counts.map { [$0.name, $0.value] })
    for gap in page.gaps { text += "\(gap)\n\n" }
    if !page.nextSteps.isEmpty {
      text += "## What comes next\n\n\(RunPage.nextStepsNote)\n\n"
      for step in page.nextSteps { text += "- \(step.value):\n  \(Markdown.code(step.name))\n" }
      text += "\n"
    }
    text += failures
    text += "## Measured\n\n"
    for figure in page.allFigures {
      text += "### \(figure.title)\n\n\(figure.note)\n\n"
      if !figure.rows.isEmpty { text += table(figure.columns, figure.rows) }
    }
    text += stores
    text += events
    text += "## The run\n\n"
    text += table(["Fact", ""], page.circumstances.map { [$0.name, $0.value] })
    return text.text
  }

  private var failures: Markdown {
    guard !page.failures.isEmpty else { return "" }
    var text: Markdown = "## Failures, by reason\n\n"
    for group in page.failures {
      let similar: Markdown = group.similar > 0 ? " (and \(grouped(group.similar)) similar)" : ""
      text += "### \(counted(group.stores.count, "store"))\n\n\(group.reason)\(similar)\n\n"
      if let remedy = group.remedy { text += "**Remedy:** \(remedy)\n\n" }
      for store in group.stores { text += "- \(store.description)\n" }
      text += "\n"
    }
    return text
  }

  private var stores: Markdown {
    var text: Markdown = "## Stores\n\n"
    if page.stores.isEmpty { text += "The journal lists no stores of this run.\n\n" }
    let others = page.stores.filter { $0.record.outcome != .succeeded }
    if !others.isEmpty {
      text += table(
        ["Store", "Outcome", "Documents", "Reason", "Remedy"],
        others.map { store in
          [
            store.name.description, store.outcome,
            store.documents, store.reason ?? "–",
            store.figures.remedy ?? "–",
          ]
        })
    }
    let written = page.stores(in: .written)
    guard !written.isEmpty else { return text }
    text += table(
      [
        "Store", "Documents", "Dimensions", "Recall, full queries", "Recall, cut queries",
        "Recall, added later", "Largest change of a score", "Time",
      ],
      written.map { store in
        [
          store.name.description, store.documents,
          store.dimensions, store.recall(.full),
          store.recall(.cut), store.recall(.added),
          store.scoreChange,
          store.duration,
        ]
      })
    return text
  }

  private var events: Markdown {
    guard !page.events.isEmpty else { return "" }
    var text: Markdown = "## Events\n\n"
    for event in page.events {
      let store: Markdown = event.store.map { "\($0.description): " } ?? ""
      text += "- \(event.at.description) \(store)\(event.message)\n"
    }
    text += "\n"
    return text
  }

  private func table(_ columns: [String], _ rows: [[String]]) -> Markdown {
    func line(_ cells: [String]) -> Markdown {
      var line: Markdown = "|"
      for cell in cells { line += " \(cell) |" }
      line += "\n"
      return line
    }
    var text = line(columns)
    text += "|"
    for index in columns.indices { text += index == 0 ? " --- |" : " ---: |" }
    text += "\n"
    for row in rows { text += line(row) }
    text += "\n"
    return text
  }
}
