/// A format of stores, as the registry lists it; two are equal where their names are.
public struct StoreFormat: Sendable {
  /// What is known of it.
  package let source: any SourceFormat

  /// A format to be listed.
  package init(_ source: any SourceFormat) { self.source = source }

  /// The name, as listings and manifests have it.
  public var name: String { source.name }

  /// The folders below the root that lead to a store, where they follow from its name.
  package func folders(of name: StoreName) -> [String] {
    [name.user, (source.folderPrefix ?? "") + name.collection]
  }
}

extension StoreFormat: Hashable {
  /// True where both have one name.
  public static func == (left: StoreFormat, right: StoreFormat) -> Bool {
    left.name == right.name
  }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
