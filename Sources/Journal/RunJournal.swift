public import Clock
import Glibc
public import Machine
internal import SQLite
internal import Synchronization

/// The operator's record of runs: a file in the directory of backups.
///
/// The journal serves `status`, `history` and `--failed`, and nothing else: what was written to the
/// database is recorded in the database's own ledger. Several processes may use the journal at
/// once; each call is one transaction, synced before it returns. Only the stages of stores wait for
/// the sync of a later call: there are several for each store.
public final class RunJournal: Sendable {
  /// The path of the journal's file.
  public let path: String
  let isReadOnly: Bool
  /// The process that is recorded for the runs that begin here.
  let process: ProcessIdentity
  let now: @Sendable () -> Timestamp
  private let database: Mutex<Database>

  /// Returns the path of the journal in a directory of backups.
  public static func path(in directory: String) -> String { "\(directory)/journal.sqlite" }

  /// Opens the journal for writing; creates a file with mode 0600 where there is none.
  ///
  /// The directory must exist.
  public static func open(
    path: String, process: ProcessIdentity = .current,
    now: @escaping @Sendable () -> Timestamp = { .now }
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

  /// Opens the journal for reading, and creates nothing; where there is no file, the journal is
  /// empty.
  ///
  /// A file that no run has open is read as it is at this moment; a file that is in use is read
  /// while it grows.
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
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.database = Mutex(database)
    self.path = path
    self.isReadOnly = isReadOnly
    self.process = process
    self.now = now
  }

  /// Runs `body` on the journal's database, in one read transaction.
  func read<Result: Sendable>(
    _ body: (Database) throws -> Result
  ) throws(JournalError) -> Result {
    try use { database in try database.withTransaction(.deferred) { try body(database) } }
  }

  /// Runs `body` on the database, in one write transaction that a power failure may undo as long as
  /// no later transaction was synced.
  func writeUnsynced<Result: Sendable>(
    _ body: (Database) throws -> Result
  ) throws(JournalError) -> Result {
    guard !isReadOnly else { throw .readOnly(path: path) }
    return try use { database in
      try database.withoutSyncs {
        try database.withTransaction(.immediate) { try body(database) }
      }
    }
  }

  /// Runs `body` on the journal's database, in one write transaction.
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
  /// Opens a connection to the journal's file; nil where there is no file, or where it is empty.
  private static func existing(_ path: String) throws -> Database? {
    guard try fileExists(path) else { return nil }
    // A closed journal has no companion files. A journal with such files is in use, or its run was
    // killed; reading it in place creates no new files.
    if let copy = try Database.snapshot(of: path) { return try known(copy, path: path) }
    do {
      return try known(Database(path: path, mode: .readOnly), path: path)
    } catch let error as DatabaseError where error.needsRecovery {
      // A power loss has left an unfinished change, which only a writer may roll back.
      return try known(Database(path: path, mode: .readWrite), path: path)
    }
  }

  /// Returns the database where it is a journal, and nil where it is still empty; throws for any
  /// other database.
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
    // Other causes are left to the open call, which names them.
    guard lstat(path, &status) == 0 else { return errno != ENOENT && errno != ENOTDIR }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
    return true
  }
}
