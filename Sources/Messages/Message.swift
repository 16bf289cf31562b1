/// A text for people, made of literals in the program's code and of values from outside.
///
/// Literals are trusted. Every interpolated string passes through `sanitised`, so that no name can
/// inject lines or terminal commands:
///
///     let message: Message = "Migrating store: \(store.user, .bold)"
package struct Message: Equatable, Sendable {
  /// A part of the text that has one style.
  package struct Span: Equatable, Sendable {
    /// The text, in which all characters are harmless to a terminal.
    package var text: String
    /// The style on a terminal with colours; nil for plain text.
    package var style: Style?
  }

  /// The spans, in order.
  package private(set) var spans: [Span] = []

  /// Creates an empty message.
  package init() {}

  /// Creates a message from a text of the program itself, which is trusted; a value from outside
  /// must not be given here.
  package init(trusted text: String, _ style: Style? = nil) {
    spans = [Span(text: text, style: style)]
  }

  /// Creates a message from a value from outside, and makes the value harmless.
  package init(_ text: some StringProtocol, _ style: Style? = nil) {
    self.init(trusted: sanitised(String(text)), style)
  }

  /// The text without styles.
  package var plain: String { spans.map(\.text).joined() }

  /// True where there is no text.
  package var isEmpty: Bool { spans.allSatisfy(\.text.isEmpty) }

  /// Joins two messages.
  package static func + (left: Message, right: Message) -> Message {
    var sum = left
    sum.spans += right.spans
    return sum
  }

  /// Appends another message.
  package static func += (left: inout Message, right: Message) { left.spans += right.spans }
}

extension Message: ExpressibleByStringInterpolation {
  /// Creates a message from a literal, which is trusted.
  package init(stringLiteral text: String) { self.init(trusted: text) }

  /// Creates a message from a literal with interpolated values.
  package init(stringInterpolation: Interpolation) { self = stringInterpolation.message }

  /// Collects the parts of an interpolated literal: texts unchanged, values made harmless.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var message = Message()

    /// Starts an empty message; the sizes are ignored.
    package init(literalCapacity: Int, interpolationCount: Int) {}

    /// Appends a literal, which is trusted.
    package mutating func appendLiteral(_ text: String) {
      if !text.isEmpty { message += Message(trusted: text) }
    }

    /// Appends a value from outside, and makes the value harmless.
    package mutating func appendInterpolation(_ text: some StringProtocol, _ style: Style? = nil) {
      message += Message(text, style)
    }

    /// Appends a number.
    package mutating func appendInterpolation(_ number: some BinaryInteger, _ style: Style? = nil) {
      message += Message(trusted: "\(number)", style)
    }

    /// Appends another message unchanged.
    package mutating func appendInterpolation(_ other: Message) { message += other }
  }
}

extension Sequence where Element == Message {
  /// Joins all messages, with `separator` between them.
  package func joined(separator: Message) -> Message {
    var whole = Message()
    for (index, message) in enumerated() { whole += index == 0 ? message : separator + message }
    return whole
  }
}
