package import Postgres

/// The request of the operator for a build, resolved.
package struct BuildRequest: Sendable, Equatable {
  /// Whether other sessions may write during the build.
  package enum Concurrency: Sendable, Equatable {
    /// Other sessions may write during the build, if other sessions are connected.
    case automatic
    /// Other sessions may write during the build.
    case always
    /// Other sessions wait with their writes; the build is quicker.
    case never
  }

  /// The method; nil to choose by the size of the table.
  package var method: IndexMethod?
  /// `m` of HNSW; nil to choose by the number of rows.
  package var links: Int?
  /// `ef_construction` of HNSW; nil to choose by the number of rows.
  package var construction: Int?
  /// `lists` of IVFFlat; nil to choose by the number of rows.
  package var lists: Int?
  /// Whether other sessions may write during the build.
  package var concurrency = Concurrency.automatic
  /// `maintenance_work_mem` for the build, in bytes; nil for as much as the build needs.
  package var memory: Int?
  /// The number of parallel workers for the build; nil to choose by table and server.
  package var workers: Int?
  /// The index's name; nil for a name made from the table's name.
  package var name: Identifier?

  /// Creates a request in which everything is chosen by the data.
  package init(method: IndexMethod? = nil) { self.method = method }

  /// How many rows a table must have to get an index: below that, an exact scan of one user's
  /// documents is quicker, and exact.
  package static let smallestTable = 1000

  /// Requests exactly these parameters.
  mutating func take(_ parameters: IndexParameters) {
    switch parameters {
    case .hnsw(let links, let construction):
      (self.links, self.construction) = (links, construction)
    case .ivfflat(let lists): self.lists = lists
    }
  }

  /// Returns the given parameters, with the requested ones in their place.
  func changing(_ parameters: IndexParameters) -> IndexParameters {
    switch parameters {
    case .hnsw(let links, let construction):
      let wanted = self.links ?? links
      return .hnsw(
        links: wanted, construction: self.construction ?? max(construction, 2 * wanted))
    case .ivfflat(let lists): return .ivfflat(lists: self.lists ?? lists)
    }
  }

  /// Returns the parameters for this many rows: the requested parameters, and all others chosen by
  /// size.
  func parameters(_ method: IndexMethod, rows: Int) -> IndexParameters {
    switch IndexParameters.fitting(method, rows: rows) {
    case .hnsw(let usualLinks, let usualConstruction):
      let links = self.links ?? usualLinks
      return .hnsw(
        links: links, construction: construction ?? max(usualConstruction, 2 * links))
    case .ivfflat(let usual): return .ivfflat(lists: lists ?? usual)
    }
  }
}
