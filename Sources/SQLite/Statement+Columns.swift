import CSQLite

/// The columns of the statement's current row; the number of the first column is 0.
///
/// Where a column has another type than requested, an error is thrown; values are never converted.
extension Statement {
  /// The number of columns of a row.
  public var columnCount: Int { Int(sqlite3_column_count(handle)) }

  /// Returns the name of a column.
  public func columnName(_ column: Int) -> String {
    sqlite3_column_name(handle, Int32(clamping: column)).map { String(cString: $0) } ?? ""
  }

  /// Returns the storage class of a column in this row.
  public func kind(_ column: Int) -> Value.Kind {
    switch sqlite3_column_type(handle, Int32(clamping: column)) {
    case SQLITE_INTEGER: .integer
    case SQLITE_FLOAT: .real
    case SQLITE_TEXT: .text
    case SQLITE_BLOB: .blob
    default: .null
    }
  }

  /// Returns true where the column is NULL.
  public func isNull(_ column: Int) -> Bool { kind(column) == .null }

  /// Reads a column of any type.
  public func value(_ column: Int) throws(DatabaseError) -> Value {
    switch kind(column) {
    case .null: .null
    case .integer: .integer(try int64(column))
    case .real: .real(try real(column))
    case .text: .text(try text(column))
    case .blob: .blob(try blob(column))
    }
  }

  /// Reads an integer of eight bytes.
  public func int64(_ column: Int) throws(DatabaseError) -> Int64 {
    try expect(.integer, column)
    return sqlite3_column_int64(handle, Int32(clamping: column))
  }

  /// Reads an integer.
  public func integer(_ column: Int) throws(DatabaseError) -> Int {
    Int(try int64(column))
  }

  /// Reads an integer; nil for NULL.
  public func optionalInteger(_ column: Int) throws(DatabaseError) -> Int? {
    isNull(column) ? nil : try integer(column)
  }

  /// Reads a double.
  public func real(_ column: Int) throws(DatabaseError) -> Double {
    try expect(.real, column)
    return sqlite3_column_double(handle, Int32(clamping: column))
  }

  /// Reads text; bytes that are not UTF-8 are an error.
  public func text(_ column: Int) throws(DatabaseError) -> String {
    try expect(.text, column)
    let index = Int32(clamping: column)
    // The pointer first, then the count: the order that SQLite requires.
    let start = sqlite3_column_text(handle, index)
    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index)))
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw mismatch(column, "is not valid UTF-8")
    }
    return text
  }

  /// Reads text; nil for NULL.
  public func optionalText(_ column: Int) throws(DatabaseError) -> String? {
    isNull(column) ? nil : try text(column)
  }

  /// Reads a copy of a column's bytes.
  public func blob(_ column: Int) throws(DatabaseError) -> [UInt8] {
    try withBlob(column) { Array($0) }
  }

  /// Lends a column's bytes, which are valid until `body` returns.
  public func withBlob<Result>(
    _ column: Int, _ body: (UnsafeRawBufferPointer) -> Result
  ) throws(DatabaseError) -> Result {
    try expect(.blob, column)
    let index = Int32(clamping: column)
    let start = sqlite3_column_blob(handle, index)
    return body(
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index))))
  }

  private func expect(_ wanted: Value.Kind, _ column: Int) throws(DatabaseError) {
    guard column >= 0, column < sqlite3_data_count(handle) else {
      throw mismatch(column, "is not in this row")
    }
    let found = kind(column)
    guard found == wanted else {
      throw mismatch(column, "is \(found.rawValue), not \(wanted.rawValue)")
    }
  }

  private func mismatch(_ column: Int, _ what: String) -> DatabaseError {
    let name = columnName(column)
    let place = name.isEmpty ? "column \(column)" : "column \(column) (\(name))"
    return DatabaseError(code: SQLITE_MISMATCH, message: "\(place) \(what)", path: path, sql: sql)
  }
}
