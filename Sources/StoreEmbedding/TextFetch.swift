package import Embedding
package import Ledger
package import Stores

/// Fetches the vectors of stores' texts from a service into the cache, with many requests at once.
///
/// The texts of all stores are one stream, so small stores share requests. What was answered is in
/// the cache, and a run that was stopped continues where it was.
package struct TextFetch {
  /// A store whose texts are fetched.
  package struct Store {
    package let name: StoreName
    /// Opens the store's files or their copy.
    package let open: () throws -> StoreReader

    /// Creates a store.
    package init(_ name: StoreName, open: @escaping () throws -> StoreReader) {
      self.name = name
      self.open = open
    }
  }

  /// The result of a fetch.
  package struct Outcome {
    /// The reasons why stores cannot be loaded: a text was refused, or the fetch ended before their last text.
    package var failures: [StoreName: Failure] = [:]
    /// The requests and costs.
    package var usage = EmbeddingUsage()
  }

  private let embedder: Embedder
  private let isInterrupted: () -> Bool
  private let progress: (_ texts: Int, EmbeddingUsage) -> Void

  /// Prepares a fetch.
  package init(
    _ embedder: Embedder, isInterrupted: @escaping () -> Bool,
    progress: @escaping (_ texts: Int, EmbeddingUsage) -> Void
  ) {
    self.embedder = embedder
    self.isInterrupted = isInterrupted
    self.progress = progress
  }

  /// Texts of one store.
  private struct Piece {
    let store: Int
    let documents: [Document]
    let isLast: Bool
  }

  /// Fetches all texts of the stores; throws only where the operator has asked to stop.
  ///
  /// Where the service or the money ends the fetch, the stores whose texts were all fetched before
  /// have no failure.
  package func run(_ stores: [Store]) throws -> Outcome {
    var outcome = Outcome()
    var complete: Set<Int> = []
    var pieces = PieceReader(stores: stores)
    var refusals: [Int: TextRefusals] = [:]
    do {
      try embedder.embedPieces {
        if isInterrupted() { throw Failure(.interrupted, "interrupted") }
        return try pieces.next().map { piece in
          (piece, piece.documents.map { LabelledText(TextRefusals.label($0), $0.text) })
        }
      } finished: { piece, outcomes in
        for (document, outcome) in zip(piece.documents, outcomes) {
          refusals[piece.store, default: TextRefusals()].add(outcome, of: document)
        }
        if piece.isLast { complete.insert(piece.store) }
        progress(piece.documents.count, embedder.usage)
      }
    } catch {
      let cause = Failure(error)
      if cause.kind == .interrupted { throw cause }
      for (place, store) in stores.enumerated()
      where !complete.contains(place) && pieces.failures[place] == nil {
        outcome.failures[store.name] = Failure(
          .source, "its texts were not all embedded: \(cause.reason)", remedy: cause.remedy)
      }
    }
    for (place, failure) in pieces.failures { outcome.failures[stores[place].name] = failure }
    for (place, refusals) in refusals {
      if let failure = refusals.failure { outcome.failures[stores[place].name] = failure }
    }
    outcome.usage = embedder.usage
    return outcome
  }

  /// Reads the texts of stores, one store after the other.
  private struct PieceReader {
    let stores: [Store]
    /// The stores that could not be read.
    var failures: [Int: Failure] = [:]
    private var place = 0
    private var reader: StoreReader?
    private var position = 0

    init(stores: [Store]) { self.stores = stores }

    /// Returns the next texts; nil after the last store.
    mutating func next() throws -> Piece? {
      while place < stores.count {
        do {
          let open = try reader ?? stores[place].open()
          reader = open
          let documents = try open.nextDocuments(from: position, limit: BatchSize.documents)
          position += documents.count
          let isLast = position >= open.documentCount
          defer { if isLast { end() } }
          return Piece(store: place, documents: documents, isLast: isLast)
        } catch {
          let failure = Failure(error)
          if failure.kind == .interrupted { throw failure }
          failures[place] = failure
          end()
        }
      }
      return nil
    }

    private mutating func end() {
      place += 1
      reader = nil
      position = 0
    }
  }
}
