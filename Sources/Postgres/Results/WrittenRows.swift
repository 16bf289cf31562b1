/// The numbers of rows that were added, changed and deleted.
public struct WrittenRows: Sendable, Equatable {
  /// The number of added rows.
  public var inserted: Int
  /// The number of changed rows.
  public var updated: Int
  /// The number of deleted rows.
  public var deleted: Int

  /// Creates the counts of added, changed and deleted rows.
  public init(inserted: Int = 0, updated: Int = 0, deleted: Int = 0) {
    self.inserted = inserted
    self.updated = updated
    self.deleted = deleted
  }

  /// Subtracts an earlier count from a later one.
  public static func - (now: Self, before: Self) -> Self {
    Self(
      inserted: now.inserted - before.inserted, updated: now.updated - before.updated,
      deleted: now.deleted - before.deleted)
  }

  /// Adds the rows that a statement has written, according to its command tag.
  mutating func add(_ result: QueryResult) {
    switch result.commandTag.prefix(while: { $0 != " " }) {
    case "INSERT", "COPY": inserted += result.affectedRows
    case "UPDATE": updated += result.affectedRows
    case "DELETE": deleted += result.affectedRows
    default: break
    }
  }
}
