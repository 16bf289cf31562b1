package import Ledger
package import Postgres

/// The places and limits for the checks of `doctor`.
package struct ExaminationOptions: Sendable {
  /// The table that takes the documents.
  package var table = QualifiedName("vector_documents")
  /// The folder that contains one folder for each user.
  package var userDataDirectory = "user_data"
  /// The directory for backups.
  package var backupDirectory = "migration_backup"
  /// The number of seconds after which an open transaction is reported.
  package var transactionSeconds = 300
  /// True where the operator has set a master key for encrypted metadata.
  package var hasMasterKey = false
  /// True where the run keeps originals, which need pgvector's type `halfvec`.
  package var needsHalfvec = false
  /// True where the check of locks may wait to see how long a lock is held, if the role may not see
  /// that.
  package var watchesLocks = false

  /// Creates options with the usual places.
  package init() {}
}

/// Checks everything that a run needs, and changes nothing.
package struct Examination {
  let options: ExaminationOptions
  private let connect: () throws -> Connection?

  /// Creates an examination; checks nothing yet.
  ///
  /// - Parameter connect: opens a session; returns nil where the server does not exist until a run
  ///   creates it.
  package init(options: ExaminationOptions, connect: @escaping () throws -> Connection?) {
    self.options = options
    self.connect = connect
  }

  /// Makes all checks, and reports each finding as soon as it is known.
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
