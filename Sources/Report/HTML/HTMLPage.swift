internal import Clock
internal import Journal
internal import Messages
internal import Plots
internal import Stores

/// The page of a run as one HTML file, which needs no other file, no network and no script.
package struct HTMLPage {
  private let page: RunPage

  /// Creates the page of a run.
  package init(_ page: RunPage) { self.page = page }

  /// The whole file.
  package var text: String {
    var html: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="referrer" content="no-referrer">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="\(PageScript.policy)">
      <title>\(page.title), \(page.run.startedAt.description)</title>
      <style>
      \(HTML(trusted: PageStyle.rules))
      \(HTML(trusted: PlotStyle.rules))
      </style>
      </head>
      <body>
      <main>

      """
    html += head
    html += failures
    html += figures
    html += StoreTables(page).html
    html += events
    html += circumstances
    html += """
      </main>
      <script>\(HTML(trusted: PageScript.text))</script>
      </body>
      </html>

      """
    return html.text
  }

  private var head: HTML {
    let (kind, sign): (HTML, HTML) =
      switch page.verdict {
      case .succeeded: ("good", "✓")
      case .failed: ("bad", "✗")
      case .stopped: ("bad", "!")
      case .running: ("open", "…")
      }
    let counts = page.counts.map { fact -> HTML in
      "<div><dt>\(fact.name)</dt><dd>\(fact.value)</dd></div>\n"
    }.joined()
    let gaps = page.gaps.map { gap -> HTML in "<p class=\"note\">\(gap)</p>\n" }.joined()
    let steps = page.nextSteps.map { step -> HTML in
      "<li>\(step.value):<br><code>\(step.name)</code></li>\n"
    }
    let next: HTML =
      steps.isEmpty
      ? ""
      : """
      <section><h2>What comes next</h2>
      <p class="note">\(RunPage.nextStepsNote)</p>
      <ul class="steps">
      \(steps.joined())</ul></section>

      """
    return """
      <header>
      <h1>\(page.title)</h1>
      <p class="when">\(page.run.startedAt.description) · \(page.run.facts.database)</p>
      <p class="verdict \(kind)"><span aria-hidden="true">\(sign)</span> \(page.verdictWords)</p>
      <dl class="counts">
      \(counts)</dl>
      \(gaps)</header>
      \(next)
      """
  }

  private var failures: HTML {
    guard !page.failures.isEmpty else { return "" }
    let groups = page.failures.map { group -> HTML in
      let similar: HTML =
        group.similar > 0
        ? " <span class=\"note\">(and \(grouped(group.similar)) similar)</span>" : ""
      let remedy: HTML =
        group.remedy.map { "<p><strong>Remedy:</strong> \($0)</p>\n" } ?? ""
      return """
        <article class="failure">
        <h3>\(counted(group.stores.count, "store")): \(group.reason)\(similar)</h3>
        \(remedy)\(names(group.stores.map(\.description)))</article>

        """
    }
    return """
      <section id="failures"><h2>Failures, by reason</h2>
      \(groups.joined())</section>

      """
  }

  /// Returns a list of names; a long list is folded.
  private func names(_ names: [String]) -> HTML {
    let list = names.map { name -> HTML in "<li><bdi>\(name)</bdi></li>" }.joined()
    guard names.count > 10 else { return "<ul class=\"names\">\(list)</ul>\n" }
    return """
      <details><summary>\(counted(names.count, "store"))</summary>
      <ul class="names">\(list)</ul></details>

      """
  }

  private var figures: HTML {
    let all = page.allFigures
    let drawn = all.filter { $0.drawing != nil }.map(figure).joined()
    let missing = all.filter { $0.drawing == nil }.map { figure -> HTML in
      "<p class=\"note\"><strong>\(figure.title):</strong> \(figure.note)</p>\n"
    }.joined()
    return """
      <section id="figures"><h2>Measured</h2>
      <div class="figures">
      \(drawn)</div>
      \(missing)</section>

      """
  }

  private func figure(_ figure: Figure) -> HTML {
    let legend = figure.legend.map { entry -> HTML in
      "<li><span class=\"swatch s\(entry.colour % 5)\"></span>\(entry.name)</li>"
    }.joined()
    let heads = figure.columns.map { column -> HTML in "<th scope=\"col\">\(column)</th>" }.joined()
    let rows = figure.rows.map { row -> HTML in
      let cells = row.dropFirst().map { cell -> HTML in "<td>\(cell)</td>" }.joined()
      return "<tr><th scope=\"row\">\(row.first ?? "")</th>\(cells)</tr>\n"
    }.joined()
    let list: HTML = figure.legend.isEmpty ? "" : "<ul class=\"legend\">\(legend)</ul>\n"
    return """
      <figure id="\(figure.id)">
      <figcaption><h3>\(figure.title)</h3>
      <p>\(figure.note)</p></figcaption>
      \(list)\(HTML(trusted: figure.drawing ?? ""))<details><summary>As a table</summary>
      <div class="wide" tabindex="0" role="region" aria-label="\(figure.title), as a table">
      <table><thead><tr>\(heads)</tr></thead>
      <tbody>
      \(rows)</tbody></table></div></details>
      </figure>

      """
  }

  private var events: HTML {
    guard !page.events.isEmpty else { return "" }
    let list = page.events.map { event -> HTML in
      let store: HTML = event.store.map { "<bdi>\($0.description)</bdi>: " } ?? ""
      return "<li><time>\(event.at.description)</time> \(store)\(event.message)</li>\n"
    }.joined()
    return """
      <section id="events"><h2>Events</h2>
      <details\(page.events.count > 20 ? "" : " open")><summary>\
      \(counted(page.events.count, "event"))</summary>
      <ul>
      \(list)</ul></details></section>

      """
  }

  private var circumstances: HTML {
    let facts = page.circumstances.map { fact -> HTML in
      "<div><dt>\(fact.name)</dt><dd><bdi>\(fact.value)</bdi></dd></div>\n"
    }.joined()
    return """
      <section id="run"><h2>The run</h2>
      <dl class="facts">
      \(facts)</dl></section>

      """
  }
}
