/// A UUID: sixteen bytes, in the order in which they are written.
public struct UUIDValue: Hashable, Sendable, Comparable {
  private let high: UInt64
  private let low: UInt64

  /// Creates the UUID with these bytes; nil where the number of bytes is not sixteen.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    func word(_ half: some Sequence<UInt8>) -> UInt64 { half.reduce(0) { $0 << 8 | UInt64($1) } }
    high = word(bytes.prefix(8))
    low = word(bytes.dropFirst(8))
  }

  /// Creates the UUID from a text of the form 8-4-4-4-12, in upper or lower case; nil for any other
  /// text.
  public init?(_ text: some StringProtocol) {
    let digits = Array(text.utf8)
    let dashes = [8, 13, 18, 23]
    guard digits.count == 36, dashes.allSatisfy({ digits[$0] == UInt8(ascii: "-") }) else {
      return nil
    }
    let pairs = digits.indices.filter { !dashes.contains($0) }.map { digits[$0] }
    guard let bytes = Hexadecimal.decode(pairs) else { return nil }
    self.init(bytes: bytes)
  }

  /// The bytes in order.
  public var bytes: [UInt8] {
    [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
  }

  /// Returns true where the bytes of the first UUID sort before the bytes of the second, as in
  /// PostgreSQL.
  public static func < (first: UUIDValue, second: UUIDValue) -> Bool {
    (first.high, first.low) < (second.high, second.low)
  }
}

extension UUIDValue: CustomStringConvertible {
  /// The UUID as text in lower case, in the form 8-4-4-4-12.
  public var description: String {
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += Hexadecimal.encode([byte])
    }
    return text
  }
}
