internal import Glibc

/// `pg_dump` and `pg_restore` of one version, found on this machine.
public struct DumpPrograms: Sendable, Equatable {
  /// The directory of the programs.
  public let directory: String
  /// Their major version.
  public let major: Int

  var pgDump: String { "\(directory)/pg_dump" }
  var pgRestore: String { "\(directory)/pg_restore" }

  /// The oldest that can dump a server of this version: an older `pg_dump` refuses a newer server.
  ///
  /// - Parameter more: directories to look into first, such as the embedded server's own.
  public static func find(forServer version: Int, among more: [String] = []) throws(DumpError)
    -> DumpPrograms
  {
    let major = version / 10_000
    var found: [DumpPrograms] = []
    for directory in more + installed where File.isExecutable("\(directory)/pg_restore") {
      guard
        let answer = try? ChildProcess(
          program: "\(directory)/pg_dump", arguments: ["--version"]
        ).run(), answer.status == 0,
        let word = answer.output.split(separator: " ").first(where: { $0.first?.isNumber ?? false }
        ),
        let number = Int(word.prefix { $0.isNumber })
      else { continue }
      found.append(DumpPrograms(directory: directory, major: number))
    }
    let fit = found.filter { $0.major >= major }.min { $0.major < $1.major }
    if let fit { return fit }
    let newest = found.map(\.major).max()
    throw DumpError(
      "no pg_dump for PostgreSQL \(major) is at hand"
        + (newest.map { " (the newest is of version \($0))" } ?? ""),
      remedy: "install it (Debian: apt-get install postgresql-client-\(major))")
  }

  private static var installed: [String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let versions = File.names(in: "/usr/lib/postgresql").compactMap { Int($0) }.sorted()
    return versions.map { "/usr/lib/postgresql/\($0)/bin" }
      + path.split(separator: ":").map(String.init) + ["/usr/local/pgsql/bin"]
  }
}

/// Why a dump could not be made, read or restored.
public struct DumpError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let problem: String
  /// What helps.
  public let remedy: String

  init(_ problem: String, remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }

  /// Both on one line.
  public var description: String { "\(problem); \(remedy)" }
}
