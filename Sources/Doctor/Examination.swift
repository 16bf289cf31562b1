package import Ledger
package import Postgres

/// What `doctor` looks at.
package struct ExaminationOptions: Sendable {
  /// The table that takes the documents.
  package var table = QualifiedName("vector_documents")
  /// The folder of users.
  package var userDataDirectory = "user_data"
  /// Where backups go.
  package var backupDirectory = "migration_backup"
  /// Transactions that are open for so many seconds are told.
  package var transactionSeconds = 300
  /// A master key for encrypted metadata is at hand.
  package var hasMasterKey = false
  /// The run keeps originals, whose type is `halfvec`.
  package var needsHalfvec = false
  /// A lock whose age the role may not see is watched until it counts as long.
  package var watchesLocks = false

  /// The places that a run takes by default.
  package init() {}
}

/// Looks at everything that a run needs, before it or after it, and changes nothing.
package struct Examination {
  let options: ExaminationOptions
  private let connect: () throws -> Connection?

  /// An examination that is ready to begin.
  ///
  /// - Parameter connect: opens a session; nil where a run makes the server first.
  package init(options: ExaminationOptions, connect: @escaping () throws -> Connection?) {
    self.options = options
    self.connect = connect
  }

  /// Carries out every check; each one's finding comes as soon as it is known.
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
          remedy: failure.remedy ?? "check address, password and network; the server's log may "
            + "tell more than it tells a client"))
    }
    guard let connection else {
      return report(
        Finding("connection", .fine, "the embedded server is not there yet; a run makes it"))
    }
    try ServerExamination(connection: connection, options: options, bytes: stores.bytes).run(report)
  }
}
