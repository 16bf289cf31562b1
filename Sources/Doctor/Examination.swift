package import Ledger
package import Postgres

/// The places and limits that `doctor` examines.
package struct ExaminationOptions: Sendable {
  /// The table that takes the documents.
  package var table = QualifiedName("vector_documents")
  /// The folder that contains a folder for each user.
  package var userDataDirectory = "user_data"
  /// The directory for backups.
  package var backupDirectory = "migration_backup"
  /// The number of seconds after which an open transaction is reported.
  package var transactionSeconds = 300
  /// True where a master key for encrypted metadata is available.
  package var hasMasterKey = false
  /// True where the run keeps originals, whose type is `halfvec`.
  package var needsHalfvec = false
  /// True where a lock whose age the role may not see is watched until it is released or counts as
  /// long.
  package var watchesLocks = false

  /// Creates options with the default places of a run.
  package init() {}
}

/// Examines everything that a run needs, before the run or after it, and changes nothing.
package struct Examination {
  let options: ExaminationOptions
  private let connect: () throws -> Connection?

  /// Prepares an examination.
  ///
  /// - Parameter connect: opens a session; returns nil where a run would first create the server.
  package init(options: ExaminationOptions, connect: @escaping () throws -> Connection?) {
    self.options = options
    self.connect = connect
  }

  /// Carries out every check, and reports each finding as soon as it is known.
  package func run(_ report: (Finding) -> Void) throws(Failure) {
    let stores = StoreSurvey(options: options)
    stores.findings.forEach(report)
    BackupPlace(options: options, bytes: stores.bytes).findings.forEach(report)
    let connection: Connection?
    do {
      connection = try connect()
    } catch {
      let failure = Failure(error)
      if failure.kind == .interrupted { throw failure }
      if case .configuration? = error as? PostgresError {
        return report(
          Finding("connection", .problem, failure.reason, remedy: failure.remedy))
      }
      return report(
        Finding(
          "connection", .problem, failure.reason,
          remedy: failure.remedy
            ?? "check address, password and network; the server's log may contain more than the "
            + "server sends to a client"
        ))
    }
    guard let connection else {
      return report(
        Finding("connection", .fine, "the embedded server does not exist yet; a run creates it"))
    }
    try ServerExamination(connection: connection, options: options, bytes: stores.bytes).run(report)
  }
}
