package import Machine
package import Models
package import Ledger
package import Postgres
package import Embedding
package import Stores
package import Unlisted

/// The plan of a run, made before anything is written: a dry run prints it, and a live run executes
/// the same value.
package struct MigrationPlan: Sendable, Equatable {
  /// The table that the documents are written to.
  package struct Target: Sendable, Equatable {
    /// The table's name.
    package let table: QualifiedName
    /// The dimension of the table's vector column.
    package let dimensions: Int
    /// True where the table must first be created.
    package let mustBeCreated: Bool
    /// True where neither a store nor an option determines the dimension, because all stores are
    /// empty: then the table is not created.
    package var isUndecided = false
    /// True where the table's name belongs to an object that cannot take documents.
    package var isUnsuitable = false
    /// The application's triggers and rules that fire when rows are written, each as text.
    package var triggers: [String] = []
    /// The event triggers that fire when tables and other objects are created, each as text.
    package var eventTriggers: [String] = []
    /// The tables that have foreign keys by which rows of these tables are deleted or changed
    /// together with documents.
    package var referring: [ReferringTable] = []
  }

  /// The table that the documents are written to.
  package let target: Target
  /// Every selected store, in the order of the run.
  package let stores: [PlannedStore]
  /// The forecast of the texts for which a live run would ask a service; nil where no service makes
  /// vectors, and in a live run.
  package var texts: EmbeddingForecast?
  /// The index that the run intends to build, as far as this is known from the files.
  package var index = IndexIntent.none
  /// The number of stores that are migrated at the same time.
  package var jobs = 1

  /// The space that models need for the stores to be written: with a model for each store, and with
  /// shared models; nil where no store needs a model.
  package var modelStorage: ModelStorage? { ModelStorage(stores) }

  /// The stores that will be written.
  package var toMigrate: [PlannedStore] { stores.filter { $0.action.writes } }
}

/// A store and the plan for it.
package struct PlannedStore: Sendable, Equatable {
  /// The work that will be done for a store.
  package enum Action: Sendable, Equatable {
    /// All rows of the store are new to the table.
    case insert
    /// Rows of an earlier run are changed to match the files, or deleted where the files no longer
    /// have them; new rows are added.
    case replace(previousDocuments: Int)
    /// The database already holds the store unchanged; `missing` of the store's rows were deleted
    /// from the table since then.
    case unchanged(missing: Int)
    /// The store holds no documents, and there is no table; nothing is written.
    case leaveEmpty
    /// The store cannot be migrated.
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
  /// The work that will be done for the store.
  package let action: Action
  /// The contents of the store's files; nil where they were not read.
  package let contents: StoreContents?
  /// The way in which the store's vectors get the table's dimension; nil where the store could not
  /// be planned, is left empty, or was found unchanged by a live run.
  package let reduction: Reduction?
  /// The measured quality of searches after the reduction; nil in a live run, and where nothing is
  /// reduced.
  package var measurement: ModelMeasurement?
  /// Other ways to store the vectors where a reduction loses something; measured only by a dry run,
  /// nil otherwise.
  package var alternatives: Alternatives?
  /// The SHA-256 over the store's files; nil where the store could not be planned.
  package let sourceDigest: [UInt8]?
  /// The run that wrote the rows that the ledger listed for the store when the plan was made; nil
  /// where the ledger did not list the store.
  package var previousRun: RunID?

  /// The rows of the store's collection that the ledger does not list; nil where this was not
  /// checked.
  package var unlisted: UnlistedRows?
  /// True where the store is written again although nothing has changed, so that rows with the same
  /// text and metadata as the store's rows are adopted.
  package var repeats = false

  /// The number of rows of an earlier run that are deleted because the files no longer have their
  /// documents; nil where it is not counted.
  ///
  /// Only a dry run counts, and only where other tables refer to the documents.
  package var removes: Int?
  /// The rows of other tables that are deleted or changed together with the deleted rows of the
  /// store.
  package var losses: [ReferringRows] = []
  /// The forecast of the store's texts for which a live run would ask a service; nil where no
  /// service makes vectors, and in a live run.
  package var texts: EmbeddingForecast?
  /// The reason why a live run could not write the store in the present state; nil where there is
  /// no obstacle, and in a live run.
  package var obstacle: Failure?

  /// The store's name: the user and the collection.
  package var name: StoreName { store.name }

  /// A warning that every row of the store will be deleted, because its files no longer contain
  /// documents; nil where this is not so.
  package var emptying: String? {
    guard case .replace(let previous) = action, previous > 0, contents?.documents == 0 else {
      return nil
    }
    return
      "the store's files hold no documents any more: all \(previous) that an earlier run wrote "
      + "will be deleted from the table (rollback --restore restores them from that run's backup)"
  }
}

/// The contents of a store, as the plan and the report show them.
package struct StoreContents: Sendable, Equatable {
  /// The number of rows that the vectors file has.
  package let vectors: Int
  /// The number of entries that the metadata file has.
  package let entries: Int
  /// The number of documents that result: fewer than vectors or entries where the operator allows
  /// surplus ones to be left out.
  package let documents: Int
  /// The length of each vector.
  package let dimensions: Int
  /// True where the metadata was encrypted.
  package let isEncrypted: Bool
  /// Warnings, and entries or vectors that were left out, each with its position.
  package let findings: [String]
  /// The vectors and texts that are equal to an earlier one; nil where not every vector was read.
  package let equalDocuments: EqualDocuments?
}
