public import Models
public import Ledger
public import Postgres
public import Stores
public import VectorMath

/// What a run will do, decided before anything is written: a dry run prints it, a live run
/// executes the same value.
public struct MigrationPlan: Sendable, Equatable {
  /// The table that takes the documents.
  public struct Target: Sendable, Equatable {
    /// Its name.
    public let table: QualifiedName
    /// How many dimensions its column `embedding` takes.
    public let dimensions: Int
    /// It has to be made first.
    public let mustBeCreated: Bool
    /// No store and no option tells its width, for all stores are empty: it is not made.
    public var isUndecided = false
    /// Something of its name is there that cannot take documents.
    public var isUnsuitable = false
    /// Triggers and rules of the application that fire for what is written, each in words.
    public var triggers: [String] = []
    /// Event triggers that fire for what is made, each in words.
    public var eventTriggers: [String] = []
    /// Tables that refer to it by foreign keys that act on their rows.
    public var referring: [ReferringTable] = []
  }

  /// Where the documents go.
  public let target: Target
  /// Every store that was selected, in the order it will be handled.
  public let stores: [PlannedStore]
  /// The index that the table will have, as far as the files tell.
  public var index = IndexIntent.none

  /// What the models of the stores to be written take up, each way.
  public var modelStorage: ModelStorage? { ModelStorage(stores) }

  /// The stores that will be written.
  public var toMigrate: [PlannedStore] { stores.filter { $0.action.writes } }
}

/// One store and what will become of it.
public struct PlannedStore: Sendable, Equatable {
  /// What becomes of a store.
  public enum Action: Sendable, Equatable {
    /// Its rows are new to the table.
    case insert
    /// Rows of an earlier run are changed to what the files hold, or go where those have them no
    /// more; the rest comes.
    case replace(previousDocuments: Int)
    /// The database holds it as it is; `missing` rows were deleted there since.
    case unchanged(missing: Int)
    /// It holds no documents, and there is no table that could be told so.
    case leaveEmpty
    /// It cannot be taken.
    case refuse(Failure)

    /// True where rows will be written.
    public var writes: Bool {
      switch self {
      case .insert, .replace: true
      case .unchanged, .leaveEmpty, .refuse: false
      }
    }
  }

  /// The store on disk.
  public let store: FoundStore
  /// What becomes of it.
  public let action: Action
  /// What was found inside; nil where it could not be read.
  public let contents: StoreContents?
  /// How its vectors get the table's dimension; nil where it is refused or unchanged.
  public let reduction: Reduction?
  /// How well searches would survive the reduction; measured by a dry run.
  public var fidelity: Fidelity?
  /// What else could be done with a store that a reduction takes something from; by a dry run.
  public var alternatives: Alternatives?
  /// SHA-256 over its files; nil where they could not be read.
  public let sourceDigest: [UInt8]?
  /// The run that wrote what the database held when the plan was made; nil where it held nothing.
  public var previousRun: RunID?

  /// Rows of its collection that no ledger lists; nil where nobody has looked.
  public var unlisted: UnlistedRows?
  /// It is written anew although nothing has changed, to take over rows that repeat its own.
  public var repeats = false

  /// Rows of an earlier run that go, for the files have their documents no more; told by a dry run
  /// where other tables refer to the documents'.
  public var removes: Int?
  /// Rows of other tables that go or change with those.
  public var losses: [ReferringRows] = []

  /// The user and the collection.
  public var name: StoreName { store.name }

  /// What is to be known before every row of a store goes because its files hold nothing any more.
  public var emptying: String? {
    guard case .replace(let previous) = action, previous > 0, contents?.documents == 0 else {
      return nil
    }
    return "its files hold no documents any more: all \(previous) that an earlier run wrote go "
      + "from the table (rollback --restore brings them back from that run's backup)"
  }
}

/// What a store holds, as far as the plan and the report tell.
public struct StoreContents: Sendable, Equatable {
  /// Rows of the vectors file.
  public let vectors: Int
  /// Entries of the metadata file.
  public let entries: Int
  /// Documents that result: fewer than either where left-over ones are allowed to stay behind.
  public let documents: Int
  /// Elements of each vector.
  public let dimensions: Int
  /// The metadata was encrypted.
  public let isEncrypted: Bool
  /// Warnings, and what was left out, each with its place.
  public let findings: [String]
}
