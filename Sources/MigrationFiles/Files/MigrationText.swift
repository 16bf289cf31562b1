internal import OwnSchema
internal import SQLText

/// The text of a file, as it is hashed, split into statements and stored: UTF-8 without byte order
/// mark, with only a line feed at the end of each line.
///
/// Where Git or an editor has changed the line endings of a copy, once or several times, the copy
/// is still the same migration. Line breaks in string constants are changed as well.
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

  /// The whole text.
  var string: String { String(decoding: bytes, as: UTF8.self) }

  /// The lines of the text, without line feeds.
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
