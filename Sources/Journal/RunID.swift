/// The random name of a run: a UUID of version 4, in lower case.
public struct RunID: Hashable, Sendable, CustomStringConvertible {
  /// The UUID in its usual form of 36 characters.
  public let description: String

  /// Creates a new name; two runs in the same second get different ones.
  public init() {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    description = text
  }

  /// Creates an existing name, such as one typed by an operator.
  public init(_ text: String) { description = text }
}
