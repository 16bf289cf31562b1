internal import Models
internal import Stores

extension MigrationPlan {
  /// The space that the plan's stores will need on the server, at least and in total.
  struct ServerRoom: Equatable {
    /// The size of what cannot be compressed: vectors, ids, the ledger, models and originals; and a
    /// quarter of the texts.
    var least = 0
    /// The size of everything, including texts, metadata and the index.
    var whole = 0
  }

  /// Estimates the space from what was read of the files.
  func serverRoom(_ options: MigrationOptions) -> ServerRoom {
    var room = ServerRoom()
    for store in toMigrate {
      guard let contents = store.contents else { continue }
      let texts = Int(store.store.textSize)
      // PostgreSQL compresses texts; a ratio above four is only possible for repetitive texts.
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
      // A page of an HNSW index holds only a few long vectors, and the links between them.
      room.whole += rows * (4 * target.dimensions + 800)
    }
    return room
  }

  /// Returns the size of the run's models; they need it in the database and again as files.
  func modelBytes(_ options: MigrationOptions) -> Int {
    let isShared = options.reduction.sharing == .shared
    return (isShared ? modelStorage?.shared.bytes : modelStorage?.perStore.bytes) ?? 0
  }

  /// Returns the size of a row: its vector, stored in pieces of two thousand bytes, its entry in
  /// the primary key and its row in the ledger.
  private static func rowBytes(_ dimensions: Int) -> Int {
    let vector = 4 * dimensions + 8
    return vector + (vector > 2000 ? vector / 1996 * 36 : 0) + 24 + 80 + 40 + 140
  }
}
