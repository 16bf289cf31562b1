internal import Digests
package import Postgres

/// Keys of the advisory locks that this program takes; all in one namespace of its own.
package enum AdvisoryLock {
  /// Making the schema or the application's table.
  package static let schema = 0x7666_0001_0000_0000

  /// Running SQL migrations in this database.
  package static let migrations = 0x7666_0002_0000_0000

  /// Changing the dimension of a column.
  package static let dimensions = 0x7666_0003_0000_0000

  /// Embedding the chunks of a content of the set semantic_search: this and the content's number.
  package static let contents = 0x7666_0004_0000_0000

  /// One store in one table.
  package static func store(table: QualifiedName, user: String, collection: String) -> Int {
    key("\(table.quoted)\u{0}\(user)\u{0}\(collection)")
  }

  /// Building, repairing and dropping the vector indexes of one table.
  package static func indexes(of table: QualifiedName) -> Int { key("\(table.quoted)\u{0}") }

  /// A 64-bit FNV-1a hash in the namespace.
  private static func key(_ text: String) -> Int {
    Int(bitPattern: UInt(FNV1a.hash(text.utf8) & 0x0000_FFFF_FFFF_FFFF | 0x7666_0000_0000_0000))
  }
}
