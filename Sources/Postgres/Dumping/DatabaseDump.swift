internal import Glibc

/// A database in `pg_dump`'s custom format, with the programs that make and read it.
///
/// The programs get the connection through variables of libpq: no password is ever an argument.
public struct DatabaseDump {
  /// The file, as an absolute path.
  public let path: String
  private let programs: DumpPrograms
  private let isInterrupted: @Sendable () -> Bool

  /// A dump in a file, which may be made already or not yet.
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

  /// Dumps the database of a session into the file, which must exist with the mode it shall have.
  public func make(of connection: Connection) throws(DumpError) {
    try run(
      programs.pgDump, ["--format=custom", "--no-password", "--file=\(path)"],
      connection.libpqVariables(database: nil))
  }

  /// The entries of its table of contents.
  public func entries() throws(DumpError) -> [String] {
    let lines = try run(programs.pgRestore, ["--list", path], [:]).split(separator: "\n")
    return lines.filter { !$0.hasPrefix(";") }.map(String.init)
  }

  /// Restores it into another, empty database of the session's server; the first error ends it.
  public func restore(into database: String, like connection: Connection) throws(DumpError) {
    try run(
      programs.pgRestore,
      [
        "--no-password", "--no-owner", "--no-privileges", "--exit-on-error",
        "--dbname=\(database)", path,
      ],
      connection.libpqVariables(database: database))
  }

  /// Runs a program to its end, or to an interruption, and returns what it printed.
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
      let words = outcome.output.split(whereSeparator: \.isNewline).suffix(3)
        .joined(separator: " ")
      let reason = secret.isEmpty ? words : words.replacing(secret, with: "…")
      throw DumpError(
        isInterrupted() ? "interrupted" : "\(name) failed (\(outcome.status)): \(reason)",
        remedy: "see that the role may read every table, and that there is room")
    }
    return outcome.output
  }
}
