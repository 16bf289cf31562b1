internal import Postgres
internal import Schema

/// The checks that ask the database.
struct ServerExamination {
  let connection: Connection
  let options: ExaminationOptions
  /// The bytes of all stores on disk.
  let bytes: Int

  /// One check by its name.
  struct Check {
    let name: String
    let look: () throws -> [Finding]
  }

  /// All checks, in the order in which they are reported.
  var checks: [Check] {
    [
      Check(name: "connection", look: server), Check(name: "encoding", look: encoding),
      Check(name: "pgvector", look: pgvector), Check(name: "rights", look: rights),
      Check(name: "table", look: table), Check(name: "row-security", look: rowSecurity),
      Check(name: "locks", look: locks), Check(name: "transactions", look: transactions),
      Check(name: "connections", look: connections), Check(name: "timeouts", look: timeouts),
      Check(name: "schema", look: schema), Check(name: "runs", look: runs),
      Check(name: "indexes", look: indexes), Check(name: "statistics", look: statistics),
      Check(name: "server-space", look: serverSpace),
      Check(name: "shared-memory", look: sharedMemory),
    ]
  }

  func facts() throws -> ServerFacts { try ServerFacts.read(connection) }

  /// The table's full name, and the table where it is there.
  func found() throws -> VectorTable? {
    try VectorTable.find(try facts().qualified(options.table), on: connection)
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
          remedy: "point to the primary server"))
    }
    return findings
  }

  private func encoding() throws -> [Finding] {
    let facts = try facts()
    guard facts.encoding != "UTF8" else { return [Finding("encoding", .fine, "UTF8")] }
    return [
      Finding(
        "encoding", .problem, "database \(facts.database) stores text as \(facts.encoding)",
        remedy: "make a database with ENCODING 'UTF8' and point to that")
    ]
  }

  private func pgvector() throws -> [Finding] {
    let facts = try facts()
    guard let version = facts.vectorVersion ?? facts.availableVectorVersion else {
      return [
        Finding(
          "pgvector", .problem, "the server has no pgvector (extension \"vector\")",
          remedy: "install it on the server (Debian: apt-get install "
            + "postgresql-\(facts.serverVersion / 10_000)-pgvector), or enable \"vector\" in your "
            + "provider's console")
      ]
    }
    let update = "update pgvector on the server, then ALTER EXTENSION vector UPDATE"
    if version < VersionNumber("0.5.0") {
      return [
        Finding(
          "pgvector", .problem,
          "\(version) is too old: it has no HNSW, and before 0.4.3 mishandles NaN", remedy: update)
      ]
    }
    var findings = version.knownVectorFaults.map {
      Finding("pgvector", .warning, "\(version): \($0)", remedy: update)
    }
    if facts.vectorVersion == nil {
      findings.append(
        facts.mayCreateSchemas
          ? Finding("pgvector", .fine, "\(version) is at hand; a run enables it")
          : Finding(
            "pgvector", .problem, "\(version) is not enabled in database \(facts.database)",
            remedy: "have an administrator run: CREATE EXTENSION vector"))
    } else if let available = facts.availableVectorVersion, available > version {
      findings.append(
        Finding(
          "pgvector", .warning, "\(version) is enabled, \(available) is installed",
          remedy: "ALTER EXTENSION vector UPDATE"))
    } else if findings.isEmpty {
      findings.append(Finding("pgvector", .fine, "\(version)"))
    }
    return findings
  }

  private func rights() throws -> [Finding] {
    let facts = try facts()
    if let missing = try DatabaseState.missingRight(
      on: connection, facts: facts, table: options.table)
    {
      return [Finding("rights", .problem, missing.problem, remedy: missing.remedy)]
    }
    return [Finding("rights", .fine, "role \(facts.role) has what a run needs")]
  }

  private func table() throws -> [Finding] {
    let name = try facts().qualified(options.table)
    do {
      guard let table = try found() else {
        return [Finding("table", .fine, "\(name) is not there yet; a run makes it")]
      }
      guard table.dimensions > VectorTable.indexableDimensions else {
        return [Finding("table", .fine, "\(name) takes \(table.dimensions) dimensions")]
      }
      return [
        Finding(
          "table", .warning,
          "\(name) takes \(table.dimensions) dimensions; vectors are indexed up to "
            + "\(VectorTable.indexableDimensions)",
          remedy: "index it as halfvec, or use a table of 2000 dimensions")
      ]
    } catch let error as SchemaError {
      return [Finding("table", .problem, error.problem, remedy: error.remedy)]
    }
  }

  private func rowSecurity() throws -> [Finding] {
    guard let table = try? found() else { return [] }
    guard table.hasActiveRowSecurity else {
      return [Finding("row-security", .fine, "does not bind this role on \(table.name)")]
    }
    return [
      Finding(
        "row-security", .warning,
        "row-level security binds this role on \(table.name): it writes and sees only what the "
          + "policies let through",
        remedy:
          "migrate as a role with BYPASSRLS, or with policies for all users (docs/SECURITY.md)")
    ]
  }

  private func schema() throws -> [Finding] {
    let version = try FerrySchema.installedVersion(on: connection)
    if version == 0 {
      return [Finding("schema", .fine, "vector_ferry is not there yet; a run makes it")]
    }
    if version > FerrySchema.currentVersion {
      let newer = FerrySchema.newer(version)
      return [Finding("schema", .problem, newer.problem, remedy: newer.remedy)]
    }
    let rest = version < FerrySchema.currentVersion ? "; the next run brings it up to date" : ""
    return [Finding("schema", .fine, "vector_ferry has version \(version)\(rest)")]
  }
}
