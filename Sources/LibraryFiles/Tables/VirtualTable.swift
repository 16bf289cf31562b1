internal import Files

/// The columns of a table of sqlite-vec, as they stand in its `CREATE VIRTUAL TABLE`.
struct VirtualTable: Equatable {
  /// The type of a column of metadata, by which its chunks are read.
  enum Kind: String {
    case integer, float, boolean, text
  }

  let name: String
  private(set) var vector = ""
  private(set) var dimensions = 0
  private(set) var key: String?
  private(set) var hasTextKey = false
  private(set) var partitions: [String] = []
  private(set) var metadata: [(name: String, kind: Kind)] = []
  private(set) var auxiliaries: [String] = []

  static func == (one: VirtualTable, other: VirtualTable) -> Bool {
    one.name == other.name && one.vector == other.vector
      && one.metadata.map(\.name) == other.metadata.map(\.name)
  }

  /// Returns true where a statement makes a table of sqlite-vec.
  static func isMade(by sql: String) -> Bool {
    let words = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
    return words.hasPrefix("create virtual table")
      && (words.contains("using vec0(") || words.contains("using vec0 ("))
  }

  /// Reads the columns of a table; returns the problem in words where one of them is not read.
  init(_ name: String, sql: String) throws(Unread) {
    self.name = name
    guard let open = sql.firstIndex(of: "("), let close = sql.lastIndex(of: ")"), open < close
    else { throw Unread(problem: "its definition has no columns") }
    for part in Self.parts(of: sql[sql.index(after: open)..<close]) { try take(part) }
    if vector.isEmpty { throw Unread(problem: "it has no column of vectors") }
  }

  /// The reason why a table is not read.
  struct Unread: Error {
    let problem: String
  }

  /// Splits a list at its commas, but not within brackets.
  private static func parts(of list: Substring) -> [String] {
    var parts: [String] = [""]
    var depth = 0
    for character in list {
      if "([".contains(character) { depth += 1 }
      if ")]".contains(character) { depth -= 1 }
      if character == ",", depth == 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }

  private mutating func take(_ part: String) throws(Unread) {
    let words = part.split(whereSeparator: \.isWhitespace).map(String.init)
    guard var name = words.first else { return }
    // An option of the table, such as chunk_size=8.
    if words.count == 1 || name.contains("=") || words[1].hasPrefix("=") { return }
    let isAuxiliary = name.hasPrefix("+")
    if isAuxiliary { name.removeFirst() }
    name = name.trimmingQuotes
    let type = words[1].lowercased()
    let rest = words.dropFirst(2).joined(separator: " ").lowercased()
    if isAuxiliary {
      auxiliaries.append(name)
    } else if type.contains("[") {
      try takeVector(name, type)
    } else if rest.hasPrefix("primary key") {
      key = name
      hasTextKey = type == "text"
    } else if rest.hasPrefix("partition key") {
      partitions.append(name)
    } else {
      metadata.append((name, try Self.kind(of: type, name)))
    }
  }

  private mutating func takeVector(_ name: String, _ type: String) throws(Unread) {
    guard vector.isEmpty else { throw Unread(problem: "it has several columns of vectors") }
    guard type.hasPrefix("float[") || type.hasPrefix("f32["), type.hasSuffix("]"),
      let open = type.firstIndex(of: "["),
      let dimensions = Int(type[type.index(after: open)...].dropLast()),
      (1...1 << 20).contains(dimensions)
    else {
      throw Unread(problem: "its vectors have the type \(type), and only float is read")
    }
    (vector, self.dimensions) = (name, dimensions)
  }

  private static func kind(of type: String, _ name: String) throws(Unread) -> Kind {
    switch type {
    case "integer", "int", "int64": return .integer
    case "float", "double", "real", "float64": return .float
    case "boolean", "bool": return .boolean
    case "text": return .text
    default: throw Unread(problem: "the type of its column \(ShownText.of(name)) is not known")
    }
  }

  /// The column with the text: the first of the usual names that a column has; nil where none has.
  var text: String? {
    let names = metadata.filter { $0.kind == .text }.map(\.name) + auxiliaries
    return TableShape.texts.lazy.compactMap { text in
      names.first { $0.lowercased() == text }
    }.first
  }
}

extension String {
  fileprivate var trimmingQuotes: String {
    let marks: Set<Character> = ["\"", "'", "`", "[", "]"]
    return String(drop { marks.contains($0) }.reversed().drop { marks.contains($0) }.reversed())
  }
}
