import CSQLite

/// A compiled statement, which is finalised when its owner releases it.
///
/// A caller binds values, calls `step` and reads columns, or calls `run` or `forEachRow`, which do
/// all three. Columns are read from the row of the latest `step`.
public struct Statement: ~Copyable {
  /// The text of the statement.
  public let sql: String
  let path: String
  let handle: OpaquePointer

  init(_ sql: String, handle database: OpaquePointer, path: String) throws(DatabaseError) {
    var compiled: OpaquePointer?
    var text = sql
    let (code, isAlone) = text.withUTF8 { bytes -> (Int32, Bool) in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        var rest: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(
          database, characters.baseAddress, Int32(clamping: characters.count), 0, &compiled, &rest)
        return (code, Self.isBlank(from: rest, to: characters))
      }
    }
    guard code == SQLITE_OK else {
      throw DatabaseError(database, code: code, path: path, sql: sql)
    }
    guard let compiled, isAlone else {
      sqlite3_finalize(compiled)
      let message = compiled == nil ? "no statement" : "more than one statement"
      throw DatabaseError(code: SQLITE_MISUSE, message: message, path: path, sql: sql)
    }
    self.sql = sql
    self.path = path
    handle = compiled
  }

  deinit {
    sqlite3_finalize(handle)
  }

  /// Moves to the next row; returns false at the end, after which the statement can run again.
  public mutating func step() throws(DatabaseError) -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    default:
      let error = self.error(code)
      sqlite3_reset(handle)
      throw error
    }
  }

  /// Discards the current row and all bound values.
  public mutating func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  /// Binds the parameters, runs the statement to the end, ignores its rows, and releases the bound
  /// values.
  public mutating func run(_ parameters: [Value] = []) throws(DatabaseError) {
    try bind(parameters)
    defer { reset() }
    while try step() {}
  }

  /// Binds the parameters, then calls `body` with each row.
  public mutating func forEachRow(
    _ parameters: [Value] = [], _ body: (borrowing Statement) throws -> Void
  ) throws {
    try bind(parameters)
    defer { reset() }
    while try step() { try body(self) }
  }

  func error(_ code: Int32) -> DatabaseError {
    DatabaseError(sqlite3_db_handle(handle), code: code, path: path, sql: sql)
  }

  private static func isBlank(
    from rest: UnsafePointer<CChar>?, to text: UnsafeBufferPointer<CChar>
  ) -> Bool {
    guard let rest, let start = text.baseAddress else { return true }
    return text[(rest - start)...].allSatisfy { [0x20, 0x09, 0x0A, 0x0D, 0x3B].contains($0) }
  }
}
