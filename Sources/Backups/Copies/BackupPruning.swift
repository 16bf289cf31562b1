package import Ledger
internal import Bounds
internal import Glibc
internal import Stores

/// Decides which backups may go, and takes them away.
///
/// A backup stays as long as it holds the only sound copy of what a store holds now or held before:
/// what counts is not that another backup lists the store, but that every byte of the other copy of
/// the same content was read and is right.
package struct BackupPruning {
  /// The rules of the operator; a backup goes only where all that are given let it.
  package struct Rules: Sendable, Equatable {
    /// Only backups older than so many days.
    var olderThanDays: Int?
    /// Never the newest so many good ones.
    var keep: Int?

    /// No rule yet; at least one must be given.
    package init(olderThanDays: Int? = nil, keep: Int? = nil) {
      self.olderThanDays = olderThanDays
      self.keep = keep
    }
  }

  /// What becomes of each backup.
  package struct Plan: Sendable, Equatable {
    /// Those that will go, oldest first.
    package let goes: [StoredBackup]
    /// Those that the rules would let go and that stay, with the reason.
    package let spared: [Spared]
  }

  /// A backup that stays although the rules would let it go.
  package struct Spared: Sendable, Equatable {
    /// The backup.
    package let backup: StoredBackup
    /// Why it stays.
    package let reason: String
  }

  private let catalogue: BackupCatalogue
  private let rules: Rules
  private let now: Int64

  /// A pruning of one directory.
  package init(_ catalogue: BackupCatalogue, rules: Rules) throws(Failure) {
    try rules.check("backups")
    self.catalogue = catalogue
    self.rules = rules
    now = Int64(time(nil))
  }

  /// Reads what has to be read and decides; takes nothing away.
  package func plan(step: () throws -> Void = {}) throws(Failure) -> Plan {
    do {
      let all = try catalogue.backups()
      let kept = Set(all.filter { $0.state == .good }.prefix(rules.keep ?? 0).map(\.folder))
      let candidates = all.reversed().filter { !kept.contains($0.folder) && isOldEnough($0) }
      var copies = Remaining(all)
      var goes: [StoredBackup] = []
      var spared: [Spared] = []
      for backup in candidates {
        try step()
        if let reason = try copies.reasonToKeep(backup) {
          spared.append(Spared(backup: backup, reason: reason))
        } else {
          goes.append(backup)
          copies.remove(backup)
        }
      }
      return Plan(goes: goes, spared: spared)
    } catch {
      throw Failure(error)
    }
  }

  /// Takes a backup away: the manifest first, so that a half removed one is never trusted.
  package func remove(_ backup: StoredBackup) throws(Failure) {
    do {
      let root = try StoreDirectory(path: catalogue.directory, links: .follow)
      let folder = try root.openDirectory(named: backup.folder)
      if try folder.removeFile(named: BackupManifest.fileName) { try folder.sync() }
      try root.removeTree(named: backup.folder)
      try root.sync()
    } catch {
      throw Failure(error)
    }
  }

  /// Without a manifest it may be a run's that is at work: a day is the least, and where no age is
  /// asked for it stays.
  private func isOldEnough(_ backup: StoredBackup) -> Bool {
    guard let days = rules.olderThanDays else { return backup.manifest != nil }
    let least = backup.manifest == nil ? max(1, days) : days
    return now.subtractingSaturated(backup.began) >= Int64(least).multipliedSaturated(by: 86_400)
  }
}

extension BackupPruning.Rules {
  /// Refuses rules that say nothing, or would keep nothing.
  func check(_ things: String) throws(Failure) {
    guard olderThanDays != nil || keep != nil else {
      throw Failure(
        .preflight, "nothing says which \(things) may go",
        remedy: "give --older-than DAYS, --keep N, or both")
    }
    guard keep.map({ $0 > 0 }) ?? true else {
      throw Failure(
        .preflight, "--keep 0 would keep none of the \(things)", remedy: "keep at least one")
    }
  }
}

/// The copies of each store that would be left.
private struct Remaining {
  /// Newest first.
  private var copies: [StoreName: [Copies.Copy]] = [:]
  /// What was found when a copy's bytes were read; each is read once.
  private var sound: [String: Bool] = [:]

  init(_ backups: [StoredBackup]) {
    for backup in backups {
      for store in backup.manifest?.stores ?? [] {
        copies[store.name, default: []].append(Copies.Copy(backup: backup, store: store))
      }
    }
  }

  mutating func remove(_ backup: StoredBackup) {
    for store in backup.manifest?.stores ?? [] {
      copies[store.name]?.removeAll { $0.backup.folder == backup.folder }
    }
  }

  /// Why a backup stays; nil where everything in it that counts has another good copy beside it.
  ///
  /// Two versions of a store count: what it holds now, and what it held before, which
  /// `rollback --restore` brings back.
  mutating func reasonToKeep(_ backup: StoredBackup) throws -> String? {
    guard let manifest = backup.manifest else {
      return backup.state == .bad
        ? "its manifest cannot be trusted: look at it, and remove it by hand" : nil
    }
    for store in manifest.stores {
      for (age, copies) in try versions(of: store.name).enumerated() {
        guard copies.contains(where: { $0.backup.folder == backup.folder }) else { continue }
        var isElsewhere = false
        for other in copies where other.backup.folder != backup.folder && !isElsewhere {
          isElsewhere = try isSound(other)
        }
        guard !isElsewhere, try isSound(Copies.Copy(backup: backup, store: store)) else { continue }
        return "it holds the only good copy of \(store.name)"
          + (age == 0 ? "" : " as it was before, which rollback --restore needs")
      }
    }
    return nil
  }

  /// The copies of a store by what they hold, the newest first; only versions of which at least one
  /// copy is sound.
  private mutating func versions(of name: StoreName) throws -> [[Copies.Copy]] {
    var order: [[UInt8]] = []
    var groups: [[UInt8]: [Copies.Copy]] = [:]
    for copy in copies[name] ?? [] {
      let digest = try SourceDigest(files: copy.store.files).bytes
      if groups[digest] == nil { order.append(digest) }
      groups[digest, default: []].append(copy)
    }
    var versions: [[Copies.Copy]] = []
    for copies in order.compactMap({ groups[$0] }) where versions.count < 2 {
      var isAnySound = false
      for copy in copies where !isAnySound { isAnySound = try isSound(copy) }
      if isAnySound { versions.append(copies) }
    }
    return versions
  }

  private mutating func isSound(_ copy: Copies.Copy) throws -> Bool {
    let key = "\(copy.backup.folder)/\(copy.store.folder)"
    if let answer = sound[key] { return answer }
    let answer = try copy.store.problems(in: copy.backup).isEmpty
    sound[key] = answer
    return answer
  }
}
