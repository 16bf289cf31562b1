internal import Layouts
package import Ledger
internal import Machine
internal import Models
internal import Postgres
internal import Stores
internal import Unlisted

/// What the planner knows about the database, and what it can ask of it about one store.
///
/// A run gives the answers from its session (`init(_:options:isInterrupted:)`); as they stand here,
/// they are those of a database that holds nothing of any store.
package struct DatabaseAnswers {
  /// What a replacement deletes.
  package struct Removals: Equatable, Sendable {
    /// How many rows of the store.
    package var rows = 0
    /// The rows of other tables that go or change with them.
    package var losses: [ReferringRows] = []

    /// Creates the count; without values, of a replacement that deletes nothing.
    package init(rows: Int = 0, losses: [ReferringRows] = []) {
      self.rows = rows
      self.losses = losses
    }
  }

  /// The full name of the table, whether or not it exists.
  var name: QualifiedName
  /// The table of documents; nil where it does not exist.
  var table: VectorTable?
  /// True where there is a ledger.
  var hasLedger = false
  /// The application's triggers and rules that fire when rows are written, each as text.
  var triggers: [String] = []
  /// The event triggers that fire when tables and other objects are created, each as text.
  var eventTriggers: [String] = []
  /// The tables with foreign keys to this table that delete or change rows of their own.
  var referring: [ReferringTable] = []
  /// Why vectors from files cannot be mixed with those of the table; nil where they can.
  var reembedded: Failure?

  /// Reads what the ledger says of a store; nil where it lists nothing in this table.
  var entry: (StoreName) throws -> LedgerEntry? = { _ in nil }
  /// Finds the run that wrote what the ledger lists for a store, even where the table was dropped.
  var writer: (StoreName) throws -> RunID? = { _ in nil }
  /// Tells whether rows in no ledger repeat rows of a store.
  var hasDoubles: (StoreName) throws -> Bool = { _ in false }
  /// Finds the rows of a store's collection that the ledger does not list, and compares them with
  /// its documents.
  var unlisted: (StoreReader, UnlistedRows.Choice) throws -> UnlistedRows = {
    UnlistedRows(choice: $1)
  }
  /// Finds a shared model in the database, or fits it.
  var sharedModel: (ModelTable.Shape, SharedModels) throws -> SharedModel = {
    try $1.model($0, in: nil)
  }
  /// Tells whether the database can store originals in half precision.
  var canKeepOriginals: () throws -> Bool = { true }
  /// Finds the documents that were changed in the database after they were written.
  var edited: (LedgerEntry, StoreName) throws -> KeptDocuments = { _, _ in KeptDocuments() }
  /// Counts the documents that the application has added to a store.
  var added: (LedgerEntry, StoreName) throws -> Int = { _, _ in 0 }
  /// Counts what replacing a store deletes.
  var removals: (StoreReader) throws -> Removals = { _ in Removals() }
  /// Finds why rows of other tables may not go or change; nil where they may.
  var refusalOfLosses: (Removals) throws -> Failure? = { _ in nil }
  /// Finds the documents whose ids exist in another collection, where only the application can have
  /// moved them.
  var taken: (StoreReader) throws -> [Document] = { _ in [] }
}
