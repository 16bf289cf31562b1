internal import Files
internal import LibraryFiles

/// The format of an SQLite file: each table with a column of texts and one of vectors is a store,
/// and each table of sqlite-vec.
struct SQLiteTable: LibraryFormat {
  private static let endings = [".db", ".sqlite", ".sqlite3"]
  private static let beginning = Array("SQLite format 3\0".utf8)

  var name: String { "sqlite" }

  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore] {
    guard entry.name.isUTF8, Self.endings.contains(where: entry.name.text.hasSuffix),
      try entry.facts()?.kind == .regular
    else { return [] }
    let file = entry.name.text
    let handle = try entry.directory.openFile(named: file)
    guard try handle.bytes(at: 0, count: 16) == Self.beginning else { return [] }
    let tables: [SQLiteTables.Table]
    do throws(StoreError) {
      tables = try SQLiteTables(named: file, in: entry.directory).tables()
    } catch {
      if error.kind == .interrupted { throw error }
      return [RecognizedStore(collection: entry.name, isFolder: false, refusal: error)]
    }
    let names = try SQLiteFiles.names(file, in: entry.directory)
    return tables.map { table in
      RecognizedStore(
        collection: EntryName(bytes: Array(table.name.utf8)), isFolder: false, fileNames: names)
    }
  }

  func isWhole(_ names: [String]) -> Bool {
    guard let first = names.first, Self.endings.contains(where: first.hasSuffix),
      !first.utf8.contains(UInt8(ascii: "/"))
    else { return false }
    return SQLiteFiles.rest(of: names, after: first).isEmpty
  }

  func content(of file: String) -> StoreFile.Content { .mixed }

  func look(at store: FoundStore, in folder: Directory, _ peek: inout StorePeek) throws(StoreError)
  {
    let (_, table) = try Self.table(of: store, in: folder)
    peek.vectorCount = table.count
    peek.dimensions = table.dimensions
    peek.problem = table.problem
  }

  func rows(of store: FoundStore, in folder: Directory) throws(StoreError) -> any LibraryRows {
    let (tables, table) = try Self.table(of: store, in: folder)
    return try tables.rows(of: table)
  }

  /// Finds the table of a store: by the name, and where the operator has given the store another
  /// name, the only table.
  private static func table(of store: FoundStore, in folder: Directory) throws(StoreError)
    -> (SQLiteTables, SQLiteTables.Table)
  {
    let tables = try SQLiteTables(named: store.files.first?.name ?? "", in: folder)
    let all = try tables.tables()
    let named = all.first { $0.name.utf8.elementsEqual(store.name.collection.utf8) }
    guard let table = named ?? (all.count == 1 ? all[0] : nil) else {
      throw StoreError(
        .changed, file: tables.path,
        problem: "the table \(store.name.collection) does not exist any more",
        remedy: "run again, so that the file is looked at again")
    }
    return (tables, table)
  }
}
