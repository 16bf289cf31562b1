internal import Files

/// Reads the records of a CSV file one after the other; only one record is in memory at a time.
struct CSVRecords {
  /// The largest number of bytes of a record.
  private static let limit = 268_435_455

  private let file: InputFile
  private var buffer = [UInt8](repeating: 0, count: 1 << 20)
  private var filled = 0
  private var used = 0
  /// The offset in the file of the first byte of the buffer.
  private var base = 0

  init(_ file: InputFile) { self.file = file }

  /// Replaces `record` by the bytes of the next record without the end of its line; returns the
  /// range of these bytes in the file, nil after the last record.
  mutating func next(into record: inout [UInt8]) throws(StoreError) -> Range<Int>? {
    while true {
      record.removeAll(keepingCapacity: true)
      let start = base + used
      guard try readLine(into: &record) else { return nil }
      if record.last == 0x0D { record.removeLast() }
      if !record.isEmpty { return start..<start + record.count }
    }
  }

  /// Reads up to the end of a line that is not within quotes; returns false at the end of the file.
  private mutating func readLine(into record: inout [UInt8]) throws(StoreError) -> Bool {
    var isQuoted = false
    while true {
      if used == filled {
        try refill()
        if filled == 0 { return !record.isEmpty }
      }
      var index = used
      var isEnd = false
      while index < filled {
        let byte = buffer[index]
        if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
        if byte == 0x0A, !isQuoted {
          isEnd = true
          break
        }
        index += 1
      }
      record += buffer[used..<index]
      used = isEnd ? index + 1 : index
      if isEnd { return true }
      guard record.count <= Self.limit else {
        throw StoreError(
          .metadata, file: file.path, place: "byte \(base)",
          problem: "a record of more than \(Self.limit) bytes; a quote may be missing",
          remedy: "correct the file")
      }
    }
  }

  private mutating func refill() throws(StoreError) {
    base += filled
    used = 0
    var failure: StoreError?
    let (file, offset) = (file, Int64(base))
    filled = buffer.withUnsafeMutableBytes { bytes in
      do throws(StoreError) {
        return try file.read(into: bytes, at: offset)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
  }
}
