/// A key of an object that is still open.
struct KeyRecord {
  let hash: UInt64
  /// The text of the key, relative to the window's mark.
  let string: ScannedString
  let line: UInt32
  /// The offset of the first byte of the key's line.
  let lineStart: Int

  /// Returns true where this key comes first in an order in which equal keys are neighbours, the
  /// earlier key first.
  func isBefore(_ other: KeyRecord, in text: KeyText) -> Bool {
    if hash != other.hash { return hash < other.hash }
    let order = text.order(string, other.string)
    return order != 0 ? order < 0 : string.start < other.string.start
  }
}

/// The number of keys of an object up to which each new key is compared with the earlier keys.
///
/// The keys of a larger object are compared once, at the object's end.
private let smallObject = 32

extension JSONScanner {
  /// Records a key of the object whose keys begin at `base`; as long as the object is small,
  /// refuses a repeated key.
  mutating func record(_ string: ScannedString, base: Int, place: JSONPosition) throws {
    if keys.count - base >= limits.members { throw error(.tooManyMembers) }
    let text = KeyText(base: window.base + window.mark)
    let key = KeyRecord(
      hash: text.hash(string), string: string,
      line: UInt32(truncatingIfNeeded: place.line), lineStart: place.byteOffset - place.column + 1)
    if keys.count - base < smallObject {
      for index in base..<keys.count where keys[index].hash == key.hash {
        if text.order(keys[index].string, string) == 0 { throw duplicate(key) }
      }
    }
    keys.append(key)
  }

  /// Discards the keys of an object that ends; in a large object, refuses repeated keys first.
  mutating func closeKeys(from base: Int) throws {
    if keys.count - base > smallObject {
      // Equal keys become neighbours, even where an attacker has chosen them for equal hashes.
      let text = KeyText(base: window.base + window.mark)
      keys[base...].sort { $0.isBefore($1, in: text) }
      for index in base + 1..<keys.count where keys[index].hash == keys[index - 1].hash {
        let order = text.order(keys[index - 1].string, keys[index].string)
        if order == 0 { throw duplicate(keys[index]) }
      }
    }
    keys.removeLast(keys.count - base)
  }

  private func duplicate(_ key: KeyRecord) -> JSONError {
    let index = window.mark + Int(key.string.start) - 1
    let offset = window.offset(of: index)
    let place = JSONPosition(
      byteOffset: offset, line: Int(key.line), column: offset - key.lineStart + 1)
    return JSONError(reason: .duplicateKey, position: place, entry: entry)
  }
}
