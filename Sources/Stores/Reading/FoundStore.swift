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
  /// The store's folder as the operator would type it, or its file where it has none of its own:
  /// the root and the way down from it.
  public let path: String
  /// How its files are laid out.
  public let format: StoreFormat
  /// The folders that lead from the root to its files.
  package let folders: [String]
  /// The files that are there, in the format's order.
  public let files: [StoreFile]
  /// What can be done with it.
  public let state: State

  /// A store from its parts.
  ///
  /// - Parameter folders: the folders that lead from the root to its files; nil where they follow
  ///   from the name.
  package init(
    name: StoreName, root: String, path: String, format: StoreFormat, folders: [String]? = nil,
    files: [StoreFile], state: State
  ) {
    self.name = name
    self.root = root
    self.path = path
    self.format = format
    self.folders = folders ?? format.folders(of: name)
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
        remedy: files.isEmpty
          ? "restore the files, or remove the empty directory"
          : "restore \(names) from a copy, or move the store away")
    case .unreadable(let reason):
      return StoreError(.file, file: path, problem: reason, remedy: "")
    }
  }

  /// Opens the store's directory step by step from the root, following no link below it.
  public func open() throws(StoreError) -> StoreDirectory {
    var folder = try StoreDirectory(path: root, links: .follow)
    for name in folders { folder = try folder.openDirectory(named: name) }
    return folder
  }
}

extension FoundStore {
  /// The name of the file that holds the vectors; nil where no files are known.
  public var vectorsFile: String? {
    files.first { format.source.content(of: $0.name) != .texts }?.name
  }

  /// The bytes of the files that hold texts and no vectors.
  public var textSize: Int64 {
    files.filter { format.source.content(of: $0.name) == .texts }.map(\.size).sumSaturated()
  }

  /// True where what costs next to nothing to find out speaks against the store.
  ///
  /// It should then be read before anything slow is done with its files. Nothing is refused here.
  public var isUnlikelyToPair: Bool {
    guard let folder = try? open() else { return false }
    return format.source.isUnlikelyToPair(in: folder)
  }

  /// Why the files are not to be read, nor hashed, to their end; nil where nothing is against it.
  public var refusalOfHoles: StoreError? {
    guard let folder = try? open() else { return nil }
    return format.source.refusalOfHoles(in: folder)
  }
}
