package import Digests
package import Files
package import Stores

/// SHA-256 over the names, sizes and digests of a store's files: equal only for equal files.
package struct SourceDigest: Sendable, Equatable {
  /// The 32 bytes of the digest.
  package let bytes: [UInt8]

  /// Reads all files of a store and computes their digest.
  package init(of store: FoundStore) throws {
    if let refusal = store.refusalOfHoles { throw refusal }
    try self.init(of: store.files, in: try store.open())
  }

  /// Reads files in a folder and computes their digest.
  package init(of files: [StoreFile], in directory: Directory) throws {
    let files = try files.map { file in
      let hash = try SHA256()
      var size = 0
      try directory.openFile(named: file.name).forEachChunk { chunk in
        try hash.update(chunk)
        size += chunk.count
      }
      return BackupManifest.File(name: file.name, size: size, digest: try hash.finish())
    }
    try self.init(files: files)
  }

  /// Computes the digest from known names, sizes and digests of files.
  package init(files: [BackupManifest.File]) throws(CryptoError) {
    let hash = try SHA256()
    for file in files.sorted(by: { $0.name < $1.name }) {
      try hash.update(Array("\(file.name.utf8.count):\(file.name) \(file.size) ".utf8))
      try hash.update(file.digest.bytes)
    }
    bytes = try hash.finish().bytes
  }
}
