/// One document that is not in the database as the files have it.
package struct DocumentDifference: Sendable, Equatable {
  /// The kind of difference.
  package enum Kind: String, Sendable, CaseIterable {
    /// The files have it, the table has not.
    case missing
    /// The row was changed after it was carried over.
    case edited
    /// The row is as it was written; the files have changed since.
    case changed
    /// The ledger lists the row, the files have no such document.
    case unexpected
    /// The row is there as the files have it, and the ledger does not list it.
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
  /// Its place in the files, from 0; nil where they do not have it.
  package let position: Int?
  /// The parts that differ; empty where the row as a whole is the difference.
  package let parts: [Part]

  package init(kind: Kind, id: String, position: Int?, parts: [Part]) {
    self.kind = kind
    self.id = id
    self.position = position
    self.parts = parts
  }
}
