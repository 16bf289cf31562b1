internal import Files
internal import JSON

/// Reads the documents of one store: vector `i` always belongs to entry `i`.
final class SimpleStoreReader: OpenedStore {
  let isEncrypted: Bool
  let entryCount: Int
  let documentCount: Int
  let findings: [StoreFinding]
  let repeatedTexts: [RepeatedValue]

  private let options: ReadOptions
  private let file: VectorsFile
  private let metadata: MetadataFile
  private let zone: LocalTime
  private var numbering: DocumentNumbering
  private var reader: JSONEntryReader?
  private var entry = JSONEntry()

  var vectors: any VectorSource { file }
  var vectorCount: Int { file.count }

  /// Opens a store: checks the pickle's structure and every entry, and that vectors and entries
  /// match.
  init(
    _ store: FoundStore, in folder: Directory, _ settings: ReadSettings
  ) throws(StoreError) {
    let texts = try folder.openFile(named: SimpleVectorStore.metadataFile)
    let file = try VectorsFile(
      try folder.openFile(named: SimpleVectorStore.vectorsFile), beside: texts)
    let metadata = MetadataFile(
      texts, user: store.name.user, keys: settings.keys, options: settings.options)
    let (survey, isEncrypted) = try metadata.survey(
      of: store.name, vectorCount: file.count, zone: settings.zone)
    try file.handle.checkUnchanged()
    try metadata.handle.checkUnchanged()
    let join = StoreJoin(
      vectorCount: file.count, entryCount: survey.count,
      withoutText: survey.positions(.withoutText))
    if !settings.options.allowMismatch {
      try join.check(store: folder.path, metadata.handle.path)
    }
    self.file = file
    self.metadata = metadata
    self.isEncrypted = isEncrypted
    options = settings.options
    zone = settings.zone
    entryCount = survey.count
    documentCount = join.documentCount
    findings = join.findings + survey.findings
    repeatedTexts = survey.repeatedTexts
    numbering = DocumentNumbering(survey)
  }

  func rewind() {
    reader = nil
    numbering.rewind()
  }

  func read(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    try file.read(range, into: &batch.vectors)
    try readDocuments(range, into: &batch)
  }

  func readDocuments(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    batch.documents.removeAll(keepingCapacity: true)
    let reader = try openedReader()
    for position in range {
      guard try metadata.next(reader, into: &entry), entry.index == position else {
        throw changed
      }
      batch.documents.append(try document(at: position))
    }
  }

  func checkUnchanged() throws(StoreError) {
    try file.handle.checkUnchanged()
    try metadata.handle.checkUnchanged()
  }

  private func openedReader() throws(StoreError) -> JSONEntryReader {
    if let reader { return reader }
    let opened = try metadata.open().reader
    reader = opened
    return opened
  }

  private func document(at position: Int) throws(StoreError) -> Document {
    let fields = EntryFields(entry, zone: zone)
    // When the store was opened, every entry had a text, or texts were allowed to be missing.
    if fields.text == nil, !options.allowMismatch { throw changed }
    let text = fields.text.flatMap { entry.string(of: $0) } ?? ""
    let sourceID = try metadata.sourceID(of: entry, fields)
    do {
      let (id, hasOwnID) = try numbering.next(sourceID: sourceID)
      return Document(
        position: position, id: id, sourceID: sourceID, hasOwnID: hasOwnID, text: text,
        metadata: fields.metadata(of: entry, text: text),
        createdAt: fields.createdAt?.microseconds)
    } catch {
      throw metadata.refusal(error)
    }
  }

  private var changed: StoreError {
    StoreError(
      .changed, file: metadata.handle.path, problem: "changed while it was read",
      remedy: "stop the application that writes the file, then run again")
  }
}
