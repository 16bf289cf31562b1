internal import Files
package import Ledger
internal import Bounds
internal import Glibc
internal import Stores

/// Decides which backups may be removed, and removes them.
///
/// A backup stays while it holds the only undamaged copy of a store's newest or next older content.
/// Another backup replaces it only where every byte of the other copy was read and is right.
package struct BackupPruning {
  /// The operator's rules; a backup is removed only where every given rule allows it.
  package struct Rules: Sendable, Equatable {
    /// The number of days that a backup must be old to be removed.
    var olderThanDays: Int?
    /// The number of the newest good backups that are never removed.
    var keep: Int?

    /// Creates rules; at least one must be given.
    package init(olderThanDays: Int? = nil, keep: Int? = nil) {
      self.olderThanDays = olderThanDays
      self.keep = keep
    }
  }

  /// The decision about each backup.
  package struct Plan: Sendable, Equatable {
    /// The backups to remove, the oldest first.
    package let goes: [StoredBackup]
    /// The backups that stay although the rules allow removing them, with the reason.
    package let spared: [Spared]
  }

  /// A backup that stays although the rules allow removing it.
  package struct Spared: Sendable, Equatable {
    /// The backup that stays.
    package let backup: StoredBackup
    /// The reason why the backup stays.
    package let reason: String
  }

  private let catalogue: BackupCatalogue
  private let rules: Rules
  private let now: Int64

  /// Prepares the pruning of one directory.
  package init(_ catalogue: BackupCatalogue, rules: Rules) throws(Failure) {
    try rules.check("backups")
    self.catalogue = catalogue
    self.rules = rules
    now = Int64(time(nil))
  }

  /// Reads the backups as far as needed and decides; removes nothing.
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

  /// Removes a backup, its manifest first, so that a partly removed backup is never used.
  package func remove(_ backup: StoredBackup) throws(Failure) {
    do {
      let root = try Directory(path: catalogue.directory, links: .follow)
      let folder = try root.openDirectory(named: backup.folder)
      if try folder.removeFile(named: BackupManifest.fileName) { try folder.sync() }
      try root.removeTree(named: backup.folder)
      try root.sync()
    } catch {
      throw Failure(error)
    }
  }

  /// Returns true where the rules allow removing a backup of this age.
  ///
  /// A backup without a manifest may belong to a run that is still working: it must be at least a
  /// day old, and stays where the rules name no age.
  private func isOldEnough(_ backup: StoredBackup) -> Bool {
    guard let days = rules.olderThanDays else { return backup.manifest != nil }
    let least = backup.manifest == nil ? max(1, days) : days
    return now.subtractingSaturated(backup.began) >= Int64(least).multipliedSaturated(by: 86_400)
  }
}

extension BackupPruning.Rules {
  /// Refuses rules without any limit, and rules that would keep nothing.
  func check(_ things: String) throws(Failure) {
    guard olderThanDays != nil || keep != nil else {
      throw Failure(
        .preflight, "no rule says which \(things) may be removed",
        remedy: "give --older-than DAYS, --keep N, or both")
    }
    guard keep.map({ $0 > 0 }) ?? true else {
      throw Failure(
        .preflight, "--keep 0 would keep none of the \(things)", remedy: "keep at least one")
    }
  }
}

/// The copies that each store still has after the removals that were decided so far.
private struct Remaining {
  /// The copies of each store, the newest first.
  private var copies: [StoreName: [CopyFinder.Copy]] = [:]
  /// True for each copy that was read and is undamaged, by the copy's path, so that each copy is
  /// read only once.
  private var sound: [String: Bool] = [:]

  init(_ backups: [StoredBackup]) {
    for backup in backups {
      for store in backup.manifest?.stores ?? [] {
        copies[store.name, default: []].append(CopyFinder.Copy(backup: backup, store: store))
      }
    }
  }

  mutating func remove(_ backup: StoredBackup) {
    for store in backup.manifest?.stores ?? [] {
      copies[store.name]?.removeAll { $0.backup.folder == backup.folder }
    }
  }

  /// Returns the reason why a backup must stay; nil where the backup may be removed.
  ///
  /// Two contents of a store are kept: the newest, and the one before, which `rollback --restore`
  /// needs.
  mutating func reasonToKeep(_ backup: StoredBackup) throws -> String? {
    guard let manifest = backup.manifest else {
      return backup.state == .bad
        ? "the manifest cannot be trusted: check the backup, and remove the backup by hand" : nil
    }
    for store in manifest.stores {
      for (age, copies) in try versions(of: store.name).enumerated() {
        guard copies.contains(where: { $0.backup.folder == backup.folder }) else { continue }
        var isElsewhere = false
        for other in copies where other.backup.folder != backup.folder && !isElsewhere {
          isElsewhere = try isSound(other)
        }
        guard !isElsewhere, try isSound(CopyFinder.Copy(backup: backup, store: store)) else {
          continue
        }
        return "this backup holds the only good copy of \(store.name)"
          + (age == 0 ? "" : " in its earlier state, which rollback --restore needs")
      }
    }
    return nil
  }

  /// Groups the copies of a store by their content, the newest first; returns at most two groups,
  /// each with at least one undamaged copy.
  private mutating func versions(of name: StoreName) throws -> [[CopyFinder.Copy]] {
    var order: [[UInt8]] = []
    var groups: [[UInt8]: [CopyFinder.Copy]] = [:]
    for copy in copies[name] ?? [] {
      let digest = try SourceDigest(files: copy.store.files).bytes
      if groups[digest] == nil { order.append(digest) }
      groups[digest, default: []].append(copy)
    }
    var versions: [[CopyFinder.Copy]] = []
    for copies in order.compactMap({ groups[$0] }) where versions.count < 2 {
      var isAnySound = false
      for copy in copies where !isAnySound { isAnySound = try isSound(copy) }
      if isAnySound { versions.append(copies) }
    }
    return versions
  }

  private mutating func isSound(_ copy: CopyFinder.Copy) throws -> Bool {
    let key = "\(copy.backup.folder)/\(copy.store.folder)"
    if let answer = sound[key] { return answer }
    let answer = try copy.store.problems(in: copy.backup).isEmpty
    sound[key] = answer
    return answer
  }
}
