internal import CSpawn
import Glibc

/// A PostgreSQL data directory: checks whether it is complete, and creates a new one.
struct DataDirectory {
  let path: String

  /// The contents of a directory.
  enum State: Equatable {
    case absent
    case incomplete
    case whole
  }

  /// The state of the directory; reading it changes nothing.
  var state: State {
    guard File.owner(of: path) != nil else { return .absent }
    return major != nil && File.exists("\(path)/global/pg_control") ? .whole : .incomplete
  }

  /// The major version that created the directory; nil where the directory records no version.
  var major: Int? {
    File.text("\(path)/PG_VERSION").flatMap { Int($0.split(separator: "\n").first ?? "") }
  }

  /// Creates the directory with initdb under another name, and renames it once it is complete, so
  /// that a kill at any moment leaves either nothing or everything.
  func initialise(
    with binaries: PostgresBinaries, as account: ServerAccount?, holding lock: FileLock.Holder
  ) throws(EmbeddedServerError) {
    let draft = "\(path).new"
    try remove(draft, as: account)
    try File.makeDirectory(draft, mode: 0o700)
    if let account { try File.give(draft, to: account) }
    try ChildProcess(
      program: binaries.path(of: "initdb"),
      arguments: [
        "--pgdata=\(draft)", "--username=vector_ferry", "--auth=trust", "--encoding=UTF8",
        "--locale=\(Self.locale)", "--lc-messages=C", "--data-checksums", "--no-instructions",
      ],
      account: account, lock: lock
    ).succeed()
    try configure(draft)
    try ChildProcess(
      program: binaries.path(of: "postgres"),
      arguments: ["--single", "-j", "-D", draft, "postgres"], account: account,
      lock: lock
    ).succeed(input: "CREATE DATABASE vector_ferry\n")
    guard rename(draft, path) == 0 else {
      throw .system(operation: "move the new data directory to", path: path, code: errno)
    }
    File.synchronise(File.parent(of: path))
  }

  /// Moves an incomplete data directory away and returns its new path; deletes nothing.
  func setAside() throws(EmbeddedServerError) -> String {
    var number = 1
    while File.owner(of: "\(path).incomplete-\(number)") != nil { number += 1 }
    let target = "\(path).incomplete-\(number)"
    guard rename(path, target) == 0 else {
      throw .system(operation: "move aside", path: path, code: errno)
    }
    return target
  }

  // The locale: code-point order and Unicode letters, without a language's rules, which change with
  // libc.
  private static var locale: String { cspawn_has_locale("C.UTF-8") == 1 ? "C.UTF-8" : "C" }

  private func remove(_ draft: String, as account: ServerAccount?) throws(EmbeddedServerError) {
    guard File.owner(of: draft) != nil else { return }
    // Run as the account, so that root never follows what the account may have put there.
    _ = try ChildProcess(program: "/bin/rm", arguments: ["-rf", "--", draft], account: account)
      .run()
    if rmdir(draft) != 0 && errno != ENOENT {
      throw .system(operation: "remove the unfinished", path: draft, code: errno)
    }
  }

  private func configure(_ draft: String) throws(EmbeddedServerError) {
    try File.append(Self.settings, to: "\(draft)/postgresql.conf")
    guard truncate("\(draft)/pg_hba.conf", 0) == 0 else {
      throw .system(operation: "write", path: "\(draft)/pg_hba.conf", code: errno)
    }
    try File.append(
      "# Only its owner and root can enter the socket's directory.\nlocal all all trust\n",
      to: "\(draft)/pg_hba.conf")
  }

  // fsync and full_page_writes keep their defaults, because this may be the only copy of the data.
  private static let settings = """

    # VectorFerry's embedded server. Addresses are given on the command line.
    # The server's role has the name of VectorFerry's schema, in which no other tables belong.
    search_path = 'public'
    max_connections = 50
    shared_buffers = 256MB
    maintenance_work_mem = 256MB
    max_wal_size = 2GB
    wal_level = minimal
    max_wal_senders = 0
    jit = off
    log_min_error_statement = panic
    log_checkpoints = off
    log_autovacuum_min_duration = -1

    """
}
