internal import Files
internal import Glibc
package import Postgres

/// The properties of a server and of the session's role, read without writing anything.
package struct ServerFacts: Sendable, Equatable {
  /// The server's version as a number: 160004 for 16.4.
  package let serverVersion: Int
  /// The database's character encoding.
  package let encoding: String
  /// The database's name.
  package let database: String
  /// The role that the session acts as.
  package let role: String
  /// The installed version of pgvector; nil where the extension is not in this database.
  package let vectorVersion: VersionNumber?
  /// The schema that holds the type `vector`; nil where the extension is not in this database.
  package let vectorSchema: Identifier?
  /// The version that `CREATE EXTENSION vector` would install; nil where none is available.
  package let availableVectorVersion: VersionNumber?
  /// True where the role may run CREATE EXTENSION vector, and also where nothing can be created:
  /// the extension is installed, or is not available.
  package let mayCreateVector: Bool
  /// True where the role may create schemas in this database.
  package let mayCreateSchemas: Bool
  /// The schema in which a table named without a schema would be created; nil where there is none.
  package let currentSchema: Identifier?
  /// True where the role may create tables in `currentSchema`.
  package let mayCreateTables: Bool
  /// True where the server is a standby or the session may not write.
  package let isReadOnly: Bool

  /// Reads the properties from the server; a read-only session is enough.
  package static func read(_ connection: Connection) throws(PostgresError) -> ServerFacts {
    let home = try home(on: connection)
    let row = try connection.query(ServerFactsQueries.facts(home: home?.name))
    let installed: String? = try row.optional(0, 3)
    let vectorSchema: String? = try row.optional(0, 4)
    let available: String? = try row.optional(0, 5)
    // The right is only checked where the extension is missing and available.
    let isMissing = installed == nil && available != nil
    let mayCreateVector = isMissing ? try Self.mayCreateVector(on: connection) : true
    return ServerFacts(
      serverVersion: connection.serverVersion,
      encoding: try row.value(0, 1), database: try row.value(0, 0), role: try row.value(0, 2),
      vectorVersion: installed.map { VersionNumber($0) },
      vectorSchema: vectorSchema.map { Identifier($0) },
      availableVectorVersion: available.map { VersionNumber($0) },
      mayCreateVector: mayCreateVector,
      mayCreateSchemas: try row.value(0, 6),
      currentSchema: home,
      mayCreateTables: try row.value(0, 7),
      isReadOnly: try row.value(0, 8))
  }

  /// Returns true where the connection shows that the server runs on this machine.
  package static func isLocal(_ connection: Connection) throws(PostgresError) -> Bool {
    let rows = try connection.query(
      """
      SELECT inet_server_addr() IS NULL OR inet_server_addr() <<= inet '127.0.0.0/8'
        OR inet_server_addr() = inet '::1', pg_backend_pid()
      """)
    guard try rows.value(0, 0) else { return false }
    // Through a tunnel or a pooler a remote server can look local, but its process is not on this
    // machine.
    return isServerProcess(try rows.value(0, 1))
  }

  /// Returns true where a process of this machine has this process number and belongs to a
  /// PostgreSQL server.
  private static func isServerProcess(_ number: Int) -> Bool {
    let name = try? FileDescriptor(opening: "/proc/\(number)/comm", O_RDONLY).read(upTo: 64)
    return String(decoding: name ?? [], as: UTF8.self).hasPrefix("postgres")
  }

  /// Returns the schema in which a table named without a schema would be created; nil where there
  /// is none.
  ///
  /// This is the first schema of the search path that may hold tables of an application.
  private static func home(on connection: Connection) throws(PostgresError) -> Identifier? {
    try connection.searchedSchemas().first { $0 != "pg_catalog" && $0 != FerrySchema.name }
  }

  /// Returns a table's full name: a name without a schema is looked up as in the application's
  /// sessions, and gets `currentSchema` where the table does not exist.
  ///
  /// The result never names a temporary schema, and never the ledger's schema, which would be
  /// searched first where a role has the same name.
  package func qualified(_ name: QualifiedName, on connection: Connection) throws(PostgresError)
    -> QualifiedName
  {
    if name.schema != nil { return name }
    let found = try connection.resolve(name, leavingOut: ["pg_catalog", FerrySchema.name])
    return found ?? QualifiedName(schema: currentSchema, name.name)
  }

  /// The first reason why vectors cannot be loaded into this database; nil where there is none.
  package var obstacle: SchemaError? {
    let major = serverVersion / 10_000
    if major < 13 {
      return SchemaError(
        "PostgreSQL \(major) is too old", remedy: "PostgreSQL 13 or later is needed")
    }
    if isReadOnly {
      return SchemaError(
        "database \(database) is read-only", remedy: "connect to the primary server instead")
    }
    if encoding != "UTF8" {
      return SchemaError(
        "database \(database) stores text as \(encoding)",
        remedy: "create a database with ENCODING 'UTF8' and use that database")
    }
    return vectorObstacle(major: major)
  }

  /// The reason why originals, whose type is `halfvec`, cannot be kept; nil where originals can be
  /// kept.
  package var halfvecObstacle: SchemaError? {
    guard let version = vectorVersion ?? availableVectorVersion,
      version < VersionNumber.firstWithHalfvec
    else { return nil }
    return SchemaError(
      "pgvector \(version) has no type halfvec, which --keep-original always needs",
      remedy: "update pgvector to \(VersionNumber.firstWithHalfvec) or later, then ALTER EXTENSION "
        + "vector UPDATE; or run without --keep-original always")
  }

  private func vectorObstacle(major: Int) -> SchemaError? {
    let oldest = VersionNumber("0.5.0")
    guard let version = vectorVersion ?? availableVectorVersion else {
      return SchemaError(
        "the server has no pgvector (extension \"vector\")",
        remedy:
          "install pgvector on the server (Debian: apt-get install postgresql-\(major)-pgvector), "
          + "or enable \"vector\" in your provider's console")
    }
    if version < oldest {
      return SchemaError(
        "pgvector \(version) is too old",
        remedy: "update pgvector to \(oldest) or later, then ALTER EXTENSION vector UPDATE")
    }
    if vectorVersion == nil, !mayCreateVector {
      return SchemaError(
        "extension \"vector\" is not enabled in database \(database), and role \(role) may not "
          + "create it", remedy: vectorRemedy)
    }
    return nil
  }
}

/// A version that consists of numbers with dots; versions are ordered by these numbers: 0.10.0
/// comes after 0.9.1.
package struct VersionNumber: Comparable, Hashable, Sendable, CustomStringConvertible {
  /// The version's text as it was read.
  package let description: String
  private let numbers: [Int]

  /// Reads the digits at the beginning of each part between dots.
  package init(_ text: String) {
    description = text
    numbers = text.split(separator: ".").map { Int($0.prefix(while: \.isNumber)) ?? 0 }
  }

  /// The first version of pgvector that has the type `halfvec`.
  package static let firstWithHalfvec = VersionNumber("0.7.0")

  /// Compares two versions number by number; a missing number counts as zero.
  package static func < (left: VersionNumber, right: VersionNumber) -> Bool {
    for index in 0..<max(left.numbers.count, right.numbers.count) {
      let a = index < left.numbers.count ? left.numbers[index] : 0
      let b = index < right.numbers.count ? right.numbers[index] : 0
      if a != b { return a < b }
    }
    return false
  }
}
