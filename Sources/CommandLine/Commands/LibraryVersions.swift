internal import Digests
internal import Embedding
internal import Messages
internal import Postgres
internal import SQLite

/// The versions of the libraries that the program uses at run time.
enum LibraryVersions {
  /// A line for each library.
  static var lines: [Message] {
    [
      "libpq \(Connection.libraryVersion)", "SQLite \(Database.libraryVersion)",
      "\(SHA256.libraryVersion)", "\(HTTPLibrary.version)",
    ]
  }
}
