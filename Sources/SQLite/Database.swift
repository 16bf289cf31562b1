import CSQLite
import Glibc

/// A connection to one SQLite database, which is closed when the last reference is released.
///
/// The connection is not `Sendable`: one thread at a time may use it. Statements may outlive the
/// connection, and keep the file open.
public final class Database {
  /// The way in which a file is opened.
  public enum Mode: Sendable, Equatable {
    /// Reads an existing file; takes read locks, and may create `-wal` and `-shm` beside a
    /// database in WAL mode.
    case readOnly
    /// Reads a file that nobody writes: takes no locks, uses no journal and creates nothing.
    case immutable
    /// Reads and writes an existing file.
    case readWrite
    /// Reads and writes; a file that does not exist is created with mode 0600, whatever the umask.
    case create
  }

  /// The path that was opened, empty for a database in memory.
  public let path: String
  /// The handle of the connection, used only in this module.
  let handle: OpaquePointer

  /// Opens a file; each call waits at most `busyTimeout` milliseconds for another connection's
  /// lock.
  public convenience init(
    path: String, mode: Mode, busyTimeout: Int32 = 8_000
  ) throws(DatabaseError) {
    if mode == .create { try Self.createPrivateFile(path) }
    let access =
      mode == .readOnly || mode == .immutable ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    let suffix = mode == .immutable ? "?immutable=1" : ""
    try self.init(
      name: "file:" + Self.escaped(path) + suffix, path: path,
      flags: access | SQLITE_OPEN_URI, busyTimeout: busyTimeout)
  }

  /// Opens an empty database in memory.
  public convenience init() throws(DatabaseError) {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY
    try self.init(name: ":memory:", path: "", flags: flags, busyTimeout: 0)
  }

  init(name: String, path: String, flags: Int32, busyTimeout: Int32) throws(DatabaseError) {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_FULLMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      let error = DatabaseError(opened, code: code, path: path)
      sqlite3_close_v2(opened)
      throw error
    }
    self.path = path
    handle = opened
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, busyTimeout)
  }

  deinit {
    // The v2 form returns at once; the connection ends with its last statement.
    sqlite3_close_v2(handle)
  }

  /// Runs one or more statements without parameters, and ignores their rows.
  public func execute(_ sql: String) throws(DatabaseError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else {
      throw DatabaseError(handle, code: code, path: path, sql: sql)
    }
  }

  /// The number of rows that the latest INSERT, UPDATE or DELETE changed.
  public var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The row id of the latest INSERT.
  public var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }
}

extension Database {
  /// Creates an empty file of mode 0600, unless the file exists.
  ///
  /// An existing file is not opened, because closing it would release this process's POSIX locks on
  /// it.
  private static func createPrivateFile(_ path: String) throws(DatabaseError) {
    let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    if file < 0 {
      if errno == EEXIST { return }
      throw DatabaseError(
        code: SQLITE_CANTOPEN, message: String(cString: strerror(errno)), path: path)
    }
    defer { close(file) }
    guard fchmod(file, 0o600) == 0 else {
      throw DatabaseError(
        code: SQLITE_CANTOPEN, message: String(cString: strerror(errno)), path: path)
    }
  }

  /// Escapes a path for SQLite's URI form, in which `?`, `#` and `%` have a meaning.
  private static func escaped(_ path: String) -> String {
    var name = ""
    for character in path.unicodeScalars {
      switch character {
      case "%": name += "%25"
      case "?": name += "%3f"
      case "#": name += "%23"
      default: name.unicodeScalars.append(character)
      }
    }
    // `file://` would begin an authority.
    return name.hasPrefix("//") ? "//" + name : name
  }
}
