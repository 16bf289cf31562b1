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
    public let digest: SHA256.Digest
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
    let manifest: JSONValue = [
      "format": 1, "run": .string(run.description),
      "started_at": .string(startedAt.description),
      "stores": .array(stores.map { $0.json(relativeTo: root) }),
    ]
    return manifest.text + "\n"
  }
}

extension BackupManifest.Store {
  fileprivate func json(relativeTo root: String) -> JSONValue {
    let inside =
      folder.hasPrefix(root + "/") ? String(folder.dropFirst(root.count + 1)) : folder
    return [
      "user": .string(name.user), "collection": .string(name.collection),
      "source": .string(source), "folder": .string(inside), "files": .array(files.map(\.json)),
    ]
  }
}

extension BackupManifest.File {
  fileprivate var json: JSONValue {
    ["name": .string(name), "bytes": .int(size), "sha256": .string(digest.description)]
  }
}
