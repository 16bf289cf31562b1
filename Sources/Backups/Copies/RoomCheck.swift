package import Ledger
internal import OwnSchema
package import Stores

/// Checks that there is enough free space for all that a run will write.
///
/// Refuses nothing where the free space cannot be read.
package enum RoomCheck {
  /// Refuses where the disk of the backups has too little free space for the copies of these
  /// stores.
  ///
  /// - Parameter models: the size of the model files that are written next to the copies.
  package static func checkBackups(
    of stores: [FoundStore], models: Int = 0, in directory: String
  ) throws(Failure) {
    guard !stores.isEmpty else { return }
    let needed = copies(of: stores) + models
    try check(
      needed, in: directory, for: "the copies of \(counted(stores.count))",
      remedy: "make room there, choose another place with --backup-dir, or migrate fewer stores "
        + "at a time (--user)")
  }

  /// Refuses a folder whose disk has less free space than needed.
  package static func check(_ needed: Int, in directory: String, for what: String, remedy: String)
    throws(Failure)
  {
    let place = FreeSpace.existing(directory)
    // Where the free space cannot be read, nothing is refused here; a write to a full disk reports
    // the problem.
    guard let space = FreeSpace(at: place), !space.isReadOnly, space.bytes < needed else { return }
    throw Failure(
      .preflight,
      "\(directory) has \(FreeSpace.shown(space.bytes)) free, and \(what) need "
        + FreeSpace.shown(needed), remedy: remedy)
  }

  /// Returns the number of bytes that copies need on the disk: whole blocks for each file, and some
  /// blocks for folders and the manifest.
  private static func copies(of stores: [FoundStore]) -> Int {
    let block = 4096
    return stores.reduce(block) { sum, store in
      store.files.reduce(sum + 2 * block) { sum, file in
        sum + (Int(file.size) + block - 1) / block * block
      }
    }
  }

  private static func counted(_ stores: Int) -> String {
    stores == 1 ? "1 store" : "\(stores) stores"
  }
}
