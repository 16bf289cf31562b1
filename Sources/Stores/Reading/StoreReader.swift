public import Files

/// Reads a store's documents in order, each with its own vector, in batches.
///
/// Opening a store checks everything except the vectors' numbers: the structure of all vectors, an
/// encrypted file's authenticity, every entry, and that vectors and entries match. Memory is
/// limited to the batch and some fifty bytes for each document.
public final class StoreReader {
  /// The store, as the scan found it.
  public let store: FoundStore
  /// The changes that the operator allowed.
  public let options: ReadOptions
  /// The findings for the operator; those about numbers in vectors are added while the vectors are
  /// read.
  public private(set) var findings: [StoreFinding]
  /// The repeated vectors and texts among the documents; nil until every vector was read once.
  public private(set) var equalDocuments: EqualDocuments?
  /// The position of the next document.
  public private(set) var position = 0

  private let source: any OpenedStore
  /// The error of the last batch, after which no batch is read, because the files may not match.
  private var failure: StoreError?
  /// The position of the first vector that was not yet looked at.
  private var lookedAt = 0
  private var comparison: DocumentComparison

  /// True where a part of the store is encrypted.
  public var isEncrypted: Bool { source.isEncrypted }
  /// How many vectors the store has.
  public var vectorCount: Int { source.vectorCount }
  /// How many entries the store has.
  public var entryCount: Int { source.entryCount }
  /// How many documents can be read from the store.
  public var documentCount: Int { source.documentCount }
  /// How many numbers each vector has; 0 where there are no vectors.
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
    let isStore = directory.utf8.elementsEqual(store.path.utf8)
    let folder = isStore ? try store.open() : try Directory(path: directory)
    try self.init(in: folder, store: store, keys: keys, options: options, zone: zone)
  }

  /// Opens the files in a directory that is open already.
  public init(
    in directory: Directory, store: FoundStore, keys: KeyRing,
    options: ReadOptions = ReadOptions(), zone: LocalTime = .system
  ) throws(StoreError) {
    if let refusal = store.refusal { throw refusal }
    source = try store.format.source.open(
      store, in: directory, ReadSettings(keys: keys, options: options, zone: zone))
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
  /// A batch whose reading threw must not be used; until `rewind()`, later calls throw the same
  /// error.
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

  /// Looks for findings in vectors; looks at each vector only once, however often it is read.
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

  /// Records whether a vector is zero, contains a negative zero, or is equal to an earlier one.
  private func look(at vector: UnsafeBufferPointer<Float>, row: Int) throws(StoreError) {
    // All bits of the vector combined, and 1 where one of its numbers is a negative zero.
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

  /// Takes the comparison's result after the last vector, and frees its memory.
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
