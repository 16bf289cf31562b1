internal import SQLText
package import MigrationFiles
package import Postgres

/// The results of a verification.
package struct VerificationReport: Sendable, Equatable {
  /// The outcome of one check.
  package struct Finding: Sendable, Equatable {
    /// The subject of the check.
    package let category: VerifyCategory
    /// The check's title.
    package let title: String
    /// True where no fault was found.
    package let holds: Bool
    /// True where no fault was found, but not everything could be checked: rows have no embeddings
    /// yet, tables have no rows, or the role may not see all rows.
    package var isOpen = false
    /// The facts that were found, one line each.
    package let details: [String]
    /// The seconds that the check's last statement took; nil for checks that do not measure time.
    package let seconds: Double?
  }

  /// The results in the order of the checks.
  package var findings: [Finding] = []

  /// True where no check has found a fault.
  package var isSound: Bool { findings.allSatisfy(\.holds) }
  /// The number of checks that found no fault, but could not check everything.
  package var open: Int { findings.count { $0.isOpen } }
}

/// Runs the checks of a set in transactions that are rolled back, so that nothing is changed.
package struct SchemaVerification {
  let set: MigrationSet
  let connection: Connection
  let environment: [String: String]
  let ledger: QualifiedName

  /// Creates a verification; variables in `environment` may add fields to the results of searches.
  package init(
    set: MigrationSet, connection: Connection, environment: [String: String],
    ledger: QualifiedName = .usualLedger
  ) {
    self.ledger = ledger
    self.set = set
    self.connection = connection
    self.environment = environment
  }

  /// Runs every check.
  package func run() throws -> VerificationReport {
    let session = SchemaSession(
      connection: connection, options: SchemaOptions(), isBundled: set.isBundled)
    try session.prepare(as: .verifier)
    try setResultFields()
    var report = VerificationReport()
    report.findings.append(try ledgerFinding())
    if let finding = try tableFinding() { report.findings.append(finding) }
    report.findings.append(try indexFinding())
    if let finding = try embeddingFinding() { report.findings.append(finding) }
    let tables = try connection.fullNames(asWritten: set.existingTables(on: connection))
    if let finding = try ClusterIndexes(connection: connection).finding(
      of: tables.compactMap(\.self))
    {
      report.findings.append(finding)
    }
    let applied = try appliedVersions()
    for check in set.checks where check.isDue(applied) { report.findings.append(try run(check)) }
    if set.forms.contains(.sqitch) { report.findings.append(scriptFinding(applied)) }
    return report
  }

  /// Sets settings such as `vector_store.expose_chunk_text` to the values of environment variables
  /// such as `VECTOR_STORE_EXPOSE_CHUNK_TEXT`; the search function of semantic_search reads these
  /// settings.
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
    let state = try SetState.read(set, on: connection, ledger: ledger)
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
      try SetState.read(set, on: connection, ledger: ledger).migrations.filter {
        $0.row?.isApplied == true
      }
      .map(\.version))
  }

  /// Lists the applied changes of a Sqitch folder for which no verify script was run.
  private func scriptFinding(_ applied: Set<String>) -> VerificationReport.Finding {
    let due = Set(set.checks.filter { $0.isDue(applied) }.compactMap(\.version))
    let reworked = Set(set.checks.compactMap(\.version))
    let bare = set.migrations.filter { applied.contains($0.version) && !due.contains($0.version) }
    return VerificationReport.Finding(
      category: .structure,
      title:
        "Sqitch's verify scripts were run for \(due.count) of \(applied.count) applied changes",
      holds: true, isOpen: !bare.isEmpty,
      details: bare.map {
        reworked.contains($0.version)
          ? "not verified, because a later change reworks it: \($0.fullName)"
          : "not verified, because there is no verify script: \($0.fullName)"
      }, seconds: nil)
  }

  /// Checks that all tables exist that the applied migrations have created by name; returns nil
  /// where no migration has created a table.
  private func tableFinding() throws -> VerificationReport.Finding? {
    let made = MadeTables(try SetState.read(set, on: connection, ledger: ledger)).tables
    guard !made.isEmpty else { return nil }
    var gone: [String] = []
    var open: [String] = []
    for table in made {
      if let place = try connection.fullName(asWritten: table.name) {
        if let kind = try otherKind(of: place, besidesUnlogged: table.isUnlogged) {
          open.append("\(table.name) of \(table.migration) is \(kind) now")
        }
        continue
      }
      let elsewhere = try table.hasSchema ? [] : schemas(with: table.plainName)
      if table.hasOwnPath, !elsewhere.isEmpty { continue }
      var line = "\(table.name) of \(table.migration)"
      line +=
        elsewhere.isEmpty
        ? " does not exist" : " is not found; schema \(elsewhere[0]) has an object of this name"
      if table.isInDoubt || !elsewhere.isEmpty { open.append(line) } else { gone.append(line) }
    }
    return VerificationReport.Finding(
      category: .structure, title: "no table that a migration has made is missing",
      holds: gone.isEmpty, isOpen: gone.isEmpty && !open.isEmpty, details: gone + open,
      seconds: nil)
  }

  /// Returns the kind of the object called `place`, such as `a view`; nil where the object is a
  /// permanent table.
  private func otherKind(of place: String, besidesUnlogged isUnlogged: Bool) throws(PostgresError)
    -> String?
  {
    try connection.scalar(CatalogueQueries.otherKind(name: place, mayBeUnlogged: isUnlogged))
  }

  /// Finds the schemas that have a table or view of this name; temporary objects do not count.
  private func schemas(with name: String) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      """
      SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname = \(name) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
        AND c.relpersistence <> 't' ORDER BY 1
      """)
    return try rows.map { (row) throws(PostgresError) in try rows.value(row, 0) }
  }

  private func indexFinding() throws -> VerificationReport.Finding {
    let invalid = try CatalogSnapshot.read(connection).invalidIndexes.sorted()
    return VerificationReport.Finding(
      category: .structure, title: "no index is INVALID", holds: invalid.isEmpty,
      details: invalid, seconds: nil)
  }

  /// Counts rows without embeddings, and names tables whose rows may be hidden from the role;
  /// returns nil for a set without vector columns.
  private func embeddingFinding() throws -> VerificationReport.Finding? {
    var details: [String] = []
    var hasVectors = false
    var total = 0
    for table in try set.existingTables(on: connection) {
      let full = try connection.fullName(asWritten: table) ?? table
      let columns = try connection.query(CatalogueQueries.vectorColumns(table: full))
      for row in 0..<columns.rowCount {
        hasVectors = true
        let (rows, open) = try open(
          table: try columns.value(row, 0), column: try columns.value(row, 1),
          isHidden: try columns.value(row, 2))
        total += rows
        details += open.filter { !details.contains($0) }
      }
    }
    guard hasVectors else { return nil }
    details += try SetState.read(set, on: connection, ledger: ledger).nextSteps(on: connection)
    if total == 0 {
      details.append("no table with vectors has a row: the checks of data had nothing to check")
    }
    return VerificationReport.Finding(
      category: .integrity, title: "there are rows, and all of them have embeddings", holds: true,
      isOpen: !details.isEmpty, details: details, seconds: nil)
  }

  /// Counts the rows of a table, and lists why one of its vector columns could not be checked
  /// fully.
  ///
  /// The server has quoted the names of the table and of the column.
  private func open(table: String, column: String, isHidden: Bool) throws
    -> (rows: Int, open: [String])
  {
    let counts = try connection.query(
      SQL(script: "SELECT count(*), count(*) FILTER (WHERE \(column) IS NULL) FROM \(table)"))
    let rows: Int = try counts.value(0, 0)
    let empty: Int = try counts.value(0, 1)
    var open: [String] = []
    if isHidden { open.append("row-level security may hide rows of \(table) from this role") }
    if empty > 0 { open.append("\(empty) of \(rows) rows of \(table) have no \(column)") }
    return (rows, open)
  }

  /// The error that a check throws so that its transaction is rolled back.
  private struct Undone: Error {}

  private func run(_ check: SchemaCheck) throws -> VerificationReport.Finding {
    // NULL in place of true or false means that the check could not decide.
    var rows: [(holds: Bool?, detail: String)] = []
    var seconds: Double?
    do {
      try connection.transaction {
        // A verify script of Sqitch succeeds where no statement fails, whatever its queries return.
        let isScript = check.version != nil
        for statement in isScript ? check.statements[...] : check.statements.dropLast() {
          try connection.execute(script: SQL(script: statement.text))
        }
        guard let last = check.statements.last, !isScript else { throw Undone() }
        let start = ContinuousClock.now
        let found = try connection.asWritten { () throws(PostgresError) in
          try connection.query(SQL(script: last.text))
        }
        if check.category == .performance { seconds = start.duration(to: .now).seconds }
        for row in 0..<found.rowCount {
          rows.append((try found.optional(row, 0), try found.optional(row, 1) ?? ""))
        }
        throw Undone()
      }
    } catch is Undone {
    } catch let error as PostgresError {
      guard error.serverError != nil else { throw error }
      rows = [(false, error.description)]
    }
    return VerificationReport.Finding(
      category: check.category, title: check.title, holds: rows.allSatisfy { $0.holds != false },
      isOpen: rows.allSatisfy { $0.holds != false } && rows.contains { $0.holds == nil },
      details: rows.filter { $0.holds != true || check.category == .performance }.map(\.detail)
        .filter { !$0.isEmpty }, seconds: seconds)
  }
}

extension SchemaCheck {
  /// Returns true for a check of `verify.sql`.
  ///
  /// For a verify script of Sqitch, returns true where the script's change is applied and no
  /// applied later change reworks the same change.
  fileprivate func isDue(_ applied: Set<String>) -> Bool {
    guard let version else { return true }
    return applied.contains(version) && !(newerVersion.map(applied.contains) ?? false)
  }
}

extension MigrationSet {
  /// Finds the tables that the migrations of the set create by name and that exist in the database.
  package func existingTables(on connection: Connection) throws(PostgresError) -> [String] {
    var seen: Set<String> = []
    let names = migrations.flatMap(\.up.statements).compactMap(\.createdTable)
      .filter { seen.insert($0).inserted }
    return zip(names, try connection.fullNames(asWritten: names)).filter { $1 != nil }.map(\.0)
  }
}
