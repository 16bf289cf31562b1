import Glibc

/// Where one directory's server keeps its things, and which account runs it.
struct ServerPlace: Sendable, Equatable {
  /// The directory's own `.vector-ferry`, which holds the lock and the record of this place.
  let home: String
  /// Holds data, log and sockets: `home` itself, or a directory that the account can reach.
  let base: String
  /// The directory of the socket, elsewhere where the path would be too long for one.
  var sockets: String
  /// The account that runs the server; nil for this process's own.
  let account: ServerAccount?

  var data: String { "\(base)/postgres" }
  var log: String { "\(base)/postgres.log" }
  var lock: String { "\(home)/postgres.lock" }
  private var usualSockets: String { "\(base)/run" }
  var address: EmbeddedServerAddress { EmbeddedServerAddress(socketDirectory: sockets) }

  /// Where root keeps what a directory such as /root would hide from the server's account.
  static let shared = "/var/lib/vector-ferry"
}

extension ServerPlace {
  /// Finds the place of `home`, as it was recorded or as it would be made.
  ///
  /// Touches nothing. Root acts as the owner of a directory that is somebody's, so that its
  /// owner can go on without root; in its own directories it acts as a service account.
  static func find(home: String) throws(EmbeddedServerError) -> ServerPlace {
    let record = PlaceRecord.read(home: home)
    guard geteuid() == 0 else {
      let base = record.base ?? home
      if let owner = File.owner(of: "\(base)/postgres") ?? File.owner(of: base),
        owner != geteuid()
      {
        throw .notOwner(path: base, owner: ServerAccount.name(of: owner))
      }
      return make(home: home, base: base, account: nil, record: record)
    }
    if let base = record.base, let owner = File.owner(of: "\(base)/postgres"),
      let account = ServerAccount(user: owner)
    {
      return make(home: home, base: base, account: account, record: record)
    }
    let owner = File.owner(of: "\(home)/postgres") ?? File.owner(of: home)
    if let owner = owner ?? File.owner(of: File.parent(of: home)),
      let account = ServerAccount(user: owner), account.canEnter(File.parent(of: home))
    {
      return make(home: home, base: home, account: account, record: record)
    }
    let account = try ServerAccount.service()
    let inPlace = account.canEnter(File.exists(home) ? home : File.parent(of: home))
    let base = inPlace ? home : "\(shared)/\(File.digest(home))"
    return make(home: home, base: base, account: account, record: record)
  }

  private static func make(
    home: String, base: String, account: ServerAccount?, record: PlaceRecord
  ) -> ServerPlace {
    let user = account?.user ?? geteuid()
    var sockets = "\(base)/run"
    // A recorded directory below /tmp counts only while it is still privately ours.
    if let other = record.sockets, File.isPrivate(other, to: user) { sockets = other }
    return ServerPlace(home: home, base: base, sockets: sockets, account: account)
  }

  /// Makes the directories and writes down where they are.
  mutating func prepare() throws(EmbeddedServerError) {
    let user = account?.user ?? geteuid()
    try File.makeDirectory(home, mode: account == nil ? 0o700 : 0o755)
    if let account, let owner = File.owner(of: File.parent(of: home)), owner == account.user {
      try File.give(home, to: account)
    }
    if base != home {
      try File.makeDirectory(Self.shared, mode: 0o755)
      try File.makeDirectory(base, mode: 0o700)
      if let account { try File.give(base, to: account) }
    }
    if sockets == usualSockets {
      if Self.fitsSocket(sockets) {
        try File.makeDirectory(sockets, mode: 0o700)
      } else {
        sockets = try File.makeTemporaryDirectory("/tmp/vector-ferry-XXXXXX")
      }
    }
    if let account { try File.give(sockets, to: account) }
    guard File.isPrivate(sockets, to: user) else {
      throw .notOwner(
        path: sockets, owner: ServerAccount.name(of: File.owner(of: sockets) ?? user))
    }
    let record = PlaceRecord(
      base: base == home ? nil : base, sockets: sockets == usualSockets ? nil : sockets)
    try record.write(home: home)
  }

  // 107 bytes for a socket's path, 14 of them its name; and libpq splits a host at commas, as
  // PostgreSQL splits the list of its socket directories.
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

/// What `.vector-ferry/postgres.place` says: the parts of a place that are not the usual ones.
struct PlaceRecord: Equatable {
  var base: String?
  var sockets: String?

  private static func path(_ home: String) -> String { "\(home)/postgres.place" }

  static func read(home: String) -> PlaceRecord {
    var record = PlaceRecord()
    for line in (File.text(path(home)) ?? "").split(separator: "\n") {
      if line.hasPrefix("base=/") { record.base = String(line.dropFirst("base=".count)) }
      if line.hasPrefix("sockets=/") { record.sockets = String(line.dropFirst("sockets=".count)) }
    }
    return record
  }

  func write(home: String) throws(EmbeddedServerError) {
    guard self != Self.read(home: home) else { return }
    let lines = [base.map { "base=\($0)\n" }, sockets.map { "sockets=\($0)\n" }]
    try File.replace(Self.path(home), with: lines.compactMap(\.self).joined())
  }
}
