package import Models
package import Ledger
package import Postgres
package import StoreEmbedding
package import Stores
package import Unlisted
package import VectorIndex

/// The operator's choices for a run, as resolved from the command line's flags.
package struct MigrationOptions: Sendable {
  /// The kind of run: one that writes, or one that only reads.
  package enum Mode: String, Sendable {
    /// The run migrates stores.
    case live
    /// The run reads and checks stores, but writes nothing.
    case dryRun = "dry_run"
  }

  /// The kind of run: one that writes, or one that only reads.
  package var mode = Mode.live
  /// The folder that contains a folder for each user.
  package var userDataDirectory = "user_data"
  /// The file or folder whose stores are migrated instead of those in `userDataDirectory`; nil for
  /// the latter.
  package var place: GivenPlace?
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
  /// The number of stores that are migrated at the same time, each on its own connection.
  package var jobs = Jobs.automatic
  /// The megabytes of memory for rows that are kept because a store's rows are read more than once.
  package var memory = 512
  /// True where the run waits for stores that another run holds, instead of reporting them as
  /// failed.
  package var waits = false
  /// The treatment of rows that the table has in a store's collection, but that the ledger does not
  /// list.
  package var unlisted = UnlistedRows.Choice.stop
  /// The tables whose rows foreign keys may delete or change together with documents, as the
  /// operator names them.
  package var allowedLosses: [String] = []
  /// The number of seconds to wait for a server that no longer answers.
  package var giveUpAfter = 60
  /// The faults in a store's files that the operator accepts.
  package var reading = ReadOptions()
  /// The table that the documents are written to.
  package var table = QualifiedName("vector_documents")
  /// The dimension of a table that the run creates; nil where the stores' vectors decide it.
  package var dimensions: Int?

  /// The treatment of vectors that are longer than the table allows.
  package var reduction = ReductionOptions()
  /// The service that makes new vectors of the documents' texts; nil where the vectors of the files
  /// are used.
  package var newVectors: NewVectors?
  /// The choice whether unreduced vectors are kept, in half precision, in addition to the reduced
  /// ones.
  package var originals = OriginalsChoice.auto

  /// The choice of the index that the table gets after the load.
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
