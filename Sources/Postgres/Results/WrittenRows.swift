/// How many rows were written to tables, by kind.
public struct WrittenRows: Sendable, Equatable {
  /// Rows that were added.
  public var inserted: Int
  /// Rows that were changed.
  public var updated: Int
  /// Rows that were taken away.
  public var deleted: Int

  /// So many of each kind.
  public init(inserted: Int = 0, updated: Int = 0, deleted: Int = 0) {
    self.inserted = inserted
    self.updated = updated
    self.deleted = deleted
  }

  /// What has come since an earlier count.
  public static func - (now: Self, before: Self) -> Self {
    Self(
      inserted: now.inserted - before.inserted, updated: now.updated - before.updated,
      deleted: now.deleted - before.deleted)
  }

  /// Adds what a statement has done, as its command tag says.
  mutating func add(_ result: QueryResult) {
    switch result.commandTag.prefix(while: { $0 != " " }) {
    case "INSERT", "COPY": inserted += result.affectedRows
    case "UPDATE": updated += result.affectedRows
    case "DELETE": deleted += result.affectedRows
    default: break
    }
  }
}
