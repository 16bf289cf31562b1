internal import Layouts
package import Postgres

/// The plan for building an index; it is made before anything is changed.
package struct BuildPlan: Sendable, Equatable {
  /// The facts about the table when the plan was made.
  package let facts: TableFacts
  /// The name of the new index, which will be in the schema of the table.
  package let name: Identifier
  /// The form of the vectors in the index: the column itself or a cast of it.
  package let form: IndexedForm
  /// The parameters of the index.
  package let parameters: IndexParameters
  /// True where other sessions may write during the build.
  package let isConcurrent: Bool
  /// The number of bytes of memory with which the build is quick.
  package let neededMemory: Int
  /// The value of `maintenance_work_mem` during the build, in bytes.
  package let memory: Int
  /// The number of parallel workers; the session itself works as well and is not counted.
  package let workers: Int
  /// The estimated number of bytes that the index will take on disk.
  package let disk: Int
  /// The number of free bytes on the disk of the index; nil where it cannot be seen from here.
  package let freeDisk: Int?
  /// The tablespace of the index.
  package let tablespace: String
  /// The warnings that the operator sees before the build.
  package let warnings: [String]

  /// The full name of the new index.
  package var index: QualifiedName { QualifiedName(schema: facts.table.name.schema, name) }
}

/// The decision whether an index is built.
package enum BuildDecision: Sendable, Equatable {
  /// No index is needed, for this reason.
  case none(reason: String)
  /// A usable index exists already.
  case exists(TableIndex)
  /// An index is built according to this plan.
  case build(BuildPlan)
}
