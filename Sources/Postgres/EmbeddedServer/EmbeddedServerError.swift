import Glibc

/// The errors of starting, stopping and querying the embedded server.
public enum EmbeddedServerError: Error, Equatable, Sendable {
  /// No PostgreSQL with a recent pgvector was found; `found` lists the installations that were
  /// found, and the fault of each.
  case noBinaries(found: [String])
  /// The data were created by a major version that no available PostgreSQL has.
  case otherMajorVersion(dataDirectory: String, data: Int, atHand: [Int])
  /// The data belong to another account, and this process is not root.
  case notOwner(path: String, owner: String)
  /// Accounts other than the owner could enter the directory of the socket.
  case notPrivate(path: String, owner: String)
  /// Root may not run PostgreSQL, and no other account can be used.
  case noAccount(reason: String)
  /// Another command holds the lock of this directory.
  case busy(lock: String, seconds: Int)
  /// A system call failed.
  case system(operation: String, path: String, code: Int32)
  /// A program of PostgreSQL ended with an error.
  case program(name: String, status: Int32, output: String)
  /// The server ended while it was starting.
  case ended(log: String, tail: String)
  /// The server did not answer in time; the server is left running, because it may be recovering.
  case silent(log: String, tail: String, seconds: Int)
  /// The server did not stop.
  case unstoppable(process: Int32, seconds: Int)
}

extension EmbeddedServerError: CustomStringConvertible {
  /// Operation, cause and remedy in one or a few lines.
  public var description: String {
    switch self {
    case .noBinaries, .otherMajorVersion, .notOwner, .notPrivate, .noAccount: unusable
    case .busy, .system, .program: refused
    case .ended, .silent, .unstoppable: unanswered
    }
  }

  /// The problem, in one line.
  public var problem: String { (remedy == nil ? lines : lines.dropLast()).joined(separator: " ") }

  /// The remedy in one line; nil where `problem` contains it already.
  public var remedy: String? {
    switch self {
    case .noBinaries, .otherMajorVersion, .noAccount: lines.last
    default: nil
    }
  }

  private var lines: [String] {
    description.split(separator: "\n").map { String($0.trimmingPrefix(while: \.isWhitespace)) }
  }

  private var unusable: String {
    switch self {
    case .noBinaries(let found):
      let seen = found.isEmpty ? "" : "\n  seen: " + found.joined(separator: "\n  seen: ")
      return """
        the embedded server needs PostgreSQL 14 or later with pgvector 0.8 or later, \
        and there is none here.\(seen)
          Run ./run_migration.sh or ./run_tests.sh, which fetch one into .vector-ferry/; or install \
        postgresql-16 and postgresql-16-pgvector; or name a database with --database-url.
        """
    case .otherMajorVersion(let directory, let data, let atHand):
      return """
        \(directory) was made by PostgreSQL \(data), but only these are installed here: \
        \(atHand.map(String.init).joined(separator: ", ")).
          Install postgresql-\(data) and postgresql-\(data)-pgvector; or dump the database where \
        PostgreSQL \(data) is installed and restore it here: a major version cannot read the files \
        of another.
        """
    case .notOwner(let path, let owner):
      let who = owner == "root" ? "root" : "\(owner) or root"
      return "\(path) belongs to \(owner): run the command as \(who), or in another directory."
    case .notPrivate(let path, let owner):
      return """
        \(path) (of \(owner)) is not a private directory, and everybody who can enter it can use \
        the database: remove the directory, or make the server's account its owner and give it \
        mode 0700.
        """
    case .noAccount(let reason):
      return """
        PostgreSQL refuses to run as root, and no other account can be used: \(reason).
          Make one: useradd --system --no-create-home --shell /usr/sbin/nologin vector-ferry
        """
    default: return ""
    }
  }

  private var refused: String {
    switch self {
    case .busy(let lock, let seconds):
      return """
        another command has been starting or stopping the embedded server for \(seconds) s \
        (\(lock) is locked): wait for that command or end it, then try again.
        """
    case .system(let operation, let path, let code):
      return "cannot \(operation) \(path): \(String(cString: strerror(code)))"
    case .program(let name, let status, let output):
      return "\(name) ended with \(status):\n\(output)"
    default: return ""
    }
  }

  private var unanswered: String {
    switch self {
    case .ended(let log, let tail):
      return "the embedded server ended while starting; the end of \(log):\n\(tail)"
    case .silent(let log, let tail, let seconds):
      return """
        the embedded server has not answered for \(seconds) s. It is left running, since it may \
        be recovering from a crash: try again later. The end of \(log):
        \(tail)
        """
    case .unstoppable(let process, let seconds):
      return "the embedded server (process \(process)) did not stop within \(seconds) s."
    default: return ""
    }
  }
}
