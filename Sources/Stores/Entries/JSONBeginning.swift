internal import Files
internal import JSON

/// The first keys of a JSON file whose outermost value is an object, as far as the first bytes of
/// the file show them.
struct JSONBeginning {
  /// The number of bytes that are read.
  private static let limit = 64 * 1024

  /// The keys of the outermost object, in their order.
  private(set) var keys: [String] = []
  /// The keys of the first member's value, where it is an object.
  private(set) var innerKeys: [String] = []
  /// The members of the outermost object that are strings.
  private(set) var strings: [String: String] = [:]

  /// Reads the beginning of a file; nil where it begins with anything but an object.
  init?(of file: InputFile) {
    var bytes = [UInt8](repeating: 0, count: min(Self.limit, Int(clamping: file.facts.size)))
    let count = bytes.withUnsafeMutableBytes { (try? file.read(into: $0, at: 0)) ?? 0 }
    let source = MemoryByteSource(Array(bytes[..<count]))
    // Whether the database can store a character is no question here.
    var limits = JSONLimits()
    limits.escapesUnstorable = true
    guard let walker = try? JSONWalker(source, limits: limits), (try? walker.kind()) == .object
    else { return nil }
    // The text ends somewhere within a value, which is no fault here.
    try? read(walker)
  }

  private mutating func read(_ walker: JSONWalker) throws {
    try walker.enter(.object)
    while let key = try walker.nextKey() {
      keys.append(key)
      switch try walker.kind() {
      case .string: strings[key] = try walker.string()
      case .object where keys.count == 1:
        try walker.enter(.object)
        while let inner = try walker.nextKey() {
          innerKeys.append(inner)
          try walker.skip()
        }
      default: try walker.skip()
      }
    }
  }
}
