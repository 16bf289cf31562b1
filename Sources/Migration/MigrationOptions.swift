public import Models
public import Ledger
public import Postgres
public import Stores
public import VectorIndex

/// What the operator asked for, resolved: nothing below this value reads flags or variables.
public struct MigrationOptions: Sendable {
  /// Whether anything is written.
  public enum Mode: String, Sendable {
    /// Stores are carried over.
    case live
    /// Stores are read and checked, and nothing is written anywhere.
    case dryRun = "dry_run"
  }

  /// Live or dry.
  public var mode = Mode.live
  /// The folder of users.
  public var userDataDirectory = "user_data"
  /// Where backups and the journal go.
  public var backupDirectory = "migration_backup"
  /// Whether files are copied before anything is written.
  public var makesBackups = true
  /// Which stores are meant.
  public var selection = StoreSelection()
  /// Also carries over what is unchanged, and replaces rows that were edited in the database.
  public var force = false
  /// How many stores are carried over at a time, each on a connection of its own.
  public var jobs = 1
  /// Waits for stores that another run has, instead of reporting them as failed.
  public var waits = false
  /// What is done about rows of a store's collection that no ledger lists.
  public var unlisted = UnlistedRows.Choice.stop
  /// Tables of which rows may go with documents by foreign keys, as the operator names them.
  public var allowedLosses: [String] = []
  /// Seconds that a server which has gone away is waited for.
  public var giveUpAfter = 60
  /// How strictly stores are read.
  public var reading = ReadOptions()
  /// The table that takes the documents.
  public var table = QualifiedName("vector_documents")
  /// The dimension of a table that is to be made; nil lets the stores decide.
  public var dimensions: Int?

  /// What happens to vectors that are longer than the table takes.
  public var reduction = ReductionOptions()
  /// Whether unreduced vectors are kept, in half precision, beside the reduced ones.
  public var keepsOriginals = false

  /// What becomes of the table's index after the load.
  public var index = IndexChoice.automatic

  /// Which index the table gets after a load.
  public enum IndexChoice: Sendable, Equatable {
    /// One that fits its size, unless it has one; none where the run has written nothing.
    case automatic
    /// One of this kind.
    case method(IndexMethod)
    /// Whatever is there stays.
    case none
  }

  /// The defaults of a live run.
  public init() {}
}
