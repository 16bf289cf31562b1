public import Stores

/// What a run's backup folder holds, so that a restore can check every byte first.
public struct BackupManifest: Sendable, Equatable {
  /// One copied file.
  public struct File: Sendable, Equatable {
    /// Its name, in the store and in the backup.
    public let name: String
    /// Its size in bytes.
    public let size: Int
    /// SHA-256 of its bytes.
    public let digest: [UInt8]
  }

  /// One copied store.
  public struct Store: Sendable, Equatable {
    /// The user and the collection.
    public let name: StoreName
    /// Where it was copied from.
    public let source: String
    /// Where the copy is.
    public let folder: String
    /// Its files.
    public let files: [File]
  }

  /// The run that made it.
  public let run: RunID
  /// When that run began.
  public let startedAt: CalendarTime
  /// What was copied.
  public let stores: [Store]

  /// The manifest as a JSON text; folders are named from the run's own.
  func json(relativeTo root: String) -> String {
    let stores = stores.map { store -> JSONValue in
      let folder = store.folder.hasPrefix(root + "/")
        ? String(store.folder.dropFirst(root.count + 1)) : store.folder
      return .object([
        ("user", .string(store.name.user)), ("collection", .string(store.name.collection)),
        ("source", .string(store.source)), ("folder", .string(folder)),
        ("files", .array(store.files.map(\.json))),
      ])
    }
    let manifest: JSONValue = .object([
      ("format", .int(1)), ("run", .string(run.description)),
      ("started_at", .string(startedAt.description)), ("stores", .array(stores)),
    ])
    return manifest.rendered() + "\n"
  }
}

extension BackupManifest.File {
  fileprivate var json: JSONValue {
    .object([
      ("name", .string(name)), ("bytes", .int(Int64(size))),
      ("sha256", .string(digest.hexadecimal)),
    ])
  }
}
