internal import Files
internal import JSON

/// The format of CSV: a header with the names of the columns, and a record for each document, whose
/// vector is the text of a JSON array.
struct CSVStore: EntryFormat {
  var name: String { "csv" }
  var hasKeys: Bool { false }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    guard entry.name.text.lowercased().hasSuffix(".csv") else { return [] }
    let store = try entry.storeFile(endings: ["csv"]) { file in
      var records = CSVRecords(file)
      var record: [UInt8] = []
      guard (try? records.next(into: &record)) != nil else { return false }
      return (try? CSVHeader(record)) != nil
    }
    return store.map { [$0] } ?? []
  }

  func isWhole(_ names: [String]) -> Bool { names.count == 1 }

  func openEntries(of store: FoundStore, in folder: Directory, _ options: ReadOptions)
    throws(StoreError) -> (entries: any EntrySource, vectors: any VectorSource)
  {
    let entries = try CSVEntries(
      try JSONFile(store.files.first?.name ?? "", in: folder, options))
    return (entries, entries.vectorSource)
  }
}

/// The names of a file's columns.
private struct CSVHeader {
  let names: [String]
  /// The index of the column with the vectors.
  let vector: Int

  /// Reads a header; throws where it has no column of vectors.
  init(_ record: [UInt8]) throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = record.starts(with: mark) ? Array(record.dropFirst(3)) : record
    names = try text.withUnsafeBufferPointer { try CSVFields($0) }.fields.map { field in
      guard let name = String(validating: field.text, as: UTF8.self) else {
        throw CSVFields.Fault(problem: "the bytes are not UTF-8")
      }
      return name
    }
    let index = EntryNames.tables.vectors.lazy.compactMap { [names] in names.firstIndex(of: $0) }
      .first
    guard let index else { throw CSVFields.Fault(problem: "no column has the name of a vector") }
    vector = index
  }
}

/// The records of a file as entries.
private final class CSVEntries: EntrySource {
  let names: EntryNames
  private let file: JSONFile
  private var columns: [String] = []
  private var vectorColumn = 0
  private var vectors = VectorParts()
  private var parts: [FilePart] = []
  private var bytes: [UInt8] = []

  var path: String { file.path }
  var count: Int { parts.count }
  var vectorSource: any VectorSource { JSONVectors(file, vectors) }

  init(_ file: JSONFile) throws(StoreError) {
    self.file = file
    var names = EntryNames.tables
    names.vectors = []
    self.names = names
    var records = CSVRecords(file.handle)
    var record: [UInt8] = []
    guard try records.next(into: &record) != nil else {
      throw fault("has no header", at: nil)
    }
    do {
      let header = try CSVHeader(record)
      columns = header.names
      vectorColumn = header.vector
    } catch {
      throw fault((error as? CSVFields.Fault)?.problem ?? "\(error)", at: nil)
    }
    while let range = try records.next(into: &record) { try add(record, range) }
    try file.handle.checkUnchanged()
  }

  private func add(_ record: [UInt8], _ range: Range<Int>) throws(StoreError) {
    let field = try fields(of: record, parts.count)[vectorColumn]
    let text = field.text
    guard text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else {
      throw fault(
        text.isEmpty ? "has no vector" : "the vector is not an array in brackets", at: parts.count)
    }
    let commas = text.count { $0 == UInt8(ascii: ",") }
    let isEmpty = text.dropFirst().dropLast().allSatisfy { $0 <= 0x20 }
    let isPrinted = commas == 0 && text.dropFirst().dropLast().contains { $0 <= 0x20 }
    guard !isPrinted || isEmpty else {
      throw fault(
        "the vector is an array as NumPy prints it, which has lost digits", at: parts.count,
        remedy: "write json.dumps(vector.tolist()) into the column")
    }
    guard let part = FilePart(range) else { throw file.changed }
    let start = range.lowerBound
    try vectors.add(
      start + field.range.lowerBound..<start + field.range.upperBound,
      count: isEmpty ? 0 : commas + 1, path)
    parts.append(part)
  }

  private func fields(of record: [UInt8], _ index: Int) throws(StoreError) -> [CSVFields.Field] {
    let split: CSVFields
    do {
      split = try record.withUnsafeBufferPointer { bytes throws(CSVFields.Fault) in
        try CSVFields(bytes)
      }
    } catch {
      throw fault(error.problem, at: index)
    }
    guard split.fields.count == columns.count else {
      throw fault(
        "has \(split.fields.count) fields, and the header has \(columns.count)", at: index)
    }
    return split.fields
  }

  /// Replaces `entry` by an object of the record's fields, each a string, except metadata that are
  /// the text of a JSON object.
  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError) {
    try file.read(parts[position], into: &bytes)
    let fields = try fields(of: Array(bytes[..<parts[position].count]), position)
    var object: [UInt8] = []
    for (name, (index, field)) in zip(columns, fields.enumerated()) where index != vectorColumn {
      guard let text = String(validating: field.text, as: UTF8.self) else {
        throw fault("the bytes are not UTF-8", at: position, remedy: "convert the file to UTF-8")
      }
      object.append(object.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
      object += Array("\(JSONValue.string(name).text):".utf8)
      let isObject = names.objects.contains(name) && field.text.first == UInt8(ascii: "{")
      // A text that is no object on its own must not become members of the document.
      if isObject {
        let text = Array(field.text)
        try file.parse(text, count: text.count, index: position, into: &entry)
      }
      object += isObject ? field.text : Array(JSONValue.string(text).text.utf8)
    }
    object += Array(object.isEmpty ? "{}".utf8 : "}".utf8)
    try file.parse(object, count: object.count, index: position, into: &entry)
  }

  func checkUnchanged() throws(StoreError) { try file.handle.checkUnchanged() }

  private func fault(
    _ problem: String, at record: Int?, remedy: String = "correct the file"
  ) -> StoreError {
    StoreError(
      .metadata, file: path, place: record.map { "record \($0)" } ?? "header", problem: problem,
      remedy: remedy)
  }
}
