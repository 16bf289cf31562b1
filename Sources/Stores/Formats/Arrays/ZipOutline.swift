internal import Files

/// The single array in a zip archive that NumPy's `savez` has written.
///
/// Sizes are taken from the central directory at the end of the archive: NumPy writes none of them
/// into the headers of the files. Archives of 4 GB and more have them in fields of 64 bits.
struct ZipOutline {
  /// Returns the offset and the size of the only file in the archive.
  static func onlyFile(in file: InputFile) throws -> (offset: Int, size: Int) {
    let size = Int(file.facts.size)
    let tail = try read(file, max(0, size - 65_557)..<size)
    let end = tail.indices.reversed().first { tail[$0...].starts(with: [80, 75, 5, 6]) }
    guard let end, tail.count >= end + 22
    else {
      throw UnreadableArray(problem: "is no complete zip archive", remedy: "restore the file")
    }
    var count = number(tail, end + 10, 2)
    var directory = number(tail, end + 16, 4)
    if count == 0xFFFF || directory == 0xFFFF_FFFF {
      guard end >= 20, tail[(end - 20)...].starts(with: [80, 75, 6, 7]) else { throw damaged }
      let record = number(tail, end - 12, 8)
      let bytes = try read(file, record..<record + 56)
      guard bytes.starts(with: [80, 75, 6, 6]) else { throw damaged }
      count = number(bytes, 32, 8)
      directory = number(bytes, 48, 8)
    }
    guard count == 1 else {
      throw UnreadableArray(
        problem: "has \(count) arrays", remedy: "save the vectors alone with numpy.savez")
    }
    return try place(of: directory, in: file)
  }

  private static func place(of entry: Int, in file: InputFile) throws -> (offset: Int, size: Int) {
    let fileSize = Int(file.facts.size)
    guard (0..<fileSize).contains(entry) else { throw damaged }
    let end = min(fileSize, entry + 70_000)
    let bytes = try read(file, entry..<end)
    guard bytes.count >= 46, bytes.starts(with: [80, 75, 1, 2]) else { throw damaged }
    guard number(bytes, 10, 2) == 0 else {
      throw UnreadableArray(
        problem: "is compressed", remedy: "save the vectors with numpy.savez, not savez_compressed")
    }
    var size = number(bytes, 24, 4)
    var header = number(bytes, 42, 4)
    // The fields of 64 bits come in this order, each where its short field is full.
    var extra = 46 + number(bytes, 28, 2)
    let last = extra + number(bytes, 30, 2)
    while extra + 4 <= last, last <= bytes.count {
      var field = extra + 4
      let fieldEnd = field + number(bytes, extra + 2, 2)
      guard fieldEnd <= last else { throw damaged }
      if number(bytes, extra, 2) == 1 {
        if size == 0xFFFF_FFFF, field + 8 <= fieldEnd {
          size = number(bytes, field, 8)
          field += 8
        }
        if number(bytes, 20, 4) == 0xFFFF_FFFF { field += 8 }
        if header == 0xFFFF_FFFF, field + 8 <= fieldEnd { header = number(bytes, field, 8) }
      }
      extra = fieldEnd
    }
    let local = try read(file, header..<header + 30)
    guard local.starts(with: [80, 75, 3, 4]) else { throw damaged }
    let offset = header + 30 + number(local, 26, 2) + number(local, 28, 2)
    guard size >= 0, offset <= Int(file.facts.size) - size else { throw damaged }
    return (offset, size)
  }

  private static func read(_ file: InputFile, _ range: Range<Int>) throws -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= Int(file.facts.size) else { throw damaged }
    var bytes = [UInt8](repeating: 0, count: range.count)
    let done = try bytes.withUnsafeMutableBytes {
      try file.read(into: $0, at: Int64(range.lowerBound))
    }
    return Array(bytes.prefix(done))
  }

  /// Reads a little-endian number; -1 where it is beyond the bytes or too large.
  private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int {
    guard start >= 0, start + count <= bytes.count, count < 8 || bytes[start + 7] < 0x10 else {
      return -1
    }
    return (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[start + $1]) }
  }

  private static var damaged: UnreadableArray {
    UnreadableArray(problem: "its zip archive is damaged", remedy: "restore the file")
  }
}
