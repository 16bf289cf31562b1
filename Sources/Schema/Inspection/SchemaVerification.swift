public import Postgres

/// What a verification has found.
public struct VerificationReport: Sendable, Equatable {
  /// The outcome of one check.
  public struct Finding: Sendable, Equatable {
    /// What it is about.
    public let category: VerifyCategory
    /// The check's title.
    public let title: String
    /// True where everything is as it should be.
    public let holds: Bool
    /// What was found, one line each.
    public let details: [String]
    /// How long the check's last statement took; performance only.
    public let seconds: Double?
  }

  /// In the order of the checks.
  public var findings: [Finding] = []

  /// True where every check holds.
  public var isSound: Bool { findings.allSatisfy(\.holds) }
}

/// Runs the checks of a set in a transaction that is rolled back, so that nothing stays.
public struct SchemaVerification {
  let set: MigrationSet
  let connection: Connection
  let environment: [String: String]

  /// A verification; `environment` may ask for more fields of a search result.
  public init(set: MigrationSet, connection: Connection, environment: [String: String]) {
    self.set = set
    self.connection = connection
    self.environment = environment
  }

  /// Runs every check.
  public func run() throws -> VerificationReport {
    let session = SchemaSession(
      connection: connection, options: SchemaOptions(), isBundled: set.isBundled)
    try session.prepare(as: .verifier)
    try setResultFields()
    var report = VerificationReport()
    report.findings.append(try ledgerFinding())
    report.findings.append(try indexFinding())
    let applied = try appliedVersions()
    for check in set.checks where check.isDue(applied) { report.findings.append(try run(check)) }
    if set.forms.contains(.sqitch) { report.findings.append(scriptFinding(applied)) }
    return report
  }

  /// `VECTOR_STORE_EXPOSE_CHUNK_TEXT` becomes the setting `vector_store.expose_chunk_text`, which
  /// the search function of semantic_search reads.
  private func setResultFields() throws {
    for name in ["EXPOSE_CHUNK_TEXT", "EXPOSE_LINE_NUMBERS", "INCLUDE_MODEL_METADATA"] {
      guard let value = environment["VECTOR_STORE_\(name)"] else { continue }
      let setting = "vector_store.\(name.lowercased())"
      let isOn = ["true", "1", "yes", "on"].contains(value.lowercased())
      try connection.query(
        "SELECT set_config(\(setting), \(isOn ? "true" : "false"), false)")
    }
  }

  private func ledgerFinding() throws -> VerificationReport.Finding {
    let state = try SetState.read(set, on: connection)
    let wrong = state.migrations.filter { entry in
      switch entry.kind {
      case .applied, .optional: false
      default: true
      }
    }
    return VerificationReport.Finding(
      category: .structure, title: "every migration is applied and unchanged",
      holds: wrong.isEmpty,
      details: wrong.map { "\($0.version) \($0.description): \($0.kind)" }, seconds: nil)
  }

  private func appliedVersions() throws -> Set<String> {
    Set(
      try SetState.read(set, on: connection).migrations.filter { $0.row?.isApplied == true }
        .map(\.version))
  }

  /// Says of which changes nothing was verified.
  private func scriptFinding(_ applied: Set<String>) -> VerificationReport.Finding {
    let due = Set(set.checks.filter { $0.isDue(applied) }.compactMap(\.version))
    let reworked = Set(set.checks.compactMap(\.version))
    let bare = set.migrations.filter { applied.contains($0.version) && !due.contains($0.version) }
    return VerificationReport.Finding(
      category: .structure,
      title: "verify scripts of Sqitch: \(due.count) run, of \(applied.count) applied changes",
      holds: true,
      details: bare.map {
        reworked.contains($0.version)
          ? "not run, the change was reworked since: \($0.fullName)"
          : "not verified, it has no verify script: \($0.fullName)"
      }, seconds: nil)
  }

  private func indexFinding() throws -> VerificationReport.Finding {
    let invalid = try CatalogSnapshot.read(connection).invalidIndexes.sorted()
    return VerificationReport.Finding(
      category: .structure, title: "no index is INVALID", holds: invalid.isEmpty,
      details: invalid, seconds: nil)
  }

  /// A thrown rollback, so that a check may write as it likes.
  private struct Undone: Error {}

  private func run(_ check: SchemaCheck) throws -> VerificationReport.Finding {
    var rows: [(holds: Bool, detail: String)] = []
    var seconds: Double?
    do {
      try connection.transaction {
        // A script of Sqitch's holds where nothing fails, whatever its queries return.
        let isScript = check.version != nil
        for statement in isScript ? check.statements[...] : check.statements.dropLast() {
          try connection.execute(script: SQL(script: statement.text))
        }
        guard let last = check.statements.last, !isScript else { throw Undone() }
        let start = ContinuousClock.now
        let found = try connection.query(SQL(script: last.text))
        if check.category == .performance { seconds = start.duration(to: .now).seconds }
        for row in 0..<found.rowCount {
          rows.append((try found.value(row, 0), try found.optional(row, 1) ?? ""))
        }
        throw Undone()
      }
    } catch is Undone {
    } catch let error as PostgresError {
      guard error.serverError != nil else { throw error }
      rows = [(false, error.description)]
    }
    return VerificationReport.Finding(
      category: check.category, title: check.title, holds: rows.allSatisfy(\.holds),
      details: rows.filter { !$0.holds || check.category == .performance }.map(\.detail)
        .filter { !$0.isEmpty }, seconds: seconds)
  }
}

extension SchemaCheck {
  /// True where what it is about is there and nothing has taken its place.
  fileprivate func isDue(_ applied: Set<String>) -> Bool {
    guard let version else { return true }
    return applied.contains(version) && !(newerVersion.map(applied.contains) ?? false)
  }
}

extension MigrationSet {
  /// The tables of the set that are in the database, those that its migrations create by name.
  public func existingTables(on connection: Connection) throws(PostgresError) -> [String] {
    var seen: Set<String> = []
    let names = migrations.flatMap(\.up.statements).compactMap(\.createdTable)
      .filter { seen.insert($0).inserted }
    var found: [String] = []
    for name in names {
      let isThere: Bool? = try connection.scalar("SELECT to_regclass(\(name)) IS NOT NULL")
      if isThere == true { found.append(name) }
    }
    return found
  }
}
