package import Postgres

/// A table with a foreign key that acts on its rows when documents are deleted or changed: they go,
/// or lose what they refer to.
package struct ReferringTable: Sendable, Equatable {
  /// What the key does.
  package enum Action: String, Sendable {
    /// The rows go, or follow a changed value.
    case cascade = "CASCADE"
    /// The columns of the key become NULL.
    case setNull = "SET NULL"
    /// The columns of the key get their defaults.
    case setDefault = "SET DEFAULT"

    /// As the catalogue writes it; nil for those that refuse.
    init?(catalogue letter: String) {
      switch letter {
      case "c": self = .cascade
      case "n": self = .setNull
      case "d": self = .setDefault
      default: return nil
      }
    }
  }

  /// The table.
  package let table: QualifiedName
  /// The foreign key's name.
  package let constraint: String
  /// What it does.
  package let action: Action
  /// It acts when a row is changed, not when one is deleted.
  package let isOnUpdate: Bool
  /// The table that it refers to, where that is not the documents'.
  package let through: QualifiedName?

  /// `public.comments (comments_document_fkey, ON DELETE CASCADE)`.
  package var description: String {
    let event = isOnUpdate ? "ON UPDATE" : "ON DELETE"
    let way = through.map { ", through \($0)" } ?? ""
    return "\(table) (\(constraint), \(event) \(action.rawValue)\(way))"
  }
}

/// Rows of another table that go or change with documents.
package struct ReferringRows: Sendable, Equatable {
  /// The table.
  package let table: QualifiedName
  /// How many go; nil where nobody could count them.
  package var deleted: Int?
  /// How many are changed; nil where nobody could count them.
  package var changed: Int?

  /// Both; nil where nobody could count them.
  package var counts: (deleted: Int, changed: Int)? {
    deleted.flatMap { deleted in changed.map { (deleted, $0) } }
  }

  /// Nothing of the table goes or is changed.
  package var isNothing: Bool { deleted == 0 && changed == 0 }

  /// `public.comments: 5 rows go, 2 are changed`.
  package var description: String {
    guard let (deleted, changed) = counts else { return "\(table): how many rows is not known" }
    let rows = { (count: Int) in count == 1 ? "1 row" : "\(count) rows" }
    let parts = [
      deleted > 0 ? "\(rows(deleted)) \(deleted == 1 ? "goes" : "go")" : nil,
      changed > 0 ? "\(rows(changed)) \(changed == 1 ? "is" : "are") changed" : nil,
    ].compactMap(\.self)
    return "\(table): \(parts.isEmpty ? "no row" : parts.joined(separator: ", "))"
  }
}
