import Glibc
public import Machine
internal import SQLite
internal import Synchronization

/// The operator's record of runs, on disk beside the backups.
///
/// It answers `status`, `history` and `--failed`, and is needed for nothing else: the database's
/// own ledger says what was written. Several processes may use it at once; each call is one
/// transaction, synced before it returns.
public final class RunJournal: Sendable {
  /// Where the file is.
  public let path: String
  let isReadOnly: Bool
  /// The process that runs begun here belong to.
  let process: ProcessIdentity
  let now: @Sendable () -> Moment
  private let database: Mutex<Database>

  /// Where the journal of a directory of backups is.
  public static func path(in directory: String) -> String { "\(directory)/journal.sqlite" }

  /// Opens the journal to write, and creates it with mode 0600 if there is none.
  ///
  /// The directory must exist.
  public static func open(
    path: String, process: ProcessIdentity = .current,
    now: @escaping @Sendable () -> Moment = { .now }
  ) throws(JournalError) -> RunJournal {
    _ = try fileExists(path)
    do {
      let database = try Database(path: path, mode: .create)
      try JournalSchema.prepare(database, path: path)
      try JournalSchema.defineView(in: database)
      return RunJournal(database, path: path, isReadOnly: false, process: process, now: now)
    } catch {
      throw JournalError(error, path: path)
    }
  }

  /// Opens the journal to read, and creates nothing; where there is no file, it is empty.
  ///
  /// A file that no run has open is read as it is at this moment; one in use is read as it grows.
  public static func openReadOnly(path: String) throws(JournalError) -> RunJournal {
    do {
      let database = try existing(path) ?? empty()
      try JournalSchema.defineView(in: database)
      return RunJournal(
        database, path: path, isReadOnly: true, process: .current, now: { .now })
    } catch {
      throw JournalError(error, path: path)
    }
  }

  private init(
    _ database: sending Database, path: String, isReadOnly: Bool, process: ProcessIdentity,
    now: @escaping @Sendable () -> Moment
  ) {
    self.database = Mutex(database)
    self.path = path
    self.isReadOnly = isReadOnly
    self.process = process
    self.now = now
  }

  /// Runs `body` on the database, in one read transaction.
  func read<Result: Sendable>(
    _ body: (Database) throws -> Result
  ) throws(JournalError) -> Result {
    try use { database in try database.withTransaction(.deferred) { try body(database) } }
  }

  /// Runs `body` on the database, in one write transaction.
  func write<Result: Sendable>(
    _ body: (Database) throws -> Result
  ) throws(JournalError) -> Result {
    guard !isReadOnly else { throw .readOnly(path: path) }
    return try use { database in try database.withTransaction(.immediate) { try body(database) } }
  }

  private func use<Result: Sendable>(
    _ body: (Database) throws -> Result
  ) throws(JournalError) -> Result {
    do {
      return try database.withLock { database in try body(database) }
    } catch {
      throw JournalError(error, path: path)
    }
  }
}

extension RunJournal {
  /// A connection to the file; nil where there is none, or an empty one.
  private static func existing(_ path: String) throws -> Database? {
    guard try fileExists(path) else { return nil }
    // A closed journal has no companions; one that has them is in use, or its run was killed,
    // and reading it in place creates nothing that is not there.
    if let copy = try Database.snapshot(of: path) { return try known(copy, path: path) }
    do {
      return try known(Database(path: path, mode: .readOnly), path: path)
    } catch let error as DatabaseError where error.needsRecovery {
      // A power loss has left a change unfinished. Only a writer may take it back.
      return try known(Database(path: path, mode: .readWrite), path: path)
    }
  }

  /// The database if it is a journal, nil if it is still empty; throws for any other.
  private static func known(_ database: Database, path: String) throws -> Database? {
    try JournalSchema.isPresent(in: database, path: path) ? database : nil
  }

  private static func empty() throws -> Database {
    let database = try Database()
    try JournalSchema.prepare(database, path: "")
    return database
  }

  private static func fileExists(_ path: String) throws(JournalError) -> Bool {
    var status = stat()
    // What cannot be looked at for another cause is left to the open call, which names it.
    guard lstat(path, &status) == 0 else { return errno != ENOENT && errno != ENOTDIR }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
    return true
  }
}
