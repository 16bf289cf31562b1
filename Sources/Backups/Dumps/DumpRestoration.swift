package import Ledger
internal import Postgres
internal import OwnSchema

/// Restores a whole dump into a database.
///
/// An empty database is filled in one transaction. Where the database does not exist, or has
/// contents that the operator allows to replace, the dump is restored into a new database and
/// compared with what was dumped. Then the new database gets the name in one transaction, and the
/// old database is kept under another name. An error leaves the old database unchanged.
package struct DumpRestoration {
  /// The plan of a restore.
  package struct Plan: Sendable, Equatable {
    /// The dump to restore.
    package let dump: StoredDump
    /// The dump's manifest.
    package let manifest: DumpManifest
    /// The name of the database to restore into.
    package let database: String
    /// The present state of that database.
    package let state: RestoreTarget.State
    /// The roles that own objects in the dump or have rights on objects, and that do not exist on
    /// this server or cannot be used by this role.
    ///
    /// Where there are any, all restored objects will belong to the role that restores.
    package let missingRoles: [String]
    /// The properties of the replaced database that this role cannot give to the new database.
    package let lost: [LostProperty]
    /// The scratch databases that killed restores have left.
    package let leftovers: [String]
  }

  /// The result of a restore.
  package struct Outcome: Sendable, Equatable {
    /// The number of restored tables, each with the same contents as in the dumped database.
    package let tables: Int
    /// The number of rows in these tables.
    package let rows: Int
    /// The new name of the old database; nil where none was replaced.
    package let former: String?
  }

  private let dumps: DatabaseDumps
  private let dump: StoredDump
  private let target: RestoreTarget
  private let replaces: Bool

  /// Prepares a restore.
  ///
  /// - Parameter replaces: true where the operator allows a filled database to be replaced.
  package init(
    of dump: StoredDump, in dumps: DatabaseDumps, into target: RestoreTarget, replaces: Bool
  ) {
    self.dumps = dumps
    self.dump = dump
    self.target = target
    self.replaces = replaces
  }

  /// Checks everything that could prevent the restore; changes nothing.
  package func plan() throws(Failure) -> Plan {
    do {
      let manifest = try dumps.trusted(dump)
      _ = try dumps.file(of: dump, on: target.beside)
      let state = try target.state()
      try RestoreChecks(manifest: manifest, target: target).run(state, replaces: replaces)
      let missing = try manifest.traits.roles.filter { role in
        try target.beside.scalar(
          """
          SELECT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = \(role)
                         AND pg_has_role(r.oid, 'MEMBER'))
          """, as: Bool.self) != true
      }
      return Plan(
        dump: dump, manifest: manifest, database: target.name, state: state,
        missingRoles: missing, lost: try lost(state),
        leftovers: try ScratchDatabase.left(on: target.beside))
    } catch {
      throw dumps.restoreFailure(error)
    }
  }

  /// Finds the properties of a filled database that the new database in its place would lack.
  private func lost(_ state: RestoreTarget.State) throws -> [LostProperty] {
    guard case .filled = state else { return [] }
    let settings = DatabaseSettings(of: Identifier(target.name), on: target.beside)
    return try settings.lost() + target.lostTablespace()
  }

  /// Dumps the database that a plan replaces; where this fails, nothing is replaced.
  package func dumpFirst() throws(Failure) -> StoredDump {
    do {
      return try dumps.make(of: target.connect())
    } catch {
      throw dumps.restoreFailure(error)
    }
  }

  /// Carries out a plan.
  package func run(_ plan: Plan) throws(Failure) -> Outcome {
    do {
      guard try target.state() == plan.state else {
        throw Failure(
          .preflight, "\(target.name) has changed since this restore was planned",
          remedy: "run again")
      }
      return plan.state == .empty ? try fill(plan) : try restoreBeside(plan)
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
        .verification, "\(target.name) now differs from the dumped data: \(difference)",
        remedy: "drop the database and restore again; look for event triggers on this server")
    }
    analyze(session)
    return Outcome(tables: contents.tables.count, rows: contents.rows, former: nil)
  }

  /// Restores the dump into another database, and then gives this database the final name.
  private func restoreBeside(_ plan: Plan) throws -> Outcome {
    let scratch = try ScratchDatabase(
      like: target.beside, for: plan.manifest, in: target.usableTablespace())
    defer { scratch.drop() }
    try dumps.file(of: dump, on: target.beside)
      .restore(
        into: scratch.name.name, like: target.beside, asOwners: plan.missingRoles.isEmpty)
    let contents = try scratch.contents()
    if let difference = plan.manifest.contents.difference(from: contents) {
      throw Failure(
        .verification, "the restored data differ from the dumped data: \(difference)",
        remedy: "nothing was replaced; look for event triggers on this server")
    }
    analyze(try scratch.connect())
    dumps.hooks.reached(.restoreFilled)
    let former = try DatabaseSwap(target: target, scratch: scratch.name, lost: plan.lost)
      .run(replacing: plan.state != .absent)
    scratch.keep()
    dumps.hooks.reached(.restoreSwapped)
    return Outcome(tables: contents.tables.count, rows: contents.rows, former: former)
  }

  /// Collects the planner's statistics, which no dump holds; without statistics, queries are slower
  /// but right.
  private func analyze(_ session: Connection) { _ = try? session.query("ANALYZE") }
}

extension DatabaseDumps {
  /// Returns the failure to report for an error of a restore, which has left the old data
  /// unchanged.
  func restoreFailure(_ error: any Error) -> Failure {
    let cause = failure(error)
    return [.database, .source, .unknown].contains(cause.kind)
      ? Failure(.preflight, cause.reason, remedy: cause.remedy) : cause
  }
}

/// The conditions that must hold before a dump is restored.
struct RestoreChecks {
  let manifest: DumpManifest
  let target: RestoreTarget

  /// Throws the first condition that does not hold.
  func run(_ state: RestoreTarget.State, replaces: Bool) throws {
    try checkServer()
    switch state {
    case .empty: try checkExtensions(on: target.connect())
    case .absent:
      try checkExtensions(on: target.beside)
      try checkRight()
    case .filled(let filling):
      guard replaces else {
        throw Failure(
          .preflight, "the database \(target.name) is not empty and holds \(filling.description)",
          remedy: "name another database with --into; --replace dumps the present database "
            + "first, and then replaces it")
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
        "the dump is of PostgreSQL \(dumped), this server is \(server): the server may lack "
          + "features that the dump uses",
        remedy: "restore the dump into a server of version \(dumped) or later")
    }
    let isReadOnly: Bool? = try target.beside.scalar("SELECT pg_is_in_recovery()")
    if isReadOnly == true {
      throw Failure(
        .preflight, "the server is a standby", remedy: "connect to the primary server instead")
    }
  }

  /// Refuses a server that lacks an extension of the dump, or has an earlier version of pgvector.
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
          remedy: "install the extension on the server first")
      }
      let version: String = try rows.value(0, 0)
      if needed.name == "vector", VersionNumber(version) < VersionNumber(needed.version) {
        throw Failure(
          .preflight, "the dump uses pgvector \(needed.version), the server has \(version)",
          remedy: "update pgvector on the server to \(needed.version) or later first")
      }
    }
  }

  func checkRight() throws {
    let may: Bool? = try target.beside.scalar(
      "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    guard may != true else { return }
    let role: String = try target.beside.scalar("SELECT current_user::text") ?? ""
    throw Failure(
      .preflight, "role \(role) may not create databases, and a restore needs a new one",
      remedy: "ALTER ROLE \(Identifier(role).quoted) CREATEDB; or make an empty database for --into"
    )
  }

  /// Refuses a database that this role does not own, or that has other sessions: it cannot be
  /// renamed.
  private func checkOwner() throws {
    let owner: String? = try target.beside.scalar(
      """
      SELECT pg_get_userbyid(datdba)::text FROM pg_database
      WHERE datname = \(target.name) AND NOT pg_has_role(datdba, 'MEMBER')
      """)
    if let owner {
      throw Failure(
        .preflight,
        "the database \(target.name) belongs to \(owner), and only this role can "
          + "replace the database", remedy: "connect as \(owner)")
    }
    if let others = try target.others() {
      throw Failure(
        .preflight, "the database \(target.name) is in use: \(others)",
        remedy: "stop the programs that use the database, and run again")
    }
  }
}
