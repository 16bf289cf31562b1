internal import Files
internal import LibraryFiles

/// The names of the files of one collection of Chroma.
enum ChromaFiles {
  /// Returns the names of the saved files of a segment; an empty list where nothing is saved.
  static func saved(_ segment: String, in folder: Directory) throws(StoreError) -> [String] {
    let names = SavedVectors.names.map { "\(segment)/\($0)" }
    guard let last = names.last, try folder.facts(named: last) != nil else { return [] }
    return names
  }

  /// Returns true where these are the names of one collection's files, in the order in which they
  /// are listed.
  static func areWhole(_ names: [String]) -> Bool {
    guard names.first == ChromaDatabase.fileName else { return false }
    let rest = SQLiteFiles.rest(of: names, after: ChromaDatabase.fileName)
    guard let first = rest.first else { return true }
    let segment = String(first.prefix { $0 != "/" })
    return ChromaDatabase.isUUID(segment)
      && rest.elementsEqual(SavedVectors.names.map { "\(segment)/\($0)" })
  }
}
