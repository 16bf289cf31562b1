import CSQLite

extension Database {
  /// Prepares the connection for a file that somebody else has written, and checks the file's
  /// pages.
  ///
  /// Functions and virtual tables with effects cannot be called by the file's own schema, and no
  /// value may be longer than `longestValue` bytes, whatever the file claims. The check reads the
  /// whole file; a damaged file is an error.
  public func distrust(longestValue: Int) throws(DatabaseError) {
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(clamping: longestValue))
    sqlite3_limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 0)
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
    try execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0")
    let answer = try value("PRAGMA quick_check(1)")
    guard answer == .text("ok") else {
      throw DatabaseError(
        code: SQLITE_CORRUPT, message: "the check of the file's pages found damage", path: path)
    }
  }

  /// Returns the columns of an ordinary table; nil where there is no table of this name, or where a
  /// view or a virtual table has the name.
  public func columns(ofTable name: String) throws -> Set<String>? {
    let found = try rows(
      "SELECT type, ifnull(sql, '') LIKE 'CREATE VIRTUAL%' FROM sqlite_schema WHERE name = ?1",
      [.text(name)]
    ) { (type: try $0.text(0), isVirtual: try $0.integer(1) != 0) }
    guard found.count == 1, found[0].type == "table", !found[0].isVirtual else { return nil }
    return Set(try rows("SELECT name FROM pragma_table_info(?1)", [.text(name)]) { try $0.text(0) })
  }
}
