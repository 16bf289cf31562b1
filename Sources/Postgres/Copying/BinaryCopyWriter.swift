/// Writes rows of a binary COPY; lent to the caller by `Connection.copyIn`.
///
/// Format: PostgreSQL documentation, COPY, "Binary Format": a field count, then each field's
/// length and bytes, all in network order.
public struct BinaryCopyWriter: ~Copyable {
  private var buffer: [UInt8] = []
  private let columns: Int
  private var columnsLeft = 0
  private let send: (UnsafeRawBufferPointer) throws -> Void
  /// The number of rows that were begun.
  public private(set) var rowCount = 0

  /// The approximate size of the pieces that are passed to the connection.
  private static let pieceSize = 256 * 1024
  /// The header: signature, flags, and the length of an absent extension.
  private static let header: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + zeros(8)

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  init(columns: Int, send: @escaping (UnsafeRawBufferPointer) throws -> Void) {
    self.columns = columns
    self.send = send
    buffer.reserveCapacity(Self.pieceSize + Self.pieceSize / 4)
    buffer += Self.header
  }

  /// Begins a row; its fields follow, one call for each column.
  public mutating func beginRow() throws {
    precondition(columnsLeft == 0, "the previous row lacks fields")
    if buffer.count >= Self.pieceSize { try flush() }
    append(Int16(columns))
    columnsLeft = columns
    rowCount += 1
  }

  /// Writes a field with SQL's null.
  public mutating func null() { field(bytes: -1) }

  /// Writes a field of text, or of another type whose binary form is only the value's bytes.
  public mutating func bytes(_ value: borrowing [UInt8]) {
    field(bytes: value.count)
    buffer += value
  }

  /// Writes a field of text.
  public mutating func text(_ value: String) {
    var value = value
    value.withUTF8 { utf8 in
      field(bytes: utf8.count)
      buffer += utf8
    }
  }

  /// Writes a field of jsonb: version byte 1, then the text.
  public mutating func jsonb(_ utf8: borrowing [UInt8]) {
    field(bytes: utf8.count + 1)
    buffer.append(1)
    buffer += utf8
  }

  /// Writes a field of timestamptz, in microseconds since 2000-01-01 00:00 UTC, or a field of
  /// bigint.
  public mutating func int64(_ value: Int64) {
    field(bytes: 8)
    append(value)
  }

  /// Writes a field of integer.
  public mutating func int32(_ value: Int32) {
    field(bytes: 4)
    append(value)
  }

  /// Writes a field of double precision.
  public mutating func double(_ value: Double) {
    field(bytes: 8)
    append(value.bitPattern)
  }

  /// Writes a field of pgvector's type: dimension, an unused zero, the elements (`vector_recv`).
  public mutating func vector(_ elements: UnsafeBufferPointer<Float>) {
    field(bytes: 4 + 4 * elements.count)
    append(UInt16(elements.count))
    append(UInt16(0))
    appendSwapped(elements)
  }

  private mutating func field(bytes count: Int) {
    precondition(columnsLeft > 0, "the row has more fields than columns")
    columnsLeft -= 1
    append(Int32(count))
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { buffer += $0 }
  }

  private mutating func appendSwapped(_ elements: UnsafeBufferPointer<Float>) {
    let start = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: 4 * elements.count))
    buffer.withUnsafeMutableBytes { bytes in
      for index in 0..<elements.count {
        bytes.storeBytes(
          of: elements[index].bitPattern.bigEndian, toByteOffset: start + 4 * index,
          as: UInt32.self)
      }
    }
  }

  /// Sends the buffered bytes.
  private mutating func flush() throws {
    try buffer.withUnsafeBytes { try send($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Ends the stream with the trailer, a field count of −1.
  mutating func finish() throws {
    precondition(columnsLeft == 0, "the last row lacks fields")
    append(Int16(-1))
    try flush()
  }
}
