package import Files

/// A directory entry in a user's folder; a format examines the entry's name first, then its kind,
/// then its files.
package struct UserEntry {
  /// The user's folder.
  package let directory: Directory
  /// The user's name.
  package let user: EntryName
  /// The entry's name.
  package let name: EntryName
  /// True where the operator has named this entry itself, so that its name decides nothing.
  package let isGiven: Bool
  /// The directories that must not be scanned.
  private let excluded: [FileFacts]

  init(
    _ name: EntryName, in directory: Directory, of user: EntryName, excluded: [FileFacts],
    isGiven: Bool = false
  ) {
    self.isGiven = isGiven
    self.directory = directory
    self.user = user
    self.name = name
    self.excluded = excluded
  }

  /// The entry's path, as it is shown to the operator.
  package var path: String { "\(directory.path)/\(ShownText.of(name.bytes))" }

  /// Reads kind, size and times of the entry, and follows no link; nil where the entry does not
  /// exist any more or must not be scanned.
  package func facts() throws(StoreError) -> FileFacts? {
    guard let facts = try directory.facts(named: name.bytes, links: .refuse),
      !excluded.contains(where: facts.isSameEntry)
    else { return nil }
    return facts
  }

  /// Opens the entry, which is a folder; a symbolic link is refused.
  package func open() throws(StoreError) -> Directory {
    try directory.openDirectory(named: name.bytes)
  }
}

/// A store that a format has recognized at an entry, although the store may be unreadable.
package struct RecognizedStore {
  /// The name of the collection.
  package let collection: EntryName
  /// True where the entry is the folder of the store's files; false where the files are in the
  /// user's folder itself.
  package let isFolder: Bool
  /// The names of the store's files, whether they exist or not; nil where the format finds them by
  /// the name of the collection.
  package let fileNames: [String]?
  /// The reason why a store of this kind is never read; nil where it may be read.
  package let refusal: StoreError?

  /// Creates a recognized store from its parts.
  package init(
    collection: EntryName, isFolder: Bool = true, fileNames: [String]? = nil,
    refusal: StoreError? = nil
  ) {
    self.collection = collection
    self.isFolder = isFolder
    self.fileNames = fileNames
    self.refusal = refusal
  }
}

/// The name of a directory entry: the bytes, and the text that is shown for the bytes.
package struct EntryName: Sendable {
  /// The bytes of the name.
  package let bytes: [UInt8]
  /// The text of the name; an escaped form where the bytes are not UTF-8.
  package let text: String
  /// True where the bytes are UTF-8.
  package let isUTF8: Bool

  /// Creates a name from its bytes.
  package init(bytes: [UInt8]) {
    self.bytes = bytes
    let valid = String(validating: bytes, as: UTF8.self)
    isUTF8 = valid != nil
    text = valid ?? ShownText.of(bytes)
  }
}
