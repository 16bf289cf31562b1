internal import Doctor
internal import Backups
internal import Ledger
internal import Postgres
internal import Layouts
internal import Stores

/// What a run knows of its database before it lists a store.
struct Opening {
  /// The session; nil where the run makes the server first, or a dry run could not reach one.
  var connection: Connection?
  /// What would stop a live run; nil where nothing does.
  var obstacle: Failure?
  /// Why a dry run could not look at the database.
  var unreachable: String?

  /// The session where it still stands: some servers and poolers cut those that lay idle.
  var usable: Connection? { connection.flatMap { $0.isUsable ? $0 : nil } }
}

extension MigrationRun {
  /// Looks at everything that a run needs of its database, as `doctor` does, before any store is
  /// listed; a live run does not begin where something stands against it.
  func openDatabase() throws -> Opening {
    var opening = Opening()
    do {
      opening.connection = try connectFirst()
    } catch {
      let failure = Failure(error)
      guard options.mode == .dryRun, failure.kind != .interrupted else { throw error }
      if case .configuration? = error as? PostgresError {
        // The server was asked, and this session can carry no run.
        opening.obstacle = Failure(.preflight, failure.reason, remedy: failure.remedy)
        return opening
      }
      opening.unreachable = failure.reason
      observe(.databaseUnreachable(reason: failure.reason))
      return opening
    }
    guard let connection = opening.connection else { return opening }
    lineage = try DatabaseLineage(connection)
    var examined = ExaminationOptions()
    examined.table = options.table
    examined.needsHalfvec = options.keepsOriginals
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

  /// All that stands against a run, in one failure.
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

  /// Refuses to begin where the backup disk or the server visibly lacks room for the plan.
  func checkRoom(_ plan: MigrationPlan, on connection: Connection, table: VectorTable?) throws {
    try checkRoomForBackups(of: plan.toMigrate.map(\.store), models: plan.modelBytes(options))
    let check = ServerRoomCheck(connection: connection, table: table)
    let room = plan.serverRoom(options)
    if let warning = try check.check(least: room.least, whole: room.whole) {
      observe(.examined(Finding("server-space", .warning, warning)))
    }
  }

  /// Refuses a disk of backups that cannot take the copies of these stores, where they are made.
  func checkRoomForBackups(of stores: [FoundStore], models: Int = 0) throws(Failure) {
    guard options.makesBackups else { return }
    try RoomCheck.checkBackups(of: stores, models: models, in: options.backupDirectory)
  }
}
