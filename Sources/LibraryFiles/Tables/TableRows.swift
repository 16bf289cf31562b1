internal import Files
internal import JSON
internal import SQLite

/// The rows of an ordinary table, in the order of their numbers.
final class TableRows: LibraryRows {
  var path: String { copy.path }
  private(set) var dimensions = 0
  var count: Int { rows.count }

  private let name: String
  private let copy: SQLiteCopy
  private let shape: TableShape
  private var rows: [Int64] = []
  private var facts: Statement
  private var vector: Statement

  /// Opens a table, and checks that every row has a vector of one dimension.
  init(_ name: String, in copy: SQLiteCopy) throws(FileError) {
    self.name = name
    self.copy = copy
    let found = try copy.reading { try $0.orderedColumns(ofTable: name).flatMap(TableShape.init) }
    guard let shape = found, let text = shape.text else {
      throw FileError(
        .rows, file: copy.path, place: "table \(ShownText.of(name))",
        problem: "the table has no columns of texts and vectors",
        remedy: "name the columns as docs/sources/sqlite.md says")
    }
    self.shape = shape
    // A column of this name hides the number of the row, by which rows are read, unless it is that
    // number.
    let hidden = try copy.reading { database in
      try database.first(
        """
        SELECT name FROM pragma_table_info(?1)
        WHERE lower(name) = 'rowid' AND NOT (pk = 1 AND upper(type) = 'INTEGER'
          AND (SELECT count(*) FROM pragma_table_info(?1) WHERE pk > 0) = 1)
        """, [.text(name)], { try $0.text(0) })
    }
    if let hidden {
      throw FileError(
        .rows, file: copy.path, place: "table \(ShownText.of(name))",
        problem: "the column \(ShownText.of(hidden)) hides the numbers of the rows",
        remedy: "rename the column in a copy of the file")
    }
    let table = name.quotedName
    let columns = [shape.id ?? "rowid", text] + (shape.metadata.map { [$0] } ?? []) + shape.others
    let list = columns.map { $0 == "rowid" ? $0 : $0.quotedName }.joined(separator: ", ")
    facts = try copy.reading {
      try $0.prepare("SELECT \(list) FROM \(table) WHERE rowid = ?1")
    }
    vector = try copy.reading {
      try $0.prepare("SELECT \(shape.vector.quotedName) FROM \(table) WHERE rowid = ?1")
    }
    try findRows(table)
    try copy.checkUnchanged()
  }

  func document(at position: Int) throws(FileError) -> LibraryDocument {
    let row = rows[position]
    return try copy.reading { _ in
      try facts.bind([.integer(row)])
      defer { facts.reset() }
      guard try facts.step() else { throw refusal(row, "is missing", "run again") }
      var metadata = MetadataText()
      let first = shape.metadata == nil ? 2 : 3
      if shape.metadata != nil { try appendMetadata(try facts.value(2), row, &metadata) }
      for (index, column) in shape.others.enumerated() {
        metadata.begin(column)
        try append(try facts.value(first + index), row, column, &metadata)
      }
      if metadata.hasInfinity { throw refusal(row, "has an infinite number", "change the row") }
      return LibraryDocument(
        id: try id(facts.value(0), row), text: try text(facts.value(1), row),
        metadata: metadata.finished(), hasNaN: metadata.hasNaN)
    }
  }

  func readVectors(_ range: Range<Int>, into vectors: UnsafeMutableBufferPointer<Float>)
    throws(FileError)
  {
    for (index, position) in range.enumerated() {
      let numbers = try numbers(of: rows[position])
      guard numbers.count == dimensions else {
        throw refusal(rows[position], "has another dimension than before", "run again")
      }
      for (place, number) in numbers.enumerated() {
        vectors[index * dimensions + place] = number
      }
    }
  }

  func checkUnchanged() throws(FileError) { try copy.checkUnchanged() }

  private func findRows(_ table: String) throws(FileError) {
    rows = try copy.reading {
      try $0.rows("SELECT rowid FROM \(table) ORDER BY rowid") { try $0.int64(0) }
    }
    for row in rows {
      let width = try numbers(of: row).count
      if dimensions == 0 { dimensions = width }
      guard width == dimensions else {
        throw FileError(
          .widths, file: path, place: "table \(ShownText.of(name)), row \(row)",
          problem: "has \(width) dimensions, the first row has \(dimensions)",
          remedy: "embed the store's texts with one model, or split the table")
      }
    }
  }

  /// Reads the vector of a row: bytes of Float32, or the text of a JSON array.
  private func numbers(of row: Int64) throws(FileError) -> [Float] {
    let value = try copy.reading { _ in
      try vector.bind([.integer(row)])
      defer { vector.reset() }
      return try vector.step() ? try vector.value(0) : .null
    }
    switch value {
    case .blob(let bytes) where !bytes.isEmpty && bytes.count.isMultiple(of: 4):
      return bytes.withUnsafeBytes { raw in
        stride(from: 0, to: bytes.count, by: 4).map {
          Float(
            bitPattern: UInt32(
              littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
        }
      }
    case .text(let text):
      let elements = JSONValue(parsing: Array(text.utf8))?.arrayValue?.map(\.doubleValue)
      if let elements, !elements.isEmpty, !elements.contains(nil) {
        return elements.map { Float($0 ?? 0) }
      }
      throw refusal(row, "has a vector that is no JSON array of numbers", "write the vector again")
    case .null: throw refusal(row, "has no vector", "embed its text, or delete the row")
    default:
      throw refusal(
        row, "has a vector that is neither bytes of Float32 nor a JSON array",
        "write the vector as bytes of Float32, or as a JSON array")
    }
  }

  func refusal(_ row: Int64, _ problem: String, _ remedy: String) -> FileError {
    FileError(
      .rows, file: path, place: "table \(ShownText.of(name)), row \(row)", problem: problem,
      remedy: remedy)
  }
}

extension TableRows {
  private func id(_ value: Value, _ row: Int64) throws(FileError) -> String {
    switch value {
    case .text(let text): return text
    case .integer(let number): return "\(number)"
    case .null: return "\(row)"
    case .real, .blob:
      throw refusal(row, "has an id that is neither text nor a whole number", "change the id")
    }
  }

  private func text(_ value: Value, _ row: Int64) throws(FileError) -> String? {
    switch value {
    case .text(let text): return text
    case .null: return nil
    default: throw refusal(row, "has a text that is no text of SQLite", "change the text")
    }
  }

  /// Appends the metadata: the members of a JSON object, and another value under its column's name.
  private func appendMetadata(
    _ value: Value, _ row: Int64, _ metadata: inout MetadataText
  ) throws(FileError) {
    let bytes: [UInt8]
    switch value {
    case .null: return
    case .text(let text): bytes = Array(text.utf8)
    // LangChain declares the column as BLOB, and writes text.
    case .blob(let content): bytes = content
    default: throw refusal(row, "has metadata that are no JSON text", "write them as JSON")
    }
    do {
      var limits = JSONLimits()
      limits.escapesUnstorable = false
      let entry = try JSONEntry(reading: MemoryByteSource(bytes), limits: limits)
      for member in entry.members {
        metadata.begin(entry.key(of: member))
        metadata.append(raw: entry.bytes[member.value])
      }
    } catch {
      throw refusal(row, "has metadata that are no JSON object", "write them as a JSON object")
    }
  }

  private func append(
    _ value: Value, _ row: Int64, _ column: String, _ metadata: inout MetadataText
  ) throws(FileError) {
    switch value {
    case .null: metadata.appendNull()
    case .integer(let number): metadata.append(number)
    case .real(let number): metadata.append(number)
    case .text(let text): metadata.append(text)
    case .blob:
      throw refusal(
        row, "has bytes in the column \(ShownText.of(column)), which JSON does not have",
        "copy the table without this column")
    }
  }
}
