package import Postgres

/// The operator's request for building an index.
package struct BuildRequest: Sendable, Equatable {
  /// The choice of whether other sessions may write during the build.
  package enum Concurrency: Sendable, Equatable {
    /// Other sessions may write only if there are other sessions when the build is planned.
    case automatic
    /// Other sessions may always write during the build.
    case always
    /// Other sessions must wait until the build has ended before they write; this build is quicker.
    case never
  }

  /// The method; nil where the size of the table decides.
  package var method: IndexMethod?
  /// The value of `m` for HNSW; nil where the number of rows decides.
  package var links: Int?
  /// The value of `ef_construction` for HNSW; nil where the number of rows decides.
  package var construction: Int?
  /// The value of `lists` for IVFFlat; nil where the number of rows decides.
  package var lists: Int?
  /// The choice of whether other sessions may write during the build.
  package var concurrency = Concurrency.automatic
  /// The value of `maintenance_work_mem` during the build, in bytes; nil for as much as the build
  /// needs and the server can give.
  package var memory: Int?
  /// The number of parallel workers; nil where the table and the server decide.
  package var workers: Int?
  /// The name of the index; nil for a name that is made from the table's name.
  package var name: Identifier?

  /// Creates a request for a method; the table and the server decide everything else.
  package init(method: IndexMethod? = nil) { self.method = method }

  /// The smallest number of rows for which an index is built: with fewer rows, an exact scan of one
  /// user's documents is quicker, and finds everything.
  package static let smallestTable = 1000

  /// Sets the requested parameters to those of another index.
  mutating func take(_ parameters: IndexParameters) {
    switch parameters {
    case .hnsw(let links, let construction):
      (self.links, self.construction) = (links, construction)
    case .ivfflat(let lists): self.lists = lists
    }
  }

  /// Returns an index's parameters after the requested changes; parameters without a request stay
  /// as they are.
  func changing(_ parameters: IndexParameters) -> IndexParameters {
    switch parameters {
    case .hnsw(let links, let construction):
      let wanted = self.links ?? links
      return .hnsw(
        links: wanted, construction: self.construction ?? max(construction, 2 * wanted))
    case .ivfflat(let lists): return .ivfflat(lists: self.lists ?? lists)
    }
  }

  /// Returns the parameters for a new index; where none was requested, the number of rows decides.
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
