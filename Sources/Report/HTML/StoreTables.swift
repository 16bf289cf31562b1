internal import Journal
internal import Messages
internal import Stores

/// The tables of a run's stores: one for each class of outcomes, those with problems first.
struct StoreTables {
  private let page: RunPage

  /// The largest number of stores in a table that is not folded.
  private static let mostUnfolded = 50

  /// Prepares the tables of a page.
  init(_ page: RunPage) { self.page = page }

  /// The section of the page with all tables.
  var html: HTML {
    guard !page.stores.isEmpty else {
      return """
        <section id="stores"><h2>Stores</h2>
        <p>The journal lists no stores of this run.</p></section>

        """
    }
    var html: HTML = """
      <section id="stores"><h2>Stores</h2>
      <p class="search" hidden><label>Search <input type="search" id="search" \
      placeholder="user, collection or words"></label> <span id="found" role="status"></span></p>

      """
    for group in RunPage.Group.allCases {
      let stores = page.stores(in: group)
      if !stores.isEmpty { html += table(of: stores, group) }
    }
    html += "</section>\n"
    return html
  }

  private func table(of stores: [RunPage.Store], _ group: RunPage.Group) -> HTML {
    let isOpen = stores.count <= Self.mostUnfolded
    let (title, kind) = Self.name(of: group)
    var html: HTML = """
      <details class="group"\(isOpen ? " open" : "")><summary><h3>\(title): \
      \(counted(stores.count, "store"))</h3></summary>
      <table class="stores \(kind)"><thead><tr>\(group == .written ? Self.writtenHeads : Self.heads)\
      </tr></thead>
      <tbody>

      """
    for store in stores { html += group == .written ? written(store) : other(store) }
    html += "</tbody></table></details>\n"
    return html
  }

  private static func name(of group: RunPage.Group) -> (HTML, HTML) {
    switch group {
    case .failed: ("Failed", "other")
    case .notFinished: ("Not finished", "other")
    case .written: ("Done", "written")
    case .untouched: ("Unchanged, empty or left out", "other")
    case .rolledBack: ("Rolled back", "other")
    }
  }

  private static let writtenHeads: HTML = """
    <th scope="col">Store</th><th scope="col">Format</th><th scope="col">Documents</th>\
    <th scope="col">Dimensions</th><th scope="col">Recall, full queries</th>\
    <th scope="col">Recall, cut queries</th><th scope="col">Recall, added later</th>\
    <th scope="col">Largest change of a score</th><th scope="col">Originals</th>\
    <th scope="col">Files</th><th scope="col">Time</th>
    """

  private func written(_ store: RunPage.Store) -> HTML {
    let recall = store.figures.recall
    return """
      <tr><th scope="row"><bdi>\(store.name.description)</bdi></th>\
      <td>\(store.figures.format ?? "–")</td><td>\(store.documents)</td>\
      <td>\(store.dimensions)</td><td>\(store.recall(.full))</td>\
      <td>\(store.recall(.cut))</td><td>\(store.recall(.added))</td>\
      <td>\(store.scoreChange)</td>\
      <td>\(recall.map { $0.keepsOriginals ? "kept" : "no" } ?? "–")</td>\
      <td>\(store.figures.bytes.map(byteSize) ?? "–")</td>\
      <td>\(store.duration)</td></tr>

      """
  }

  private static let heads: HTML = """
    <th scope="col">Store</th><th scope="col">Outcome</th><th scope="col">Documents</th>\
    <th scope="col">Reason and remedy</th><th scope="col">Path</th>
    """

  private func other(_ store: RunPage.Store) -> HTML {
    let remedy: HTML =
      store.figures.remedy.map { "<br><strong>Remedy:</strong> \($0)" } ?? ""
    return """
      <tr><th scope="row"><bdi>\(store.name.description)</bdi></th><td>\(store.outcome)</td>\
      <td>\(store.documents)</td>\
      <td>\(store.reason ?? "–")\(remedy)</td>\
      <td><bdi>\(store.record.path.isEmpty ? "–" : store.record.path)</bdi></td></tr>

      """
  }
}
