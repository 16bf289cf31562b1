/// The folders inside of a store's folder in which some of its files are.
enum FileFolders {
  /// Returns the folders of files with these names, each once; a folder comes after the folder that
  /// contains it.
  static func of(_ names: [String]) -> [String] {
    var folders: Set<String> = []
    for name in names {
      var rest = name[...]
      while let slash = rest.lastIndex(of: "/") {
        rest = rest[..<slash]
        folders.insert(String(rest))
      }
    }
    return folders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
