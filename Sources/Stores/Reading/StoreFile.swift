/// One file of a store, as the scan saw it.
public struct StoreFile: Sendable, Hashable {
  /// What a file holds of a store.
  package enum Content: Sendable {
    case vectors, texts
    /// Vectors and texts, or something else that belongs to the store.
    case mixed
  }

  /// The name within the store's directory.
  public let name: String
  /// The size in bytes.
  public let size: Int64
  /// When it was last modified.
  public let modified: FileTime

  /// A file from its parts.
  public init(name: String, size: Int64, modified: FileTime) {
    self.name = name
    self.size = size
    self.modified = modified
  }
}

/// The files of a store that are in its folder, and those that are not.
package struct FoundFiles: Sendable, Equatable {
  /// The files that are there, in the format's order.
  package var found: [StoreFile] = []
  /// The names of those that are not there.
  package var missing: [String] = []

  /// No files.
  package init() {}

  /// Looks for files in a folder, and opens each that is there.
  package init(named names: [String], in folder: StoreDirectory) throws(StoreError) {
    for name in names {
      guard try folder.facts(named: name) != nil else {
        missing.append(name)
        continue
      }
      let facts = try folder.openFile(named: name).facts
      found.append(StoreFile(name: name, size: facts.size, modified: facts.modified))
    }
  }
}
