import CSQLite
import Glibc

/// An error of SQLite, with the statement but never with the values of its parameters.
public struct DatabaseError: Error, Equatable, Sendable {
  /// SQLite's extended result code, such as 2067 for a unique constraint.
  public let code: Int32
  /// The message of SQLite itself.
  public let message: String
  /// The path of the database; empty for a database in memory.
  public let path: String
  /// The text of the statement; nil where the error has no statement.
  public let sql: String?
  /// The system's error of a failed write, such as EFBIG; 0 for other failures, or where it is not
  /// known.
  public let systemCode: Int32

  /// Creates an error from its parts.
  public init(
    code: Int32, message: String, path: String, sql: String? = nil, systemCode: Int32 = 0
  ) {
    self.systemCode = systemCode
    self.code = code
    self.message = message
    self.path = path
    self.sql = sql
  }

  /// The primary code, the low byte of the code, such as 19 for any constraint.
  public var primaryCode: Int32 { code & 0xFF }

  /// True where another connection holds the lock, so that a later attempt may succeed.
  public var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }

  /// True where the file is damaged, or is no SQLite database at all.
  public var isCorrupt: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }

  /// The remedy where the system refused a write or another process has locked the file; nil where
  /// no remedy is known.
  public var remedy: String? {
    if isBusy { return "end the process that holds \(path) locked, or wait for it, and run again" }
    return switch systemCode {
    case EFBIG: "raise the limit of file sizes (ulimit -f)"
    case ENOSPC: "make room on the disk of \(path)"
    case EDQUOT: "make room within the disk quota of this user, or have the quota raised"
    case EROFS: "choose a place that can be written to"
    case EIO: "check the disk of \(path): the disk does not accept what is written"
    default: nil
    }
  }

  /// True where an unfinished change must be rolled back before anybody can read; a read-only
  /// connection may not roll back.
  public var needsRecovery: Bool {
    // SQLITE_READONLY_ROLLBACK and SQLITE_READONLY_RECOVERY, which are macros of an expression.
    code == SQLITE_READONLY | 3 << 8 || code == SQLITE_READONLY | 1 << 8
  }

  /// True where the file cannot be written: opened read-only, or no permission.
  public var isReadOnly: Bool { primaryCode == SQLITE_READONLY }
}

extension DatabaseError: CustomStringConvertible {
  /// The error on one line: the message, the file and the statement.
  public var description: String {
    let place = path.isEmpty ? "a database in memory" : path
    let statement = sql.map { ", in: \(Self.oneLine($0))" } ?? ""
    return "SQLite error \(code) (\(message)) in \(place)\(statement)"
  }

  private static func oneLine(_ sql: String) -> String {
    sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

extension DatabaseError {
  /// Creates the error that a connection reports for its latest call.
  init(_ handle: OpaquePointer?, code: Int32, path: String, sql: String? = nil) {
    let described = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
    let extended = handle.map { sqlite3_extended_errcode($0) } ?? code
    let words = described.map { String(cString: $0) } ?? "unknown error"
    let known = extended & 0xFF == code & 0xFF ? extended : code
    // The system knows more about input and output: a full disk, a file that may not grow.
    let system = WriteFailure.cause(
      of: known, reported: handle.map { sqlite3_system_errno($0) } ?? 0, path: path)
    self.init(
      code: known,
      message: system == 0 ? words : "\(words): \(String(cString: strerror(system)))",
      path: path, sql: sql, systemCode: system)
  }
}
