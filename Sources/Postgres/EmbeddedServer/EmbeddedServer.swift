import Glibc

/// A PostgreSQL server with pgvector that belongs to one directory.
///
/// The server's data are in `.vector-ferry/postgres`. The server listens on a Unix socket in a
/// private directory and on no port, and continues to run when the command that started it ends.
public struct EmbeddedServer: Sendable {
  /// The directory of the server, `.vector-ferry`, as an absolute path.
  public let directory: String

  /// Creates the server of a `.vector-ferry` directory; the directory need not exist yet, but its
  /// parent must exist.
  public init(directory: String = ".vector-ferry") throws(EmbeddedServerError) {
    self.directory = try File.absolute(directory)
  }

  /// The address on which the server listens while it runs.
  public var address: EmbeddedServerAddress {
    get throws(EmbeddedServerError) { try ServerPlace.find(home: directory).address }
  }

  /// The address as a URL.
  public var url: String {
    get throws(EmbeddedServerError) { try address.url }
  }

  /// The PostgreSQL programs for this directory; where the directory has data, the programs have
  /// the data's major version.
  public var binaries: PostgresBinaries {
    get throws(EmbeddedServerError) { try binaries(at: ServerPlace.find(home: directory)) }
  }

  /// Replaces this process by psql, connected to the server; returns only by throwing.
  ///
  /// No start-up file of the user is read, so that output is the same for everybody.
  public func psql(arguments: [String]) throws(EmbeddedServerError) -> Never {
    let address = try start()
    let program = try binaries.psql
    // psql would read these variables before those that are set below, or would prefer them.
    for name in ["PGSERVICE", "PGSERVICEFILE", "PGHOSTADDR", "PGSSLROOTCERT"] { unsetenv(name) }
    // Every setting that a stray variable could change is given; not with -d, because psql then
    // takes the database name for a user name.
    for (name, value) in [
      ("PGHOST", address.socketDirectory), ("PGPORT", "\(address.port)"), ("PGUSER", address.user),
      ("PGDATABASE", address.database), ("PGSSLMODE", "disable"), ("PGGSSENCMODE", "disable"),
      ("PGTARGETSESSIONATTRS", "any"),
    ] { setenv(name, value, 1) }
    // psql would inherit this program's signal handling and mask.
    for number in [SIGINT, SIGTERM, SIGPIPE, SIGXFSZ] { signal(number, SIG_DFL) }
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    let words = [program, "-X"] + arguments
    let pointers = words.map { strdup($0) } + [nil]
    execv(program, pointers)
    throw .system(operation: "run", path: program, code: errno)
  }

  /// The directories of all installations that could run a server, best first.
  var installations: [String] { BinariesSearch(homes: homes, account: nil).candidates }

  func binaries(at place: ServerPlace) throws(EmbeddedServerError) -> PostgresBinaries {
    let search = BinariesSearch(homes: homes, account: place.account)
    do {
      return try search.best(major: DataDirectory(path: place.data).major)
    } catch .otherMajorVersion(_, let data, let atHand) {
      throw .otherMajorVersion(dataDirectory: place.data, data: data, atHand: atHand)
    }
  }

  // The directories to search: `.vector-ferry` here, and beside each folder that contains the
  // running program, because the set-up scripts unpack into the clone that they built, wherever
  // they are called.
  private var homes: [String] {
    var homes = [directory]
    var folder = (try? File.absolute("/proc/self/exe")) ?? "/"
    while folder != "/" {
      folder = File.parent(of: folder)
      homes.append(folder == "/" ? "/.vector-ferry" : "\(folder)/.vector-ferry")
    }
    return homes
  }
}
