/// A format of stores; two formats are equal where their names are equal.
public struct StoreFormat: Sendable {
  /// The implementation of the format.
  package let source: any SourceFormat

  /// Creates a format from its implementation.
  package init(_ source: any SourceFormat) { self.source = source }

  /// The format's name in listings and manifests.
  public var name: String { source.name }

  /// Returns the folders below the root that lead to a store, as they follow from the store's name.
  package func folders(of name: StoreName) -> [String] {
    [name.user, (source.folderPrefix ?? "") + name.collection]
  }
}

extension StoreFormat: Hashable {
  /// Returns true where the two formats have the same name.
  public static func == (left: StoreFormat, right: StoreFormat) -> Bool {
    left.name == right.name
  }

  /// Hashes the format's name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
