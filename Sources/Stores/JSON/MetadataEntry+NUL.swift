extension MetadataEntry {
  /// Replaces every U+0000, raw or escaped, by the six visible characters `\u0000`.
  ///
  /// The result is scanned anew: its members have moved, and two keys may have become one.
  mutating func escapeNULs(_ limits: JSONLimits) throws {
    let replaced = Self.escapingNULs(bytes)
    var scanner = JSONScanner(MemoryByteSource(replaced), limits: limits)
    var result = MetadataEntry()
    _ = try scanner.ensure(1)
    do {
      try scanner.readEntry(index, into: &result)
    } catch let error as JSONError {
      // Places in the rewritten text say nothing: the entry's own is named.
      throw JSONError(reason: error.reason, position: position, entry: index)
    }
    bytes = result.bytes
    members = result.members
  }

  private static func escapingNULs(_ bytes: [UInt8]) -> [UInt8] {
    let visible = Array(#"\\u0000"#.utf8)
    let escape = visible.dropFirst()
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 64)
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0 {
        output += visible
        index += 1
      } else if bytes[index] != UInt8(ascii: "\\") {
        output.append(bytes[index])
        index += 1
      } else if bytes[index...].starts(with: escape) {
        output += visible
        index += escape.count
      } else {
        // Any other escape is at least two bytes, the second of which may be a backslash.
        output += bytes[index...index + 1]
        index += 2
      }
    }
    return output
  }
}
