internal import Models
internal import Stores

extension MigrationPlan {
  /// What the plan's stores will take up at the server, at the least and altogether.
  struct ServerRoom: Equatable {
    /// Rows that cannot be made smaller: vectors, ids, the ledger, models and kept originals.
    var least = 0
    /// All of it: texts and metadata too, and the index.
    var whole = 0
  }

  /// Reckons it from what was read of the files.
  func serverRoom(_ options: MigrationOptions) -> ServerRoom {
    var room = ServerRoom()
    for store in toMigrate {
      guard let contents = store.contents else { continue }
      let texts = Int(store.store.textSize)
      // PostgreSQL compresses texts, by more than four times only where they repeat themselves.
      var least = contents.documents * Self.rowBytes(target.dimensions) + texts / 4
      if options.keepsOriginals, case .project(_, let source, _) = store.reduction {
        least += contents.documents * (2 * source + 80)
      }
      room.least += least
      room.whole += least + texts
    }
    let models = modelBytes(options)
    room.least += models
    room.whole += models
    if case .build(_, let rows) = index {
      // A page of an HNSW index holds few long vectors, and links between them.
      room.whole += rows * (4 * target.dimensions + 800)
    }
    return room
  }

  /// What the models of the run take up, in the database and once more as files.
  func modelBytes(_ options: MigrationOptions) -> Int {
    let isShared = options.reduction.sharing == .shared
    return (isShared ? modelStorage?.shared.bytes : modelStorage?.perStore.bytes) ?? 0
  }

  /// A row with its vector, stored whole in pieces of two thousand bytes, its entry in the primary
  /// key and its line in the ledger.
  private static func rowBytes(_ dimensions: Int) -> Int {
    let vector = 4 * dimensions + 8
    return vector + (vector > 2000 ? vector / 1996 * 36 : 0) + 24 + 80 + 40 + 140
  }
}
