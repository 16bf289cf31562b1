public import SQLite

/// An error that prevents reading or writing the journal.
///
/// The journal only serves `status`, `history` and `--failed`: none of these errors affects the
/// database or the backups.
public enum JournalError: Error, Equatable, Sendable {
  /// The file is damaged, or is not a database.
  case unreadable(path: String, cause: String)
  /// The file has the format of a later version of the program.
  case newer(path: String, found: Int, known: Int)
  /// The file is a database of another program.
  case foreign(path: String)
  /// The path is a link, a directory or a device.
  case notAFile(path: String)
  /// The journal was opened only for reading.
  case readOnly(path: String)
  /// The journal does not have the run, or the run does not have the store.
  case unknown(what: String)
  /// SQLite refused the file: it was locked too long, the disk is full, or the permission is
  /// missing.
  case refused(DatabaseError)
}

extension JournalError: CustomStringConvertible {
  /// The error and its remedy in words.
  public var description: String {
    switch self {
    case .unreadable(let path, let cause):
      "the journal \(path) cannot be read (\(cause)). \(Self.deletion)"
    case .newer(let path, let found, let known):
      "the journal \(path) was written by a newer VectorFerry (format \(found); this program knows"
        + " format \(known)). Use the newer program, or move the file away; nothing else depends on"
        + " the file."
    case .foreign(let path):
      "\(path) is a database of another program, not a VectorFerry journal."
        + " Choose another backup directory, or move the file away."
    case .notAFile(let path):
      "\(path) is not a regular file, so it is not used as the journal. Move the file away."
    case .readOnly(let path):
      "the journal \(path) was opened for reading only"
    case .unknown(let what):
      "the journal contains no \(what)"
    case .refused(let error):
      "the journal could not be used: \(error)"
        + (error.remedy.map { "; \($0)" } ?? "")
    }
  }

  /// The refusal by SQLite in words; nil for any other error.
  public var refusal: String? {
    if case .refused(let error) = self { "\(error)" } else { nil }
  }

  /// The remedy for the error; nil where none is known.
  public var remedy: String? {
    if case .refused(let error) = self { error.remedy } else { nil }
  }

  private static let deletion =
    "The journal serves only status, history and --failed, and may be deleted without harm,"
    + " together with its -wal and -shm files: the next run makes a new journal."

  init(_ error: any Error, path: String) {
    switch error {
    case let error as JournalError: self = error
    case let error as DatabaseError where error.isCorrupt || error.primaryCode == mismatch:
      self = .unreadable(path: path, cause: error.message)
    case let error as DatabaseError: self = .refused(error)
    default: self = .unreadable(path: path, cause: "\(error)")
    }
  }
}

/// The code SQLITE_MISMATCH: a column does not have the type that this module writes.
private let mismatch: Int32 = 20
