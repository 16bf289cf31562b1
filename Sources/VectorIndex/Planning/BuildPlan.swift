public import Postgres
internal import Schema

/// How an index will be built, decided before anything is touched.
public struct BuildPlan: Sendable, Equatable {
  /// The table as it was looked at.
  public let facts: TableFacts
  /// The index's name, in the schema of the table.
  public let name: Identifier
  /// Column or expression.
  public let form: IndexedForm
  /// What it is built with.
  public let parameters: IndexParameters
  /// Others may read and write meanwhile.
  public let isConcurrent: Bool
  /// Bytes of memory that a quick build needs.
  public let neededMemory: Int
  /// `maintenance_work_mem` for this session, in bytes.
  public let memory: Int
  /// Parallel workers beside the session itself.
  public let workers: Int
  /// Bytes that the index will take on disk, about.
  public let disk: Int
  /// Free bytes on the disk that it goes to; nil where that cannot be seen.
  public let freeDisk: Int?
  /// The tablespace that it goes to.
  public let tablespace: String
  /// What the operator should know beforehand.
  public let warnings: [String]

  /// The index with its schema.
  public var index: QualifiedName { QualifiedName(schema: facts.table.name.schema, name) }
}

/// What is to be done about an index.
public enum BuildDecision: Sendable, Equatable {
  /// None is needed, and why.
  case none(reason: String)
  /// One is there that serves.
  case exists(TableIndex)
  /// This one is built.
  case build(BuildPlan)
}
