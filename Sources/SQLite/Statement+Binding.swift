import CSQLite

/// The value that makes SQLite copy bound bytes before the call returns (SQLITE_TRANSIENT).
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Statement {
  /// Binds all parameters, ?1 first; the number of values must be that of the statement's
  /// parameters.
  public mutating func bind(_ parameters: [Value]) throws(DatabaseError) {
    reset()
    guard parameters.count == parameterCount else {
      let message = "\(parameters.count) values for \(parameterCount) parameters"
      throw DatabaseError(code: SQLITE_RANGE, message: message, path: path, sql: sql)
    }
    for (index, value) in parameters.enumerated() {
      try bind(value, at: index + 1)
    }
  }

  /// Binds one parameter; the number of the first parameter is 1.
  public mutating func bind(_ value: Value, at index: Int) throws(DatabaseError) {
    let place = Int32(clamping: index)
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(handle, place)
    case .integer(let number): code = sqlite3_bind_int64(handle, place, number)
    case .real(let number): code = sqlite3_bind_double(handle, place, number)
    case .text(var text):
      code = text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters in
          // A null pointer would bind NULL: the empty text needs an address.
          characters.baseAddress.map {
            sqlite3_bind_text64(
              handle, place, $0, UInt64(characters.count), copied, UInt8(SQLITE_UTF8))
          } ?? sqlite3_bind_text64(handle, place, "", 0, copied, UInt8(SQLITE_UTF8))
        }
      }
    case .blob(let bytes):
      code = bytes.withUnsafeBytes { buffer in
        buffer.isEmpty
          ? sqlite3_bind_zeroblob(handle, place, 0)
          : sqlite3_bind_blob64(handle, place, buffer.baseAddress, UInt64(buffer.count), copied)
      }
    }
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// The number of the statement's parameters.
  public var parameterCount: Int { Int(sqlite3_bind_parameter_count(handle)) }
}
