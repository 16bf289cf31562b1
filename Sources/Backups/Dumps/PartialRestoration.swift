package import Ledger
package import Postgres
internal import OwnSchema

/// Restores one table of a dump, or the rows of users and collections, into a database that stays
/// in use.
///
/// The dump is first restored into a scratch database and compared with its manifest there. From
/// there the rows and their ledger entries are copied in one transaction of the target, which
/// replaces either everything or nothing.
package struct PartialRestoration {
  /// The part of a dump that is restored.
  package struct Part: Sendable, Equatable {
    /// The table of the part.
    package var table: QualifiedName
    /// The users whose rows are restored; empty for all.
    package var users: [String]
    /// The collections whose rows are restored; empty for all.
    package var collections: [String]

    /// Creates a part.
    package init(table: QualifiedName, users: [String] = [], collections: [String] = []) {
      self.table = table
      self.users = users
      self.collections = collections
    }

    /// True where all rows of the table are restored.
    var isWholeTable: Bool { users.isEmpty && collections.isEmpty }

    /// The part in words, such as `the rows of alice in notes of public.vector_documents`.
    package var description: String {
      if isWholeTable { return "the table \(table)" }
      let who = users.isEmpty ? "" : " of \(users.joined(separator: ", "))"
      let which = collections.isEmpty ? "" : " in \(collections.joined(separator: ", "))"
      return "the rows\(who)\(which) of \(table)"
    }

    /// The SQL condition that selects the part's rows of `t`; has no parameters, which COPY does
    /// not accept.
    var condition: SQL {
      let parts = [("user_id", users), ("collection_name", collections)].compactMap {
        (column, names) -> SQL? in
        guard !names.isEmpty else { return nil }
        let list = SQL.joined(names.map { "\(Literal($0))" }, separator: ", ")
        let place = Identifier(column)
        return "t.\(place) OPERATOR(pg_catalog.=) ANY (ARRAY[\(list)]::pg_catalog.text[])"
      }
      return parts.isEmpty ? "true" : SQL.joined(parts, separator: " AND ")
    }
  }

  /// The plan of a partial restore.
  package struct Plan: Sendable, Equatable {
    /// The dump to restore from.
    package let dump: StoredDump
    /// The dump's manifest.
    package let manifest: DumpManifest
    /// The name of the database to restore into.
    package let database: String
    /// The part to restore; its table is named with its schema.
    package let part: Part
    /// True where the table must be created.
    package let makesTable: Bool
    /// The number of existing rows that are replaced.
    package let replacedRows: Int
    /// The digest of the replaced rows, so that later changes of them are noticed.
    let replacedDigest: String
  }

  /// The result of a partial restore.
  package struct Outcome: Sendable, Equatable {
    /// The number of restored rows.
    package let rows: Int
    /// The number of stores that were restored in the ledger.
    package let stores: Int
  }

  private let dumps: DatabaseDumps
  private let dump: StoredDump
  private let target: RestoreTarget
  private let part: Part
  private let replaces: Bool

  /// Prepares a partial restore.
  ///
  /// - Parameter replaces: true where the operator allows existing rows to be replaced.
  package init(
    of part: Part, of dump: StoredDump, in dumps: DatabaseDumps, into target: RestoreTarget,
    replaces: Bool
  ) {
    self.part = part
    self.dump = dump
    self.dumps = dumps
    self.target = target
    self.replaces = replaces
  }

  /// Makes all checks that do not need the dump's rows; changes nothing.
  package func plan() throws(Failure) -> Plan {
    do {
      let manifest = try dumps.trusted(dump)
      _ = try dumps.file(of: dump, on: target.beside)
      if try target.state() == .absent {
        throw Failure(
          .preflight,
          "there is no database \(target.name), and a part can only be restored into an existing "
            + "database",
          remedy: "restore the whole dump: leave --table, --user and --collection out")
      }
      let checks = RestoreChecks(manifest: manifest, target: target)
      try checks.checkServer()
      try checks.checkRight()
      let session = try target.connect()
      try checks.checkExtensions(on: session)
      var found = part
      found.table = try Self.table(part.table, in: manifest)
      let table = PartTable(
        name: found.table, condition: found.condition, scratch: session, target: session)
      let isThere = try table.isInTarget()
      let (rows, digest) =
        isThere
        ? try session.transaction(.repeatableRead, readOnly: true) { try table.existingRows() }
        : (0, "0")
      guard rows == 0 || replaces else {
        throw Failure(
          .preflight, "\(target.name) has \(found.description) already: \(rows) rows",
          remedy: "with --replace, the database is dumped first and then the rows are replaced")
      }
      return Plan(
        dump: dump, manifest: manifest, database: target.name, part: found, makesTable: !isThere,
        replacedRows: rows, replacedDigest: digest)
    } catch {
      throw dumps.restoreFailure(error)
    }
  }

  /// Returns the table with its schema in the dump; with the schema public where the dump has no
  /// such table.
  private static func table(_ wanted: QualifiedName, in manifest: DumpManifest) throws(Failure)
    -> QualifiedName
  {
    if wanted.schema != nil { return wanted }
    let found = manifest.contents.tables.map(\.qualified).filter { $0.name == wanted.name }
    if let usual = found.first(where: { $0.schema == "public" }) { return usual }
    guard found.count < 2 else {
      throw Failure(
        .preflight,
        "the dump has several tables \(wanted): "
          + found.map(\.description).joined(separator: ", "), remedy: "name one as schema.table")
    }
    return found.first ?? QualifiedName(schema: "public", wanted.name)
  }

  /// Dumps the plan's database; where this fails, nothing is replaced.
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
      let scratch = try ScratchDatabase(like: target.beside, for: plan.manifest)
      defer { scratch.drop() }
      let file = try dumps.file(of: dump, on: target.beside)
      try file.restore(.definitions, into: scratch.name.name, like: target.beside)
      let source = try scratch.connect()
      let tables = try PartSource(session: source, manifest: plan.manifest).tables(of: plan.part)
      try file.restore(.rows(tables), into: scratch.name.name, like: target.beside)
      try PartSource(session: source, manifest: plan.manifest).check(tables, part: plan.part)
      var definition: [SQL] = []
      if plan.makesTable {
        definition = try PartDefinition(dumps: dumps, file: file, manifest: plan.manifest)
          .statements(for: plan.part.table, on: target.beside)
      }
      return try PartTransaction(
        plan: plan, definition: definition, scratch: source,
        target: target.connect(), hooks: dumps.hooks
      ).run()
    } catch {
      throw dumps.restoreFailure(error)
    }
  }
}

/// The scratch database from which a part is read.
struct PartSource {
  let session: Connection
  let manifest: DumpManifest

  /// Returns the tables whose rows are needed: the table, its partitions, and those of the ledger.
  func tables(of part: PartialRestoration.Part) throws -> [QualifiedName] {
    let rows = try session.query(PartQueries.tables(table: part.table.quoted))
    guard rows.rowCount > 0 else {
      throw Failure(
        .preflight, "the dump has no table \(part.table)",
        remedy: "list the tables of the dump with: vector-ferry backups list --dumps --json")
    }
    let own = try rows.map { (row) throws(PostgresError) in
      QualifiedName(
        schema: Identifier(try rows.value(row, 0)), Identifier(try rows.value(row, 1)))
    }
    return own + manifest.contents.tables.map(\.qualified).filter { $0.schema == FerrySchema.name }
  }

  /// Compares the restored tables with the dumped tables, and refuses a part that the dump does not
  /// have.
  func check(_ tables: [QualifiedName], part: PartialRestoration.Part) throws {
    try session.transaction(.repeatableRead, readOnly: true) {
      try DatabaseContents.fixForms(on: session)
      for table in tables {
        let known = manifest.contents.tables.first { $0.qualified == table }
        let (rows, digest) = try DatabaseContents.sum(
          of: "SELECT * FROM ONLY \(table)", on: session)
        guard let known, known.rows == rows, known.digest == digest else {
          throw Failure(
            .verification,
            "\(table) was read from the dump with \(rows) rows instead of \(known?.rows ?? 0), "
              + "or with different rows",
            remedy: "nothing was changed")
        }
      }
    }
    for (column, names) in [("user_id", part.users), ("collection_name", part.collections)] {
      for name in names {
        let isThere: Bool? = try session.scalar(
          """
          SELECT EXISTS (SELECT FROM \(part.table) t
                         WHERE t.\(Identifier(column)) = \(Literal(name)) AND \(part.condition))
          """)
        guard isThere == true else {
          throw Failure(
            .preflight, "the dump has no rows of \(name) in \(part.table)",
            remedy: "check the spelling, or choose another dump")
        }
      }
    }
  }
}

extension PartTable {
  /// Returns true where the target has the table; throws where it cannot be written to.
  func isInTarget() throws -> Bool {
    let rows = try target.query(
      """
      SELECT c.relkind::text, row_security_active(c.oid) FROM pg_class c
      WHERE c.oid = to_regclass(\(name.quoted))
      """)
    guard rows.rowCount == 1 else { return false }
    guard ["r", "p"].contains(try rows.value(0, 0, as: String.self)) else {
      throw Failure(.preflight, "\(name) is not a table in the target", remedy: "rename it first")
    }
    guard try !rows.value(0, 1) else {
      throw Failure(
        .preflight, "row-level security of \(name) hides rows from this role",
        remedy: "connect as the table's owner, or as a role with BYPASSRLS")
    }
    return true
  }
}
