internal import OwnSchema
internal import SQLText

/// A file's text as it is hashed, split and stored: UTF-8 without byte order mark, with only line
/// feeds at the ends of lines, also where a copy was converted twice.
///
/// A copy whose line endings Git or an editor has changed is thus the same migration, including the
/// string constants inside it.
package struct MigrationText: Sendable, Equatable {
  let bytes: [UInt8]

  init(_ raw: [UInt8], file: String) throws(SchemaError) {
    for mark: [UInt8] in [[0xFF, 0xFE], [0xFE, 0xFF]] where raw.starts(with: mark) {
      throw SchemaError(
        "\(file) is UTF-16 by its byte order mark",
        remedy: "save the file as UTF-8 text (iconv -f UTF-16 -t UTF-8)")
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let body = raw.starts(with: mark) ? Array(raw.dropFirst(3)) : raw
    var bytes: [UInt8] = []
    bytes.reserveCapacity(body.count)
    for byte in body {
      if byte == UInt8(ascii: "\n") {
        while bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
      }
      bytes.append(byte)
    }
    if let zero = bytes.firstIndex(of: 0) {
      throw SchemaError(
        "\(file):\(SourcePosition(of: zero, in: bytes)): the file holds a zero byte",
        remedy: "save the file as UTF-8 text")
    }
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      let place = SourcePosition(of: error.byteOffsets.lowerBound, in: bytes)
      let byte = String(bytes[error.byteOffsets.lowerBound], radix: 16, uppercase: true)
      throw SchemaError(
        "\(file):\(place): the byte 0x\(byte) is not UTF-8", remedy: "save the file as UTF-8 text")
    }
    self.bytes = bytes
  }

  /// The checksum of the whole text.
  var checksum: Checksum { Checksum(of: bytes) }

  /// The text.
  var string: String { String(decoding: bytes, as: UTF8.self) }

  /// The lines without their ends.
  var lines: [ArraySlice<UInt8>] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }

  /// True where the first line is `-- no-transaction`, as in SQLx.
  var asksForNoTransaction: Bool { bytes.starts(with: Array("-- no-transaction".utf8)) }

  /// Finds the first place of a word; nil where the word does not occur.
  func place(of word: String) -> SourcePosition? {
    let wanted = Array(word.utf8)
    let found = bytes.indices.first {
      bytes[$0] == wanted[0] && bytes[$0...].starts(with: wanted)
    }
    return found.map { SourcePosition(of: $0, in: bytes) }
  }
}
