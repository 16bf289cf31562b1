package import Ledger
internal import OwnSchema
package import Stores

/// Whether what a run will write has room, where that can be seen from here.
package enum RoomCheck {
  /// Refuses a disk of backups that cannot take the copies of these stores.
  ///
  /// - Parameter models: bytes of the models that are kept as files beside the copies.
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

  /// Refuses a place that visibly has less room than is needed.
  package static func check(_ needed: Int, in directory: String, for what: String, remedy: String)
    throws(Failure)
  {
    let place = FreeSpace.existing(directory)
    // What cannot be looked at is no reason to refuse; the first write says what is wrong.
    guard let space = FreeSpace(at: place), !space.isReadOnly, space.bytes < needed else { return }
    throw Failure(
      .preflight,
      "\(directory) has \(FreeSpace.shown(space.bytes)) free, and \(what) need "
        + FreeSpace.shown(needed), remedy: remedy)
  }

  /// What copies take up: whole blocks for each file, and folders and a manifest besides.
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
