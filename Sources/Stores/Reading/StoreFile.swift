public import Files

/// The facts about a file of a store at the time when the scan found it.
public struct StoreFile: Sendable, Hashable {
  /// The kind of data in a file of a store.
  package enum Content: Sendable {
    case vectors, texts
    /// Vectors and texts, or other data of the store.
    case mixed
  }

  /// The name within the store's directory.
  public let name: String
  /// The size in bytes.
  public let size: Int64
  /// The time at which the file was last modified.
  public let modified: FileTime

  /// Creates a file from its parts.
  public init(name: String, size: Int64, modified: FileTime) {
    self.name = name
    self.size = size
    self.modified = modified
  }
}

/// The files of a store in its folder, and those that are missing.
package struct FoundFiles: Sendable, Equatable {
  /// The existing files, in the format's order.
  package var found: [StoreFile] = []
  /// The names of the missing files.
  package var missing: [String] = []

  /// Creates an empty result.
  package init() {}

  /// Creates the result that these files are missing.
  package init(missing: [String]) { self.missing = missing }

  /// Looks for files in a folder, and opens each that exists.
  package init(named names: [String], in folder: Directory) throws(StoreError) {
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
