/// A type of values on the command line: how a value is written, and how it is read.
package struct ValueType<Value: Sendable>: Sendable {
  /// The word that stands for the value in the help: `DIR`, `N`.
  var placeholder: String
  /// The completions that a shell offers for the value.
  var completion: CompletionHint
  /// True for numbers, which may begin with a minus sign.
  var isNumeric = false
  /// True for values that messages never repeat, because they may contain a password.
  var isSecret = false
  /// Turns a word into a value, or throws the reason why the word is refused.
  package let read: @Sendable (String) throws(ValueFault) -> Value
  /// Returns the word that an operator would type for a value.
  package let write: @Sendable (Value) -> String

  /// Creates a type from two functions: one reads a word, the other writes a value as a word.
  package init(
    placeholder: String, completion: CompletionHint = .none, isNumeric: Bool = false,
    read: @escaping @Sendable (String) throws(ValueFault) -> Value,
    write: @escaping @Sendable (Value) -> String
  ) {
    self.placeholder = placeholder
    self.completion = completion
    self.isNumeric = isNumeric
    self.read = read
    self.write = write
  }
}

/// The completions that a shell offers at the place of a value.
package enum CompletionHint: Equatable, Sendable {
  /// The shell offers no completions.
  case none
  /// The shell offers the names of directories.
  case directory
  /// The shell offers the names of files.
  case file
  /// The shell offers these words.
  case choices([String])
}

/// The reason why a word is not a value of the type that an option takes.
package enum ValueFault: Error, Equatable, Sendable {
  /// The word is empty.
  case empty
  /// The word is none of the allowed words.
  case notAmong([String])
  /// The word is not a whole number.
  case notWhole(allowed: String)
  /// The word is not a number.
  case notNumber(allowed: String)
  /// The number lies outside the allowed range.
  case outside(allowed: String)
  /// The word cannot be the name of a file.
  case notFileName
}

/// A type of which each case is a word that an option allows.
package protocol Choice: CaseIterable, RawRepresentable, Sendable where RawValue == String {}

extension ValueType {
  /// Returns the same type with another placeholder in the help.
  package func named(_ placeholder: String) -> ValueType {
    var copy = self
    copy.placeholder = placeholder
    return copy
  }
}

extension ValueType where Value == String {
  /// Returns the type of any text that is not empty.
  package static func text(_ placeholder: String) -> ValueType { words(placeholder, .none) }

  /// The type of a path to a directory; the command checks whether the directory exists.
  package static var directory: ValueType { words("DIR", .directory) }

  /// The type of a path to a file; the command checks whether the file exists.
  package static var file: ValueType { words("FILE", .file) }

  /// The type of an address; messages never repeat the address, because it may contain a password.
  package static var secretURL: ValueType {
    var type = words("URL", .none)
    type.isSecret = true
    return type
  }

  private static func words(_ placeholder: String, _ completion: CompletionHint) -> ValueType {
    ValueType(
      placeholder: placeholder, completion: completion,
      read: { word throws(ValueFault) in
        if word.isEmpty { throw .empty }
        return word
      },
      write: { $0 })
  }
}

extension ValueType where Value == Int {
  /// Returns the type of a whole number within `range`.
  package static func whole(_ range: ClosedRange<Int>) -> ValueType {
    let allowed =
      range.upperBound == .max
      ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
    return ValueType(
      placeholder: "N", completion: .none, isNumeric: true,
      read: { word throws(ValueFault) in
        if word.isEmpty { throw .empty }
        guard let value = Int(word) else {
          // A number with too many digits is out of range, not misspelt.
          let digits = word.drop { $0 == "-" || $0 == "+" }
          let isInteger = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) }
          throw isInteger ? .outside(allowed: allowed) : .notWhole(allowed: allowed)
        }
        if !range.contains(value) { throw .outside(allowed: allowed) }
        return value
      },
      write: { "\($0)" })
  }

  /// The type of a whole number that is at least 1.
  package static var positive: ValueType { whole(1...Int.max) }
}

extension ValueType where Value == Double {
  /// Returns the type of a number within `range`; the word `nan` is refused.
  package static func number(_ range: ClosedRange<Double>) -> ValueType {
    let allowed = "\(shortest(range.lowerBound)) to \(shortest(range.upperBound))"
    return ValueType(
      placeholder: "X", completion: .none, isNumeric: true,
      read: { word throws(ValueFault) in
        if word.isEmpty { throw .empty }
        guard let value = decimal(word) else { throw .notNumber(allowed: allowed) }
        if !range.contains(value) { throw .outside(allowed: allowed) }
        return value
      },
      write: shortest)
  }
}

extension ValueType where Value: Choice {
  /// The type for which the allowed words are the raw values of all cases.
  package static var choice: ValueType { choice(of: Array(Value.allCases)) }

  /// Returns the type for which the allowed words are the raw values of the given cases.
  package static func choice(of values: [Value]) -> ValueType {
    let allowed = values.map(\.rawValue)
    return ValueType(
      placeholder: allowed.joined(separator: "|"), completion: .choices(allowed),
      read: { word throws(ValueFault) in
        guard let value = Value(rawValue: word), allowed.contains(word) else {
          throw .notAmong(allowed)
        }
        return value
      },
      write: { $0.rawValue })
  }
}

extension ValueType where Value: Equatable {
  /// Returns the type for which the keys of `meanings` are the allowed words, each with its value.
  package static func choice(_ meanings: KeyValuePairs<String, Value>) -> ValueType {
    let allowed = meanings.map(\.key)
    return ValueType(
      placeholder: allowed.joined(separator: "|"), completion: .choices(allowed),
      read: { word throws(ValueFault) in
        guard let meaning = meanings.first(where: { $0.key == word }) else {
          throw .notAmong(allowed)
        }
        return meaning.value
      },
      write: { value in meanings.first { $0.value == value }?.key ?? "" })
  }
}

/// Reads a decimal number as people write it: digits, a point, an exponent.
///
/// The words `nan` and `inf` and hexadecimal numbers are refused.
private func decimal(_ word: String) -> Double? {
  let allowed = Set("0123456789+-.eE")
  return word.allSatisfy(allowed.contains) ? Double(word) : nil
}

/// Writes a number in the shortest form: `1`, not `1.0`.
@Sendable private func shortest(_ value: Double) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
