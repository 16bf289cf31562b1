internal import Files
internal import JSON
internal import LibraryFiles

/// Reads the documents that another library has stored.
///
/// The metadata are kept whole: no member of them becomes a column.
final class LibraryStore: OpenedStore {
  let entryCount: Int
  let documentCount: Int
  let findings: [StoreFinding]
  let repeatedTexts: [RepeatedValue]
  let vectors: any VectorSource

  private let rows: any LibraryRows
  private let form: StorableForm
  private var numbering: DocumentNumbering

  var isEncrypted: Bool { false }
  var vectorCount: Int { rows.count }

  /// Opens a store: reads every text and its metadata once, and refuses what cannot be stored.
  init(_ rows: any LibraryRows, of name: StoreName, _ settings: ReadSettings) throws(StoreError) {
    let form = StorableForm(path: rows.path, options: settings.options)
    vectors = try LibraryVectors(rows)
    var survey = EntrySurvey(of: name, capacity: rows.count)
    for position in 0..<rows.count {
      if position % 1024 == 0 { try StopRequest.check() }
      let document = try form.document(rows.document(at: position), at: position)
      let kinds = document.findings + [(.rebuiltVector, rows.isRebuilt(at: position))]
      do {
        try survey.add(sourceID: document.id, text: Array((document.text ?? "").utf8), kinds)
      } catch {
        throw StoreError(.encryption, file: rows.path, problem: "\(error)", remedy: "")
      }
    }
    try rows.checkUnchanged()
    let without = survey.positions(.withoutText)
    if without.count > 0, !settings.options.allowMismatch {
      let documents = without.count == 1 ? "1 document has" : "\(without.count) documents have"
      throw StoreError(
        .text, file: rows.path, place: "document \(without)", problem: "\(documents) no text",
        remedy: "add the text with the library, or use --allow-mismatch to keep each document with "
          + "its vector and an empty text")
    }
    self.rows = rows
    self.form = form
    entryCount = survey.count
    documentCount = survey.count
    findings = survey.findings
    repeatedTexts = survey.repeatedTexts
    numbering = DocumentNumbering(survey)
  }

  func rewind() { numbering.rewind() }

  func read(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    try vectors.read(range, into: &batch.vectors)
    try readDocuments(range, into: &batch)
  }

  func readDocuments(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError) {
    batch.documents.removeAll(keepingCapacity: true)
    for position in range {
      let document = try form.document(rows.document(at: position), at: position)
      do {
        let (id, hasOwnID) = try numbering.next(sourceID: document.id)
        batch.documents.append(
          Document(
            position: position, id: id, sourceID: document.id, hasOwnID: hasOwnID,
            text: document.text ?? "", metadata: document.metadata, createdAt: nil))
      } catch {
        throw StoreError(.encryption, file: rows.path, problem: "\(error)", remedy: "")
      }
    }
  }

  func checkUnchanged() throws(StoreError) { try rows.checkUnchanged() }
}

/// The vectors of another library's documents, whose numbers are checked as they are read.
struct LibraryVectors: VectorSource {
  private let rows: any LibraryRows

  var path: String { rows.path }
  var count: Int { rows.count }
  var dimensions: Int { rows.count == 0 ? 0 : rows.dimensions }

  /// Takes the vectors, whose dimension must be one that pgvector has.
  init(_ rows: any LibraryRows) throws(StoreError) {
    self.rows = rows
    guard rows.count > 0 else { return }
    guard rows.dimensions > 0 else {
      throw StoreError(
        .dimensions, file: rows.path, problem: "the vectors have no numbers",
        remedy: "embed the store's texts again")
    }
    guard rows.dimensions <= Self.largestDimension else {
      throw StoreError(
        .dimensions, file: rows.path,
        problem: "vectors have \(rows.dimensions) dimensions; pgvector holds at most "
          + "\(Self.largestDimension)",
        remedy: "embed the store's texts with a model of fewer dimensions")
    }
  }

  /// The largest number of dimensions of pgvector's type `vector`.
  private static let largestDimension = 16_000

  func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError) {
    let count = range.count * dimensions
    if vectors.count > count { vectors.removeLast(vectors.count - count) }
    if vectors.count < count {
      vectors.append(contentsOf: repeatElement(0, count: count - vectors.count))
    }
    var failure: StoreError?
    let notFinite: Int? = vectors.withUnsafeMutableBufferPointer { numbers in
      do throws(StoreError) {
        try rows.readVectors(range, into: numbers)
      } catch {
        failure = error
        return nil
      }
      return numbers.firstIndex { !$0.isFinite }
    }
    if let failure { throw failure }
    guard let notFinite else { return }
    throw StoreError(
      .notFinite, file: path,
      place: "document \(range.lowerBound + notFinite / dimensions), "
        + "position \(notFinite % dimensions)",
      problem: "the number is NaN or infinite",
      remedy: "embed this document again with the library, or delete it there")
  }
}
