/// One row of a binary COPY out; its bytes belong to the connection, and are read where they are.
public struct BinaryCopyRow: ~Copyable {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 2
  /// The number of fields of the row.
  public let fieldCount: Int

  /// Reads the field count; nil for the trailer that ends the rows.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 2 else { return nil }
    let count = Int16(bigEndian: bytes.loadUnaligned(as: Int16.self))
    guard count >= 0 else { return nil }
    self.bytes = bytes
    fieldCount = Int(count)
  }

  /// Reads the next field's bytes; nil for null.
  public mutating func next() throws(PostgresError) -> UnsafeRawBufferPointer? {
    guard offset + 4 <= bytes.count else { throw Self.short }
    let length = Int(
      Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    offset += 4
    if length < 0 { return nil }
    guard offset + length <= bytes.count else { throw Self.short }
    defer { offset += length }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
  }

  /// Reads the next field of a column that is never null.
  public mutating func required() throws(PostgresError) -> UnsafeRawBufferPointer {
    guard let field = try next() else {
      throw .unexpected(operation: "COPY", what: "null in a column that is never null")
    }
    return field
  }

  private static var short: PostgresError {
    .unexpected(operation: "COPY", what: "a row ends before its last field")
  }
}

extension UnsafeRawBufferPointer {
  /// Appends the elements of a pgvector value to `elements`, with their bits unchanged; returns the
  /// dimension of the value.
  public func appendVector(to elements: inout [Float]) throws(PostgresError) -> Int {
    guard count >= 4 else { throw .unexpected(operation: "COPY", what: "a truncated vector") }
    let dimension = Int(UInt16(bigEndian: loadUnaligned(as: UInt16.self)))
    guard count == 4 + 4 * dimension else {
      throw .unexpected(operation: "COPY", what: "a vector whose length does not fit its dimension")
    }
    for index in 0..<dimension {
      let bits = loadUnaligned(fromByteOffset: 4 + 4 * index, as: UInt32.self)
      elements.append(Float(bitPattern: UInt32(bigEndian: bits)))
    }
    return dimension
  }

  /// Reads a timestamptz in microseconds since 2000-01-01 00:00 UTC, or a bigint.
  public func int64() throws(PostgresError) -> Int64 {
    guard count == 8 else {
      throw .unexpected(operation: "COPY", what: "a value that is not eight bytes long")
    }
    return Int64(bigEndian: loadUnaligned(as: Int64.self))
  }
}

extension UnsafeRawBufferPointer {
  /// Appends the elements of a pgvector half-precision value to `elements`; returns the dimension
  /// of the value.
  public func appendHalfvec(to elements: inout [Float]) throws(PostgresError) -> Int {
    guard count >= 4 else { throw .unexpected(operation: "COPY", what: "a truncated halfvec") }
    let dimension = Int(UInt16(bigEndian: loadUnaligned(as: UInt16.self)))
    guard count == 4 + 2 * dimension else {
      throw .unexpected(
        operation: "COPY", what: "a halfvec whose length does not fit its dimension")
    }
    for index in 0..<dimension {
      let bits = loadUnaligned(fromByteOffset: 4 + 2 * index, as: UInt16.self)
      elements.append(Float(Float16(bitPattern: UInt16(bigEndian: bits))))
    }
    return dimension
  }
}
