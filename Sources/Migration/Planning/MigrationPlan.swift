package import Models
package import Ledger
package import Postgres
package import Stores
package import VectorMath

/// What a run will do, decided before anything is written: a dry run prints it, a live run
/// executes the same value.
package struct MigrationPlan: Sendable, Equatable {
  /// The table that takes the documents.
  package struct Target: Sendable, Equatable {
    /// Its name.
    package let table: QualifiedName
    /// How many dimensions its column `embedding` takes.
    package let dimensions: Int
    /// It has to be made first.
    package let mustBeCreated: Bool
    /// No store and no option tells its width, for all stores are empty: it is not made.
    package var isUndecided = false
    /// Something of its name is there that cannot take documents.
    package var isUnsuitable = false
    /// Triggers and rules of the application that fire for what is written, each in words.
    package var triggers: [String] = []
    /// Event triggers that fire for what is made, each in words.
    package var eventTriggers: [String] = []
    /// Tables that refer to it by foreign keys that act on their rows.
    package var referring: [ReferringTable] = []
  }

  /// Where the documents go.
  package let target: Target
  /// Every store that was selected, in the order it will be handled.
  package let stores: [PlannedStore]
  /// The index that the table will have, as far as the files tell.
  package var index = IndexIntent.none

  /// What the models of the stores to be written take up, each way.
  package var modelStorage: ModelStorage? { ModelStorage(stores) }

  /// The stores that will be written.
  package var toMigrate: [PlannedStore] { stores.filter { $0.action.writes } }
}

/// One store and what will become of it.
package struct PlannedStore: Sendable, Equatable {
  /// What becomes of a store.
  package enum Action: Sendable, Equatable {
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
    package var writes: Bool {
      switch self {
      case .insert, .replace: true
      case .unchanged, .leaveEmpty, .refuse: false
      }
    }
  }

  /// The store on disk.
  package let store: FoundStore
  /// What becomes of it.
  package let action: Action
  /// What was found inside; nil where it could not be read.
  package let contents: StoreContents?
  /// How its vectors get the table's dimension; nil where it is refused or unchanged.
  package let reduction: Reduction?
  /// How well searches would survive the reduction; measured by a dry run.
  package var fidelity: Fidelity?
  /// What else could be done with a store that a reduction takes something from; by a dry run.
  package var alternatives: Alternatives?
  /// SHA-256 over its files; nil where they could not be read.
  package let sourceDigest: [UInt8]?
  /// The run that wrote what the database held when the plan was made; nil where it held nothing.
  package var previousRun: RunID?

  /// Rows of its collection that no ledger lists; nil where nobody has looked.
  package var unlisted: UnlistedRows?
  /// It is written anew although nothing has changed, to take over rows that repeat its own.
  package var repeats = false

  /// Rows of an earlier run that go, for the files have their documents no more; told by a dry run
  /// where other tables refer to the documents'.
  package var removes: Int?
  /// Rows of other tables that go or change with those.
  package var losses: [ReferringRows] = []
  /// Why a live run would write nothing of it, as things stand; looked for by a dry run.
  package var obstacle: Failure?

  /// The user and the collection.
  package var name: StoreName { store.name }

  /// What is to be known before every row of a store goes because its files hold nothing any more.
  package var emptying: String? {
    guard case .replace(let previous) = action, previous > 0, contents?.documents == 0 else {
      return nil
    }
    return "its files hold no documents any more: all \(previous) that an earlier run wrote go "
      + "from the table (rollback --restore brings them back from that run's backup)"
  }
}

/// What a store holds, as far as the plan and the report tell.
package struct StoreContents: Sendable, Equatable {
  /// Rows of the vectors file.
  package let vectors: Int
  /// Entries of the metadata file.
  package let entries: Int
  /// Documents that result: fewer than either where left-over ones are allowed to stay behind.
  package let documents: Int
  /// Elements of each vector.
  package let dimensions: Int
  /// The metadata was encrypted.
  package let isEncrypted: Bool
  /// Warnings, and what was left out, each with its place.
  package let findings: [String]
}
