internal import Ledger
internal import Stores

/// Chooses the stores of a run among those that were found.
struct StoreChoice {
  let options: MigrationOptions
  /// Reads the names of the stores that failed when they were last tried.
  let failed: () throws -> Set<StoreName>

  /// Returns the stores that the operator selects; refuses a choice that leaves no store.
  func select(from found: [FoundStore]) throws -> [FoundStore] {
    guard !found.isEmpty else {
      throw Failure(
        .preflight, "no vector stores found in \(options.userDataDirectory)",
        remedy: "stores are folders named <user>/vector_store_<collection>; "
          + "name the folder that contains the users' folders with --user-data-dir")
    }
    let selected = found.filter { options.selection.includes($0.name) }
    try options.selection.refuseUnmatched(among: Set(found.map(\.name)), remedy: scanRemedy)
    if selected.isEmpty {
      throw Failure(
        .preflight,
        "none of the \(found.count) stores matches --user, --collection and --exclude together",
        remedy: scanRemedy)
    }
    guard options.selection.onlyFailed else { return selected }
    let failed = try failed()
    let again = selected.filter { failed.contains($0.name) }
    if again.isEmpty {
      throw Failure(
        .preflight,
        "no store is recorded in \(options.backupDirectory) as failed with this database and table",
        remedy: "run without --failed")
    }
    return again
  }

  private var scanRemedy: String {
    "list the existing stores with: vector-ferry scan --user-data-dir \(options.userDataDirectory)"
  }
}
