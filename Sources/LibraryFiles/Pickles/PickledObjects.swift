internal import Files
internal import Pickle

/// Reads pickles of objects of a few classes; an object becomes its name and its values.
struct PickledObjects {
  /// The path of the file, for messages.
  let path: String
  var kind = FileError.Kind.rows
  /// The advice where the pickle is refused.
  var remedy =
    "keep only texts, numbers, lists and dictionaries in the metadata, and save the store again "
    + "with the library; or restore the file from a copy"

  /// Decodes a pickle that may name these classes only; nothing is imported or called.
  func value(
    _ source: any PickleSource, classes: Set<String>, place: String? = nil
  ) throws(FileError) -> PickleValue {
    do throws(PickleError) {
      var limits = PickleLimits()
      // Small values take some hundred bytes each while they are decoded.
      limits.memory += 16 * min(source.count, 1 << 30)
      return try PickleValue(source: source, classes: classes, limits: limits)
    } catch {
      if error.kind == .interrupted {
        throw FileError(.interrupted, file: path, problem: "interrupted", remedy: "")
      }
      throw refusal("\(error)", place: place)
    }
  }

  /// Returns the attributes of an object of one of these classes, as pydantic and plain Python
  /// classes write them; nil for another value.
  static func attributes(of value: PickleValue, _ classes: Set<String>) -> PickleValue? {
    guard case .object(let type, let arguments, let state) = value, classes.contains(type),
      arguments.isEmpty, case .dictionary = state
    else { return nil }
    return state["__dict__"] ?? state
  }

  func refusal(_ problem: String, place: String? = nil) -> FileError {
    FileError(kind, file: path, place: place, problem: problem, remedy: remedy)
  }
}

extension MetadataText {
  /// Appends a value of a pickle as JSON; returns the words for what JSON does not have, nil where
  /// everything was appended.
  mutating func append(_ value: PickleValue) -> String? {
    switch value {
    case .none: appendNull()
    case .bool(let flag): append(flag)
    case .int(let number): append(Int64(number))
    case .float(let number): append(number)
    case .string(let text): append(text)
    case .list(let elements), .tuple(let elements): return append(elements)
    case .dictionary(let pairs):
      var object = MetadataText()
      if let problem = object.appendMembers(pairs) { return problem }
      append(list: object)
    case .bytes: return "bytes"
    case .set: return "a set"
    case .object(let type, _, _): return "an object of \(type)"
    case .name: return "a name"
    case .array: return "an array of NumPy"
    }
    return nil
  }

  private mutating func append(_ elements: [PickleValue]) -> String? {
    var list = MetadataText(list: ())
    for element in elements {
      list.beginElement()
      if let problem = list.append(element) { return problem }
    }
    append(list: list)
    return nil
  }

  /// Appends the entries of a dict as members; returns the words for what JSON does not have.
  mutating func appendMembers(
    _ pairs: [PickleValue.Pair], without left: Set<String> = []
  ) -> String? {
    for pair in pairs {
      guard case .string(let key) = pair.key else { return "a key that is no text" }
      if left.contains(key) { continue }
      begin(key)
      if let problem = append(pair.value) { return problem }
    }
    return nil
  }
}
