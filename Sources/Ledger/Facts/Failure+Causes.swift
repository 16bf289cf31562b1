internal import Embedding
internal import Files
internal import JSON
internal import Journal
internal import Postgres
internal import OwnSchema
internal import Stores
internal import VectorMath

extension Failure {
  /// Converts any error of this program's modules into a failure for reports.
  package init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as StoreError: self.init(error)
    case ProjectionError.eigenproblem(.interrupted): self.init(.interrupted, "interrupted")
    case let error as SchemaError: self.init(.preflight, error.problem, remedy: error.remedy)
    case let error as PostgresError: self.init(error)
    case let error as EmbeddedServerError:
      self.init(.preflight, error.problem, remedy: error.remedy)
    case let error as EmbeddingError:
      self.init(
        error.kind == .interrupted ? .interrupted : .preflight, error.problem,
        remedy: error.remedy)
    case let error as any FailureCause: self = error.failure
    case let error as JournalError where error.refusal != nil:
      self.init(
        .backup, "the journal could not be written: \(error.refusal ?? "")",
        remedy: error.remedy ?? "check the disk, or choose another --backup-dir")
    case ProjectionError.notFinite, is JSONError, is FernetError, is UserIDMapError:
      self.init(.source, "\(error)")
    default: self.init(.unknown, "\(error)")
    }
  }

  private init(_ error: StoreError) {
    if error.kind == .interrupted {
      self.init(.interrupted, "interrupted")
      return
    }
    let place = error.place.map { ", \($0)" } ?? ""
    self.init(
      .source, "\(error.file)\(place): \(error.problem)",
      remedy: error.remedy.isEmpty ? nil : error.remedy)
  }

  private init(_ error: PostgresError) {
    switch error {
    case .interrupted: self.init(.interrupted, "interrupted")
    case .commitUnknown:
      self.init(
        .database, error.description,
        remedy: "run again: the ledger in the database shows what was committed")
    case .connectionLost:
      self.init(
        .database, error.description, remedy: "the open transaction was not committed; run again")
    case .server(let server): self.init(.database, server.description, remedy: server.remedy)
    case .unreachable:
      self.init(.database, error.description, remedy: error.connectionProblem?.remedy)
    default: self.init(.database, error.description)
    }
  }
}

extension ServerError {
  /// The remedy for the error; nil where none is known.
  fileprivate var remedy: String? {
    if isWordedByFunction {
      return "repair the function, or change the documents that it refuses, then run again"
    }
    if isRefusedByPolicy {
      return "let a policy of the table allow these rows to the role, or run as a role with "
        + "BYPASSRLS"
    }
    return refusesRow ? rowRemedy : serverRemedy
  }

  /// The remedy for a row that a constraint, an index, a column or a policy of a table refuses.
  private var rowRemedy: String {
    switch sqlState {
    case "23505" where statement.hasPrefix("UPDATE"), "23P01" where statement.hasPrefix("UPDATE"):
      "the table has a unique index or an exclusion constraint of the application, and rows are "
        + "changed in place: a document has a value that is allowed only once, or a document has "
        + "taken the value of another one; in the second case roll the store back "
        + "(vector-ferry rollback), and migrate again"
    case "23505", "23P01":
      "the table has a unique index or an exclusion constraint of the application: a document has "
        + "a value that is allowed only once, and another document of the store or an existing "
        + "row has it too; remove one of the two, or drop the index or constraint, then run again; "
        + "if the store is replaced and documents have only exchanged their values, roll the store "
        + "back first (vector-ferry rollback)"
    case "23502": "give the column a default, or let it be NULL, then run again"
    case "23503" where statement.hasPrefix("DELETE"):
      "rows of that table refer to documents that have to be deleted: delete those rows, then "
        + "run again; documents that stay in the files are kept"
    case "23503" where statement.hasPrefix("SET CONSTRAINTS"):
      "rows of that table refer to documents that have to be deleted, or documents lack what the "
        + "foreign key refers to: delete those rows, or add what is lacking, then run again"
    case "23503" where statement.hasPrefix("UPDATE"):
      "rows of a table refer to a value that a document had before, or a document lacks what the "
        + "foreign key "
        + "refers to: change those rows or let the key cascade (ON UPDATE CASCADE), or add what is "
        + "lacking, then run again"
    case "23503": "add what the foreign key refers to, such as the user, then run again"
    case "23514": "change the document, or the table's constraint or partitions, then run again"
    case "22001": "let the column hold longer texts (ALTER TABLE … TYPE text), then run again"
    default:
      "look at the table's columns, indexes, constraints, triggers, policies and check options: "
        + "one of them does not accept a value of the store"
    }
  }

  private var serverRemedy: String? {
    switch sqlState {
    case "53100": "the server's disk is full: make room there, then run again"
    case "53200": "the server is short of memory; run again"
    case "53300": "the server has no free connections; run again"
    case "42501": "grant the role what it lacks, then run again"
    case "57014": "the server cancelled the statement; look for a statement_timeout"
    default: isTransient ? "the error may be temporary: run again" : nil
    }
  }
}
