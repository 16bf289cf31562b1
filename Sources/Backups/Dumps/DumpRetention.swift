internal import Files
package import Ledger
internal import Glibc
internal import Stores

/// Decides which dumps of one database may be removed, and removes them.
///
/// The newest good dump stays, and so does the newest good dump with rows: dumps of a database that
/// was emptied by mistake never replace the last useful dump. For each database that had the name
/// before and was dropped, the newest good dump with rows stays, too. Every byte of the dumps that
/// stay for these reasons is read before a dump is removed.
package struct DumpRetention {
  /// The decision about each dump.
  package struct Plan: Sendable, Equatable {
    /// The dumps to remove, the oldest first.
    package let goes: [StoredDump]
    /// The dumps that stay although the rules allow removing them, with the reason.
    package let spared: [Spared]
  }

  /// A dump that stays although the rules allow removing it.
  package struct Spared: Sendable, Equatable {
    /// The dump that stays.
    package let dump: StoredDump
    /// The reason why the dump stays.
    package let reason: String
  }

  private let dumps: DatabaseDumps
  private let rules: BackupPruning.Rules

  /// Prepares a retention with the operator's rules; at least one must be given.
  package init(_ dumps: DatabaseDumps, rules: BackupPruning.Rules) throws(Failure) {
    try rules.check("dumps")
    self.dumps = dumps
    self.rules = rules
  }

  /// Reads the dumps as far as needed and decides; removes nothing.
  package func plan(_ scope: DatabaseDumps.Scope) throws(Failure) -> Plan {
    let all = try dumps.dumps(of: scope)
    let good = all.filter { $0.state == .good }
    let now = Int(time(nil))
    let kept = Set(good.prefix(rules.keep ?? 0).map(\.name))
    let limit = (rules.olderThanDays ?? 0) * 86_400
    let old = good.filter { !kept.contains($0.name) && now - $0.finished >= limit }
    var spared: [Spared] = []
    var goes: [StoredDump] = []
    let needed = old.isEmpty ? [:] : try needed(of: good)
    for dump in old.reversed() {
      if let reason = reason(for: dump) ?? needed[dump.name] {
        spared.append(Spared(dump: dump, reason: reason))
      } else {
        goes.append(dump)
      }
    }
    for dump in all where dump.state == .bad {
      spared.append(
        Spared(
          dump: dump,
          reason: "the dump cannot be trusted: check the dump, and remove the dump by hand"))
    }
    // A dump that is being made writes all the time: where an unfinished dump was not written to
    // for a day, no run works on it.
    for dump in all where dump.state == .unfinished {
      let isPart = dump.name.hasSuffix(".part")
      if isPart, now - dump.finished > 86_400 {
        goes.append(dump)
      } else if !isPart {
        spared.append(
          Spared(
            dump: dump,
            reason: "the dump has no manifest: check the dump, and remove the dump by hand"))
      }
    }
    return Plan(goes: goes, spared: spared)
  }

  private func reason(for dump: StoredDump) -> String? {
    dump.manifest?.identity.isCertain == true
      ? nil
      : "the identity of the dump's server is not known, so newer dumps may be of another "
        + "database: remove this dump by hand"
  }

  /// Returns the dumps that must stay, each with the reason: the last good dump, and the last good
  /// dump with rows of each database that has or had the name.
  ///
  /// Every byte of these dumps was read.
  private func needed(of good: [StoredDump]) throws(Failure) -> [String: String] {
    var needed: [String: String] = [:]
    var isNewest = true
    for number in Self.numbers(of: good) {
      let filled = good.filter { $0.isFilled && $0.manifest?.identity.oid == number }
      if let last = try firstSound(filled) {
        needed[last.name] =
          isNewest
          ? "this is the last good dump that has rows"
          : "this is the last good dump of an earlier database of the same name"
      }
      isNewest = false
    }
    if let last = try firstSound(good) { needed[last.name] = "this is the last good dump" }
    return needed
  }

  /// Returns the object ids of the databases that have or had the name, the present database first.
  private static func numbers(of dumps: [StoredDump]) -> [Int] {
    dumps.compactMap(\.manifest?.identity.oid).reduce(into: []) { numbers, number in
      if !numbers.contains(number) { numbers.append(number) }
    }
  }

  private func firstSound(_ good: [StoredDump]) throws(Failure) -> StoredDump? {
    for dump in good where try dumps.verified(dump).state == .good { return dump }
    return nil
  }

  /// Removes a dump: the file first, so that a file without a manifest is never left.
  package func remove(_ dump: StoredDump) throws(Failure) {
    do {
      let folder = try Directory(path: dumps.directory)
      try folder.removeFile(named: dump.name)
      if dump.manifest != nil {
        try folder.removeFile(named: DumpManifest.name(of: dump.name))
      }
      try folder.sync()
    } catch {
      throw Failure(error)
    }
  }
}

extension DatabaseDumps {
  /// Removes dumps of the same database as a new dump that are older than this many days; returns
  /// the removed dumps.
  package func prune(after dump: StoredDump, olderThanDays days: Int) throws(Failure)
    -> [StoredDump]
  {
    guard let identity = dump.manifest?.identity else { return [] }
    let retention = try DumpRetention(self, rules: .init(olderThanDays: days))
    let plan = try retention.plan(.database(identity))
    // The new dump is not removed, even where the clock makes it look old.
    let goes = plan.goes.filter { $0.name != dump.name }
    for old in goes { try retention.remove(old) }
    return goes
  }
}
