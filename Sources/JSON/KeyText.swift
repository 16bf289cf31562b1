internal import Glibc

/// The bytes that contain the keys of a text; they are borrowed, and must stay in place.
struct KeyText {
  let base: UnsafePointer<UInt8>?

  init(base: UnsafeMutablePointer<UInt8>) { self.base = UnsafePointer(base) }
  init(base: UnsafeBufferPointer<UInt8>) { self.base = base.baseAddress }

  /// Returns the key as it is written, between its quotes.
  func content(_ key: ScannedString) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(
      start: base.map { $0 + Int(key.start) }, count: Int(key.end - key.start))
  }

  /// Returns the key with its escapes decoded.
  func decoded(_ key: ScannedString) -> [UInt8] {
    var bytes: [UInt8] = []
    JSONString.append(content(key), to: &bytes)
    return bytes
  }

  /// Compares two keys by their decoded bytes: returns a negative number where the first sorts
  /// before the second, zero where they are equal, and a positive number otherwise.
  func order(_ first: ScannedString, _ second: ScannedString) -> Int {
    if !first.hasEscapes, !second.hasEscapes { return Self.order(content(first), content(second)) }
    return decoded(first).withUnsafeBufferPointer { first in
      decoded(second).withUnsafeBufferPointer { Self.order(first, $0) }
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

  /// Computes the hash of the decoded key.
  func hash(_ key: ScannedString) -> UInt64 {
    guard key.hasEscapes else { return Self.hash(content(key)) }
    return decoded(key).withUnsafeBufferPointer { Self.hash($0) }
  }

  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: bytes.count)
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }
}
