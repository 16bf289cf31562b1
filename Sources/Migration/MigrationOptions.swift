package import Models
package import Ledger
package import Postgres
package import StoreEmbedding
package import Stores
package import Unlisted
package import VectorIndex

/// The operator's choices for a run, as resolved from the command line's flags.
package struct MigrationOptions: Sendable {
  /// Whether anything is written.
  package enum Mode: String, Sendable {
    /// Stores are migrated.
    case live
    /// Stores are read and checked, but nothing is written.
    case dryRun = "dry_run"
  }

  /// Whether the run writes.
  package var mode = Mode.live
  /// The folder that contains a folder for each user.
  package var userDataDirectory = "user_data"
  /// The directory of backups and the journal.
  package var backupDirectory = "migration_backup"
  /// True where files are copied before anything is written.
  package var makesBackups = true
  /// True where the database is dumped before anything is written to it.
  package var dumpsFirst = false
  /// The stores that the operator selects.
  package var selection = StoreSelection()
  /// True where unchanged stores are also migrated, and rows that were edited in the database are
  /// replaced.
  package var force = false
  /// How many stores are migrated at a time, each on its own connection.
  package var jobs = Jobs.automatic
  /// The megabytes that rows of a store may take in memory between two passes over them.
  package var memory = 512
  /// True where the run waits for stores that another run holds, instead of reporting them as
  /// failed.
  package var waits = false
  /// The treatment of rows of a store's collection that the ledger does not list.
  package var unlisted = UnlistedRows.Choice.stop
  /// The tables whose rows foreign keys may delete or change together with documents, as the
  /// operator names them.
  package var allowedLosses: [String] = []
  /// How many seconds to wait for a server that no longer answers.
  package var giveUpAfter = 60
  /// How strictly stores are read.
  package var reading = ReadOptions()
  /// The table that the documents are written to.
  package var table = QualifiedName("vector_documents")
  /// The dimension of a table that is to be created; nil where the stores decide.
  package var dimensions: Int?

  /// The treatment of vectors that are longer than the table allows.
  package var reduction = ReductionOptions()
  /// The service that makes new vectors of the documents' texts; nil where the vectors of the files
  /// are used.
  package var newVectors: NewVectors?
  /// Whether unreduced vectors are kept in half precision beside the reduced ones.
  package var originals = OriginalsChoice.auto

  /// The choice of an index for the table after the load.
  package var index = IndexChoice.automatic

  /// The index that a table gets after a load.
  package enum IndexChoice: Sendable, Equatable {
    /// An index that fits the table's size, unless the table has an index; no index where the run
    /// has written nothing.
    case automatic
    /// An index of this kind.
    case method(IndexMethod)
    /// Existing indexes stay, and no index is built.
    case none
  }

  /// Creates the default choices of a live run.
  package init() {}
}
