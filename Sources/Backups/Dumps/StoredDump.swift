internal import Ledger
internal import Glibc
internal import Stores

/// A dump as it is found on disk.
package struct StoredDump: Sendable, Equatable {
  /// What can be made of it.
  package enum State: String, Sendable {
    /// Its manifest is right, and its size.
    case good
    /// Its manifest or its bytes cannot be trusted.
    case bad
    /// It has no manifest, or not yet its name: the run that made it was killed, or is at work.
    case unfinished
    /// An earlier version of this program made it: nothing tells which database it is of.
    case unknown
  }

  /// The file as the operator would type it.
  package let path: String
  /// Its size in bytes.
  package let size: Int
  /// When it was last written to.
  let modified: FileTime
  /// What can be made of it.
  package let state: State
  /// What its manifest says, where that can be trusted.
  package let manifest: DumpManifest?
  /// What is wrong with it.
  package let problem: String?

  /// Seconds since 1970 at which it was last written to.
  package var finished: Int { Int(modified.seconds) }
  /// The file's name.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// When it was made.
  var madeAt: Int64 { manifest?.madeAt.secondsSince1970 ?? Int64(finished) }
}

/// What the name of a file in the folder of dumps tells.
enum DumpName {
  /// A dump of this program, with the key of its database.
  case dump(key: String)
  /// What a killed dump has left, or one that is being written.
  case part(key: String)
  /// A dump of an earlier version of this program, or what such a one has left.
  case earlier
  /// The manifest of a dump, or a part of it.
  case manifest
  /// Not of this program.
  case alien

  /// It is a dump, or a part of one.
  var isDump: Bool {
    switch self {
    case .dump, .part, .earlier: true
    case .manifest, .alien: false
    }
  }

  init(_ name: String) {
    let own = /[0-9]{8}_[0-9]{6}(?:_[0-9]{1,3})?-[a-z0-9_]{0,24}-([0-9a-f]{12})\.dump(\..*)?/
    if let match = name.wholeMatch(of: own) {
      switch match.2 {
      case nil: self = .dump(key: String(match.1))
      case ".part": self = .part(key: String(match.1))
      case ".json", ".json.part": self = .manifest
      default: self = .alien
      }
    } else if name.wholeMatch(of: /[0-9]{8}_[0-9]{6}(_[0-9]{1,3})?\.dump(\.part)?/) != nil {
      self = .earlier
    } else {
      self = .alien
    }
  }
}

extension StoredDump {
  /// Reads what is known of one entry; nil for what this program did not make.
  static func read(_ name: String, in folder: StoreDirectory, path: String) throws -> StoredDump? {
    let kind = DumpName(name)
    guard kind.isDump, let facts = try folder.facts(named: name) else { return nil }
    var found = Finding(state: .good)
    switch kind {
    case .earlier: found.state = name.hasSuffix(".part") ? .unfinished : .unknown
    case .dump(let key): found = finding(name, key: key, facts: facts, in: folder)
    default: found.state = .unfinished
    }
    if facts.kind != .regular { found = Finding(state: .bad, problem: "it is \(facts.kind)") }
    return StoredDump(
      path: "\(path)/\(name)", size: Int(facts.size),
      modified: facts.modified, state: found.state, manifest: found.manifest,
      problem: found.problem)
  }

  private struct Finding {
    var state: State
    var manifest: DumpManifest?
    var problem: String?
  }

  /// What a dump's manifest makes of it.
  private static func finding(
    _ name: String, key: String, facts: FileFacts, in folder: StoreDirectory
  ) -> Finding {
    do {
      guard let manifest = try manifest(of: name, in: folder) else {
        return Finding(state: .unfinished)
      }
      if let problem = manifest.problem(of: facts, key: key) {
        return Finding(state: .bad, problem: problem)
      }
      return Finding(state: .good, manifest: manifest)
    } catch {
      let refused = error as? BackupManifest.Refused
      return Finding(
        state: .bad, problem: refused.map { "its manifest is refused: \($0.reason)" } ?? "\(error)")
    }
  }

  private static func manifest(of dump: String, in folder: StoreDirectory) throws -> DumpManifest? {
    let name = DumpManifest.name(of: dump)
    guard try folder.facts(named: name) != nil else { return nil }
    let handle = try folder.openFile(named: name)
    guard handle.facts.size <= DumpManifest.sizeLimit else {
      throw BackupManifest.Refused(reason: "it is too long")
    }
    var bytes: [UInt8] = []
    try handle.forEachChunk { bytes += $0 }
    return try DumpManifest(parsing: bytes, of: dump)
  }
}

extension DumpManifest {
  fileprivate func problem(of facts: FileFacts, key: String) -> String? {
    if facts.size != size { return "it has \(facts.size) bytes instead of \(size)" }
    return identity.key == key ? nil : "its name says another database than its manifest"
  }
}
