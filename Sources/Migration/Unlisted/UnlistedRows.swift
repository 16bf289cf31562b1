package import Ledger

/// Rows of a store's user and collection that no ledger lists and that stand under no document's id.
///
/// An earlier program may have written them, or the application: the texts of a store, carried over
/// beside rows of equal texts, would be in the table twice.
package struct UnlistedRows: Sendable, Equatable {
  /// What the operator wants done about such rows.
  package enum Choice: String, Sendable {
    /// Nothing was said: a store stops.
    case stop
    /// They stay where they are.
    case alongside
    /// Those that are equal in text to a document are taken over; the others stay.
    case adopt
  }

  /// What is done about them.
  package var choice = Choice.stop
  /// How many there are, as far as the role may see.
  package var count = 0
  /// How many of them have the text of a document of the store, byte for byte.
  package var equal = 0
  /// How many documents would be in the table twice: new ones, each beside a row of its text.
  package var doubled = 0
  /// The ledger lists the store, or did until a rollback: rows of other texts are the application's.
  package var isKnown = false
  /// Row-level security may hide more of them.
  package var mayBeMore = false

  /// They stop a store for which nothing was said.
  var stops: Bool { doubled > 0 || (!isKnown && count > 0) }

  /// Why the store is stopped; nil where it is not.
  var refusal: Failure? {
    guard choice == .stop, stops else { return nil }
    let rows = count == 1 ? "1 row is" : "\(count) rows are"
    let documents = doubled == 1 ? "1 document" : "\(doubled) documents"
    return Failure(
      .database,
      "\(rows) in the table already for this user and collection, and in no ledger: "
        + (doubled > 0
          ? "\(equal) with the text of a document, so that \(documents) would be there twice"
          : "\(equal) with the text of a document, and no model is known for their vectors"),
      remedy:
        "--adopt takes over the rows that are equal in text; --alongside leaves all of them as they are"
    )
  }
}

/// What became of rows that no ledger lists, row by row.
package struct AdoptionReport: Sendable, Equatable {
  /// One row.
  package struct Row: Sendable, Equatable {
    /// What was done.
    package enum Action: Sendable, Equatable {
      /// It is what the files hold: the ledger lists it, nothing in it has changed.
      case kept
      /// These parts of it were replaced by what the files hold.
      case replaced([DocumentDifference.Part])
      /// It stays as it is.
      case notAdopted(Reason)
    }

    /// Why a row was not taken over.
    package enum Reason: String, Sendable {
      /// No document has its text.
      case noDocument = "no_document"
      /// Other rows stand for all documents of its text.
      case duplicate
    }

    /// The row's id, which stays.
    package let id: String
    /// The document's place in the files, from 0; nil where there is none.
    package let position: Int?
    /// What was done.
    package let action: Action
  }

  /// Each row that was taken over by this run, and each that was not.
  package internal(set) var rows: [Row] = []
  /// Rows that stay alongside the store, in no ledger.
  package internal(set) var alongside = 0
  /// Rows that an earlier run had taken over, and whose documents the files have no more: they are
  /// again as they were before.
  package internal(set) var released = 0

  /// How many rows were taken over as they were.
  package var kept: Int { rows.count { $0.action == .kept } }
  /// How many rows were taken over and changed.
  package var replaced: Int {
    rows.count { if case .replaced = $0.action { true } else { false } }
  }
  /// How many rows were not taken over because other rows stand for the documents of their texts.
  package var duplicates: Int { rows.count { $0.action == .notAdopted(.duplicate) } }
  /// How many rows were not taken over.
  package var notAdopted: Int { rows.count - kept - replaced }
}
