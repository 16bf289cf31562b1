/// A JSON document, or a part of one.
public enum JSONValue: Equatable, Sendable {
  /// Members in the order they were set.
  case object(JSONObject)
  /// A document from elsewhere, well-formed already, that is passed on with its numbers as written.
  case verbatim(String)
  /// Elements in order.
  case array([JSONValue])
  /// Text.
  case string(String)
  /// A whole number.
  case int(Int)
  /// A number; written as `null` where it is not finite, which JSON cannot say.
  case double(Double)
  /// True or false.
  case bool(Bool)
  /// Nothing.
  case null

  /// Whatever `value` says, null where it is nil.
  public init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }

  /// Whatever `value` says, null where it is nil.
  public init(_ value: Int?) { self = value.map(JSONValue.int) ?? .null }

  /// Whatever `value` says, null where it is nil.
  public init(_ value: Double?) { self = value.map(JSONValue.double) ?? .null }

  /// Whatever `value` says, null where it is nil.
  public init(_ value: Bool?) { self = value.map(JSONValue.bool) ?? .null }
}

/// The members of a JSON object: names in the order they were first set, each once.
public struct JSONObject: Equatable, Sendable {
  /// The names, in order.
  public private(set) var names: [String] = []
  // By bytes: Swift takes é in one scalar and in two for equal, JSON does not.
  private var values: [[UInt8]: JSONValue] = [:]

  /// No members.
  public init() {}

  /// The value of a name; setting nil removes the member, `JSONValue.null` keeps it.
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

  /// Names and values, in order.
  public var members: [(name: String, value: JSONValue)] {
    names.map { ($0, self[$0] ?? .null) }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Members in the order written; a name that comes again replaces the value.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    for (name, value) in members { self[name] = value }
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  /// An object.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in members { object[name] = value }
    self = .object(object)
  }
}

extension JSONValue: ExpressibleByArrayLiteral {
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

extension JSONValue: ExpressibleByStringInterpolation {
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONValue: ExpressibleByIntegerLiteral {
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
}

extension JSONValue: ExpressibleByFloatLiteral {
  /// A number.
  public init(floatLiteral value: Double) { self = .double(value) }
}

extension JSONValue: ExpressibleByBooleanLiteral {
  /// True or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByNilLiteral {
  /// Nothing.
  public init(nilLiteral: ()) { self = .null }
}
