/// A format of stores; two are equal where their names are.
public struct StoreFormat: Sendable {
  /// The implementation of the format.
  package let source: any SourceFormat

  /// Creates a format from its implementation.
  package init(_ source: any SourceFormat) { self.source = source }

  /// The name in listings and manifests.
  public var name: String { source.name }

  /// Returns the folders below the root that lead to a store, where they follow from its name.
  package func folders(of name: StoreName) -> [String] {
    [name.user, (source.folderPrefix ?? "") + name.collection]
  }
}

extension StoreFormat: Hashable {
  /// Returns whether both have the same name.
  public static func == (left: StoreFormat, right: StoreFormat) -> Bool {
    left.name == right.name
  }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
