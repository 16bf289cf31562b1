internal import Glibc

/// A key of an object that is still open.
struct KeyRecord {
  let hash: UInt64
  /// Its text, relative to the window's mark.
  let string: ScannedString
  let line: UInt32
  let column: UInt32
}

/// Objects are watched for repeated keys while they are small, and once at their end otherwise.
private let smallObject = 32

extension JSONScanner {
  /// Notes a key of the object whose keys begin at `base`, and refuses one that it has already.
  mutating func record(_ string: ScannedString, base: Int, place: JSONPosition) throws {
    if keys.count - base >= limits.members { throw error(.tooManyMembers) }
    let text = KeyText(base: window.base + window.mark)
    let key = KeyRecord(
      hash: text.hash(string), string: string,
      line: UInt32(truncatingIfNeeded: place.line),
      column: UInt32(truncatingIfNeeded: place.column))
    if keys.count - base < smallObject {
      for index in base..<keys.count where keys[index].hash == key.hash {
        if text.order(keys[index], key) == 0 { throw duplicate(key) }
      }
    }
    keys.append(key)
  }

  /// Forgets the keys of an object that ends.
  mutating func closeKeys(from base: Int) throws {
    if keys.count - base > smallObject {
      // Equal keys become neighbours, whatever an adversary makes of the hash.
      let text = KeyText(base: window.base + window.mark)
      keys[base...].sort { text.isBefore($0, $1) }
      for index in base + 1..<keys.count where text.order(keys[index - 1], keys[index]) == 0 {
        throw duplicate(keys[index])
      }
    }
    keys.removeLast(keys.count - base)
  }

  private func duplicate(_ key: KeyRecord) -> JSONError {
    let index = window.mark + Int(key.string.start) - 1
    let place = JSONPosition(
      byteOffset: window.offset(of: index), line: Int(key.line), column: Int(key.column))
    // A key is shown as far as it fits a line.
    let bytes = KeyText(base: window.base + window.mark).decoded(key.string)
    let shown = String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(64)
    return JSONError(
      reason: .duplicateKey(String(String.UnicodeScalarView(shown))), position: place, entry: entry)
  }
}

/// The bytes that keys are ranges of; valid until the window refills.
private struct KeyText {
  let base: UnsafeMutablePointer<UInt8>

  private func content(_ string: ScannedString) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + Int(string.start), count: Int(string.end - string.start))
  }

  func decoded(_ string: ScannedString) -> [UInt8] {
    var bytes: [UInt8] = []
    JSONString.append(content(string), to: &bytes)
    return bytes
  }

  /// The hash of the key without its escapes.
  func hash(_ string: ScannedString) -> UInt64 {
    guard string.hasEscapes else { return Self.hash(content(string)) }
    return decoded(string).withUnsafeBufferPointer { Self.hash($0) }
  }

  func isBefore(_ first: KeyRecord, _ second: KeyRecord) -> Bool {
    if first.hash != second.hash { return first.hash < second.hash }
    let order = order(first, second)
    return order != 0 ? order < 0 : first.string.start < second.string.start
  }

  /// Below, at or above zero as the first key's bytes sort before, with or behind the second's.
  func order(_ first: KeyRecord, _ second: KeyRecord) -> Int {
    if !first.string.hasEscapes, !second.string.hasEscapes {
      return Self.order(content(first.string), content(second.string))
    }
    return decoded(first.string).withUnsafeBufferPointer { first in
      decoded(second.string).withUnsafeBufferPointer { Self.order(first, $0) }
    }
  }

  private static func order(
    _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>
  ) -> Int {
    let shared = min(first.count, second.count)
    if shared > 0, let one = first.baseAddress, let two = second.baseAddress {
      let order = Int(memcmp(one, two, shared))
      if order != 0 { return order }
    }
    return first.count - second.count
  }

  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: bytes.count)
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }
}
