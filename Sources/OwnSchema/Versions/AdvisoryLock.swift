internal import Digests
package import Postgres

/// The keys of the advisory locks that this program takes; all begin with the same bits.
package enum AdvisoryLock {
  /// The key for creating the schema or the application's table.
  package static let schema = 0x7666_0001_0000_0000

  /// The key for running SQL migrations in this database.
  package static let migrations = 0x7666_0002_0000_0000

  /// The key for changing the dimension of a column.
  package static let dimensions = 0x7666_0003_0000_0000

  /// The key for embedding the chunks of one content of the set `semantic_search`; the content's id
  /// is added to the key.
  package static let contents = 0x7666_0004_0000_0000

  /// Returns the key for working on one store in one table.
  package static func store(table: QualifiedName, user: String, collection: String) -> Int {
    key("\(table.quoted)\u{0}\(user)\u{0}\(collection)")
  }

  /// Returns the key for building, repairing and dropping the vector indexes of a table.
  package static func indexes(of table: QualifiedName) -> Int { key("\(table.quoted)\u{0}") }

  /// Returns a 64-bit FNV-1a hash whose highest bits are those of this program's keys.
  private static func key(_ text: String) -> Int {
    Int(bitPattern: UInt(FNV1a.hash(text.utf8) & 0x0000_FFFF_FFFF_FFFF | 0x7666_0000_0000_0000))
  }
}
