package import Models
package import Ledger
package import Postgres
package import Stores
package import VectorIndex

/// What the operator asked for, resolved: nothing below this value reads flags or variables.
package struct MigrationOptions: Sendable {
  /// Whether anything is written.
  package enum Mode: String, Sendable {
    /// Stores are carried over.
    case live
    /// Stores are read and checked, and nothing is written anywhere.
    case dryRun = "dry_run"
  }

  /// Live or dry.
  package var mode = Mode.live
  /// The folder of users.
  package var userDataDirectory = "user_data"
  /// Where backups and the journal go.
  package var backupDirectory = "migration_backup"
  /// Whether files are copied before anything is written.
  package var makesBackups = true
  /// Whether the database is dumped before anything is written to it.
  package var dumpsFirst = false
  /// Which stores are meant.
  package var selection = StoreSelection()
  /// Also carries over what is unchanged, and replaces rows that were edited in the database.
  package var force = false
  /// How many stores are carried over at a time, each on a connection of its own.
  package var jobs = 1
  /// Waits for stores that another run has, instead of reporting them as failed.
  package var waits = false
  /// What is done about rows of a store's collection that no ledger lists.
  package var unlisted = UnlistedRows.Choice.stop
  /// Tables of which rows may go with documents by foreign keys, as the operator names them.
  package var allowedLosses: [String] = []
  /// Seconds that a server which has gone away is waited for.
  package var giveUpAfter = 60
  /// How strictly stores are read.
  package var reading = ReadOptions()
  /// The table that takes the documents.
  package var table = QualifiedName("vector_documents")
  /// The dimension of a table that is to be made; nil lets the stores decide.
  package var dimensions: Int?

  /// What happens to vectors that are longer than the table takes.
  package var reduction = ReductionOptions()
  /// Whether unreduced vectors are kept, in half precision, beside the reduced ones.
  package var keepsOriginals = false

  /// What becomes of the table's index after the load.
  package var index = IndexChoice.automatic

  /// Which index the table gets after a load.
  package enum IndexChoice: Sendable, Equatable {
    /// One that fits its size, unless it has one; none where the run has written nothing.
    case automatic
    /// One of this kind.
    case method(IndexMethod)
    /// Whatever is there stays.
    case none
  }

  /// The defaults of a live run.
  package init() {}
}
