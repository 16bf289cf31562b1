internal import Files
internal import SQLite

/// The rows of a table of sqlite-vec, read from the tables in which it keeps its columns.
///
/// A chunk holds the values of one column for some rows; the latest chunk of each column is in
/// memory.
final class VirtualTableRows: LibraryRows {
  var path: String { copy.path }
  var dimensions: Int { table.dimensions }
  var count: Int { rows.count }

  private struct Row {
    let number: Int64
    let chunk: Int64
    let offset: Int
  }

  private let table: VirtualTable
  private let copy: SQLiteCopy
  private var rows: [Row] = []
  private let vectors: ChunkReader
  private let metadata: [ChunkReader]
  private var key: Statement

  init(_ name: String, _ definition: String, in copy: SQLiteCopy) throws(FileError) {
    self.copy = copy
    let found: VirtualTable
    do {
      found = try VirtualTable(name, sql: definition)
    } catch {
      throw FileError(.rows, file: copy.path, problem: error.problem, remedy: "")
    }
    table = found
    vectors = try ChunkReader("\(name)_vector_chunks00", column: "vectors", in: copy)
    metadata = try found.metadata.indices.map { index throws(FileError) in
      try ChunkReader("\(name)_metadatachunks\(Self.digits(index))", column: "data", in: copy)
    }
    let rowids = "\(name)_rowids".quotedName
    key = try copy.reading { try $0.prepare("SELECT id FROM \(rowids) WHERE rowid = ?1") }
    rows = try copy.reading {
      try $0.rows("SELECT rowid, chunk_id, chunk_offset FROM \(rowids) ORDER BY rowid") {
        Row(number: try $0.int64(0), chunk: try $0.int64(1), offset: try $0.integer(2))
      }
    }
    try copy.checkUnchanged()
  }

  private static func digits(_ index: Int) -> String { index < 10 ? "0\(index)" : "\(index)" }

  func document(at position: Int) throws(FileError) -> LibraryDocument {
    let row = rows[position]
    var id = "\(row.number)"
    if table.hasTextKey, case .text(let text) = try keyValue(row.number) { id = text }
    var text: String?
    var members = MetadataText()
    for (name, value) in try values(of: row) {
      if name == table.text, case .text(let found) = value {
        text = found
      } else if name != table.text || value != .null {
        members.begin(name)
        let isFlag = table.metadata.contains { $0.name == name && $0.kind == .boolean }
        if isFlag {
          members.append(value == .integer(1))
        } else {
          try append(value, row.number, &members)
        }
      }
    }
    if members.hasInfinity { throw refusal(row.number, "has an infinite number") }
    return LibraryDocument(
      id: id, text: text, metadata: members.finished(), hasNaN: members.hasNaN)
  }

  func readVectors(_ range: Range<Int>, into output: UnsafeMutableBufferPointer<Float>)
    throws(FileError)
  {
    for (index, position) in range.enumerated() {
      let row = rows[position]
      let part = UnsafeMutableBufferPointer(
        rebasing: output[index * dimensions..<(index + 1) * dimensions])
      let bytes = try vectors.bytes(row.chunk, row.offset, count: dimensions * 4)
      UnsafeMutableRawBufferPointer(part).copyBytes(from: bytes)
    }
  }

  func checkUnchanged() throws(FileError) { try copy.checkUnchanged() }

  private func keyValue(_ row: Int64) throws(FileError) -> Value {
    try copy.reading { _ in
      try key.bind([.integer(row)])
      defer { key.reset() }
      return try key.step() ? try key.value(0) : .null
    }
  }

  private func refusal(_ row: Int64, _ problem: String) -> FileError {
    FileError(
      .rows, file: path, place: "table \(ShownText.of(table.name)), row \(row)", problem: problem,
      remedy: "restore the file from a copy, or change the row with sqlite-vec")
  }
}

// The values of a row's columns, except the vector.
extension VirtualTableRows {
  private func values(of row: Row) throws(FileError) -> [(name: String, value: Value)] {
    var values: [(name: String, value: Value)] = []
    for (index, name) in table.partitions.enumerated() {
      let sql =
        "SELECT partition\(Self.digits(index)) FROM \("\(table.name)_chunks".quotedName) "
        + "WHERE chunk_id = ?1"
      values.append((name, try copy.reading { try $0.value(sql, [.integer(row.chunk)]) }))
    }
    for (index, column) in table.metadata.enumerated() {
      values.append((column.name, try metadataValue(index, column.kind, of: row)))
    }
    for (index, name) in table.auxiliaries.enumerated() {
      let sql =
        "SELECT value\(Self.digits(index)) FROM \("\(table.name)_auxiliary".quotedName) "
        + "WHERE rowid = ?1"
      values.append((name, try copy.reading { try $0.value(sql, [.integer(row.number)]) }))
    }
    return values
  }

  private func metadataValue(_ index: Int, _ kind: VirtualTable.Kind, of row: Row)
    throws(FileError) -> Value
  {
    if kind == .boolean {
      let byte = try metadata[index].bytes(row.chunk, row.offset / 8, count: 1)
      return .integer(Int64(byte[byte.startIndex] >> (row.offset % 8) & 1))
    }
    let width = kind == .text ? 16 : 8
    let bytes = Array(try metadata[index].bytes(row.chunk, row.offset, count: width))
    switch kind {
    case .integer: return .integer(Int64(bitPattern: Self.number(bytes, 8)))
    case .float: return .real(Double(bitPattern: Self.number(bytes, 8)))
    default: return try text(bytes, index, of: row)
    }
  }

  /// Reads a text: short ones are in the chunk, the others in a table of their own.
  private func text(_ bytes: [UInt8], _ index: Int, of row: Row) throws(FileError) -> Value {
    let length = Int(Int32(truncatingIfNeeded: Self.number(bytes, 4)))
    if (0...12).contains(length) {
      guard let text = String(validating: bytes[4..<4 + length], as: UTF8.self) else {
        throw refusal(row.number, "has a text that is not UTF-8")
      }
      return .text(text)
    }
    let sql =
      "SELECT data FROM \("\(table.name)_metadatatext\(Self.digits(index))".quotedName) "
      + "WHERE rowid = ?1"
    let value = try copy.reading { try $0.value(sql, [.integer(row.number)]) }
    guard case .text(let text) = value, text.utf8.count == length else {
      throw refusal(row.number, "has a text that is missing or has another length")
    }
    return value
  }

  private static func number(_ bytes: [UInt8], _ count: Int) -> UInt64 {
    bytes[..<count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func append(_ value: Value, _ row: Int64, _ members: inout MetadataText)
    throws(FileError)
  {
    switch value {
    case .null: members.appendNull()
    case .integer(let number): members.append(number)
    case .real(let number): members.append(number)
    case .text(let text): members.append(text)
    case .blob: throw refusal(row, "has bytes in a column, which JSON does not have")
    }
  }
}

/// Reads the chunks of one column; the latest one is kept.
final class ChunkReader {
  private let copy: SQLiteCopy
  private let table: String
  private var statement: Statement
  private var chunk: Int64?
  private var content: [UInt8] = []

  init(_ table: String, column: String, in copy: SQLiteCopy) throws(FileError) {
    self.copy = copy
    self.table = table
    statement = try copy.reading {
      try $0.prepare("SELECT \(column) FROM \(table.quotedName) WHERE rowid = ?1")
    }
  }

  /// Returns the bytes of an element, the first of which is at `offset` times their number.
  func bytes(_ number: Int64, _ offset: Int, count: Int) throws(FileError) -> ArraySlice<UInt8> {
    if chunk != number {
      content = try copy.reading { _ in
        try statement.bind([.integer(number)])
        defer { statement.reset() }
        return try statement.step() ? try statement.blob(0) : []
      }
      chunk = number
    }
    guard offset >= 0, offset < content.count / count else {
      throw FileError(
        .rows, file: copy.path, place: "table \(ShownText.of(table)), chunk \(number)",
        problem: "does not have the element \(offset)", remedy: "restore the file from a copy")
    }
    return content[offset * count..<(offset + 1) * count]
  }
}
