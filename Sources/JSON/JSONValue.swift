/// A JSON document, or a part of one.
public enum JSONValue: Equatable, Sendable {
  /// An object: members in the order in which they were set.
  case object(JSONObject)
  /// A well-formed document that this program did not make; its numbers are passed on as they are
  /// written.
  case verbatim(String)
  /// An array: elements in order.
  case array([JSONValue])
  /// Text.
  case string(String)
  /// A whole number.
  case int(Int)
  /// A number, written as `null` where it is not finite, because JSON has no such numbers.
  case double(Double)
  /// True or false.
  case bool(Bool)
  /// The value `null`.
  case null

  /// Creates a string, or null for nil.
  public init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }

  /// Creates a whole number, or null for nil.
  public init(_ value: Int?) { self = value.map(JSONValue.int) ?? .null }

  /// Creates a number, or null for nil.
  public init(_ value: Double?) { self = value.map(JSONValue.double) ?? .null }

  /// Creates true or false, or null for nil.
  public init(_ value: Bool?) { self = value.map(JSONValue.bool) ?? .null }
}

/// The members of a JSON object: each name once, in the order in which the names were first set.
public struct JSONObject: Equatable, Sendable {
  /// The names, in order.
  public private(set) var names: [String] = []
  // Compared by bytes: Swift considers é in one scalar and in two equal, JSON does not.
  private var values: [[UInt8]: JSONValue] = [:]

  /// Creates an object without members.
  public init() {}

  /// The value of a name; setting nil removes the member, while setting `JSONValue.null` keeps the
  /// member with the value null.
  public subscript(name: String) -> JSONValue? {
    get { values[Array(name.utf8)] }
    set {
      let key = Array(name.utf8)
      if let newValue {
        if values.updateValue(newValue, forKey: key) == nil { names.append(name) }
      } else if values.removeValue(forKey: key) != nil {
        names.removeAll { $0.utf8.elementsEqual(key) }
      }
    }
  }

  /// The names and values, in order.
  public var members: [(name: String, value: JSONValue)] {
    names.map { ($0, self[$0] ?? .null) }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Creates an object from members in order; where a name is repeated, the later value replaces
  /// the earlier one.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    for (name, value) in members { self[name] = value }
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  /// Creates an object.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in members { object[name] = value }
    self = .object(object)
  }
}

extension JSONValue: ExpressibleByArrayLiteral {
  /// Creates an array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByStringInterpolation {
  /// Creates a string.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
  /// Creates a whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
}

extension JSONValue: ExpressibleByFloatLiteral {
  /// Creates a number.
  public init(floatLiteral value: Double) { self = .double(value) }
}

extension JSONValue: ExpressibleByBooleanLiteral {
  /// Creates true or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByNilLiteral {
  /// Creates null.
  public init(nilLiteral: ()) { self = .null }
}
