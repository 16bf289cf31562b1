internal import Layouts
package import Postgres

/// How an index will be built, decided before anything is touched.
package struct BuildPlan: Sendable, Equatable {
  /// The table as it was looked at.
  package let facts: TableFacts
  /// The index's name, in the schema of the table.
  package let name: Identifier
  /// Column or expression.
  package let form: IndexedForm
  /// What it is built with.
  package let parameters: IndexParameters
  /// Others may read and write meanwhile.
  package let isConcurrent: Bool
  /// Bytes of memory that a quick build needs.
  package let neededMemory: Int
  /// `maintenance_work_mem` for this session, in bytes.
  package let memory: Int
  /// Parallel workers beside the session itself.
  package let workers: Int
  /// Bytes that the index will take on disk, about.
  package let disk: Int
  /// Free bytes on the disk that it goes to; nil where that cannot be seen.
  package let freeDisk: Int?
  /// The tablespace that it goes to.
  package let tablespace: String
  /// What the operator should know beforehand.
  package let warnings: [String]

  /// The index with its schema.
  package var index: QualifiedName { QualifiedName(schema: facts.table.name.schema, name) }
}

/// What is to be done about an index.
package enum BuildDecision: Sendable, Equatable {
  /// None is needed, and why.
  case none(reason: String)
  /// One is there that serves.
  case exists(TableIndex)
  /// This one is built.
  case build(BuildPlan)
}
