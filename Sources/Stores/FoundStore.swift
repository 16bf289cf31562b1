internal import Bounds

/// A store that the scan found, whole or not.
public struct FoundStore: Sendable, Equatable {
  /// What can be done with it.
  public enum State: Sendable, Equatable {
    /// All files are there and can be opened.
    case complete
    /// Some files are not there.
    case incomplete(missing: [String])
    /// Something stands in the way; the reason names it and its remedy.
    case unreadable(reason: String)
  }

  /// Whose store it is; where the name is not UTF-8, an escaped form of it.
  public let name: StoreName
  /// The directory that was scanned, without trailing slashes.
  public let root: String
  /// The store's directory as the operator would type it: the root and the way down from it.
  public let path: String
  /// How its files are laid out.
  public let format: StoreFormat
  /// The files that are there, in the format's order.
  public let files: [StoreFile]
  /// What can be done with it.
  public let state: State

  /// A store from its parts.
  public init(
    name: StoreName, root: String, path: String, format: StoreFormat, files: [StoreFile],
    state: State
  ) {
    self.name = name
    self.root = root
    self.path = path
    self.format = format
    self.files = files
    self.state = state
  }

  /// The bytes of all files together.
  public var size: Int64 { files.map(\.size).sumSaturated() }

  /// The refusal that its state amounts to, nil for a complete store.
  public var refusal: StoreError? {
    switch state {
    case .complete:
      return nil
    case .incomplete(let missing):
      let names = missing.joined(separator: " and ")
      let verb = missing.count == 1 ? "is" : "are"
      return StoreError(
        .incomplete, file: path, problem: "\(names) \(verb) missing",
        remedy: missing.count == format.fileNames.count
          ? "restore the files, or remove the empty directory"
          : "restore \(names) from a copy, or move the store away")
    case .unreadable(let reason):
      return StoreError(.file, file: path, problem: reason, remedy: "")
    }
  }

  /// Opens the store's directory step by step from the root, following no link below it.
  public func open() throws(StoreError) -> StoreDirectory {
    let top = try StoreDirectory(path: root, links: .follow)
    let user = try top.openDirectory(named: name.user)
    return try user.openDirectory(named: StoreFormat.folderPrefix + name.collection)
  }
}

/// One file of a store, as the scan saw it.
public struct StoreFile: Sendable, Hashable {
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
