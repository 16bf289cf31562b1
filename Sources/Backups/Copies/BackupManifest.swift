package import Ledger
internal import Bounds
package import Digests
internal import JSON
package import Stores

/// What a run's backup folder holds, so that a restore can check every byte first.
package struct BackupManifest: Sendable, Equatable {
  /// One copied file.
  package struct File: Sendable, Equatable {
    /// Its name, in the store and in the backup.
    package let name: String
    /// Its size in bytes.
    package let size: Int
    /// SHA-256 of its bytes.
    let digest: SHA256.Digest

    package init(name: String, size: Int, digest: SHA256.Digest) {
      self.name = name
      self.size = size
      self.digest = digest
    }
  }

  /// One copied store.
  package struct Store: Sendable, Equatable {
    /// The user and the collection.
    package let name: StoreName
    /// Where it was copied from.
    package let source: String
    /// Where the copy lies.
    let folders: Folders
    /// Its files.
    package let files: [File]
    /// How its files are laid out.
    var format = StoreFormat.simple
    /// The folders that led from the root to its files; nil where they follow from the name.
    var place: [String]?

    /// The folders that lead from a root to where its files go when they are restored.
    package var sourceFolders: [String] { place ?? format.folders(of: name) }

    /// The folder of the copy, from the run's own.
    package var folder: String { folders.path }

    /// The bytes of all files together.
    package var size: Int { files.map(\.size).sumSaturated() }
  }

  /// The run that made it.
  package let run: RunID
  /// When that run began.
  package let startedAt: CalendarTime
  /// What was copied.
  package let stores: [Store]

  static let fileName = "manifest.json"

  /// The manifest as a JSON text, its own digest last; the same value is always the same text.
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
    // The first format goes without saying, as it did when there was no other one.
    if format != .simple { store["format"] = .string(format.name) }
    if let place { store["place"] = .array(place.map(JSONValue.string)) }
    return .object(store)
  }
}

extension BackupManifest.File {
  fileprivate var json: JSONValue {
    ["name": .string(name), "bytes": .int(size), "sha256": .string(digest.description)]
  }
}
