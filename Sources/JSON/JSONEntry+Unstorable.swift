extension JSONEntry {
  /// Replaces every U+0000, raw or escaped, and every lone surrogate by the six visible characters
  /// of its escape, such as `\u0000`.
  ///
  /// The changed entry is scanned again, because its members have moved, and two keys may have
  /// become equal.
  mutating func escapeUnstorable(_ limits: JSONLimits) throws {
    let replaced = Self.escapingUnstorable(bytes)
    var scanner = JSONScanner(MemoryByteSource(replaced), limits: limits)
    var result = JSONEntry()
    _ = try scanner.ensure(1)
    do {
      try scanner.readEntry(index, into: &result)
    } catch let error as JSONError {
      // Places in the rewritten text mean nothing to a reader: the error names the entry's own
      // place.
      throw JSONError(reason: error.reason, position: position, entry: index)
    }
    bytes = result.bytes
    members = result.members
  }

  /// Returns the bytes of an entry in which `escapeUnstorable` has made its replacements; every
  /// escape in the entry must be valid.
  private static func escapingUnstorable(_ bytes: [UInt8]) -> [UInt8] {
    let backslash = UInt8(ascii: "\\")
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 64)
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0 {
        output += #"\\u0000"#.utf8
        index += 1
      } else if bytes[index] != backslash {
        output.append(bytes[index])
        index += 1
      } else {
        let length = escapeLength(bytes[index...])
        // A second backslash makes the escape visible.
        if length == 6, isUnstorable(bytes[index...]) { output.append(backslash) }
        output += bytes[index..<index + length]
        index += length
      }
    }
    return output
  }

  /// Returns the length of the escape at the beginning of `bytes`; a pair of surrogates counts as
  /// one escape.
  private static func escapeLength(_ bytes: ArraySlice<UInt8>) -> Int {
    guard bytes.dropFirst().first == UInt8(ascii: "u") else { return 2 }
    return bytes.count >= 12 && bytes.withUnsafeBufferPointer(beginsWithPair) ? 12 : 6
  }

  private static func beginsWithPair(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = bytes.baseAddress, let unit = hexadecimal(start + 2) else { return false }
    return unit & 0xFC00 == 0xD800 && isPair(start, high: unit)
  }

  /// Returns true where an escape is `\u0000` or half of a surrogate pair.
  private static func isUnstorable(_ escape: ArraySlice<UInt8>) -> Bool {
    escape.withUnsafeBufferPointer { escape in
      guard let start = escape.baseAddress, let unit = hexadecimal(start + 2) else { return false }
      return unit == 0 || unit & 0xF800 == 0xD800
    }
  }
}
