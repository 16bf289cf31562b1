public import JSON

/// A metadata file's JSON text, decrypted where the file is encrypted.
public struct MetadataContent {
  /// The JSON text from its beginning.
  public let json: any ByteSource
  /// True where the file holds a Fernet token.
  public let isEncrypted: Bool

  /// Opens a file, and decides by its contents alone whether it is encrypted.
  ///
  /// A file that begins with `[`, after white space and a byte order mark, is JSON even where a key
  /// is set. Every other file must be a Fernet token of this directory's user.
  public init(
    opening file: any RewindableByteSource, directory: String, keys: KeyRing
  ) throws {
    var file = file
    let isPlain = try Self.beginsArray(&file)
    file.rewind()
    isEncrypted = !isPlain
    json = isPlain ? file : try Self.decrypted(file, directory: directory, keys: keys)
  }

  private static func decrypted(
    _ file: any RewindableByteSource, directory: String, keys: KeyRing
  ) throws -> FernetPlaintext {
    for candidate in 1..<keys.candidates {
      let key = try keys.key(ofDirectory: directory, candidate: candidate)
      do { return try Fernet.open(file, key: key) } catch FernetError.notAuthentic {}
    }
    return try Fernet.open(file, key: try keys.key(ofDirectory: directory))
  }

  /// The form of a file, judged by its beginning.
  public enum Form: Sendable {
    case array, token, empty
    /// Anything else: JSON of another kind, a page of a web server, zeros.
    case other
  }

  /// Judges the form of a file by its beginning; the rest of the file may still be unreadable.
  public static func form(of file: any RewindableByteSource) throws -> Form {
    if try isPlain(file) { return .array }
    var file = file
    file.rewind()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { buffer.deallocate() }
    let head = buffer[..<(try file.read(into: buffer))]
    if head.allSatisfy({ [0x20, 0x0A, 0x0D, 0x09].contains($0) }) { return .empty }
    // A token's first byte is 0x80; bytes that are not base64 digits are ignored, as Python does.
    let digits = head.lazy.map { Character(UnicodeScalar($0)) }.filter {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-_+/".contains($0))
    }.prefix(2)
    let begin = Array(digits)
    return begin.count == 2 && begin[0] == "g" && ("A"..."P").contains(begin[1]) ? .token : .other
  }

  /// Returns true where a file's JSON text is not encrypted, as `init(opening:directory:keys:)`
  /// decides.
  public static func isPlain(_ file: any RewindableByteSource) throws -> Bool {
    var file = file
    file.rewind()
    return try beginsArray(&file)
  }

  /// Returns true where a file begins as UTF-16 or UTF-32 does: with a byte order mark, or with a
  /// zero as one of the first two bytes.
  private static func isWide(_ head: Slice<UnsafeMutableRawBufferPointer>) -> Bool {
    let bytes = Array(head.prefix(2))
    if bytes == [0xFF, 0xFE] || bytes == [0xFE, 0xFF] { return true }
    return bytes.contains(0) && head.prefix(4).contains { $0 != 0 }
  }

  private static func beginsArray(_ file: inout any RewindableByteSource) throws -> Bool {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    var place = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { return false }
      if place == 0, Self.isWide(buffer[..<count]) {
        throw JSONError(
          reason: .wideCharacters, position: JSONPosition(byteOffset: 0, line: 1, column: 1),
          entry: nil)
      }
      for byte in buffer[..<count] {
        defer { place += 1 }
        if place < mark.count, byte == mark[place] { continue }
        if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { continue }
        return byte == UInt8(ascii: "[")
      }
    }
  }
}
