internal import Digests
internal import Glibc
internal import SQLite

/// The cache of paid embeddings and of spending, in a file of mode 0600.
///
/// The file contains hashes and vectors, no texts. Several processes may use it at once.
public final class EmbeddingCache {
  /// The path of the file.
  public let path: String
  let database: Database

  /// The application number "VFEC", which marks the file as a cache.
  private static let application: Int32 = 0x5646_4543
  private static let version: Int32 = 2

  /// Opens `embeddings.sqlite` in a directory; creates a missing file or directory for its owner
  /// only.
  public convenience init(directory: String) throws(EmbeddingError) {
    if mkdir(directory, 0o700) == 0 {
      // mkdir applies the umask; the mode must not depend on it.
      chmod(directory, 0o700)
    } else if errno != EEXIST {
      throw Self.fault("\(directory): \(String(cString: strerror(errno)))")
    }
    try self.init(path: "\(directory)/\(Self.fileName)")
  }

  private static let fileName = "embeddings.sqlite"

  /// Returns true where a directory has a cache.
  public static func exists(in directory: String) -> Bool {
    access("\(directory)/\(fileName)", F_OK) == 0
  }

  init(path: String) throws(EmbeddingError) {
    self.path = path
    do {
      database = try Database(path: path, mode: .create)
      try database.useWriteAheadLog()
      try database.withTransaction(.immediate) { try Self.prepare(database, path: path) }
    } catch {
      throw Self.fault(error, path)
    }
  }

  private static func prepare(_ database: Database, path: String) throws {
    let (found, version) = (try database.applicationID(), try database.userVersion())
    if found == 0, version == 0,
      try database.value("SELECT count(*) FROM sqlite_schema") == .integer(0)
    {
      for table in CacheFiles.cache { try database.execute(table.text) }
      try database.setApplicationID(application)
      return try database.setUserVersion(Self.version)
    }
    guard found == Int(application), (1...Int(Self.version)).contains(version) else {
      throw fault("\(path) is no cache of embeddings, or another version made it")
    }
    guard version < Int(Self.version) else { return }
    for step in CacheFiles.upgrades { try database.execute(step.text) }
    try database.setUserVersion(Self.version)
  }

  /// Finds the vector of a key; nil where there is no vector, or where it is damaged; a damaged
  /// vector is deleted.
  func vector(_ key: EmbeddingKey) throws(EmbeddingError) -> [Float]? {
    try attempt {
      let row = try database.first(
        "SELECT vector, checksum FROM embeddings WHERE key = ?", [.blob(key.digest.bytes)]
      ) { ($0.kind(0) == .blob ? try $0.blob(0) : [], try $0.value(1)) }
      guard let (bytes, checksum) = row else { return nil }
      if !bytes.isEmpty, bytes.count.isMultiple(of: 4),
        checksum == .blob(try Self.checksum(key, bytes))
      {
        return Self.vector(bytes)
      }
      try database.run("DELETE FROM embeddings WHERE key = ?", [.blob(key.digest.bytes)])
      return nil
    }
  }

  /// Stores vectors and settles their cost in one transaction.
  func keep(_ vectors: [(key: EmbeddingKey, vector: [Float])], _ settling: () throws -> Void)
    throws(EmbeddingError)
  {
    try attempt {
      try database.withTransaction(.immediate) {
        for (key, vector) in vectors {
          let bytes = Self.bytes(vector)
          try database.run(
            "INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)",
            [.blob(key.digest.bytes), .blob(bytes), .blob(try Self.checksum(key, bytes))])
        }
        try settling()
      }
    }
  }

  /// Runs `body`, and adds the file's name to errors of SQLite.
  func attempt<Result>(_ body: () throws -> Result) throws(EmbeddingError) -> Result {
    do { return try body() } catch { throw Self.fault(error, path) }
  }

  private static func fault(_ error: any Error, _ path: String) -> EmbeddingError {
    if let error = error as? EmbeddingError { return error }
    if let error = error as? DatabaseError { return fault("\(path): \(error.message)") }
    return fault("\(path): \(error)")
  }

  private static func fault(_ words: String) -> EmbeddingError {
    EmbeddingError(
      .cache, "the cache of embeddings cannot be used: \(words)",
      remedy: "make room, or move the file away: the embeddings in it are then paid for again")
  }

  // MARK: Vectors as bytes, little-endian

  private static func bytes(_ vector: [Float]) -> [UInt8] {
    vector.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
  }

  private static func vector(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }

  private static func checksum(_ key: EmbeddingKey, _ bytes: [UInt8]) throws -> [UInt8] {
    try SHA256.digest(of: key.digest.bytes + bytes).bytes
  }
}
