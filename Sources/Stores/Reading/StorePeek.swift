/// The facts about a store in a listing; usually found without reading the files completely.
public struct StorePeek: Sendable, Equatable {
  /// How many vectors there seem to be; nil where only a complete reading would show it.
  public package(set) var vectorCount: Int?
  /// How many numbers the first vector has; nil where that could not be found.
  public package(set) var dimensions: Int?
  /// True where the metadata are encrypted; nil where the file's beginning does not show it.
  public package(set) var isEncrypted: Bool?
  /// The size of all files together in bytes.
  public let size: Int64
  /// The damage that was found; nil is no promise that everything can be read.
  public package(set) var problem: String?

  /// Examines a store; unknown facts are nil, and nothing is refused.
  public init(_ store: FoundStore) {
    guard store.refusal == nil, let folder = try? store.open() else {
      self.init(size: store.size)
      return
    }
    self = store.format.source.describe(store, in: folder)
  }

  /// Creates the facts about a store of which only the size is known.
  package init(size: Int64) { self.size = size }
}

extension StorePeek: CustomStringConvertible {
  /// The vectors, dimensions and encryption; unknown facts are shown as `…`.
  public var description: String {
    let count = vectorCount.map(String.init) ?? "…"
    let dimensions = dimensions.map(String.init) ?? "…"
    let kind = isEncrypted.map { $0 ? "encrypted" : "plain" } ?? "…"
    return "\(count) × \(dimensions), \(kind)"
  }
}
