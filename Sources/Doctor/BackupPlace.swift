internal import Backups
internal import Ledger
internal import Bounds
internal import Glibc
internal import OwnSchema

/// Examines the directory for backups: its free space, its rights, and the backups in it.
struct BackupPlace {
  private(set) var findings: [Finding] = []

  init(options: ExaminationOptions, bytes: Int) {
    let directory = options.backupDirectory
    noteRoom(FreeSpace.existing(directory), directory: directory, bytes: bytes)
    noteBackups(in: directory)
  }

  private mutating func noteRoom(_ place: String, directory: String, bytes: Int) {
    guard let space = FreeSpace(at: place) else {
      findings.append(
        .notLookedAt(
          "backup-space", "\(place): \(String(cString: strerror(errno)))",
          remedy: "let this account read the directory, or choose another place with --backup-dir"))
      return
    }
    let remedy = "choose another place with --backup-dir"
    if space.isReadOnly || access(place, W_OK) != 0 {
      findings.append(
        Finding("backup-space", .problem, "\(directory) cannot be written to", remedy: remedy))
      return
    }
    let facts =
      "\(FreeSpace.shown(space.bytes)) free for backups in \(directory), the stores take "
      + FreeSpace.shown(bytes)
    // Fitted models are written beside the copies, so more space than the stores' size is needed.
    let level: Finding.Level =
      space.bytes < bytes
      ? .problem : space.bytes < bytes.multipliedSaturated(by: 2) ? .warning : .fine
    findings.append(
      Finding(
        "backup-space", level, facts, remedy: level == .fine ? nil : "make room, or \(remedy)"))
  }

  private mutating func noteBackups(in directory: String) {
    do {
      let backups = try BackupCatalogue(directory: directory).backups()
      let bad = backups.filter { $0.state == .bad }
      let unfinished = backups.count { $0.state == .unfinished }
      if !bad.isEmpty {
        findings.append(
          Finding(
            "backups", .warning,
            "\(bad.count) of \(backups.count) backups are bad (\(bad[0].folder), …)",
            remedy: "vector-ferry backups verify shows what is wrong"))
      } else {
        let rest = unfinished == 0 ? "" : ", \(unfinished) unfinished"
        findings.append(
          Finding(
            "backups", .fine, "\(backups.count) in \(directory)\(rest), checked by name and size"))
      }
    } catch {
      findings.append(
        Finding("backups", .problem, error.reason, remedy: error.remedy))
    }
  }
}
