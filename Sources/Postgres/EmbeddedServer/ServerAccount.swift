import Glibc

/// The account that PostgreSQL runs as where this process is root, which PostgreSQL refuses.
struct ServerAccount: Sendable, Equatable {
  let name: String
  let user: uid_t
  let group: gid_t

  /// The accounts that may serve where the directory is root's own, best first.
  ///
  /// `run_migration.sh` makes the first; Debian's packages make the second.
  static let services = ["vector-ferry", "postgres", "nobody"]

  private static let setprivPaths = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/sbin/setpriv"]

  init?(named name: String) {
    guard let entry = getpwnam(name), entry.pointee.pw_uid != 0 else { return nil }
    self.name = name
    (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  init?(user: uid_t) {
    // initdb looks its own user up by name, so a bare number will not do.
    guard user != 0, let entry = getpwuid(user) else { return nil }
    name = String(cString: entry.pointee.pw_name)
    (self.user, group) = (user, entry.pointee.pw_gid)
  }

  /// The words before a command line that make it run as this account, for good.
  var prefix: [String] {
    let setpriv = Self.setprivPaths.first { access($0, X_OK) == 0 } ?? Self.setprivPaths[0]
    return [
      setpriv, "--reuid=\(user)", "--regid=\(group)", "--init-groups", "--inh-caps=-all",
      "--no-new-privs", "--",
    ]
  }

  /// True if this account may enter the directory; asked of the system, not worked out.
  func canEnter(_ directory: String) -> Bool {
    let test = ChildProcess(program: "/usr/bin/test", arguments: ["-x", directory], account: self)
    return (try? test.run().status) == 0
  }

  /// The best of the service accounts that this machine has.
  static func service() throws(EmbeddedServerError) -> ServerAccount {
    guard setprivPaths.contains(where: { access($0, X_OK) == 0 }) else {
      throw .noAccount(reason: "the program setpriv (Debian package util-linux) is missing")
    }
    guard let account = services.lazy.compactMap({ ServerAccount(named: $0) }).first else {
      throw .noAccount(reason: "none of \(services.joined(separator: ", ")) exists")
    }
    return account
  }

  /// The name of a user, or its number where it has none.
  static func name(of user: uid_t) -> String {
    getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
  }
}
