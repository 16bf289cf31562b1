import Foundation
import Postgres
import TestSupport
import Testing

/// A folder with dumps of several databases, and functions that run the program on each database.
struct DumpWorld {
  /// The folder that the program is started in.
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("dumps") }

  /// The directory of the dumps.
  var directory: String { folder.file("migration_backup/dumps") }

  /// Runs the program against the database of a URL.
  @discardableResult
  func run(_ url: String, _ arguments: String..., environment: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    try run(url, arguments, environment: environment)
  }

  /// Runs the program; `PATH` has only Debian's own programs.
  @discardableResult
  func run(_ url: String, _ arguments: [String], environment: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    try TestSupport.run(
      Ferry.binary, arguments, environment: variables(url, environment), directory: folder.path)
  }

  /// Starts the program and does not wait for its end.
  func start(_ url: String, _ arguments: String..., environment: [String: String] = [:]) throws
    -> RunningFerry
  {
    try RunningFerry(
      Ferry.binary, arguments, environment: variables(url, environment), directory: folder.path)
  }

  private func variables(_ url: String, _ more: [String: String]) -> [String: String] {
    Ferry.clean(url, ["PATH": "/usr/bin:/bin"].merging(more) { $1 })
  }

  /// Returns the sorted names of the files in the directory of dumps that end in `suffix`.
  func files(_ suffix: String = "") throws -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.filter { $0.hasSuffix(suffix) }.sorted()
  }

  /// Makes a dump, and returns the name of the newest dump.
  func dump(_ url: String, _ arguments: String...) throws -> String {
    let outcome = try run(url, ["backups", "dump", "--json"] + arguments)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    let dump = try #require(answer["dump"] as? [String: Any])
    return try #require((dump["path"] as? String)?.split(separator: "/").last.map(String.init))
  }

  /// Sets the time at which a file was last modified to some days ago.
  func age(_ name: String, days: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -86_400 * days)],
      ofItemAtPath: "\(directory)/\(name)")
  }

  /// Adds a file that is no dump of this program to the dumps.
  func addFile(_ name: String, days: Double = 30) throws {
    try folder.write("not of this program: \(name)", to: "migration_backup/dumps/\(name)")
    try age(name, days: days)
  }

  /// Opens a session in the database of a URL.
  static func connect(_ url: String) throws -> Connection {
    try Connection.open(ConnectionTarget(source: "test", url: url), settings: .untouched)
  }

  /// Executes statements in the database of a URL.
  static func execute(_ url: String, _ script: String) throws {
    try connect(url).execute(script: SQL(script: script))
  }

  /// Returns a number from the database of a URL.
  static func number(_ url: String, _ query: String) throws -> Int? {
    try connect(url).scalar(SQL(script: query))
  }

  /// Returns a digest of all rows of all tables, without those of the system.
  static func digest(_ url: String) throws -> String {
    let session = try connect(url)
    try session.query("SET search_path = pg_catalog")
    let tables = try session.query(
      """
      SELECT format('%I.%I', n.nspname, c.relname)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      ORDER BY 1
      """)
    return try (0..<tables.rowCount).map { row in
      let table: String = try tables.value(row, 0)
      let sum: String? = try session.scalar(
        SQL(
          script: """
            SELECT md5(string_agg(md5((t.*)::text), '' ORDER BY md5((t.*)::text))) FROM \(table) t
            """))
      return "\(table)=\(sum ?? "")"
    }.joined(separator: "\n")
  }

  /// Returns the URL of another database of the same server.
  static func url(_ url: String, database: String) -> String {
    guard let slash = url.lastIndex(of: "/") else { return url }
    let allowed = CharacterSet.alphanumerics
    return url[...slash] + (database.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")
  }
}
