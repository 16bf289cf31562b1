import Foundation
import Postgres
import TestSupport

/// The program as an operator runs it: its own working directory, its own database.
struct Ferry {
  /// The binary that `run_tests.sh` has built, or the debug build beside these tests.
  static let binary: String = {
    let named = ProcessInfo.processInfo.environment["VECTOR_FERRY_BINARY"]
    return named ?? "\(Oracle.repository)/.build/debug/vector-ferry"
  }()

  /// The key of the encrypted sample store; public, and of no use elsewhere.
  static let sampleKey = "dmVjdG9yLWZlcnJ5LXNhbXBsZS1rZXktbm90LXJlYWw="

  /// The folder that the program is started in.
  let folder: TemporaryDirectory
  /// The database that it writes to.
  let database: TestDatabase

  /// A fresh folder and an empty database.
  init(databaseOptions: String = "") throws {
    folder = try TemporaryDirectory("ferry")
    database = try TestDatabase(options: databaseOptions)
  }

  /// The words as `run_migration.sh` hands them on: without a command, migrate is meant.
  static func words(_ arguments: [String]) -> [String] {
    if ["--help", "-h", "--version"].contains(arguments.first) { return arguments }
    guard let first = arguments.first, !first.hasPrefix("-") else { return ["migrate"] + arguments }
    return arguments
  }

  /// Runs the program to its end.
  @discardableResult
  func run(_ arguments: String..., environment: [String: String] = [:]) throws -> ProcessOutcome {
    try run(command: arguments, environment: environment)
  }

  /// The same with words that were put together before.
  @discardableResult
  func run(command arguments: [String], environment: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    try TestSupport.run(
      Self.binary, Self.words(arguments),
      environment: try Self.clean(database.url, environment), directory: folder.path)
  }

  /// Starts the program and lets it run.
  func start(_ arguments: String..., environment: [String: String] = [:]) throws -> RunningFerry {
    try start(arguments, environment: environment)
  }

  /// The same with words that were put together before, inside a network where one is given.
  func start(
    _ arguments: [String], environment: [String: String] = [:],
    in network: NetworkNamespace? = nil
  ) throws -> RunningFerry {
    let words = (network?.prefix ?? []) + [Self.binary] + Self.words(arguments)
    return try RunningFerry(
      words[0], Array(words.dropFirst()), environment: try Self.clean(database.url, environment),
      directory: folder.path)
  }

  /// The beginnings of variables that may be the tester's own.
  private static let strange = [
    "PG", "POSTGRES_", "SUPABASE_", "NEON_", "EMBEDDING_", "OPENAI_", "OLLAMA_",
  ]

  /// The variables of a run: nothing of the tester's own database or keys.
  static func clean(_ url: String, _ more: [String: String]) -> [String: String] {
    var variables = [
      "DATABASE_URL": url, "ENCRYPTION_MASTER_KEY": "", "NO_COLOR": "1",
      // Tests write their stores a moment before they run; those that race set a period.
      "VECTOR_FERRY_QUIET_SECONDS": "0",
    ]
    for name in ProcessInfo.processInfo.environment.keys
    where Self.strange.contains(where: name.hasPrefix) {
      variables[name] = ""
    }
    return variables.merging(more) { $1 }
  }

  /// Copies one of the sample stores, or all of them, below the folder's `user_data`.
  func addSamples(_ path: String = "") throws {
    let source = "\(Oracle.repository)/user_data_samples" + (path.isEmpty ? "" : "/\(path)")
    let target = folder.file("user_data") + (path.isEmpty ? "" : "/\(path)")
    try FileManager.default.createDirectory(
      atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: source, toPath: target)
  }

  /// The database's address for another role.
  func url(as role: String) throws -> String {
    try database.url.replacingOccurrences(
      of: "//\(try TestServer.address.user)@", with: "//\(role)@")
  }

  /// One value of the database.
  func scalar<Value: ColumnValue>(_ sql: SQL, as: Value.Type = Value.self) throws -> Value? {
    try database.connect().scalar(sql)
  }

  /// Rows of each store: `user/collection` and how many.
  func counts(table: String = "vector_documents") throws -> [String: Int] {
    let rows = try database.connect().query(
      SQL(
        script: """
          SELECT user_id::text || '/' || collection_name::text, count(*) FROM \(table) GROUP BY 1
          """))
    return Dictionary(
      uniqueKeysWithValues: try (0..<rows.rowCount).map {
        (try rows.value($0, 0, as: String.self), try rows.value($0, 1, as: Int.self))
      })
  }

  /// A digest of all that a user sees in the table, whatever the order of its rows.
  func contentDigest() throws -> String? {
    try scalar(
      """
      SELECT md5(string_agg(
        concat_ws('|', id, user_id, collection_name, text, metadata, created_at,
                  md5(embedding::text)), E'\\n' ORDER BY id))
      FROM vector_documents
      """)
  }

  /// Waits until the server has noticed that clients are gone.
  func settle() throws {
    for _ in 0..<200 {
      let others: Int? = try scalar(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """)
      if others == 0 { return }
      usleep(10_000)
    }
  }

  /// Where each row version stands: equal only if no row was written again.
  func rowVersions() throws -> String? {
    try scalar(
      "SELECT md5(string_agg(id::text || xmin::text || ctid::text, ',' ORDER BY id)) FROM vector_documents"
    )
  }
}

/// A run of the program that goes on while the test does something else.
final class RunningFerry {
  private let process = Process()
  private let output: TemporaryDirectory

  init(
    _ binary: String, _ arguments: [String], environment: [String: String], directory: String
  ) throws {
    output = try TemporaryDirectory("running")
    try output.write("", to: "out")
    try output.write("", to: "err")
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value.isEmpty ? nil : value }
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = arguments
    process.environment = variables
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output.file("out")))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: output.file("err")))
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// The process's id, for faults aimed at it.
  var processID: Int32 { process.processIdentifier }

  /// What it has written to standard error so far.
  var errors: String { (try? String(contentsOfFile: output.file("err"), encoding: .utf8)) ?? "" }

  /// Waits until standard error holds `text`; false after `seconds` or when the process ended.
  func waitForError(_ text: String, seconds: Double = 60) -> Bool {
    waitForErrors(text, count: 1, seconds: seconds)
  }

  /// Waits until standard error holds `text` so many times.
  func waitForErrors(_ text: String, count: Int, seconds: Double = 60) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      let isRunning = process.isRunning
      if errors.components(separatedBy: text).count > count { return true }
      if !isRunning { return false }
      usleep(5_000)
    }
    return false
  }

  /// True until it has ended.
  var isRunning: Bool { process.isRunning }

  /// Sends a signal.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end and collects what was printed.
  func finish() throws -> ProcessOutcome {
    process.waitUntilExit()
    let status = process.terminationStatus
    return ProcessOutcome(
      status: process.terminationReason == .uncaughtSignal ? -status : status,
      output: try Data(contentsOf: URL(fileURLWithPath: output.file("out"))),
      errors: try Data(contentsOf: URL(fileURLWithPath: output.file("err"))))
  }
}

/// Every file below a folder with its bytes, to show that nothing was written.
func contents(of folder: String) throws -> [String: Data] {
  var files: [String: Data] = [:]
  for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
    files[path] = FileManager.default.contents(atPath: "\(folder)/\(path)") ?? Data()
  }
  return files
}
