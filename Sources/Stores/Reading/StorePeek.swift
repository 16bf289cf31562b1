/// What a listing shows of a store: for the usual ones, what can be told without reading them whole.
public struct StorePeek: Sendable, Equatable {
  /// How many vectors there seem to be; nil where only reading all of them would tell.
  public package(set) var vectorCount: Int?
  /// How many numbers the first vector has; nil where it could not be told.
  public package(set) var dimensions: Int?
  /// True where the metadata are encrypted; nil where the file could not be read.
  public package(set) var isEncrypted: Bool?
  /// The bytes of all files together.
  public let size: Int64
  /// What is damaged, as far as looking tells; nil is no promise that all of it can be read.
  public package(set) var problem: String?

  /// Looks at a store; whatever cannot be told is nil, nothing is refused.
  public init(_ store: FoundStore) {
    guard store.refusal == nil, let folder = try? store.open() else {
      self.init(size: store.size)
      return
    }
    self = store.format.source.describe(store, in: folder)
  }

  /// A store of which nothing but its size is known.
  package init(size: Int64) { self.size = size }
}

extension StorePeek: CustomStringConvertible {
  /// Vectors, dimensions, encryption; what is not known is shown as `…`.
  public var description: String {
    let count = vectorCount.map(String.init) ?? "…"
    let dimensions = dimensions.map(String.init) ?? "…"
    let kind = isEncrypted.map { $0 ? "encrypted" : "plain" } ?? "…"
    return "\(count) × \(dimensions), \(kind)"
  }
}
