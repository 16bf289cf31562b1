internal import Layouts
package import Postgres

/// The plan of an index build, decided before anything is changed.
package struct BuildPlan: Sendable, Equatable {
  /// The facts of the table when the plan was made.
  package let facts: TableFacts
  /// The index's name, in the schema of the table.
  package let name: Identifier
  /// The indexed value: the column or an expression.
  package let form: IndexedForm
  /// The parameters of the index.
  package let parameters: IndexParameters
  /// True where other sessions may write during the build.
  package let isConcurrent: Bool
  /// How many bytes of memory a quick build needs.
  package let neededMemory: Int
  /// `maintenance_work_mem` for this session, in bytes.
  package let memory: Int
  /// How many parallel workers there are in addition to the session itself.
  package let workers: Int
  /// The estimated number of bytes that the index will take on disk.
  package let disk: Int
  /// How many bytes are free on the disk of the index; nil where that cannot be seen.
  package let freeDisk: Int?
  /// The tablespace of the index.
  package let tablespace: String
  /// The warnings for the operator before the build.
  package let warnings: [String]

  /// The name of the index with its schema.
  package var index: QualifiedName { QualifiedName(schema: facts.table.name.schema, name) }
}

/// The decision about an index.
package enum BuildDecision: Sendable, Equatable {
  /// No index is needed, for this reason.
  case none(reason: String)
  /// A usable index exists already.
  case exists(TableIndex)
  /// An index is built according to this plan.
  case build(BuildPlan)
}
