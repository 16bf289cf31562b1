/// How many rows were written to tables, by kind.
public struct WrittenRows: Sendable, Equatable {
  /// How many rows were added.
  public var inserted: Int
  /// How many rows were changed.
  public var updated: Int
  /// How many rows were deleted.
  public var deleted: Int

  /// Creates counts of each kind.
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

  /// Counts the rows that a statement has written, according to its command tag.
  mutating func add(_ result: QueryResult) {
    switch result.commandTag.prefix(while: { $0 != " " }) {
    case "INSERT", "COPY": inserted += result.affectedRows
    case "UPDATE": updated += result.affectedRows
    case "DELETE": deleted += result.affectedRows
    default: break
    }
  }
}
