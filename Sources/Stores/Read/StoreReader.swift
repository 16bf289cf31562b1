internal import Digests
internal import JSON

/// Reads a store's documents in order, each with its own vector, some at a time.
///
/// Opening one checks everything but the vectors' numbers: the whole pickle's structure, an
/// encrypted file's authenticity, every entry, and that vectors and entries pair. Vector `i`
/// belongs to entry `i`, always. Memory is bounded by the batch and some twenty bytes a document,
/// forty while it is opened.
public final class StoreReader {
  /// The store, as the scan found it.
  public let store: FoundStore
  /// What the operator allowed.
  public let options: ReadOptions
  /// True where `metadata.json` is a Fernet token.
  public let isEncrypted: Bool
  /// How many vectors the store has.
  public let vectorCount: Int
  /// How many entries the store has.
  public let entryCount: Int
  /// How many documents there will be.
  public let documentCount: Int
  /// What the operator should know; those about numbers in vectors come as the vectors are read.
  public internal(set) var findings: [StoreFinding]

  let vectors: VectorsFile
  let metadata: MetadataFile
  let zone: LocalTime
  var identity: DocumentIdentity
  /// How often each repeated id has occurred so far, by its identity with ordinal 0.
  var ordinals: [UUIDValue: Int]
  var reader: JSONEntryReader?
  /// What the last batch ended with; there is none behind it, for the files may be out of step.
  var failure: StoreError?
  var entry = JSONEntry()
  /// The position of the next document.
  public internal(set) var position = 0
  /// Vectors before this one have been looked at for zeros.
  var lookedAt = 0

  /// How many numbers each vector has; 0 where there are no vectors.
  public var dimensions: Int { vectors.dimensions }

  /// Opens the store's own files, or a snapshot's of the same names.
  ///
  /// - Parameters:
  ///   - directory: the folder that holds the files: the store's path, or a copy's.
  ///   - zone: the rules for timestamps without an offset.
  public convenience init(
    directory: String, store: FoundStore, keys: KeyRing, options: ReadOptions = ReadOptions(),
    zone: LocalTime = .system
  ) throws(StoreError) {
    let isStore = directory.utf8.elementsEqual(store.path.utf8)
    let folder = isStore ? try store.open() : try StoreDirectory(path: directory)
    try self.init(in: folder, store: store, keys: keys, options: options, zone: zone)
  }

  /// Opens the files in a directory that is open already.
  public init(
    in directory: StoreDirectory, store: FoundStore, keys: KeyRing,
    options: ReadOptions = ReadOptions(), zone: LocalTime = .system
  ) throws(StoreError) {
    if let refusal = store.refusal { throw refusal }
    let texts = try directory.openFile(named: StoreFormat.metadataFile)
    let vectors = try VectorsFile(
      try directory.openFile(named: StoreFormat.vectorsFile), beside: texts)
    let metadata = MetadataFile(texts, user: store.name.user, keys: keys, options: options)
    let identity = DocumentIdentity(of: store.name)
    let survey = try EntrySurvey(
      metadata, vectorCount: vectors.count, identity: identity, zone: zone)
    try vectors.handle.checkUnchanged()
    try metadata.handle.checkUnchanged()
    let join = StoreJoin(
      vectorCount: vectors.count, entryCount: survey.count,
      withoutText: survey.positions(.withoutText))
    if !options.allowMismatch { try join.check(store: directory.path, metadata.handle.path) }
    self.store = store
    self.options = options
    self.vectors = vectors
    self.metadata = metadata
    self.zone = zone
    self.identity = identity
    isEncrypted = survey.isEncrypted
    vectorCount = vectors.count
    entryCount = survey.count
    documentCount = join.documentCount
    findings = join.findings + survey.findings
    ordinals = Dictionary(uniqueKeysWithValues: survey.repeated.map { ($0, 0) })
  }

  /// Makes the next batch begin with the first document again.
  public func rewind() {
    position = 0
    reader = nil
    failure = nil
    ordinals = ordinals.mapValues { _ in 0 }
  }

  /// Reads every batch and keeps none, so that every NaN, infinity and overflow is found.
  public func check() throws(StoreError) {
    rewind()
    var batch = DocumentBatch()
    while try next(&batch, limit: 256) {}
    rewind()
  }
}
