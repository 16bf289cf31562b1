/// Decodes URL-safe base64 exactly as leniently as Python's `base64.urlsafe_b64decode`.
///
/// Bytes outside the standard and the URL-safe alphabet are ignored everywhere, and so is padding
/// that does not complete a group of four. A group that is incomplete at the end of the input is an
/// error.
public struct LaxBase64Decoder {
  /// The treatment of text after padding that completes a group; Python changed this in 2026.
  public enum Reading: Sendable {
    /// The text is ignored: Python up to 3.13.12 and 3.14.3.
    case upToPadding
    /// The text is decoded, and only padding at the very end counts: later versions of Python.
    case throughPadding
  }

  /// The error where the text cannot be decoded; Python refuses it, too.
  public struct Incomplete: Error, Equatable, Sendable {}

  private static let dropped: UInt8 = 0xFF
  private static let padding = UInt8(ascii: "=")
  /// The six bits of every character of both alphabets; `dropped` for all other characters.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: dropped, count: 256)
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
    values[Int(UInt8(ascii: "-"))] = 62
    values[Int(UInt8(ascii: "_"))] = 63
    return values
  }()

  private let reading: Reading
  /// The number of characters of the current group of four that were read, 0 to 3.
  private var place = 0
  /// The bits of the characters of the current group.
  private var group: UInt32 = 0
  /// The number of padding characters after the last character of the current group.
  private var pads = 0
  private var isDone = false

  /// Creates a decoder without input.
  public init(_ reading: Reading = .upToPadding) { self.reading = reading }

  /// Decodes a part of the text and appends its bytes.
  public mutating func decode(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
    let start = output.count
    output.append(contentsOf: repeatElement(0, count: text.count / 4 * 3 + 3))
    let count = output.withUnsafeMutableBufferPointer { output in
      Self.values.withUnsafeBufferPointer { values in
        decode(text, values, into: UnsafeMutableBufferPointer(rebasing: output[start...]))
      }
    }
    output.removeLast(output.count - start - count)
  }

  private mutating func decode(
    _ text: UnsafeRawBufferPointer, _ values: UnsafeBufferPointer<UInt8>,
    into output: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var count = 0
    var index = 0
    while index < text.count, !isDone {
      // The fast way for whole groups without ignored characters, of which nearly all text
      // consists.
      while place == 0, index + 4 <= text.count {
        let (a, b) = (values[Int(text[index])], values[Int(text[index + 1])])
        let (c, d) = (values[Int(text[index + 2])], values[Int(text[index + 3])])
        if (a | b | c | d) & 0xC0 != 0 { break }
        output[count] = a << 2 | b >> 4
        output[count + 1] = b << 4 | c >> 2
        output[count + 2] = c << 6 | d
        count += 3
        index += 4
        pads = 0
      }
      if index < text.count {
        if let byte = take(text[index], values) {
          output[count] = byte
          count += 1
        }
        index += 1
      }
    }
    return count
  }

  /// Processes one character; returns the byte that the character completes, nil where it completes
  /// none.
  private mutating func take(
    _ character: UInt8, _ values: UnsafeBufferPointer<UInt8>
  ) -> UInt8? {
    if character == Self.padding {
      if place >= 2 {
        pads += 1
        isDone = reading == .upToPadding && place + pads >= 4
      }
      return nil
    }
    let value = values[Int(character)]
    if value == Self.dropped { return nil }
    pads = 0
    group = group << 6 | UInt32(value)
    place = (place + 1) % 4
    switch place {
    case 2: return UInt8(truncatingIfNeeded: group >> 4)
    case 3: return UInt8(truncatingIfNeeded: group >> 2)
    case 0: return UInt8(truncatingIfNeeded: group)
    default: return nil
    }
  }

  /// Checks that the text did not end within a group of four.
  public func finish() throws(Incomplete) {
    let isPadded = place >= 2 && place + pads >= 4
    if place != 0, !isPadded { throw Incomplete() }
  }

  /// Decodes text that is in memory.
  public static func decode(
    _ text: [UInt8], _ reading: Reading = .upToPadding
  ) throws(Incomplete) -> [UInt8] {
    var decoder = LaxBase64Decoder(reading)
    var output: [UInt8] = []
    text.withUnsafeBytes { decoder.decode($0, to: &output) }
    try decoder.finish()
    return output
  }
}
