package import Ledger
package import Postgres
internal import Layouts
internal import OwnSchema
internal import Stores

/// The checks of `doctor` that need a connection to the database.
package final class ServerExamination {
  let connection: Connection
  let options: ExaminationOptions
  /// The size in bytes of all stores on disk; zero where the size is not known.
  let bytes: Int
  private var knownFacts: ServerFacts?
  private var knownTable: Result<VectorTable?, any Error>?

  package init(connection: Connection, options: ExaminationOptions, bytes: Int = 0) {
    self.connection = connection
    self.options = options
    self.bytes = bytes
  }

  /// A check with its name, and the remedy where the check cannot be made.
  struct Check {
    let name: String
    /// Returns the remedy where the check cannot be made: a statement that gives the role the
    /// missing right, or other advice.
    var grants: (_ role: String) -> String = { _ in "see the server's log, then run again" }
    let look: () throws -> [Finding]
  }

  /// All checks, in the order in which they are reported.
  private var checks: [Check] {
    [
      Check(name: "connection", look: server), Check(name: "encoding", look: encoding),
      Check(name: "pgvector", look: pgvector), Check(name: "owners", look: owners),
      Check(name: "rights", grants: LedgerAccess.grants, look: rights),
      Check(name: "table", look: table), Check(name: "triggers", look: triggers),
      Check(name: "event-triggers", look: eventTriggers),
      Check(name: "references", look: references),
      Check(name: "row-security", look: rowSecurity), Check(name: "durability", look: durability),
      Check(name: "locks", grants: Self.statistics, look: locks),
      Check(name: "transactions", grants: Self.statistics, look: transactions),
      Check(name: "connections", grants: Self.statistics, look: connections),
      Check(name: "timeouts", look: timeouts),
      Check(name: "schema", grants: LedgerAccess.grants, look: schema),
      Check(name: "runs", grants: LedgerAccess.grants, look: runs),
      Check(name: "indexes", look: indexes), Check(name: "statistics", look: statistics),
      Check(name: "server-space", grants: Self.settings, look: serverSpace),
      Check(name: "shared-memory", look: sharedMemory),
    ]
  }

  static func statistics(_ role: String) -> String {
    "GRANT pg_read_all_stats TO \(Identifier(role).quoted)"
  }

  static func settings(_ role: String) -> String {
    "GRANT pg_read_all_settings TO \(Identifier(role).quoted)"
  }

  /// Makes all checks; a check that cannot be made is reported as a problem, and the next checks
  /// are still made.
  package func run(_ report: (Finding) -> Void) throws(Failure) {
    for check in checks {
      do {
        try check.look().forEach(report)
      } catch {
        let failure = Failure(error)
        // After a lost connection every other check would report the same.
        if failure.kind == .interrupted || !connection.isUsable { throw failure }
        report(
          .notLookedAt(
            check.name, failure.reason, remedy: check.grants(knownFacts?.role ?? "the role")))
      }
    }
  }

  func facts() throws -> ServerFacts {
    if let knownFacts { return knownFacts }
    let facts = try ServerFacts.read(connection)
    knownFacts = facts
    return facts
  }

  /// Returns the full name of the table of documents.
  func name() throws -> QualifiedName {
    try facts().qualified(options.table, on: connection)
  }

  /// Returns the table of documents, or nil where it does not exist; throws where it cannot take
  /// rows.
  func found() throws -> VectorTable? {
    if let knownTable { return try knownTable.get() }
    let name = try name()
    let table = Result { try VectorTable.find(name, on: connection) }
    knownTable = table
    return try table.get()
  }

  /// Returns the table of documents; nil where it does not exist or cannot take rows.
  ///
  /// The check `table` reports a table that cannot take rows.
  func fitTable() throws -> VectorTable? {
    do {
      return try found()
    } catch is SchemaError {
      return nil
    }
  }

  private func server() throws -> [Finding] {
    let facts = try facts()
    let version = "\(facts.serverVersion / 10_000).\(facts.serverVersion % 10_000)"
    var findings = [
      Finding(
        "connection", .fine,
        "database \(facts.database) as \(facts.role), PostgreSQL \(version)")
    ]
    if facts.serverVersion < 130_000 {
      findings.append(
        Finding(
          "server", .problem, "PostgreSQL \(version) is too old",
          remedy: "PostgreSQL 13 or later is needed"))
    }
    if facts.isReadOnly {
      findings.append(
        Finding(
          "server", .problem, "database \(facts.database) is read-only",
          remedy: "connect to the primary server instead"))
    }
    return findings
  }

  private func encoding() throws -> [Finding] {
    let facts = try facts()
    guard facts.encoding != "UTF8" else { return [Finding("encoding", .fine, "UTF8")] }
    return [
      Finding(
        "encoding", .problem, "database \(facts.database) stores text as \(facts.encoding)",
        remedy: "create a database with ENCODING 'UTF8' and use that database")
    ]
  }

  private func pgvector() throws -> [Finding] {
    let facts = try facts()
    guard let version = facts.vectorVersion ?? facts.availableVectorVersion else {
      return [
        Finding(
          "pgvector", .problem, "the server has no pgvector (extension \"vector\")",
          remedy: "install pgvector on the server (Debian: apt-get install "
            + "postgresql-\(facts.serverVersion / 10_000)-pgvector), or enable \"vector\" in your "
            + "provider's console")
      ]
    }
    let update = "update pgvector on the server, then ALTER EXTENSION vector UPDATE"
    if version < VersionNumber("0.5.0") {
      return [
        Finding(
          "pgvector", .problem,
          "pgvector \(version) is too old: it has no HNSW, and before 0.4.3 mishandles NaN",
          remedy: update)
      ]
    }
    if options.needsHalfvec, let obstacle = facts.halfvecObstacle {
      return [Finding("pgvector", .problem, obstacle.problem, remedy: obstacle.remedy)]
    }
    var findings = version.knownVectorFaults.map {
      Finding("pgvector", .warning, "pgvector \(version): \($0)", remedy: update)
    }
    if facts.vectorVersion == nil {
      findings.append(
        facts.mayCreateVector
          ? Finding("pgvector", .fine, "pgvector \(version) is available; a run enables it")
          : Finding(
            "pgvector", .problem,
            "pgvector \(version) is available but not enabled in database \(facts.database), and role "
              + "\(facts.role) may not create the extension", remedy: facts.vectorRemedy))
    } else if let available = facts.availableVectorVersion, available > version {
      findings.append(
        Finding(
          "pgvector", .warning, "pgvector \(version) is enabled, \(available) is installed",
          remedy: "ALTER EXTENSION vector UPDATE"))
    } else if findings.isEmpty {
      findings.append(Finding("pgvector", .fine, "\(version)"))
    }
    return findings
  }

  private func rights() throws -> [Finding] {
    let facts = try facts()
    let missing = try MissingRights(
      connection: connection, facts: facts, name: name(),
      table: try fitTable()
    ).found()
    guard missing.isEmpty else {
      return missing.map { Finding("rights", .problem, $0.problem, remedy: $0.remedy) }
    }
    return [Finding("rights", .fine, "role \(facts.role) has what a run needs")]
  }

  private func table() throws -> [Finding] {
    let name = try name()
    if let schema = name.schema?.name, DatabaseState.foreignSchemas.contains(schema) {
      return [
        Finding(
          "table", .problem, "schema \(schema) is not for tables of documents",
          remedy: "name another table with --table")
      ]
    }
    do {
      guard let table = try found() else {
        return [try absence(of: name)]
      }
      if let obstacle = try table.persistenceObstacle(on: connection) { throw obstacle }
      let narrow = Self.narrowColumns(of: table)
      guard table.dimensions > VectorTable.indexableDimensions else {
        return narrow.isEmpty
          ? [Finding("table", .fine, "\(name) takes \(table.dimensions) dimensions")] : narrow
      }
      return narrow + [
        Finding(
          "table", .warning,
          "\(name) takes \(table.dimensions) dimensions; vectors are indexed up to "
            + "\(VectorTable.indexableDimensions)",
          remedy: "index the vectors as halfvec, or use a table of 2000 dimensions")
      ]
    } catch let error as SchemaError {
      return [Finding("table", .problem, error.problem, remedy: error.remedy)]
    }
  }

  /// Reports the columns that are too narrow for some documents.
  private static func narrowColumns(of table: VectorTable) -> [Finding] {
    let (limits, layout) = (table.limits, table.layout)
    let columns = [
      limits.narrowUser(for: StoreName.characterLimit, in: layout),
      limits.narrowCollection(for: StoreName.characterLimit, in: layout),
      limits.narrowText(in: layout), limits.narrowTime(in: layout),
    ]
    return columns.compactMap { $0 }.map { column in
      Finding(
        "table", .warning,
        "the column \(column.column.name) of \(table.name) holds \(column.holds); stores with more are "
          + "refused", remedy: column.remedy(in: table.name))
    }
  }

  /// Reports a missing table of documents: it was never created, or it does not exist any more
  /// although the ledger lists stores in it.
  private func absence(of name: QualifiedName) throws -> Finding {
    // The check `runs` reports where the role may not read the ledger.
    let listed =
      try FerrySchema.installedVersion(on: connection) > 0
      ? (try? LedgerAccess.listedStores(in: name, on: connection)) ?? [] : []
    guard !listed.isEmpty else {
      return Finding("table", .fine, "\(name) does not exist yet; a run creates it")
    }
    return Finding(
      "table", .problem,
      "\(name) does not exist any more, although the ledger lists \(listed.summary) in it",
      remedy: "restore a dump (vector-ferry backups list --dumps), or write the stores again from "
        + "their files: vector-ferry migrate", stopsRuns: false)
  }

  private func rowSecurity() throws -> [Finding] {
    guard let table = try fitTable() else { return [] }
    guard table.hasActiveRowSecurity else {
      return [Finding("row-security", .fine, "does not apply to this role on \(table.name)")]
    }
    return [
      Finding(
        "row-security", .warning,
        "row-level security applies to this role on \(table.name): it can read and write only "
          + "what the policies allow",
        remedy:
          "migrate as a role with BYPASSRLS, or as a role whose policies allow the rows of every "
          + "user (docs/SECURITY.md)")
    ]
  }

  private func schema() throws -> [Finding] {
    let version = try FerrySchema.installedVersion(on: connection)
    let missing = try missingObjects(ofVersion: version)
    if version == 0 {
      guard missing.isEmpty else { return missing }
      return [Finding("schema", .fine, "vector_ferry does not exist yet; a run creates it")]
    }
    if version > FerrySchema.currentVersion {
      let newer = FerrySchema.newer(version)
      return [Finding("schema", .problem, newer.problem, remedy: newer.remedy)]
    }
    guard missing.isEmpty else { return missing }
    var rest = ""
    if version < FerrySchema.currentVersion {
      rest = "; the next run updates the schema"
    } else if try FerrySchema.canRenewFunctions(on: connection) {
      rest =
        "; the schema's functions differ from this program's, and the next run replaces these "
        + "functions"
    } else if try !FerrySchema.hasCurrentFunctions(on: connection) {
      rest =
        "; the schema's functions differ from this program's, and a run of their owner replaces "
        + "these functions"
    }
    return [Finding("schema", .fine, "vector_ferry has version \(version)\(rest)")]
  }

  /// Reports tables, types, functions and views that are missing from the schema vector_ferry.
  private func missingObjects(ofVersion version: Int) throws -> [Finding] {
    guard version <= FerrySchema.currentVersion else { return [] }
    var findings: [Finding] = []
    func report(_ names: [String], _ what: String, remedy: String, stopsRuns: Bool) {
      guard !names.isEmpty else { return }
      let listed = names.map { "vector_ferry.\($0)" }.joined(separator: ", ")
      findings.append(
        Finding("schema", .problem, "\(what): \(listed)", remedy: remedy, stopsRuns: stopsRuns))
    }
    let tables = try FerrySchema.missingTables(ofVersion: version, on: connection)
    report(
      tables, "tables or types do not exist any more",
      remedy: "restore a dump of the database (vector-ferry backups list --dumps)",
      // No run reads or writes this one.
      stopsRuns: tables.contains { $0 != "search_performance_metrics" })
    guard version > 0, tables.isEmpty else { return findings }
    if try FerrySchema.lacksOriginals(ofVersion: version, on: connection) {
      report(
        ["originals"],
        "stores keep originals, but their table does not exist any more, and searches "
          + "of these stores fail",
        remedy: "restore a dump of the database (vector-ferry backups list --dumps), or write the "
          + "stores again from their files: vector-ferry migrate --force, which brings no "
          + "originals of documents that an application has added", stopsRuns: false)
    }
    guard version == FerrySchema.currentVersion else { return findings }
    let isOurs = try FerrySchema.canRenewFunctions(on: connection)
    report(
      try FerrySchema.missingFunctions(on: connection), "functions or views do not exist any more",
      remedy: isOurs
        ? "vector-ferry migrate, which creates them again"
        : "run vector-ferry migrate as the owner of schema vector_ferry, which creates them again",
      stopsRuns: false)
    return findings
  }
}
