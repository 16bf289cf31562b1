internal import Files
internal import LibraryFiles

/// The names of an SQLite file and of the journal that a program may have left beside it.
enum SQLiteFiles {
  /// Returns the name of a file, and those of the journals that exist.
  static func names(_ name: String, in folder: Directory) throws(StoreError) -> [String] {
    var names = [name]
    for ending in SQLiteCopy.sideEndings where try folder.facts(named: name + ending) != nil {
      names.append(name + ending)
    }
    return names
  }

  /// Returns the names that remain after a file and its journals at the beginning of a list.
  static func rest<Names: Collection<String>>(
    of names: Names, after name: String
  ) -> Names.SubSequence {
    var rest = names.dropFirst()
    for ending in SQLiteCopy.sideEndings where rest.first == name + ending {
      rest = rest.dropFirst()
    }
    return rest
  }
}
