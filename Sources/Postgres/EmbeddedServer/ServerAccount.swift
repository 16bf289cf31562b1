import Glibc

/// The account that runs PostgreSQL where this process is root, because PostgreSQL refuses to run
/// as root.
struct ServerAccount: Sendable, Equatable {
  let name: String
  let user: uid_t
  let group: gid_t

  /// The accounts that may run the server where the directory belongs to root, best first.
  ///
  /// `run_migration.sh` creates `vector-ferry`; Debian's packages create `postgres`.
  static let services = ["vector-ferry", "postgres", "nobody"]

  private static let setprivPaths = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/sbin/setpriv"]

  init?(named name: String) {
    guard let entry = getpwnam(name), entry.pointee.pw_uid != 0 else { return nil }
    self.name = name
    (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  init?(user: uid_t) {
    // initdb looks up its own user by name, so a bare number is not enough.
    guard user != 0, let entry = getpwuid(user) else { return nil }
    name = String(cString: entry.pointee.pw_name)
    (self.user, group) = (user, entry.pointee.pw_gid)
  }

  /// The words that are put before a command line so that it runs as this account and cannot become
  /// root again.
  var prefix: [String] {
    let setpriv = Self.setprivPaths.first { access($0, X_OK) == 0 } ?? Self.setprivPaths[0]
    return [
      setpriv, "--reuid=\(user)", "--regid=\(group)", "--init-groups", "--inh-caps=-all",
      "--no-new-privs", "--",
    ]
  }

  /// Returns true where this account may enter the directory; for the path of a program, where this
  /// account may run it.
  ///
  /// The program `test -x`, run as the account, gives the answer.
  func canEnter(_ directory: String) -> Bool {
    let test = ChildProcess(program: "/usr/bin/test", arguments: ["-x", directory], account: self)
    return (try? test.run().status) == 0
  }

  /// Finds the best of the service accounts that this machine has.
  static func service() throws(EmbeddedServerError) -> ServerAccount {
    guard setprivPaths.contains(where: { access($0, X_OK) == 0 }) else {
      throw .noAccount(reason: "the program setpriv (Debian package util-linux) is missing")
    }
    guard let account = services.lazy.compactMap({ ServerAccount(named: $0) }).first else {
      throw .noAccount(reason: "none of \(services.joined(separator: ", ")) exists")
    }
    return account
  }

  /// Finds the name of a user; returns the number where there is no name.
  static func name(of user: uid_t) -> String {
    getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
  }
}
