internal import CLibPQ

/// The rows that a statement returned; owns libpq's memory of them.
public final class QueryResult {
  private let handle: OpaquePointer
  /// The statement, for errors that name it.
  private let statement: String

  init(handle: OpaquePointer, statement: String) {
    self.handle = handle
    self.statement = statement
  }

  deinit { PQclear(handle) }

  /// The number of returned rows.
  public var rowCount: Int { Int(PQntuples(handle)) }

  /// The number of rows that an INSERT, UPDATE, DELETE or COPY has processed.
  public var affectedRows: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }

  /// The command tag, such as `INSERT 0 3`.
  public var commandTag: String { String(cString: PQcmdStatus(handle)) }

  /// Reads a value that may be null.
  public func optional<Value: ColumnValue>(
    _ row: Int, _ column: Int, as: Value.Type = Value.self
  ) throws(PostgresError) -> Value? {
    let (row, column) = (Int32(row), Int32(column))
    guard row < PQntuples(handle), column < PQnfields(handle) else {
      throw .unexpected(
        operation: statement, what: "there is no row \(row) with a column \(column)")
    }
    if PQgetisnull(handle, row, column) == 1 { return nil }
    let bytes = UnsafeRawBufferPointer(
      start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
    guard let value = Value.decode(bytes, type: PQftype(handle, column)) else {
      let name = PQfname(handle, column).map { String(cString: $0) } ?? "\(column)"
      throw .unexpected(
        operation: statement,
        what: "column \(name) of type \(PQftype(handle, column)) cannot be read as \(Value.self)")
    }
    return value
  }

  /// Reads a value that must not be null.
  public func value<Value: ColumnValue>(
    _ row: Int, _ column: Int, as: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    guard let value = try optional(row, column, as: Value.self) else {
      throw .unexpected(operation: statement, what: "column \(column) is null")
    }
    return value
  }

  /// Creates one value from each row.
  public func map<Value>(_ body: (Int) throws(PostgresError) -> Value) throws(PostgresError)
    -> [Value]
  {
    var values: [Value] = []
    values.reserveCapacity(rowCount)
    for row in 0..<rowCount { values.append(try body(row)) }
    return values
  }
}
