public import Files

/// Reads a store's documents in order, each with its own vector, in batches.
///
/// Opening a store checks everything except the vectors' numbers: the structure of all vectors, an
/// encrypted file's authenticity, every entry, and that vectors and entries match. Memory is
/// limited to the batch and some fifty bytes for each document.
public final class StoreReader {
  /// The store, as the scan found it.
  public let store: FoundStore
  /// The changes to the data that the operator allowed.
  public let options: ReadOptions
  /// The findings for the operator; findings about numbers in vectors are added while the vectors
  /// are read.
  public private(set) var findings: [StoreFinding]
  /// The repeated vectors and texts among the documents; nil until every vector was read once.
  public private(set) var equalDocuments: EqualDocuments?
  /// The position of the next document.
  public private(set) var position = 0

  private let source: any OpenedStore
  /// The error of the last batch; after an error no further batch is read, because the files may
  /// not match.
  private var failure: StoreError?
  /// The position of the first vector that was not yet checked for findings.
  private var lookedAt = 0
  private var comparison: DocumentComparison

  /// True where a part of the store is encrypted.
  public var isEncrypted: Bool { source.isEncrypted }
  /// The number of vectors in the store.
  public var vectorCount: Int { source.vectorCount }
  /// The number of entries in the store.
  public var entryCount: Int { source.entryCount }
  /// The number of documents that can be read from the store.
  public var documentCount: Int { source.documentCount }
  /// The number of numbers in each vector; 0 where there are no vectors.
  public var dimensions: Int { source.vectors.dimensions }
  /// The vectors of the documents, in their order; reading them does not change the position.
  public var vectors: StoreVectors { StoreVectors(of: source) }

  /// Opens the store's own files, or a copy of them with the same names.
  ///
  /// - Parameters:
  ///   - directory: the path of the folder that contains the files: the store's own path, or that
  ///     of the copy.
  ///   - zone: the rules for timestamps without an offset.
  public convenience init(
    directory: String, store: FoundStore, keys: KeyRing, options: ReadOptions = ReadOptions(),
    zone: LocalTime = .system
  ) throws(StoreError) {
    try self.init(
      directory: directory, store: store, keys: keys, options: options, zone: zone, vectors: nil)
  }

  /// Opens the store's own files, or a copy of them with the same names.
  ///
  /// - Parameter vectors: the vectors to use instead of those in the files; nil for those in the
  ///   files.
  package convenience init(
    directory: String, store: FoundStore, keys: KeyRing, options: ReadOptions,
    zone: LocalTime = .system, vectors: (any TextVectors)?
  ) throws(StoreError) {
    let isStore = directory.utf8.elementsEqual(store.path.utf8)
    let folder = isStore ? try store.open() : try Directory(path: directory)
    try self.init(
      in: folder, store: store, keys: keys, options: options, zone: zone, vectors: vectors)
  }

  /// Opens the files in a directory that is open already.
  public convenience init(
    in directory: Directory, store: FoundStore, keys: KeyRing,
    options: ReadOptions = ReadOptions(), zone: LocalTime = .system
  ) throws(StoreError) {
    try self.init(
      in: directory, store: store, keys: keys, options: options, zone: zone, vectors: nil)
  }

  /// Opens the files in a directory that is open already.
  ///
  /// - Parameter vectors: the vectors to use instead of those in the files; nil for those in the
  ///   files.
  package init(
    in directory: Directory, store: FoundStore, keys: KeyRing, options: ReadOptions,
    zone: LocalTime = .system, vectors: (any TextVectors)?
  ) throws(StoreError) {
    if let refusal = store.refusal { throw refusal }
    let settings = ReadSettings(keys: keys, options: options, zone: zone)
    func open() throws(StoreError) -> any OpenedStore {
      try store.format.source.open(store, in: directory, settings)
    }
    let opened = try open()
    source =
      vectors.map { ReplacedStore(opened, by: $0, path: directory.path, openAgain: open) } ?? opened
    self.store = store
    self.options = options
    findings = source.findings
    comparison = DocumentComparison(
      expected: source.documentCount, texts: source.repeatedTexts)
    endComparison()
  }

  /// Makes the next batch begin with the first document again.
  public func rewind() {
    position = 0
    failure = nil
    source.rewind()
  }

  /// Fills a batch with the next documents, at most `limit`; returns false after the last document.
  ///
  /// Where a call throws, the batch must not be used, and all later calls throw the same error
  /// until `rewind()`.
  public func next(_ batch: inout DocumentBatch, limit: Int) throws(StoreError) -> Bool {
    precondition(limit > 0, "a batch must hold at least one document")  // a programmer error
    if let failure { throw failure }
    do throws(StoreError) {
      return try fill(&batch, limit)
    } catch {
      failure = error
      throw error
    }
  }

  private func fill(_ batch: inout DocumentBatch, _ limit: Int) throws(StoreError) -> Bool {
    batch.documents.removeAll(keepingCapacity: true)
    batch.dimensions = dimensions
    let range = position..<min(position + limit, documentCount)
    if range.isEmpty {
      batch.vectors.removeAll(keepingCapacity: true)
      try source.checkUnchanged()
      return false
    }
    try source.read(range, into: &batch)
    try look(at: batch.vectors, from: range.lowerBound)
    position = range.upperBound
    return true
  }

  /// Lends all documents in their order, without vectors, at most `limit` at a time; a later call
  /// of `next` begins with the first document.
  package func forEachDocuments(limit: Int, _ body: ([Document]) throws -> Void) throws {
    defer { rewind() }
    var position = 0
    while position < documentCount {
      let documents = try nextDocuments(from: position, limit: limit)
      try body(documents)
      position += documents.count
    }
  }

  /// Reads the next documents without vectors, at most `limit`; an empty list after the last one.
  ///
  /// - Parameter position: 0 for the first call, then the position after the last document that the
  ///   previous call has returned; `next` must not be called in between.
  package func nextDocuments(from position: Int, limit: Int) throws(StoreError) -> [Document] {
    let range = position..<min(position + limit, documentCount)
    guard !range.isEmpty else {
      try source.checkUnchanged()
      return []
    }
    if position == 0 { rewind() }
    var batch = DocumentBatch()
    try source.readDocuments(range, into: &batch)
    if range.upperBound == documentCount { try source.checkUnchanged() }
    return batch.documents
  }

  /// Counts the documents for whose text there is no replacing vector; 0 where the files' own
  /// vectors are used.
  package func countOfMissingVectors() throws(StoreError) -> Int {
    try (source as? ReplacedStore)?.countOfMissingVectors() ?? 0
  }

  /// Reads every vector and keeps none; refuses the first number that is NaN, infinite or too large
  /// for Float32, and the first vector that pgvector cannot compare.
  ///
  /// Everything else was checked when the store was opened.
  public func check() throws(StoreError) {
    rewind()
    var rows: [Float] = []
    for start in stride(from: 0, to: documentCount, by: 256) {
      try source.vectors.read(start..<min(start + 256, documentCount), into: &rows)
      try look(at: rows, from: start)
    }
    try source.checkUnchanged()
  }

  /// Looks for findings in vectors; a vector that is read again is not looked at again.
  private func look(at numbers: [Float], from first: Int) throws(StoreError) {
    for row in max(first, lookedAt)..<max(first + numbers.count / dimensions, lookedAt) {
      let start = (row - first) * dimensions
      try numbers.withUnsafeBufferPointer { all throws(StoreError) in
        try look(at: UnsafeBufferPointer(rebasing: all[start..<start + dimensions]), row: row)
      }
      lookedAt = row + 1
    }
    endComparison()
  }

  /// Records whether a vector has only zeros, contains a negative zero, or is equal to an earlier
  /// vector.
  private func look(at vector: UnsafeBufferPointer<Float>, row: Int) throws(StoreError) {
    // `bits` is the OR of the bits of all numbers; `negativeZeros` is 1 where a number is a
    // negative zero.
    var bits: UInt32 = 0
    var negativeZeros: UInt32 = 0
    for number in vector {
      bits |= number.bitPattern
      negativeZeros |= number.bitPattern == 0x8000_0000 ? 1 : 0
    }
    let hasNegativeZero = negativeZeros > 0
    if bits & 0x7FFF_FFFF == 0 { note(.zeroVector, row) }
    if hasNegativeZero { note(.negativeZero, row) }
    try source.vectors.refuseUnfit(vector, row: row)
    do {
      try comparison.add(vector, hasNegativeZero: hasNegativeZero)
    } catch {
      throw StoreError(.vectors, file: store.path, problem: "\(error)", remedy: "")
    }
  }

  /// Stores the result of comparing documents after the last vector, and frees the comparison's
  /// memory.
  private func endComparison() {
    guard lookedAt == documentCount, equalDocuments == nil else { return }
    equalDocuments = comparison.result
    comparison = DocumentComparison(expected: 0, texts: [])
  }

  private func note(_ kind: StoreFinding.Kind, _ row: Int) {
    if let index = findings.firstIndex(where: { $0.kind == kind }) {
      findings[index].positions.append(row)
    } else {
      findings.append(StoreFinding(kind, PositionList(row..<row + 1)))
    }
  }
}
