/// A difference between a document in the files and its row in the database.
package struct DocumentDifference: Sendable, Equatable {
  /// The kind of a difference.
  package enum Kind: String, Sendable, CaseIterable {
    /// The files have the document, the table does not.
    case missing
    /// The row was changed after it was migrated.
    case edited
    /// The row is as it was written; the files have changed since then.
    case changed
    /// The ledger lists the row, but the files have no such document.
    case unexpected
    /// The table has the row as the files have the document, but the ledger does not list the row.
    case unlisted
  }

  /// The parts of a document that are compared.
  package enum Part: String, Sendable, CaseIterable {
    case text, metadata, vector
    case createdAt = "created_at"
  }

  /// The kind of difference.
  package let kind: Kind
  /// The row's id.
  package let id: String
  /// The document's position in the files, from 0; nil where the files do not have the document.
  package let position: Int?
  /// The parts that differ; empty where the row as a whole is the difference.
  package let parts: [Part]

  /// True where only the vector differs, by no more than rounding could explain: the row is not as it
  /// was written.
  package let isWithinRounding: Bool

  package init(
    kind: Kind, id: String, position: Int?, parts: [Part], isWithinRounding: Bool = false
  ) {
    self.isWithinRounding = isWithinRounding
    self.kind = kind
    self.id = id
    self.position = position
    self.parts = parts
  }
}
