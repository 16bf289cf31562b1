package import Clock
internal import Bounds
package import Digests
internal import JSON
package import Machine
package import Stores

/// The list of the stores and files in a run's backup, with their digests, by which a restore
/// checks every byte before it writes.
package struct BackupManifest: Sendable, Equatable {
  /// A copied file.
  package struct File: Sendable, Equatable {
    /// The file's name, in the store and in the backup.
    package let name: String
    /// The file's size in bytes.
    package let size: Int
    /// The SHA-256 of the file's bytes.
    let digest: SHA256.Digest

    package init(name: String, size: Int, digest: SHA256.Digest) {
      self.name = name
      self.size = size
      self.digest = digest
    }
  }

  /// A copied store.
  package struct Store: Sendable, Equatable {
    /// The user and the collection.
    package let name: StoreName
    /// The path that the store was copied from.
    package let source: String
    /// The folders in which the copy of the store is.
    let folders: Folders
    /// The copied files of the store.
    package let files: [File]
    /// The format of the store's files.
    var format = StoreFormat.simple
    /// The folders that lead from the root to the files; nil where these follow from the name.
    var place: [String]?
    /// True where the operator had named the store's place, which was not below the root of all
    /// stores: `place` then leads from the folder that contains what was named.
    package var isGiven = false

    /// The folders below the target in which a restore puts the files.
    package var sourceFolders: [String] {
      isGiven ? [name.user] + (place ?? []) : place ?? format.folders(of: name)
    }
    /// The folders that lead from the folder which contains a named place to the files; nil for a
    /// store whose place was not named.
    package var givenFolders: [String]? { isGiven ? place ?? [] : nil }

    /// The path of the copy within the run's folder.
    package var folder: String { folders.path }

    /// The size of all files together.
    package var size: Int { files.map(\.size).sumSaturated() }
  }

  /// The run that made the backup.
  package let run: RunID
  /// The time at which the run began.
  package let startedAt: CalendarTime
  /// The copied stores.
  package let stores: [Store]

  static let fileName = "manifest.json"

  /// Returns the manifest as JSON text with its own digest at the end; the same value always gives
  /// the same text.
  func json() throws -> String {
    let digest = try SHA256.digest(of: Array(value(checksum: nil).text.utf8))
    return value(checksum: digest.description).text + "\n"
  }

  private func value(checksum: String?) -> JSONValue {
    var manifest: JSONObject = [
      "format": 1, "run": .string(run.description),
      "started_at": .string(startedAt.description), "stores": .array(stores.map(\.json)),
    ]
    if let checksum { manifest["checksum"] = .string(checksum) }
    return .object(manifest)
  }
}

extension BackupManifest.Store {
  fileprivate var json: JSONValue {
    var store: JSONObject = [
      "user": .string(name.user), "collection": .string(name.collection),
      "source": .string(source), "folder": .string(folder), "files": .array(files.map(\.json)),
    ]
    // A store without a format is of the format `simple`, as in manifests of versions that knew no
    // other format.
    if format != .simple { store["format"] = .string(format.name) }
    if let place { store["place"] = .array(place.map(JSONValue.string)) }
    if isGiven { store["given"] = true }
    return .object(store)
  }
}

extension BackupManifest.File {
  fileprivate var json: JSONValue {
    ["name": .string(name), "bytes": .int(size), "sha256": .string(digest.description)]
  }
}
