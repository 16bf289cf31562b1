internal import Files
package import Ledger
internal import Digests
internal import Stores

extension DatabaseDumps {
  /// The dumps that a command works with.
  package enum Scope: Sendable {
    /// The dumps of the session's database.
    case database(DumpIdentity)
    /// The dumps of the database that the operator names by the database's name or key.
    case named(String)
  }

  /// Returns every dump and every unfinished dump, of all databases, the newest first.
  package func all() throws(Failure) -> [StoredDump] {
    guard Directory.exists(directory) else { return [] }
    do {
      let folder = try Directory(path: directory)
      return try names(in: folder)
        .compactMap { try StoredDump.read($0, in: folder, path: directory) }
        // The names of dumps that were made in the same second do not show their order.
        .sorted { ($0.madeAt, $0.modified, $0.path) > ($1.madeAt, $1.modified, $1.path) }
    } catch {
      throw failure(error)
    }
  }

  /// Counts the entries of the folder that do not belong to this program; they are never changed.
  package func otherFiles() throws(Failure) -> Int {
    guard Directory.exists(directory) else { return 0 }
    do {
      return try names(in: Directory(path: directory))
        .count { if case .other = DumpName($0) { true } else { false } }
    } catch {
      throw failure(error)
    }
  }

  private func names(in folder: Directory) throws -> [String] {
    // A name that is not valid UTF-8 does not belong to this program.
    try folder.entryNames().map { String(validating: $0, as: UTF8.self) ?? "?" }
  }

  /// Returns the dumps of one database, the newest first, including unfinished ones.
  package func dumps(of scope: Scope) throws(Failure) -> [StoredDump] {
    let all = try all()
    switch scope {
    case .database(let identity): return all.filter { $0.isOf(key: identity.key) }
    case .named(let wanted):
      let known = all.compactMap(\.manifest?.identity)
      let isName = { (identity: DumpIdentity) in
        identity.name.utf8.elementsEqual(wanted.utf8)
      }
      var keys = Set(known.filter(isName).map(\.key))
      if keys.isEmpty, wanted.count >= 4 {
        keys = Set(known.map(\.key).filter { $0.hasPrefix(wanted) })
      }
      guard let key = keys.first, keys.count == 1 else { throw unclear(wanted, keys, known) }
      return all.filter { $0.isOf(key: key) }
    }
  }

  private func unclear(_ wanted: String, _ keys: Set<String>, _ known: [DumpIdentity])
    -> Failure
  {
    let shown = (keys.isEmpty ? known : known.filter { keys.contains($0.key) }).map(\.description)
    let list = Set(shown).sorted().joined(separator: ", ")
    return Failure(
      .preflight,
      keys.isEmpty
        ? "no dump in \(directory) is of the database \(wanted)"
        : "there are dumps of \(keys.count) databases called \(wanted): \(list)",
      remedy: known.isEmpty
        ? "make a dump with: vector-ferry backups dump"
        : keys.isEmpty ? "there are dumps of \(list)" : "name one of these databases by its key")
  }

  /// Returns the newest good dump with rows; where no good dump has rows, the newest good one; nil
  /// where no dump is good.
  func lastGood(of identity: DumpIdentity) throws(Failure) -> StoredDump? {
    let good = try dumps(of: .database(identity)).filter { $0.state == .good }
    return good.first { $0.isFilled } ?? good.first
  }

  /// Returns the dump that `lastGood` would choose if it left damaged dumps out; reads every byte
  /// of the dumps to find the damaged ones.
  ///
  /// - Parameter limit: the size in bytes up to which dumps are read; a larger dump is returned
  ///   unread.
  /// - Returns: the dump, whether its bytes were read, and the damaged dumps that were passed over.
  package func lastGood(of identity: DumpIdentity, readingUpTo limit: Int) throws(Failure)
    -> (dump: StoredDump?, isRead: Bool, damaged: [StoredDump])
  {
    let good = try dumps(of: .database(identity)).filter { $0.state == .good }
    var damaged: [StoredDump] = []
    for dump in good.filter(\.isFilled) + good.filter({ !$0.isFilled }) {
      guard dump.size <= limit else { return (dump, false, damaged) }
      let read = try verified(dump)
      if read.state == .good { return (read, true, damaged) }
      damaged.append(read)
    }
    return (nil, false, damaged)
  }

  /// Returns the dump that an operator names by its file, or by the beginning of the file's name.
  package func dump(named name: String) throws(Failure) -> StoredDump {
    let wanted = name.split(separator: "/").last.map(String.init) ?? name
    let all = try all()
    if let exact = all.first(where: { $0.name == wanted }) { return exact }
    let found = wanted.isEmpty ? [] : all.filter { $0.name.hasPrefix(wanted) }
    guard found.count == 1 else {
      throw Failure(
        .preflight,
        found.isEmpty
          ? "there is no dump \(name) in \(directory)"
          : "\(name) is ambiguous, because several dumps match: "
            + "\(found.map(\.name).joined(separator: ", "))",
        remedy: "list all dumps with: vector-ferry backups list --dumps")
    }
    return found[0]
  }

  /// Reads every byte of a dump, and returns the dump as bad where the bytes differ from the dump's
  /// manifest.
  package func verified(_ dump: StoredDump) throws(Failure) -> StoredDump {
    guard let manifest = dump.manifest else { return dump }
    do {
      let hash = try SHA256()
      let file = try Directory(path: directory).openFile(named: dump.name)
      try file.forEachChunk {
        if isInterrupted() { throw Failure(.interrupted, "interrupted") }
        try hash.update($0)
      }
      if try hash.finish() == manifest.digest { return dump }
    } catch {
      throw failure(error)
    }
    return StoredDump(
      path: dump.path, size: dump.size, modified: dump.modified, state: .bad, manifest: nil,
      problem: "the file differs from the dumped file (SHA-256)")
  }

  /// Returns the manifest of a dump that may be restored, after checking every byte; throws for any
  /// other dump.
  func trusted(_ dump: StoredDump) throws(Failure) -> DumpManifest {
    let remedy = "choose another dump: vector-ferry backups list --dumps"
    switch dump.state {
    case .good: break
    case .bad:
      throw Failure(
        .preflight, "\(dump.path) cannot be trusted: \(dump.problem ?? "")", remedy: remedy)
    case .unfinished:
      throw Failure(
        .preflight, "\(dump.path) is incomplete: the manifest of the dump was never written",
        remedy: remedy)
    case .unknown:
      throw Failure(
        .preflight,
        "\(dump.path) has no manifest: an earlier version of this program made this dump, so the "
          + "database of the dump is not known, nor whether its bytes are correct",
        remedy:
          "restore the dump by hand into an empty database, with the pg_restore of the server's "
          + "version, and check the result")
    }
    let verified = try verified(dump)
    guard let manifest = verified.manifest else {
      throw Failure(
        .preflight, "\(dump.path) is damaged: \(verified.problem ?? "")", remedy: remedy)
    }
    return manifest
  }
}

extension StoredDump {
  /// True where the dump has rows.
  var isFilled: Bool { (manifest?.contents.rows ?? 0) > 0 }

  /// Returns true where the dump is of the database with this key, as the dump's manifest says or,
  /// without a manifest, the dump's name.
  func isOf(key: String) -> Bool {
    if let manifest { return manifest.identity.key == key }
    switch DumpName(name) {
    case .dump(let own), .part(let own): return own == key
    case .earlier, .manifest, .other: return false
    }
  }
}
