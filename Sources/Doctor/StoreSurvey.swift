internal import Bounds
internal import Files
internal import Stores

/// Examines the stores on disk by their names, sizes and first bytes.
struct StoreSurvey {
  private(set) var findings: [Finding] = []
  /// The size in bytes of all stores together.
  private(set) var bytes = 0

  init(options: ExaminationOptions) {
    let root = options.userDataDirectory
    do {
      let stores = try StoreScanner(root: root, excluding: [options.backupDirectory]).stores()
      bytes = Int(stores.map(\.size).sumSaturated())
      let peeks = stores.map(StorePeek.init)
      note(stores, peeks, root: root)
      noteKeys(peeks, hasMasterKey: options.hasMasterKey)
    } catch {
      findings.append(
        Finding("stores", .problem, "\(error.file) \(error.problem)", remedy: error.remedy))
    }
  }

  private mutating func note(_ stores: [FoundStore], _ peeks: [StorePeek], root: String) {
    let damaged = zip(stores, peeks).filter { $0.state != .complete || $1.problem != nil }.map(\.0)
    if stores.isEmpty {
      findings.append(
        Finding(
          "stores", .problem, "no vector stores in \(root)",
          remedy:
            "stores are folders named <user>/vector_store_<collection>; name the folder that "
            + "contains the users' folders with --user-data-dir"))
    } else if damaged.isEmpty {
      findings.append(
        Finding(
          "stores", .fine, "\(stores.count) in \(root), all complete by sizes and first bytes"))
    } else {
      let names = damaged.prefix(5).map(\.name.description).joined(separator: ", ")
      findings.append(
        Finding(
          "stores", .warning, "\(damaged.count) of \(stores.count) are not complete (\(names))",
          remedy: "vector-ferry scan shows what is missing; the others can be migrated"))
    }
  }

  private mutating func noteKeys(_ peeks: [StorePeek], hasMasterKey: Bool) {
    let encrypted = peeks.count { $0.isEncrypted == true }
    guard encrypted > 0 else { return }
    if hasMasterKey {
      findings.append(
        Finding(
          "keys", .fine,
          "\(encrypted) encrypted store\(encrypted == 1 ? "" : "s"), a master key is set; "
            + "migrate --dry-run shows whether it fits"
        ))
    } else {
      findings.append(
        Finding(
          "keys", .warning,
          "\(encrypted) of the stores need a key and ENCRYPTION_MASTER_KEY is not set: only the "
            + "application's default keys will be tried",
          remedy:
            "set this variable to the application's key, unless the application ran without one"))
    }
  }
}
