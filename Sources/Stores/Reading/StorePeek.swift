/// The facts about a store that a listing shows; most are found without reading the files
/// completely.
public struct StorePeek: Sendable, Equatable {
  /// The probable number of vectors; nil where only a complete reading would show it.
  public package(set) var vectorCount: Int?
  /// The number of numbers in the first vector; nil where it could not be found.
  public package(set) var dimensions: Int?
  /// True where the metadata are encrypted; nil where the file's beginning does not show it.
  public package(set) var isEncrypted: Bool?
  /// The size of all files together in bytes.
  public let size: Int64
  /// The damage that was found; nil where none was found, although the store may still be
  /// unreadable.
  public package(set) var problem: String?

  /// Examines a store; unknown facts are nil, and nothing is refused.
  public init(_ store: FoundStore) {
    guard store.refusal == nil, let folder = try? store.open() else {
      self.init(size: store.size)
      return
    }
    self = store.format.source.describe(store, in: folder)
  }

  /// Creates the facts about a store whose size alone is known.
  package init(size: Int64) { self.size = size }
}

extension StorePeek: CustomStringConvertible {
  /// The number of vectors, the dimensions and the encryption in words; unknown facts are shown as
  /// `…`.
  public var description: String {
    let count = vectorCount.map(String.init) ?? "…"
    let dimensions = dimensions.map(String.init) ?? "…"
    let kind = isEncrypted.map { $0 ? "encrypted" : "plain" } ?? "…"
    return "\(count) × \(dimensions), \(kind)"
  }
}
