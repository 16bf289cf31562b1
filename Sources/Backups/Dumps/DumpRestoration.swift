package import Ledger
internal import Postgres
internal import OwnSchema

/// Restores a whole dump into a database.
///
/// A database that is absent, or filled and to be replaced, is restored under another name beside
/// it, compared with what was dumped, and takes its place by renaming in one transaction: there is
/// never a moment with neither, and what goes wrong leaves the old one as it was. The old one stays
/// under another name. An empty database is filled in one transaction.
package struct DumpRestoration {
  /// What will be done.
  package struct Plan: Sendable, Equatable {
    /// The dump.
    package let dump: StoredDump
    /// What it holds.
    package let manifest: DumpManifest
    /// The database's name.
    package let database: String
    /// What is there now.
    package let standing: RestoreTarget.Standing
    /// Roles that own something in the dump or have rights there, and are not on this server or
    /// not this role's to give to: objects then belong to the role that restores.
    package let missingRoles: [String]
    /// Databases that killed restores have left.
    package let leftovers: [String]
  }

  /// What was done.
  package struct Outcome: Sendable, Equatable {
    /// Tables and rows that came back, equal to what was dumped.
    package let tables: Int
    /// Their rows.
    package let rows: Int
    /// What the old database is called now.
    package let former: String?
  }

  private let dumps: DatabaseDumps
  private let dump: StoredDump
  private let target: RestoreTarget
  private let replaces: Bool

  /// A restoration; `replaces` is the operator's word that a filled database may be replaced.
  package init(
    of dump: StoredDump, in dumps: DatabaseDumps, into target: RestoreTarget, replaces: Bool
  ) {
    self.dumps = dumps
    self.dump = dump
    self.target = target
    self.replaces = replaces
  }

  /// Checks everything that can stand against it; changes nothing.
  package func plan() throws(Failure) -> Plan {
    do {
      let manifest = try dumps.trusted(dump)
      _ = try dumps.file(of: dump, on: target.beside)
      let standing = try target.standing()
      try RestoreChecks(manifest: manifest, target: target).run(standing, replaces: replaces)
      let missing = try manifest.traits.roles.filter { role in
        try target.beside.scalar(
          """
          SELECT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = \(role)
                         AND pg_has_role(r.oid, 'MEMBER'))
          """, as: Bool.self) != true
      }
      return Plan(
        dump: dump, manifest: manifest, database: target.name, standing: standing,
        missingRoles: missing, leftovers: try ScratchDatabase.left(on: target.beside))
    } catch {
      throw dumps.restoreFailure(error)
    }
  }

  /// Dumps what a plan replaces; nothing is replaced where that fails.
  package func dumpFirst() throws(Failure) -> StoredDump {
    do {
      return try dumps.make(of: target.connect())
    } catch {
      throw dumps.restoreFailure(error)
    }
  }

  /// Carries a plan out.
  package func run(_ plan: Plan) throws(Failure) -> Outcome {
    do {
      guard try target.standing() == plan.standing else {
        throw Failure(
          .preflight, "\(target.name) has changed since the plan was made", remedy: "run again")
      }
      return plan.standing == .empty ? try fill(plan) : try restoreBeside(plan)
    } catch {
      throw dumps.restoreFailure(error)
    }
  }

  /// Fills an empty database, in one transaction.
  private func fill(_ plan: Plan) throws -> Outcome {
    try dumps.file(of: dump, on: target.beside)
      .restore(
        .everythingAtOnce, into: target.name, like: target.beside,
        asOwners: plan.missingRoles.isEmpty)
    dumps.hooks.reached(.restoreFilled)
    let session = try target.connect()
    let contents = try session.transaction(.repeatableRead, readOnly: true) {
      try DatabaseContents.read(session)
    }
    if let difference = plan.manifest.contents.difference(from: contents) {
      throw Failure(
        .verification, "\(target.name) now differs from what was dumped: \(difference)",
        remedy: "drop it and restore again; look for event triggers on this server")
    }
    analyze(session)
    return Outcome(tables: contents.tables.count, rows: contents.rows, former: nil)
  }

  /// Restores into a database beside, and lets it take the name.
  private func restoreBeside(_ plan: Plan) throws -> Outcome {
    let scratch = try ScratchDatabase(like: target.beside, for: plan.manifest)
    defer { scratch.drop() }
    try dumps.file(of: dump, on: target.beside)
      .restore(
        into: scratch.name.name, like: target.beside, asOwners: plan.missingRoles.isEmpty)
    let contents = try scratch.contents()
    if let difference = plan.manifest.contents.difference(from: contents) {
      throw Failure(
        .verification, "what was restored differs from what was dumped: \(difference)",
        remedy: "nothing was replaced; look for event triggers on this server")
    }
    analyze(try scratch.connect())
    dumps.hooks.reached(.restoreFilled)
    let former = try DatabaseSwap(target: target, scratch: scratch.name)
      .run(replacing: plan.standing != .absent)
    scratch.keep()
    dumps.hooks.reached(.restoreSwapped)
    return Outcome(tables: contents.tables.count, rows: contents.rows, former: former)
  }

  /// Gives the planner its statistics, which no dump holds; without them it is slower, not wrong.
  private func analyze(_ session: Connection) { _ = try? session.query("ANALYZE") }
}

extension DatabaseDumps {
  /// The failure of a restore: whatever stops one has left the old data as they were.
  func restoreFailure(_ error: any Error) -> Failure {
    let cause = failure(error)
    return [.database, .source, .unknown].contains(cause.kind)
      ? Failure(.preflight, cause.reason, remedy: cause.remedy) : cause
  }
}

/// What must hold before a dump is restored.
struct RestoreChecks {
  let manifest: DumpManifest
  let target: RestoreTarget

  /// Throws the first thing that stands against it.
  func run(_ standing: RestoreTarget.Standing, replaces: Bool) throws {
    try checkServer()
    switch standing {
    case .empty: try checkExtensions(on: target.connect())
    case .absent:
      try checkExtensions(on: target.beside)
      try checkRight()
    case .filled(let filling):
      guard replaces else {
        throw Failure(
          .preflight, "the database \(target.name) is not empty: it holds \(filling.description)",
          remedy: "name another one with --into; --replace dumps this one first, and then "
            + "replaces it")
      }
      try checkExtensions(on: target.beside)
      try checkRight()
      try checkOwner()
    }
  }

  func checkServer() throws {
    let (server, dumped) = (
      target.beside.serverVersion / 10_000, manifest.traits.serverVersion / 10_000
    )
    guard server >= dumped else {
      throw Failure(
        .preflight,
        "the dump is of PostgreSQL \(dumped), this server is \(server): it may lack what the dump "
          + "uses",
        remedy: "restore it into a server of version \(dumped) or later")
    }
    let isReadOnly: Bool? = try target.beside.scalar("SELECT pg_is_in_recovery()")
    if isReadOnly == true {
      throw Failure(.preflight, "the server is a standby", remedy: "point to the primary server")
    }
  }

  /// Every extension must be there, pgvector in no earlier version.
  func checkExtensions(on session: Connection) throws {
    for needed in manifest.traits.extensions {
      let rows = try session.query(
        """
        SELECT coalesce(installed_version, default_version) FROM pg_available_extensions
        WHERE name = \(needed.name)
        """)
      guard rows.rowCount == 1 else {
        throw Failure(
          .preflight, "the server has no extension \(needed.name), which the dump uses",
          remedy: "install it on the server first")
      }
      let version: String = try rows.value(0, 0)
      if needed.name == "vector", VersionNumber(version) < VersionNumber(needed.version) {
        throw Failure(
          .preflight, "the dump uses pgvector \(needed.version), the server has \(version)",
          remedy: "update pgvector there to \(needed.version) or later first")
      }
    }
  }

  func checkRight() throws {
    let may: Bool? = try target.beside.scalar(
      "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    guard may != true else { return }
    let role: String = try target.beside.scalar("SELECT current_user::text") ?? ""
    throw Failure(
      .preflight, "role \(role) may not make databases, and a restore works in one of its own",
      remedy: "ALTER ROLE \(Identifier(role).quoted) CREATEDB; or make an empty database for --into"
    )
  }

  /// Only who owns a database may rename it, and only while nobody is in it.
  private func checkOwner() throws {
    let owner: String? = try target.beside.scalar(
      """
      SELECT pg_get_userbyid(datdba)::text FROM pg_database
      WHERE datname = \(target.name) AND NOT pg_has_role(datdba, 'MEMBER')
      """)
    if let owner {
      throw Failure(
        .preflight,
        "the database \(target.name) belongs to \(owner), and only its owner can "
          + "replace it", remedy: "connect as \(owner)")
    }
    if let others = try target.others() {
      throw Failure(
        .preflight, "the database \(target.name) is in use: \(others)",
        remedy: "stop what uses it, and run again")
    }
  }
}
