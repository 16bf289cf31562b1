internal import Glibc

/// `pg_dump` and `pg_restore` of one version, found on this machine.
public struct DumpPrograms: Sendable, Equatable {
  /// The directory of the programs.
  public let directory: String
  /// The major version of the programs.
  public let major: Int

  var pgDump: String { "\(directory)/pg_dump" }
  var pgRestore: String { "\(directory)/pg_restore" }

  /// Finds the oldest programs that suit a server.
  ///
  /// An older `pg_dump` refuses a newer server, and an older server may not understand what a newer
  /// `pg_restore` sends.
  ///
  /// Every command searches the same places: `VECTOR_FERRY_POSTGRES`, whose programs take
  /// precedence where they suit; the PostgreSQL installations that could run the embedded server;
  /// `PATH`.
  public static func find(forServer version: Int) throws(DumpError) -> DumpPrograms {
    let major = version / 10_000
    let places = places
    var seen: [(place: String, major: Int?)] = []
    var best: DumpPrograms?
    for directory in places {
      let found = inspect(directory)
      if found != nil || File.exists(directory) { seen.append((directory, found)) }
      guard let found, found >= major, best.map({ found < $0.major }) ?? true else { continue }
      best = DumpPrograms(directory: directory, major: found)
      if directory == named { break }
    }
    if let best { return best }
    let looked = seen.map { "\($0.place) (\($0.major.map { "version \($0)" } ?? "none"))" }
    throw DumpError(
      "no pg_dump and pg_restore for PostgreSQL \(major) were found; searched in "
        + (looked.isEmpty ? places : looked).joined(separator: ", "),
      remedy:
        "install these programs (Debian: apt-get install postgresql-client-\(major)), or name "
        + "their directory with VECTOR_FERRY_POSTGRES")
  }

  /// Reads the major version of a directory's programs; nil where a program is missing or does not
  /// answer.
  private static func inspect(_ directory: String) -> Int? {
    guard File.isExecutable("\(directory)/pg_restore"),
      let answer = try? ChildProcess(
        program: "\(directory)/pg_dump", arguments: ["--version"]
      ).run(), answer.status == 0,
      let word = answer.output.split(separator: " ").first(where: { $0.first?.isNumber ?? false })
    else { return nil }
    return Int(word.prefix { $0.isNumber })
  }

  /// The directory of programs that the operator names in `VECTOR_FERRY_POSTGRES`; nil where the
  /// variable is not set.
  private static var named: String? { getenv("VECTOR_FERRY_POSTGRES").map { String(cString: $0) } }

  /// The directories to search, each once.
  ///
  /// Debian's programs in /usr/bin choose a version by themselves: `PATH` is searched last.
  private static var places: [String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let servers = (try? EmbeddedServer())?.installations ?? []
    var seen: Set<String> = []
    return ([named].compactMap(\.self) + servers + path.split(separator: ":").map(String.init))
      .filter { !$0.isEmpty && seen.insert($0).inserted }
  }
}

/// The error of a dump that could not be made, read or restored.
public struct DumpError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The problem, in words.
  public let problem: String
  /// The advice to the operator.
  public let remedy: String

  init(_ problem: String, remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }

  /// The problem and its remedy on one line.
  public var description: String { "\(problem); \(remedy)" }
}
