package import Ledger

/// The rows of a store's user and collection that the ledger does not list and that do not have a
/// document's id.
///
/// An earlier program or the application may have written these rows: if a store is migrated while
/// rows with the same texts exist, these texts are in the table twice.
package struct UnlistedRows: Sendable, Equatable {
  /// The operator's choice for rows that the ledger does not list.
  package enum Choice: String, Sendable {
    /// No choice was made: a store with unlisted rows is stopped.
    case stop
    /// All unlisted rows stay as they are.
    case alongside
    /// Rows whose text is equal to a document's text are adopted; the other rows stay.
    case adopt
  }

  /// The operator's choice for these rows.
  package var choice = Choice.stop
  /// The number of unlisted rows, as far as the role may see them.
  package var count = 0
  /// The number of unlisted rows that have the same text as a document of the store, byte for byte.
  package var equal = 0
  /// The number of documents that would be in the table twice: new documents for which a row with
  /// the same text exists.
  package var doubled = 0
  /// True where the ledger lists the store, or listed it until a rollback: rows with other texts
  /// then belong to the application.
  package var isKnown = false
  /// True where row-level security may hide more unlisted rows.
  package var mayBeMore = false

  /// Creates the result of a survey; without arguments, the result of a survey that found no row.
  package init(
    choice: Choice = .stop, count: Int = 0, equal: Int = 0, doubled: Int = 0,
    isKnown: Bool = false, mayBeMore: Bool = false
  ) {
    self.choice = choice
    self.count = count
    self.equal = equal
    self.doubled = doubled
    self.isKnown = isKnown
    self.mayBeMore = mayBeMore
  }

  /// True where these rows stop a store for which the operator made no choice.
  var stops: Bool { doubled > 0 || (!isKnown && count > 0) }

  /// The failure that stops the store; nil where nothing stops the store.
  package var refusal: Failure? {
    guard choice == .stop, stops else { return nil }
    let rows = count == 1 ? "1 row is" : "\(count) rows are"
    let documents = doubled == 1 ? "1 document" : "\(doubled) documents"
    return Failure(
      .database,
      "\(rows) in the table already for this user and collection, and in no ledger: "
        + (doubled > 0
          ? "\(equal) with the text of a document, so that \(documents) would be in the table twice"
          : "\(equal) with the text of a document, and no model is known for their vectors"),
      remedy:
        "--adopt takes over the rows that are equal in text; --alongside leaves all of them as they are"
    )
  }
}

/// The report about rows that the ledger did not list, row by row.
package struct AdoptionReport: Sendable, Equatable {
  /// A row that the ledger did not list.
  package struct Row: Sendable, Equatable {
    /// The decision about a row: adopted, changed, or left as it is.
    package enum Action: Sendable, Equatable {
      /// The row matches the files: it was added to the ledger unchanged.
      case kept
      /// These parts of the row were replaced by those of the files.
      case replaced([DocumentDifference.Part])
      /// The row was not adopted and stays as it is, for this reason.
      case notAdopted(Reason)
    }

    /// The reason why a row was not adopted.
    package enum Reason: String, Sendable {
      /// No document has the row's text.
      case noDocument = "no_document"
      /// All documents with the row's text have other rows.
      case duplicate
    }

    /// The row's id, which does not change.
    package let id: String
    /// The document's position in the files, from 0; nil where the row holds no document.
    package let position: Int?
    /// The decision about the row.
    package let action: Action
  }

  /// The rows that this run has adopted, and the unlisted rows that it has left as they are.
  package var rows: [Row] = []
  /// The number of rows that stay in the collection without being listed in the ledger.
  package var alongside = 0
  /// The number of rows that an earlier run had adopted, and that were restored to their earlier
  /// contents because the files no longer have their documents.
  package var released = 0

  /// Creates the report of a run that has found no unlisted row.
  package init() {}

  /// The number of rows that were adopted unchanged.
  package var kept: Int { rows.count { $0.action == .kept } }
  /// The number of rows that were adopted and changed.
  package var replaced: Int {
    rows.count { if case .replaced = $0.action { true } else { false } }
  }
  /// The number of rows that were not adopted because the documents with their texts have other
  /// rows.
  package var duplicates: Int { rows.count { $0.action == .notAdopted(.duplicate) } }
  /// The number of rows that were not adopted.
  package var notAdopted: Int { rows.count - kept - replaced }
}
