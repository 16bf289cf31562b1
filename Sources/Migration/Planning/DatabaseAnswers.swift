internal import Layouts
package import Ledger
internal import Machine
internal import Models
internal import Postgres
internal import Stores
internal import Unlisted

/// The planner's knowledge of the database, and the questions that the planner can ask about one
/// store.
///
/// A run's answers come from its session (`init(_:options:isInterrupted:)`). The default values are
/// the answers of a database that holds nothing of any store.
package struct DatabaseAnswers {
  /// The rows that are deleted when a store is replaced.
  package struct Removals: Equatable, Sendable {
    /// The number of rows of the store that are deleted.
    package var rows = 0
    /// The rows of other tables that are deleted or changed together with the store's rows.
    package var losses: [ReferringRows] = []

    /// Creates the count; the default values stand for a replacement that deletes nothing.
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
  /// The tables that have foreign keys by which rows of these tables are deleted or changed
  /// together with documents.
  var referring: [ReferringTable] = []
  /// The reason why vectors from files cannot be mixed with those of the table; nil where mixing is
  /// possible.
  var reembedded: Failure?

  /// Reads the ledger's entry of a store; nil where the ledger does not list the store in this
  /// table.
  var entry: (StoreName) throws -> LedgerEntry? = { _ in nil }
  /// Finds the run that wrote the listed rows of a store, even where the table was dropped; nil
  /// where the ledger does not list the store.
  var writer: (StoreName) throws -> RunID? = { _ in nil }
  /// Returns true where a row that the ledger does not list has the text and metadata of a listed
  /// row of the store.
  var hasDoubles: (StoreName) throws -> Bool = { _ in false }
  /// Finds the rows of a store's collection that the ledger does not list, and compares them with
  /// the store's documents.
  var unlisted: (StoreReader, UnlistedRows.Choice) throws -> UnlistedRows = {
    UnlistedRows(choice: $1)
  }
  /// Finds a shared model in the database, or fits it.
  var sharedModel: (ModelTable.Shape, SharedModels) throws -> SharedModel = {
    try $1.model($0, in: nil)
  }
  /// Returns true where the database can store originals in half precision.
  var canKeepOriginals: () throws -> Bool = { true }
  /// Finds the documents that were changed in the database after they were written.
  var edited: (LedgerEntry, StoreName) throws -> KeptDocuments = { _, _ in KeptDocuments() }
  /// Counts the documents that the application has added to a store.
  var added: (LedgerEntry, StoreName) throws -> Int = { _, _ in 0 }
  /// Counts the rows that are deleted when a store is replaced.
  var removals: (StoreReader) throws -> Removals = { _ in Removals() }
  /// Finds the reason why rows of other tables must not be deleted or changed; nil where this is
  /// allowed.
  var refusalOfLosses: (Removals) throws -> Failure? = { _ in nil }
  /// Finds the documents whose ids exist in another collection, where only the application can have
  /// moved them.
  var taken: (StoreReader) throws -> [Document] = { _ in [] }
}
