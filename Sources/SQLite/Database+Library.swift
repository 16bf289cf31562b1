import CSQLite

extension Database {
  /// The version of the library, as in `3.40.1`.
  public static var libraryVersion: String { String(cString: sqlite3_libversion()) }
}
