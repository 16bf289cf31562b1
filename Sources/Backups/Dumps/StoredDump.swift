internal import Clock
internal import Files
internal import Ledger
internal import Glibc
internal import Stores

/// A dump as it was found on disk.
package struct StoredDump: Sendable, Equatable {
  /// The state of a dump; only a good dump can be used.
  package enum State: String, Sendable {
    /// The dump's manifest can be trusted, and its file has the size that the manifest says.
    case good
    /// The dump's manifest or its bytes cannot be trusted.
    case bad
    /// The dump has no manifest or no final name: the run that makes the dump was killed, or is
    /// still working.
    case unfinished
    /// An earlier version of this program made the dump: its database is unknown.
    case unknown
  }

  /// The file's path, as it is shown to the operator.
  package let path: String
  /// The dump's size in bytes.
  package let size: Int
  /// The time at which the dump was last written to.
  let modified: FileTime
  /// The state of the dump.
  package let state: State
  /// The dump's manifest; nil where there is none that can be trusted.
  package let manifest: DumpManifest?
  /// The fault of the dump; nil where none was found.
  package let problem: String?

  /// The time at which the dump was last written to, in seconds since 1970.
  package var finished: Int { Int(modified.seconds) }
  /// The file's name.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The time at which the dump was made, in seconds since 1970; without a manifest, the time at
  /// which it was last written to.
  var madeAt: Int64 { manifest?.madeAt.secondsSince1970 ?? Int64(finished) }
}

/// The kind of a file in the folder of dumps, as the file's name shows it.
enum DumpName {
  /// The file is a dump of this program; its name has the key of the database.
  case dump(key: String)
  /// The file is an incomplete dump: the run that makes the dump was killed, or is still working.
  case part(key: String)
  /// The file is a complete or incomplete dump of an earlier version of this program.
  case earlier
  /// The file is the manifest of a dump, or an incomplete manifest.
  case manifest
  /// The file does not belong to this program.
  case other

  /// True where the file is a complete or incomplete dump.
  var isDump: Bool {
    switch self {
    case .dump, .part, .earlier: true
    case .manifest, .other: false
    }
  }

  init(_ name: String) {
    let own = /[0-9]{8}_[0-9]{6}(?:_[0-9]{1,3})?-[a-z0-9_]{0,24}-([0-9a-f]{12})\.dump(\..*)?/
    if let match = name.wholeMatch(of: own) {
      switch match.2 {
      case nil: self = .dump(key: String(match.1))
      case ".part": self = .part(key: String(match.1))
      case ".json", ".json.part": self = .manifest
      default: self = .other
      }
    } else if name.wholeMatch(of: /[0-9]{8}_[0-9]{6}(_[0-9]{1,3})?\.dump(\.part)?/) != nil {
      self = .earlier
    } else {
      self = .other
    }
  }
}

extension StoredDump {
  /// Reads a file of the folder as a dump; nil where the file's name is not that of a dump.
  static func read(_ name: String, in folder: Directory, path: String) throws -> StoredDump? {
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

  /// Returns the state that follows from a dump's manifest.
  private static func finding(
    _ name: String, key: String, facts: FileFacts, in folder: Directory
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
        state: .bad,
        problem: refused.map { "the dump's manifest is refused: \($0.reason)" } ?? "\(error)")
    }
  }

  private static func manifest(of dump: String, in folder: Directory) throws -> DumpManifest? {
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
    if facts.size != size { return "the dump has \(facts.size) bytes instead of \(size)" }
    return identity.key == key
      ? nil : "the dump's file name and the dump's manifest name different databases"
  }
}
