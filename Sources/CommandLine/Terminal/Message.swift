/// Text for people: what the program wrote itself, with values from elsewhere made harmless.
///
/// Literals are trusted; every interpolated string passes through `sanitised`, so that no name can
/// inject lines or terminal commands:
///
///     let message: Message = "Migrating store: \(store.user, .bold)"
struct Message: Equatable, Sendable {
  /// A run of text in one style.
  struct Span: Equatable, Sendable {
    /// The text, harmless.
    var text: String
    /// How it looks on a terminal with colours.
    var style: Style?
  }

  /// The runs, in order.
  private(set) var spans: [Span] = []

  /// No text.
  init() {}

  /// Text that the program wrote itself; never a value from outside.
  init(trusted text: String, _ style: Style? = nil) { spans = [Span(text: text, style: style)] }

  /// A value from outside, made harmless.
  init(_ text: some StringProtocol, _ style: Style? = nil) {
    self.init(trusted: sanitised(String(text)), style)
  }

  /// The text alone.
  var plain: String { spans.map(\.text).joined() }

  /// True where there is no text.
  var isEmpty: Bool { spans.allSatisfy(\.text.isEmpty) }

  /// Both, one after the other.
  static func + (left: Message, right: Message) -> Message {
    var sum = left
    sum.spans += right.spans
    return sum
  }

  /// Appends another message.
  static func += (left: inout Message, right: Message) { left.spans += right.spans }
}

extension Message: ExpressibleByStringInterpolation {
  /// A literal, trusted.
  init(stringLiteral text: String) { self.init(trusted: text) }

  /// A literal with values in it.
  init(stringInterpolation: Interpolation) { self = stringInterpolation.message }

  /// Collects literals as they are and values made harmless.
  struct Interpolation: StringInterpolationProtocol {
    fileprivate var message = Message()

    /// Room is not reserved.
    init(literalCapacity: Int, interpolationCount: Int) {}

    /// A literal, trusted.
    mutating func appendLiteral(_ text: String) {
      if !text.isEmpty { message += Message(trusted: text) }
    }

    /// A value from outside, made harmless.
    mutating func appendInterpolation(_ text: some StringProtocol, _ style: Style? = nil) {
      message += Message(text, style)
    }

    /// A number.
    mutating func appendInterpolation(_ number: some BinaryInteger, _ style: Style? = nil) {
      message += Message(trusted: "\(number)", style)
    }

    /// Another message, as it is.
    mutating func appendInterpolation(_ other: Message) { message += other }
  }
}

extension Sequence where Element == Message {
  /// All messages, with `separator` between them.
  func joined(separator: Message) -> Message {
    var whole = Message()
    for (index, message) in enumerated() { whole += index == 0 ? message : separator + message }
    return whole
  }
}
