package import Postgres

/// A table with a foreign key that acts on rows of this table when documents are deleted or
/// changed: rows are deleted, or their key columns are changed.
package struct ReferringTable: Sendable, Equatable {
  /// The action of a foreign key on the referring rows.
  package enum Action: String, Sendable {
    /// The referring rows are deleted, or get the changed value.
    case cascade = "CASCADE"
    /// The columns of the key become NULL.
    case setNull = "SET NULL"
    /// The columns of the key get their defaults.
    case setDefault = "SET DEFAULT"

    /// Reads an action from the catalogue's letter; nil for the actions that refuse the change.
    init?(catalogue letter: String) {
      switch letter {
      case "c": self = .cascade
      case "n": self = .setNull
      case "d": self = .setDefault
      default: return nil
      }
    }
  }

  /// The table that has the foreign key.
  package let table: QualifiedName
  /// The foreign key's name.
  package let constraint: String
  /// The action of the key on the table's rows.
  package let action: Action
  /// True where the key acts when a row is changed, not when one is deleted.
  package let isOnUpdate: Bool
  /// The table that the key refers to; nil where that is the table of documents.
  package let through: QualifiedName?

  /// The table, its key and action: `public.comments (comments_document_fkey, ON DELETE CASCADE)`.
  package var description: String {
    let event = isOnUpdate ? "ON UPDATE" : "ON DELETE"
    let way = through.map { ", through \($0)" } ?? ""
    return "\(table) (\(constraint), \(event) \(action.rawValue)\(way))"
  }
}

/// The numbers of rows of a table that are deleted or changed together with documents.
package struct ReferringRows: Sendable, Equatable {
  /// The table whose rows are deleted or changed.
  package let table: QualifiedName
  /// The number of rows that are deleted; nil where it could not be counted.
  package var deleted: Int?
  /// The number of rows that are changed; nil where it could not be counted.
  package var changed: Int?
  /// True where the table was emptied (TRUNCATE), rewritten or dropped: its rows are not counted.
  package var isRewritten = false

  /// The numbers of deleted and changed rows; nil where one of them could not be counted.
  package var counts: (deleted: Int, changed: Int)? {
    deleted.flatMap { deleted in changed.map { (deleted, $0) } }
  }

  /// True where no row of the table is deleted or changed.
  package var isNothing: Bool { deleted == 0 && changed == 0 }

  /// The table and its numbers: `public.comments: 5 rows are deleted, 2 are changed`.
  package var description: String {
    if isRewritten { return "\(table): emptied, rewritten or dropped" }
    guard let (deleted, changed) = counts else { return "\(table): an unknown number of rows" }
    let rows = { (count: Int) in count == 1 ? "1 row" : "\(count) rows" }
    let parts = [
      deleted > 0 ? "\(rows(deleted)) \(deleted == 1 ? "is deleted" : "are deleted")" : nil,
      changed > 0 ? "\(rows(changed)) \(changed == 1 ? "is" : "are") changed" : nil,
    ].compactMap(\.self)
    return "\(table): \(parts.isEmpty ? "no row" : parts.joined(separator: ", "))"
  }
}
