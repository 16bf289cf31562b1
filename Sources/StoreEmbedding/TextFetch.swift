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
    /// Why stores cannot be loaded: a text was refused, or the fetch ended before their last text.
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

  /// The texts of one store of which no vector was made.
  private struct Refusals {
    /// The first of them, with the reason.
    let first: String
    private var count = 0
    /// How many were answered with a vector that cannot be used.
    private var unusable = 0

    init(first: String) { self.first = first }

    mutating func add(_ outcome: EmbeddingOutcome) {
      count += 1
      if case .unusable = outcome { unusable += 1 }
    }

    var failure: Failure {
      Failure(
        .source,
        "no vector was made of \(first)"
          + (count == 1 ? "" : " (and of \(count - 1) more of its texts)"),
        remedy: unusable == count
          ? "the model fails on such texts: ask whoever runs the service, or name another model"
          : "change or remove these texts in the files, or migrate the store without --reembed")
    }
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
    var refusals: [Int: Refusals] = [:]
    do {
      try embedder.embedPieces {
        if isInterrupted() { throw Failure(.interrupted, "interrupted") }
        return try pieces.next().map { piece in
          (piece, piece.documents.map { LabelledText(Self.label($0), $0.text) })
        }
      } finished: { piece, outcomes in
        for (document, outcome) in zip(piece.documents, outcomes) {
          guard let reason = outcome.obstacle else { continue }
          refusals[piece.store, default: Refusals(first: "\(Self.label(document)): \(reason)")]
            .add(outcome)
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
    for (place, refusal) in refusals {
      outcome.failures[stores[place].name] = refusal.failure
    }
    outcome.usage = embedder.usage
    return outcome
  }

  /// Names a document in messages, which must not show its text.
  private static func label(_ document: Document) -> String {
    "document \(document.position)" + (document.sourceID.map { " (id \($0))" } ?? "")
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
