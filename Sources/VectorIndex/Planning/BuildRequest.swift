package import Postgres

/// What the operator asks of a build, resolved.
package struct BuildRequest: Sendable, Equatable {
  /// Whether other sessions are let write meanwhile.
  package enum Concurrency: Sendable, Equatable {
    /// They are where there are any.
    case automatic
    /// They are.
    case always
    /// They wait; the build is quicker.
    case never
  }

  /// The method; nil lets the size of the table decide.
  package var method: IndexMethod?
  /// `m` of HNSW.
  package var links: Int?
  /// `ef_construction` of HNSW.
  package var construction: Int?
  /// `lists` of IVFFlat.
  package var lists: Int?
  /// Whether other sessions may write meanwhile.
  package var concurrency = Concurrency.automatic
  /// `maintenance_work_mem` for the build, in bytes.
  package var memory: Int?
  /// Parallel workers for the build.
  package var workers: Int?
  /// The index's name; nil for one made of the table's.
  package var name: Identifier?

  /// Everything as the data have it.
  package init(method: IndexMethod? = nil) { self.method = method }

  /// Under this many rows an exact scan of one user's documents is quicker, and exact.
  package static let smallestTable = 1000

  /// Asks for exactly these parameters.
  mutating func take(_ parameters: IndexParameters) {
    switch parameters {
    case .hnsw(let links, let construction):
      (self.links, self.construction) = (links, construction)
    case .ivfflat(let lists): self.lists = lists
    }
  }

  /// The parameters of an index with those that are asked for in their place.
  func changing(_ parameters: IndexParameters) -> IndexParameters {
    switch parameters {
    case .hnsw(let links, let construction):
      let wanted = self.links ?? links
      return .hnsw(
        links: wanted, construction: self.construction ?? max(construction, 2 * wanted))
    case .ivfflat(let lists): return .ivfflat(lists: self.lists ?? lists)
    }
  }

  /// The parameters for so many rows: those that are asked for, the others by size.
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
