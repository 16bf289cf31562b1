/// Text for people: what the program wrote itself, with values from elsewhere made harmless.
///
/// Literals are trusted; every interpolated string passes through `sanitised`, so that no name can
/// inject lines or terminal commands:
///
///     let message: Message = "Migrating store: \(store.user, .bold)"
package struct Message: Equatable, Sendable {
  /// A run of text in one style.
  package struct Span: Equatable, Sendable {
    /// The text, harmless.
    package var text: String
    /// How it looks on a terminal with colours.
    package var style: Style?
  }

  /// The runs, in order.
  package private(set) var spans: [Span] = []

  /// No text.
  package init() {}

  /// Text that the program wrote itself; never a value from outside.
  package init(trusted text: String, _ style: Style? = nil) {
    spans = [Span(text: text, style: style)]
  }

  /// A value from outside, made harmless.
  package init(_ text: some StringProtocol, _ style: Style? = nil) {
    self.init(trusted: sanitised(String(text)), style)
  }

  /// The text alone.
  package var plain: String { spans.map(\.text).joined() }

  /// True where there is no text.
  package var isEmpty: Bool { spans.allSatisfy(\.text.isEmpty) }

  /// Both, one after the other.
  package static func + (left: Message, right: Message) -> Message {
    var sum = left
    sum.spans += right.spans
    return sum
  }

  /// Appends another message.
  package static func += (left: inout Message, right: Message) { left.spans += right.spans }
}

extension Message: ExpressibleByStringInterpolation {
  /// A literal, trusted.
  package init(stringLiteral text: String) { self.init(trusted: text) }

  /// A literal with values in it.
  package init(stringInterpolation: Interpolation) { self = stringInterpolation.message }

  /// Collects literals as they are and values made harmless.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var message = Message()

    /// Room is not reserved.
    package init(literalCapacity: Int, interpolationCount: Int) {}

    /// A literal, trusted.
    package mutating func appendLiteral(_ text: String) {
      if !text.isEmpty { message += Message(trusted: text) }
    }

    /// A value from outside, made harmless.
    package mutating func appendInterpolation(_ text: some StringProtocol, _ style: Style? = nil) {
      message += Message(text, style)
    }

    /// A number.
    package mutating func appendInterpolation(_ number: some BinaryInteger, _ style: Style? = nil) {
      message += Message(trusted: "\(number)", style)
    }

    /// Another message, as it is.
    package mutating func appendInterpolation(_ other: Message) { message += other }
  }
}

extension Sequence where Element == Message {
  /// All messages, with `separator` between them.
  package func joined(separator: Message) -> Message {
    var whole = Message()
    for (index, message) in enumerated() { whole += index == 0 ? message : separator + message }
    return whole
  }
}
