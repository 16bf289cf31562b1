internal import Models
internal import Stores
internal import VectorMath

extension MigrationPlan {
  /// The space that the plan's stores will need on the server, in bytes: the least, and the whole.
  struct ServerRoom: Equatable {
    /// The size of all data that cannot be compressed (vectors, ids, the ledger, models,
    /// originals), and of a quarter of the texts.
    var least = 0
    /// The size of all data, with all texts, metadata and the index.
    var whole = 0
  }

  /// Estimates the space on the server from the facts that were read about the files.
  func serverRoom(_ options: MigrationOptions) -> ServerRoom {
    var room = ServerRoom()
    for store in toMigrate {
      guard let contents = store.contents else { continue }
      let texts = Int(store.store.textSize)
      // PostgreSQL compresses texts; a ratio above four is only possible for repetitive texts.
      var least = contents.documents * Self.rowBytes(target.dimensions) + texts / 4
      let originals = contents.documents * (2 * contents.dimensions + 80)
      let mayKeep = store.mayKeepOriginals(options.originals, options)
      if options.originals == .always || store.measurement?.keepsOriginals == true {
        least += mayKeep ? originals : 0
      } else if mayKeep, store.measurement == nil {
        // Only what is measured during the run decides this.
        room.whole += originals
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

  /// Returns the size of the run's models in bytes; this much space is needed in the database, and
  /// again for the models' files.
  func modelBytes(_ options: MigrationOptions) -> Int {
    let isShared = options.reduction.sharing == .shared
    return (isShared ? modelStorage?.shared.bytes : modelStorage?.perStore.bytes) ?? 0
  }

  /// Returns the size of a row in bytes: its vector, stored in pieces of two thousand bytes, its
  /// entry in the primary key and its row in the ledger.
  private static func rowBytes(_ dimensions: Int) -> Int {
    let vector = 4 * dimensions + 8
    return vector + (vector > 2000 ? vector / 1996 * 36 : 0) + 24 + 80 + 40 + 140
  }
}

extension PlannedStore {
  /// True where a projection makes the store's vectors shorter.
  var isProjected: Bool { if case .project = reduction { true } else { false } }

  /// Returns false where it is already known, before the store is measured, that no originals are
  /// kept: the operator does not want them, nothing is reduced, or nothing is lost.
  func mayKeepOriginals(_ choice: OriginalsChoice, _ options: MigrationOptions) -> Bool {
    guard case .project(let kind, _, let target) = reduction else { return false }
    let isExact =
      kind == .uncentered && !options.reduction.usesSharedModel(reduction)
      && contents.map { $0.documents < target } ?? false
    return choice == .always || choice == .auto && !isExact
  }
}
