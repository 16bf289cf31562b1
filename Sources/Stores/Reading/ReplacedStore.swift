internal import Files

/// A store whose documents have other vectors than those in its files.
final class ReplacedStore: OpenedStore {
  private let source: any OpenedStore
  private let replaced: ReplacedVectors

  /// Replaces the vectors of an opened store.
  ///
  /// - Parameters:
  ///   - path: the store's path, for messages.
  ///   - openAgain: opens the store once more, to read its texts from the beginning.
  init(
    _ source: any OpenedStore, by vectors: any TextVectors, path: String,
    openAgain: @escaping () throws(StoreError) -> any OpenedStore
  ) {
    self.source = source
    replaced = ReplacedVectors(
      count: source.documentCount, vectors: vectors, path: path, openAgain: openAgain)
  }

  var isEncrypted: Bool { source.isEncrypted }
  var vectorCount: Int { source.vectorCount }
  var entryCount: Int { source.entryCount }
  var documentCount: Int { source.documentCount }
  var findings: [StoreFinding] { source.findings }
  var repeatedTexts: [RepeatedValue] { source.repeatedTexts }
  var vectors: any VectorSource { replaced }

  func rewind() { source.rewind() }

  func read(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    try source.readDocuments(range, into: &batch)
    batch.vectors.removeAll(keepingCapacity: true)
    for document in batch.documents {
      batch.vectors += try replaced.vector(of: document.text, at: document.position)
    }
  }

  func readDocuments(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    try source.readDocuments(range, into: &batch)
  }

  func checkUnchanged() throws(StoreError) { try source.checkUnchanged() }

  /// Counts the documents for whose text there is no replacing vector.
  func countOfMissingVectors() throws(StoreError) -> Int { try replaced.countOfMissing() }
}

/// The vectors of a store's documents, found by their texts and read in any order.
private final class ReplacedVectors: VectorSource {
  let count: Int
  private let vectors: any TextVectors
  let path: String
  private let openAgain: () throws(StoreError) -> any OpenedStore
  /// The keys of all documents' texts, one after the other; nil until a key is needed.
  private var keys: [UInt8]?
  /// The number of documents without a vector; nil until the number is asked for.
  private var missing: Int?

  var dimensions: Int { count == 0 ? 0 : vectors.dimensions }

  init(
    count: Int, vectors: any TextVectors, path: String,
    openAgain: @escaping () throws(StoreError) -> any OpenedStore
  ) {
    self.count = count
    self.vectors = vectors
    self.path = path
    self.openAgain = openAgain
  }

  func read(_ range: Range<Int>, into numbers: inout [Float]) throws(StoreError) {
    let keys = try allKeys()
    numbers.removeAll(keepingCapacity: true)
    for position in range { numbers += try required(key(position, in: keys), position) }
  }

  /// Finds the vector of a document's text.
  func vector(of text: String, at position: Int) throws(StoreError) -> [Float] {
    try required(try attempt { try vectors.key(of: text) }[...], position)
  }

  func countOfMissing() throws(StoreError) -> Int {
    if let missing { return missing }
    let keys = try allKeys()
    let found = try attempt {
      try (0..<count).count { try vectors.vector(ofKey: key($0, in: keys)) == nil }
    }
    missing = found
    return found
  }

  private func key(_ position: Int, in keys: [UInt8]) -> ArraySlice<UInt8> {
    keys[position * vectors.keyBytes..<(position + 1) * vectors.keyBytes]
  }

  private func required(_ key: ArraySlice<UInt8>, _ position: Int) throws(StoreError) -> [Float] {
    let found = try attempt { try vectors.vector(ofKey: key) }
    guard let found else {
      throw StoreError(
        .vectors, file: path, place: "document \(position)",
        problem: "the cache of embeddings has no vector of the document's text "
          + "by \(vectors.origin)",
        remedy: "run migrate --reembed for this store: it asks only for the texts that are missing")
    }
    guard found.count == dimensions else {
      throw StoreError(
        .dimensions, file: path, place: "document \(position)",
        problem: "\(vectors.origin) has made a vector of \(found.count) dimensions for "
          + "the document's text, and the other vectors have \(dimensions)",
        remedy: "give the right number in --embedding-dimensions")
    }
    return found
  }

  /// Reads all texts of the store, unless this was done before, and returns their keys.
  private func allKeys() throws(StoreError) -> [UInt8] {
    if let keys { return keys }
    var all: [UInt8] = []
    all.reserveCapacity(count * vectors.keyBytes)
    let store = try openAgain()
    var batch = DocumentBatch()
    for start in stride(from: 0, to: count, by: 256) {
      try store.readDocuments(start..<min(start + 256, count), into: &batch)
      for document in batch.documents { all += try attempt { try vectors.key(of: document.text) } }
    }
    try store.checkUnchanged()
    keys = all
    return all
  }

  private func attempt<Result>(_ body: () throws -> Result) throws(StoreError) -> Result {
    do {
      return try body()
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.vectors, file: path, problem: "\(error)", remedy: "")
    }
  }
}
