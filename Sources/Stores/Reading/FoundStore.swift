internal import Bounds
public import Files

/// A store that the scan found, complete or not.
public struct FoundStore: Sendable, Equatable {
  /// The state of a store's files; only a complete store can be read.
  public enum State: Sendable, Equatable {
    /// All files exist and can be opened.
    case complete
    /// Some files are missing.
    case incomplete(missing: [String])
    /// The store cannot be read; the reason names the cause and its remedy.
    case unreadable(reason: String)
  }

  /// The name of the store; where it is not UTF-8, a form with escapes for its bytes.
  public let name: StoreName
  /// The directory that was scanned, without trailing slashes.
  public let root: String
  /// The path of the store's folder, as it is shown to the operator; or the path of the store's
  /// file, where the store has no folder of its own.
  public let path: String
  /// The format of the files.
  public let format: StoreFormat
  /// The folders that lead from the root to the files.
  package let folders: [String]
  /// The existing files, in the format's order.
  public let files: [StoreFile]
  /// The state of a store's files; only a complete store can be read.
  public let state: State
  /// True where the operator has named the store's place; the store's user and collection do not
  /// follow from its folders.
  package let isGiven: Bool

  /// Creates a store from its parts.
  ///
  /// - Parameter folders: the folders that lead from the root to the store's files; nil where these
  ///   follow from the name.
  package init(
    name: StoreName, root: String, path: String, format: StoreFormat, folders: [String]? = nil,
    files: [StoreFile], state: State, isGiven: Bool = false
  ) {
    self.name = name
    self.root = root
    self.path = path
    self.format = format
    self.folders = folders ?? format.folders(of: name)
    self.files = files
    self.state = state
    self.isGiven = isGiven
  }

  /// The size of all files together in bytes.
  public var size: Int64 { files.map(\.size).sumSaturated() }

  /// The refusal that follows from the state, nil for a complete store.
  public var refusal: StoreError? {
    switch state {
    case .complete:
      return nil
    case .incomplete(let missing):
      let names = missing.joined(separator: " and ")
      let verb = missing.count == 1 ? "is" : "are"
      return StoreError(
        .incomplete, file: path, problem: "\(names) \(verb) missing",
        remedy: files.isEmpty
          ? "restore the files, or remove the empty directory"
          : "restore \(names) from a copy, or move the store away")
    case .unreadable(let reason):
      return StoreError(.file, file: path, problem: reason, remedy: "")
    }
  }

  /// Opens the store's directory step by step from the root; links below the root are not followed.
  public func open() throws(StoreError) -> Directory {
    var folder = try Directory(path: root, links: .follow)
    for name in folders { folder = try folder.openDirectory(named: name) }
    return folder
  }
}

extension FoundStore {
  /// The name of the file that holds the vectors; nil where no such file was found.
  public var vectorsFile: String? {
    files.first { format.source.content(of: $0.name) != .texts }?.name
  }

  /// The size in bytes of the files that contain texts and no vectors.
  public var textSize: Int64 {
    files.filter { format.source.content(of: $0.name) == .texts }.map(\.size).sumSaturated()
  }

  /// True where a quick check suggests that the store cannot be read.
  ///
  /// Such a store should be read before any slow work on its files. Nothing is refused here.
  public var isProbablyUnreadable: Bool {
    guard let folder = try? open() else { return false }
    return format.source.isProbablyUnreadable(in: folder)
  }

  /// The refusal of files with holes, which must not be read or hashed to their end; nil where they
  /// may be read.
  public var refusalOfHoles: StoreError? {
    guard let folder = try? open() else { return nil }
    return format.source.refusalOfHoles(in: folder)
  }
}
