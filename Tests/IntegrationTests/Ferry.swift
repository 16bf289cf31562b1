import Foundation
import Postgres
import TestSupport

/// The program as an operator runs it, with a working directory and a database for one test.
struct Ferry {
  /// The path of the binary that `run_tests.sh` has built, or of the debug build next to these
  /// tests.
  static let binary: String = {
    let named = ProcessInfo.processInfo.environment["VECTOR_FERRY_BINARY"]
    return named ?? "\(Oracle.repository)/.build/debug/vector-ferry"
  }()

  /// The master key of the encrypted sample store, which is public and used for nothing else.
  static let sampleKey = "dmVjdG9yLWZlcnJ5LXNhbXBsZS1rZXktbm90LXJlYWw="

  /// The folder in which the program is started.
  let folder: TemporaryDirectory
  /// The database that the program writes to.
  let database: TestDatabase

  /// Creates an empty folder and an empty database.
  init(databaseOptions: String = "") throws {
    folder = try TemporaryDirectory("ferry")
    database = try TestDatabase(options: databaseOptions)
  }

  /// Returns the words as `run_migration.sh` passes them on: adds `migrate` where there is no
  /// command.
  static func words(_ arguments: [String]) -> [String] {
    if ["--help", "-h", "--version"].contains(arguments.first) { return arguments }
    guard let first = arguments.first, !first.hasPrefix("-") else { return ["migrate"] + arguments }
    return arguments
  }

  /// Runs the program and waits for its end.
  @discardableResult
  func run(_ arguments: String..., environment: [String: String] = [:]) throws -> ProcessOutcome {
    try run(command: arguments, environment: environment)
  }

  /// Runs the program with a list of words, and waits for its end.
  @discardableResult
  func run(command arguments: [String], environment: [String: String] = [:]) throws
    -> ProcessOutcome
  {
    try TestSupport.run(
      Self.binary, Self.words(arguments),
      environment: try Self.clean(database.url, environment), directory: folder.path)
  }

  /// Starts the program and does not wait for its end.
  func start(_ arguments: String..., environment: [String: String] = [:]) throws -> RunningFerry {
    try start(arguments, environment: environment)
  }

  /// Starts the program with a list of words; in a network of its own where one is given.
  func start(
    _ arguments: [String], environment: [String: String] = [:],
    in network: NetworkNamespace? = nil
  ) throws -> RunningFerry {
    let words = (network?.prefix ?? []) + [Self.binary] + Self.words(arguments)
    return try RunningFerry(
      words[0], Array(words.dropFirst()), environment: try Self.clean(database.url, environment),
      directory: folder.path)
  }

  /// The beginnings of names of variables that a developer may have set, and that runs must not
  /// see.
  private static let strange = [
    "PG", "POSTGRES_", "SUPABASE_", "NEON_", "EMBEDDING_", "OPENAI_", "OLLAMA_",
  ]

  /// Returns the variables of a run, without a database or keys of the developer.
  static func clean(_ url: String, _ more: [String: String]) -> [String: String] {
    var variables = [
      "DATABASE_URL": url, "ENCRYPTION_MASTER_KEY": "", "NO_COLOR": "1",
      // Tests write their stores just before a run; tests of simultaneous changes set a longer
      // period.
      "VECTOR_FERRY_QUIET_SECONDS": "0",
    ]
    for name in ProcessInfo.processInfo.environment.keys
    where Self.strange.contains(where: name.hasPrefix) {
      variables[name] = ""
    }
    return variables.merging(more) { $1 }
  }

  /// Copies one of the sample stores, or all sample stores, into the folder `user_data`.
  func addSamples(_ path: String = "") throws {
    let source = "\(Oracle.repository)/user_data_samples" + (path.isEmpty ? "" : "/\(path)")
    let target = folder.file("user_data") + (path.isEmpty ? "" : "/\(path)")
    try FileManager.default.createDirectory(
      atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: source, toPath: target)
  }

  /// Returns the database's URL for another role.
  func url(as role: String) throws -> String {
    try database.url.replacingOccurrences(
      of: "//\(try TestServer.address.user)@", with: "//\(role)@")
  }

  /// Returns one value from the database.
  func scalar<Value: ColumnValue>(_ sql: SQL, as: Value.Type = Value.self) throws -> Value? {
    try database.connect().scalar(sql)
  }

  /// Returns the number of rows of each store, by `user/collection`.
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

  /// Returns a digest of the table's columns for users; the order of rows does not matter.
  func contentDigest() throws -> String? {
    try scalar(
      """
      SELECT md5(string_agg(
        concat_ws('|', id, user_id, collection_name, text, metadata, created_at,
                  md5(embedding::text)), E'\\n' ORDER BY id))
      FROM vector_documents
      """)
  }

  /// Waits until the server has noticed that clients have ended.
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

  /// Returns the places of all row versions, which are equal only if no row was written again.
  func rowVersions() throws -> String? {
    try scalar(
      "SELECT md5(string_agg(id::text || xmin::text || ctid::text, ',' ORDER BY id)) FROM vector_documents"
    )
  }
}

/// A running process of the program, while the test does something else.
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

  /// The id of the process, for faults that hit it.
  var processID: Int32 { process.processIdentifier }

  /// The text that the process has written to standard error so far.
  var errors: String { (try? String(contentsOfFile: output.file("err"), encoding: .utf8)) ?? "" }

  /// Waits until standard error contains `text`; returns false after `seconds`, or when the process
  /// has ended.
  func waitForError(_ text: String, seconds: Double = 60) -> Bool {
    waitForErrors(text, count: 1, seconds: seconds)
  }

  /// Waits until standard error contains `text` `count` times.
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

  /// True until the process has ended.
  var isRunning: Bool { process.isRunning }

  /// Sends a signal to the process.
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end of the process, and returns the printed texts and the exit code.
  func finish() throws -> ProcessOutcome {
    process.waitUntilExit()
    let status = process.terminationStatus
    return ProcessOutcome(
      status: process.terminationReason == .uncaughtSignal ? -status : status,
      output: try Data(contentsOf: URL(fileURLWithPath: output.file("out"))),
      errors: try Data(contentsOf: URL(fileURLWithPath: output.file("err"))))
  }
}

/// Returns every file below a folder with its bytes, to show that nothing was written.
func contents(of folder: String) throws -> [String: Data] {
  var files: [String: Data] = [:]
  for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
    files[path] = FileManager.default.contents(atPath: "\(folder)/\(path)") ?? Data()
  }
  return files
}
