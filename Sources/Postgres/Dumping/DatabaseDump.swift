internal import Glibc

/// A dump of a database in `pg_dump`'s custom format, with the programs that make and read it.
///
/// The programs get the connection through variables of libpq: no password is ever an argument.
public struct DatabaseDump {
  /// The absolute path of the file.
  public let path: String
  private let programs: DumpPrograms
  private let isInterrupted: @Sendable () -> Bool

  /// Creates the description of a dump in a file, which need not exist yet; writes nothing.
  public init(
    at path: String, programs: DumpPrograms,
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) throws(DumpError) {
    do {
      self.path = try File.absolute(path)
    } catch {
      throw DumpError("\(path) cannot be found: \(error)", remedy: "check the path")
    }
    self.programs = programs
    self.isInterrupted = isInterrupted
  }

  /// Creates the description of a dump in another file, with the same programs.
  public init(at path: String, like other: DatabaseDump) throws(DumpError) {
    try self.init(at: path, programs: other.programs, isInterrupted: other.isInterrupted)
  }

  /// Dumps the database of a session into the file, which must exist already, with the permissions
  /// that it is to keep.
  ///
  /// - Parameter snapshot: a snapshot that the session has exported, so that other programs can
  ///   read exactly the rows that are dumped.
  public func make(of connection: Connection, snapshot: String) throws(DumpError) {
    try run(
      programs.pgDump,
      ["--format=custom", "--no-password", "--snapshot=\(snapshot)", "--file=\(path)"],
      connection.libpqVariables(database: nil))
  }

  /// Writes the definition of one table, without its rows, into the file as statements.
  public func makeDefinition(of table: QualifiedName, in connection: Connection)
    throws(DumpError)
  {
    try run(
      programs.pgDump,
      [
        "--schema-only", "--no-password", "--no-owner", "--no-privileges",
        // Quoted, so that no character of the name is a pattern.
        "--table=\(table.quoted)", "--file=\(path)",
      ],
      connection.libpqVariables(database: nil))
  }

  /// Lists the entries of the dump's table of contents.
  public func entries() throws(DumpError) -> [String] {
    let lines = try run(programs.pgRestore, ["--list", path], [:]).split(separator: "\n")
    return lines.filter { !$0.hasPrefix(";") }.map(String.init)
  }

  /// The part of a dump that is restored.
  public enum Part: Sendable {
    /// The whole dump.
    case everything
    /// The whole dump in one transaction: everything is restored, or nothing.
    case everythingAtOnce
    /// Tables, types and functions without rows, indexes and constraints.
    case definitions
    /// Tables, types and functions without rows, with indexes and constraints.
    case allDefinitions
    /// The rows of these tables, and of every table that has the name of one of them and the schema
    /// of another.
    case rows([QualifiedName])
  }

  /// Restores the dump into a database of the session's server; stops at the first error.
  ///
  /// - Parameter asOwners: true where objects keep their owners and grants; the server must then
  ///   have the roles that these name.
  public func restore(
    _ part: Part = .everything, into database: String, like connection: Connection,
    asOwners: Bool = false
  ) throws(DumpError) {
    var words = ["--no-password", "--exit-on-error"]
    if !asOwners { words += ["--no-owner", "--no-privileges"] }
    switch part {
    case .everything: break
    case .everythingAtOnce: words.append("--single-transaction")
    case .definitions: words.append("--section=pre-data")
    case .allDefinitions: words.append("--schema-only")
    case .rows(let tables):
      words.append("--data-only")
      words += Set(tables.compactMap { $0.schema?.name }).sorted().map { "--schema=\($0)" }
      words += Set(tables.map { $0.name.name }).sorted().map { "--table=\($0)" }
    }
    try run(
      programs.pgRestore, words + ["--dbname=dbname=\(database.asConnectionValue)", path],
      connection.libpqVariables(database: database))
  }

  /// Runs a program until it ends or is interrupted, and returns its output.
  @discardableResult
  private func run(_ program: String, _ arguments: [String], _ variables: [String: String])
    throws(DumpError) -> String
  {
    let name = program.split(separator: "/").last ?? ""
    var process = ChildProcess(program: program, arguments: arguments)
    process.variables = variables
    let outcome: (status: Int32, output: String)
    do {
      outcome = try process.run(until: isInterrupted)
    } catch {
      throw DumpError("\(name) could not be run: \(error)", remedy: "check its installation")
    }
    guard outcome.status == 0 else {
      let secret = variables["PGPASSWORD"] ?? ""
      let words = Self.shown(outcome.output, of: String(name))
      let reason = secret.isEmpty ? words : words.replacing(secret, with: "…")
      throw DumpError(
        isInterrupted() ? "interrupted" : Self.ending(of: String(name), outcome.status, reason),
        remedy: outcome.status == -SIGXFSZ
          ? "raise the limit of file sizes (ulimit -f)"
          : "check that the role has the rights that it needs, and that the disk is not full")
    }
    return outcome.output
  }

  /// Describes how a program ended: by itself, or by a signal.
  private static func ending(of name: String, _ status: Int32, _ reason: String) -> String {
    guard status < 0 else { return "\(name) failed (\(status)): \(reason)" }
    let signal = strsignal(-status).map { String(cString: $0) } ?? "unknown"
    return "\(name) was stopped by signal \(-status) (\(signal))"
      + (reason.isEmpty ? "" : ": \(reason)")
  }

  /// Returns the last lines that a program has written itself, at most three.
  ///
  /// Lines that the server adds to an error are left out, because they may contain a whole row.
  /// Where rows are copied, indexed or checked, texts that the server quotes are left out as well.
  private static func shown(_ output: String, of program: String) -> String {
    let all = output.split(whereSeparator: \.isNewline).map(String.init)
    let own = all.filter { $0.hasPrefix("\(program): ") }
    // Where a program could not be started, no line begins with its name, and no server was asked.
    let lines = own.isEmpty ? all : own
    let touchesRows = lines.contains { line in
      ["COPY failed", " INDEX ", " CONSTRAINT ", " MATERIALIZED VIEW "].contains(
        where: line.contains)
    }
    return lines.suffix(3).map { line in
      guard touchesRows, let error = line.firstRange(of: "ERROR:") else { return line }
      return line[..<error.upperBound] + String(line[error.upperBound...]).withoutQuotations
    }.joined(separator: " ")
  }
}
