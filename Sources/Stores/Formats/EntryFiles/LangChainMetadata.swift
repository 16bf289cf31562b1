internal import JSON

/// The metadata that LangChain's `dumpd` has written: objects with a key `lc` are wrapped, and values
/// that JSON does not have are replaced by a description.
struct LangChainMetadata {
  private let bytes: [UInt8]
  private var index = 0
  private var output: [UInt8] = []

  /// Returns metadata as the user gave them; refuses a value of which only a description was
  /// written.
  ///
  /// - Parameter bytes: an object in JSON's grammar.
  static func original(_ bytes: [UInt8]) throws(EntryFileFormat.UnreadableValue) -> [UInt8] {
    guard contains("lc", bytes) || contains("__lc_escaped__", bytes) else { return bytes }
    var reader = LangChainMetadata(bytes: bytes)
    try reader.copyValue()
    return reader.output
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// Returns true where a key occurs anywhere in the bytes; escapes in keys are not looked for,
  /// because Python writes none in these keys.
  private static func contains(_ key: String, _ bytes: [UInt8]) -> Bool {
    let quoted = Array("\"\(key)\"".utf8)
    return bytes.indices.contains { bytes[$0...].starts(with: quoted) }
  }

  private mutating func copyValue() throws(EntryFileFormat.UnreadableValue) {
    skipSpace()
    switch bytes[index] {
    case UInt8(ascii: "{"): try copyObject()
    case UInt8(ascii: "["): try copyArray()
    default: output += bytes[skipScalar()]
    }
  }

  private mutating func copyObject() throws(EntryFileFormat.UnreadableValue) {
    let start = index
    let length = output.count
    var keys: [ArraySlice<UInt8>] = []
    var last = 0..<0
    output.append(bytes[index])
    index += 1
    skipSpace()
    while bytes[index] != UInt8(ascii: "}") {
      if bytes[index] == UInt8(ascii: ",") {
        output.append(bytes[index])
        index += 1
        skipSpace()
      }
      let key = skipScalar()
      keys.append(bytes[key])
      output += bytes[key]
      skipSpace()
      output.append(bytes[index])
      index += 1
      skipSpace()
      let first = index
      if keys.count == 1, Self.isKey(keys[0], "__lc_escaped__") {
        // The wrapped value is the user's own, and stays as it is.
        output += bytes[skipContainer()]
      } else {
        try copyValue()
      }
      last = first..<index
      skipSpace()
    }
    output.append(bytes[index])
    index += 1
    if keys.count == 1, Self.isKey(keys[0], "__lc_escaped__") {
      output.removeLast(output.count - length)
      output += bytes[last]
    } else if keys.contains(where: { Self.isKey($0, "lc") }) {
      try refuse(bytes[start..<index], keys)
    }
  }

  private mutating func copyArray() throws(EntryFileFormat.UnreadableValue) {
    output.append(bytes[index])
    index += 1
    skipSpace()
    while bytes[index] != UInt8(ascii: "]") {
      if bytes[index] == UInt8(ascii: ",") {
        output.append(bytes[index])
        index += 1
      }
      try copyValue()
      skipSpace()
    }
    output.append(bytes[index])
    index += 1
  }

  /// Refuses an object by which the library describes a Python object.
  private func refuse(
    _ object: ArraySlice<UInt8>, _ keys: [ArraySlice<UInt8>]
  ) throws(EntryFileFormat.UnreadableValue) {
    guard keys.contains(where: { Self.isKey($0, "type") }),
      keys.contains(where: { Self.isKey($0, "id") })
    else { return }
    throw EntryFileFormat.UnreadableValue(
      problem: "the metadata hold a Python object that LangChain could not write as JSON; the file "
        + "has only a description of it",
      remedy: "replace the value by a text or a number with the library, and dump the store again")
  }

  private static func isKey(_ quoted: ArraySlice<UInt8>, _ key: String) -> Bool {
    quoted.elementsEqual("\"\(key)\"".utf8)
  }

  private mutating func skipSpace() {
    while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
  }

  /// Moves past a string, a number or a word, and returns its range.
  private mutating func skipScalar() -> Range<Int> {
    let start = index
    if bytes[index] == UInt8(ascii: "\"") {
      index += 1
      while bytes[index] != UInt8(ascii: "\"") {
        index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
      }
      index += 1
    } else {
      let ends = [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")]
      while bytes[index] > 0x20, !ends.contains(bytes[index]) { index += 1 }
    }
    return start..<index
  }

  /// Moves past any value, and returns its range.
  private mutating func skipContainer() -> Range<Int> {
    let start = index
    var depth = 0
    repeat {
      skipSpace()
      switch bytes[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        index += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        index += 1
      default:
        _ = skipScalar()
        skipSpace()
      }
    } while depth > 0
    return start..<index
  }
}
