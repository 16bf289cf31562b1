internal import Doctor
internal import Backups
internal import Ledger
internal import Models
internal import Postgres
internal import Layouts
internal import Stores

/// The state of a run's database before the stores are listed.
struct Opening {
  /// The session; nil where the run creates the server later, and where a dry run could not
  /// connect.
  var connection: Connection?
  /// The identities of the database; nil where the database was not asked.
  var lineage: DatabaseLineage?
  /// The failure that would stop a live run; nil where there is none.
  var obstacle: Failure?
  /// The reason why a dry run could not read the database; nil where it was read.
  var unreachable: String?

  /// The session; nil where it is no longer usable, because some servers and poolers cut idle
  /// sessions.
  var usable: Connection? { connection.flatMap { $0.isUsable ? $0 : nil } }
}

extension MigrationRun {
  /// Checks the database as `doctor` does, before any store is listed; a live run does not start
  /// where a finding stops it.
  func openDatabase() throws -> Opening {
    var opening = Opening()
    do {
      opening.connection = try connectFirst()
    } catch {
      let failure = Failure(error)
      guard options.mode == .dryRun, failure.kind != .interrupted else { throw error }
      if case .configuration? = error as? PostgresError {
        // The server was reached, but this session cannot be used for a run.
        opening.obstacle = Failure(.preflight, failure.reason, remedy: failure.remedy)
        return opening
      }
      opening.unreachable = failure.reason
      observe(.databaseUnreachable(reason: failure.reason))
      return opening
    }
    guard let connection = opening.connection else { return opening }
    opening.lineage = try DatabaseLineage(connection)
    var examined = ExaminationOptions()
    examined.table = options.table
    examined.needsHalfvec = options.originals == .always
    examined.watchesLocks = options.mode == .live
    var findings: [Finding] = []
    try ServerExamination(connection: connection, options: examined).run { findings.append($0) }
    for finding in findings where finding.level >= .warning && finding.wasLookedAt {
      if !finding.stopsRuns { observe(.examined(finding)) }
    }
    opening.obstacle = Self.obstacle(findings.filter(\.stopsRuns))
    if options.mode == .live, let obstacle = opening.obstacle { throw obstacle }
    return opening
  }

  /// Combines all findings that stop a run into one failure.
  private static func obstacle(_ findings: [Finding]) -> Failure? {
    guard !findings.isEmpty else { return nil }
    var remedies: [String] = []
    for remedy in findings.compactMap(\.remedy) where !remedies.contains(remedy) {
      remedies.append(remedy)
    }
    return Failure(
      .preflight, findings.map(\.text).joined(separator: "; and "),
      remedy: remedies.isEmpty ? nil : remedies.joined(separator: "; and "))
  }

  /// Refuses to begin where the backup disk or the server visibly has too little space for the
  /// plan.
  func checkRoom(_ plan: MigrationPlan, on connection: Connection, table: VectorTable?) throws {
    try checkRoomForBackups(of: plan.toMigrate.map(\.store), models: plan.modelBytes(options))
    let check = ServerRoomCheck(connection: connection, table: table)
    let room = plan.serverRoom(options)
    if let warning = try check.check(least: room.least, whole: room.whole) {
      observe(.examined(Finding("server-space", .warning, warning)))
    }
  }

  /// Refuses where copies are made and the disk of the backups has too little space for them.
  func checkRoomForBackups(of stores: [FoundStore], models: Int = 0) throws(Failure) {
    guard options.makesBackups else { return }
    try RoomCheck.checkBackups(of: stores, models: models, in: options.backupDirectory)
  }
}
