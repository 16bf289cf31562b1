internal import Files
internal import JSON

/// A store of entries, each with the vector of the same position.
final class EntryStore: OpenedStore {
  let isEncrypted = false
  let findings: [StoreFinding]
  let repeatedTexts: [RepeatedValue]
  let vectors: any VectorSource

  private let entries: any EntrySource
  private let settings: ReadSettings
  private var numbering: DocumentNumbering
  private var entry = JSONEntry()

  var vectorCount: Int { vectors.count }
  var entryCount: Int { entries.count }
  var documentCount: Int { entries.count }

  /// Reads every entry once and keeps none; refuses entries without text, unless they are allowed.
  ///
  /// - Parameters:
  ///   - hasKeys: true where the library finds a document by its id, so that the same id twice is
  ///     damage.
  ///   - notes: the findings of the format.
  init(
    _ name: StoreName, entries: any EntrySource, vectors: any VectorSource,
    _ settings: ReadSettings, hasKeys: Bool, notes: [StoreFinding] = []
  ) throws(StoreError) {
    self.entries = entries
    self.vectors = vectors
    self.settings = settings
    guard entries.count == vectors.count else {
      throw StoreError(
        .count, file: entries.path,
        problem: "\(vectors.count) vectors but \(entries.count) documents",
        remedy: "restore all files of the store from the same moment")
    }
    let survey = try Self.survey(of: name, entries, settings)
    if hasKeys, survey.positions(.repeatedID).count > 0 {
      throw StoreError(
        .metadata, file: entries.path, place: "entry \(survey.positions(.repeatedID))",
        problem: "has the id of an earlier document, and the library keeps one document an id",
        remedy: "let the library load and save the store again, or restore the file")
    }
    let withoutText = survey.positions(.withoutText)
    if withoutText.count > 0, !settings.options.allowMismatch {
      throw StoreError(
        .text, file: entries.path, place: "entry \(withoutText)",
        problem: withoutText.count == 1
          ? "1 document has no text" : "\(withoutText.count) documents have no text",
        remedy: "add the text, or use --allow-mismatch to keep each document with its vector "
          + "and an empty text")
    }
    findings = notes + survey.findings
    repeatedTexts = survey.repeatedTexts
    numbering = DocumentNumbering(survey)
    try entries.checkUnchanged()
  }

  private static func survey(
    of name: StoreName, _ entries: any EntrySource, _ settings: ReadSettings
  ) throws(StoreError) -> EntrySurvey {
    var survey = EntrySurvey(of: name, capacity: entries.count)
    var entry = JSONEntry()
    var text: [UInt8] = []
    for position in 0..<entries.count {
      try entries.read(position, into: &entry)
      let fields = EntryFields(entry, names: entries.names, zone: settings.zone)
      text.removeAll(keepingCapacity: true)
      if let member = fields.text { _ = entry.appendUTF8(of: member, to: &text) }
      let id = try sourceID(of: entry, fields, entries)
      do {
        try survey.add(sourceID: id, text: text, fields.findings(in: entry))
      } catch {
        throw StoreError(.file, file: entries.path, problem: "\(error)", remedy: "")
      }
    }
    return survey
  }

  private static func sourceID(
    of entry: JSONEntry, _ fields: EntryFields, _ entries: any EntrySource
  ) throws(StoreError) -> String? {
    do {
      return try fields.sourceID(in: entry)
    } catch {
      throw StoreError(
        .metadata, file: entries.path, place: "entry \(entry.index)",
        problem: "the id is \(error.kind), neither a string nor a number",
        remedy: "give the document an id that is a string")
    }
  }

  func rewind() { numbering.rewind() }

  func read(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    try vectors.read(range, into: &batch.vectors)
    try readDocuments(range, into: &batch)
  }

  func readDocuments(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    batch.documents.removeAll(keepingCapacity: true)
    for position in range { batch.documents.append(try document(at: position)) }
  }

  private func document(at position: Int) throws(StoreError) -> Document {
    try entries.read(position, into: &entry)
    let fields = EntryFields(entry, names: entries.names, zone: settings.zone)
    let text = fields.text.flatMap { entry.string(of: $0) } ?? ""
    let sourceID = try Self.sourceID(of: entry, fields, entries)
    do {
      let (id, hasOwnID) = try numbering.next(sourceID: sourceID)
      return Document(
        position: position, id: id, sourceID: sourceID, hasOwnID: hasOwnID, text: text,
        metadata: fields.metadata(of: entry, text: text),
        createdAt: fields.createdAt?.microseconds)
    } catch {
      throw StoreError(.file, file: entries.path, problem: "\(error)", remedy: "")
    }
  }

  func checkUnchanged() throws(StoreError) { try entries.checkUnchanged() }
}
