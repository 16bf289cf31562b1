import Glibc

/// The paths of one directory's server, and the account that runs it.
struct ServerPlace: Sendable, Equatable {
  /// The directory's own `.vector-ferry`, with the lock and the record of this place.
  let home: String
  /// The directory of data, log and sockets: `home` itself, or another directory that the account
  /// can enter.
  let base: String
  /// The account that runs the server; nil for this process's own account.
  let account: ServerAccount?
  /// The directory of the socket: `run` in `base`, or a directory in /tmp where that path is too
  /// long or has unusual characters.
  private(set) var sockets: String

  var data: String { "\(base)/postgres" }
  var log: String { "\(base)/postgres.log" }
  var lock: String { "\(home)/postgres.lock" }
  var address: EmbeddedServerAddress { EmbeddedServerAddress(socketDirectory: sockets) }
  var postmaster: Postmaster { Postmaster(data: data, account: account) }

  private var usualSockets: String { "\(base)/run" }
  private var user: uid_t { account?.user ?? geteuid() }

  /// The directory for data whose own directory, such as /root, the server's account cannot enter.
  static let shared = "/var/lib/vector-ferry"

  private init(home: String, base: String, account: ServerAccount?, record: PlaceRecord) {
    self.home = home
    self.base = base
    self.account = account
    sockets = "\(base)/run"
    // A recorded directory below /tmp counts only while it is private to this server's account, and
    // marked as belonging to `home`.
    if let other = record.sockets, File.isPrivate(other, to: user), Self.isMarked(other, home) {
      sockets = other
    }
  }
}

extension ServerPlace {
  /// Finds the paths of the server of `home`, as they were recorded or as they would be created;
  /// changes nothing.
  static func find(home: String) throws(EmbeddedServerError) -> ServerPlace {
    let record = PlaceRecord.read(home: home)
    return geteuid() == 0
      ? try findAsRoot(home: home, record: record) : try findAsUser(home: home, record: record)
  }

  private static func findAsUser(
    home: String, record: PlaceRecord
  ) throws(EmbeddedServerError) -> ServerPlace {
    for path in [record.base ?? home, "\(home)/postgres"] {
      if let owner = File.owner(of: path), owner != geteuid() {
        throw .notOwner(path: path, owner: ServerAccount.name(of: owner))
      }
    }
    let base = record.base.flatMap { File.owner(of: $0) == nil ? nil : $0 } ?? home
    return ServerPlace(home: home, base: base, account: nil, record: record)
  }

  // Finds the place where this process is root.
  //
  // Root acts as the owner of existing data; otherwise as the owner of the directory, who can then
  // continue without root; and in its own directories as a service account.
  private static func findAsRoot(
    home: String, record: PlaceRecord
  ) throws(EmbeddedServerError) -> ServerPlace {
    if let base = record.base, File.owner(of: base) != nil, !isCopy(home: home, of: base) {
      let owner = File.owner(of: "\(base)/postgres").flatMap { ServerAccount(user: $0) }
      let account: ServerAccount
      if let owner { account = owner } else { account = try .service() }
      return ServerPlace(home: home, base: base, account: account, record: record)
    }
    if let owner = File.owner(of: "\(home)/postgres").flatMap({ ServerAccount(user: $0) }) {
      return ServerPlace(home: home, base: home, account: owner, record: record)
    }
    let folder = File.parent(of: home)
    if let owner = File.owner(of: folder).flatMap({ ServerAccount(user: $0) }),
      owner.canEnter(folder)
    {
      return ServerPlace(home: home, base: home, account: owner, record: record)
    }
    let account = try ServerAccount.service()
    let inPlace = account.canEnter(File.exists(home) ? home : folder)
    return ServerPlace(
      home: home, base: inPlace ? home : unusedBase(for: home), account: account, record: record)
  }

  // True where `home` is a copy of another directory, whose server still uses `base`.
  private static func isCopy(home: String, of base: String) -> Bool {
    guard let first = File.text("\(base)/directory"), first != home else { return false }
    return PlaceRecord.read(home: first).base == base
  }

  // Finds an unused directory; what an earlier directory of the same path left there is not
  // changed.
  private static func unusedBase(for home: String) -> String {
    let name = "\(shared)/\(File.digest(home))"
    var base = name
    var number = 2
    while File.owner(of: "\(base)/postgres") != nil {
      base = "\(name)-\(number)"
      number += 1
    }
    return base
  }

  /// Creates `home`, which contains the lock.
  func makeHome() throws(EmbeddedServerError) {
    try File.makeDirectory(home, mode: account == nil ? 0o700 : 0o755)
    if let account, File.owner(of: File.parent(of: home)) == account.user {
      try File.give(home, to: account)
    }
  }

  /// Creates the other directories and records their paths; the caller must hold the lock.
  mutating func prepare() throws(EmbeddedServerError) {
    if base != home { try prepareBase() }
    try prepareSockets()
    let record = PlaceRecord(
      base: base == home ? nil : base, sockets: sockets == usualSockets ? nil : sockets)
    try record.write(home: home, owner: account)
  }

  private func prepareBase() throws(EmbeddedServerError) {
    try File.makeDirectory(Self.shared, mode: 0o755)
    try File.makeDirectory(base, mode: 0o700)
    if let account { try File.give(base, to: account) }
    try mark(base)
  }

  /// True where `base` is `home`, or is marked with the present path of `home`; false after `home`
  /// was moved.
  var isSettled: Bool { base == home || Self.isMarked(base, home) }

  // True where a place outside `home` is marked as belonging to it.
  private static func isMarked(_ folder: String, _ home: String) -> Bool {
    File.text("\(folder)/directory") == home
  }

  private func mark(_ folder: String) throws(EmbeddedServerError) {
    if !Self.isMarked(folder, home) { try File.replace("\(folder)/directory", with: home) }
  }

  private mutating func prepareSockets() throws(EmbeddedServerError) {
    if sockets == usualSockets {
      if Self.fitsSocket(sockets) {
        try File.makeDirectory(sockets, mode: 0o700)
      } else {
        sockets = try File.makeTemporaryDirectory("/tmp/vector-ferry-XXXXXX")
        try mark(sockets)
      }
      if let account { try File.give(sockets, to: account) }
    }
    guard File.isPrivate(sockets, to: user) else {
      let owner = ServerAccount.name(of: File.owner(of: sockets) ?? user)
      throw .notPrivate(path: sockets, owner: owner)
    }
  }

  // True where a socket's path is short enough, at most 107 bytes, 14 of them its name, and has no
  // comma, at which libpq splits hosts and PostgreSQL its list of socket directories.
  private static func fitsSocket(_ directory: String) -> Bool {
    directory.utf8.count <= 107 - 14
      && directory.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
          UInt8(ascii: "_"), UInt8(ascii: "/"):
          true
        default: false
        }
      }
  }
}
