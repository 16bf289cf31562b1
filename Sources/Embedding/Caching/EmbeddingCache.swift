internal import Clock
internal import Digests
internal import Glibc
internal import SQLite

/// The cache of paid embeddings and of spending, in a file of mode 0600.
///
/// The file contains hashes and vectors, no texts. Several processes may use it at once.
public final class EmbeddingCache {
  /// The path of the file.
  public let path: String
  private(set) var database: Database
  /// The file as it was when it was opened to be read without locks; nil for any other opening.
  private var unwritten: UnwrittenFile?
  private let isReadOnly: Bool
  /// True where a commit that is not synced to the disk cannot damage the file.
  private var hasWriteAheadLog = false
  /// When a commit was last synced to the disk, in seconds; nil before the first.
  private var syncedAt: Double?

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
    isReadOnly = false
    do {
      database = try Database(path: path, mode: .create)
      try database.useWriteAheadLog()
      try database.withTransaction(.immediate) { try Self.prepare(database, path: path) }
      hasWriteAheadLog = try database.value("PRAGMA journal_mode") == .text("wal")
    } catch {
      throw Self.fault(error, path)
    }
  }

  /// Opens the cache of a directory for reading; creates nothing beside it, and changes nothing in
  /// it.
  init(reading directory: String) throws(EmbeddingError) {
    let path = "\(directory)/\(Self.fileName)"
    self.path = path
    isReadOnly = true
    do {
      let (database, file) = try Self.openForReading(path)
      let (found, version) = (try database.applicationID(), try database.userVersion())
      try Self.check(found, version, path)
      (self.database, unwritten) = (database, file)
    } catch {
      throw Self.fault(error, path)
    }
  }

  private static func openForReading(_ path: String) throws -> (Database, UnwrittenFile?) {
    if let file = try UnwrittenFile(path) {
      return (try Database(path: path, mode: .immutable), file)
    }
    do {
      let database = try Database(path: path, mode: .readOnly)
      _ = try database.userVersion()
      return (database, nil)
    } catch  where error.needsRecovery {
      // A power loss has left an unfinished change, which only a writer may roll back.
      return (try Database(path: path, mode: .readWrite), nil)
    }
  }

  private static func check(_ found: Int, _ version: Int, _ path: String) throws {
    guard found == Int(application), (1...Int(Self.version)).contains(version) else {
      throw fault("\(path) is no cache of embeddings, or another version made it")
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
    try check(found, version, path)
    guard version < Int(Self.version) else { return }
    for step in CacheFiles.upgrades { try database.execute(step.text) }
    try database.setUserVersion(Self.version)
  }

  /// Finds the vector of a key; nil where there is no vector, or where it is damaged; a damaged
  /// vector is deleted, unless the cache is only read.
  func vector(_ key: EmbeddingKey) throws(EmbeddingError) -> [Float]? {
    guard let file = unwritten else { return try find(key) }
    let found = Result { () throws(EmbeddingError) in try find(key) }
    if file.isUnchanged { return try found.get() }
    // Somebody has begun to write: from now on the file is read with locks.
    try attempt {
      database = try Database(path: path, mode: .readOnly)
      unwritten = nil
    }
    return try find(key)
  }

  private func find(_ key: EmbeddingKey) throws(EmbeddingError) -> [Float]? {
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
      if !isReadOnly {
        try database.run("DELETE FROM embeddings WHERE key = ?", [.blob(key.digest.bytes)])
      }
      return nil
    }
  }

  /// Stores vectors and settles their cost in one transaction.
  func keep(_ vectors: [(key: EmbeddingKey, vector: [Float])], _ settling: () throws -> Void)
    throws(EmbeddingError)
  {
    try change {
      var insert = try database.prepare("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)")
      for (key, vector) in vectors {
        let bytes = Self.bytes(vector)
        try insert.run(
          [.blob(key.digest.bytes), .blob(bytes), .blob(try Self.checksum(key, bytes))])
      }
      try settling()
    }
  }

  /// Runs `body` in a transaction.
  ///
  /// A commit is in the file for whatever happens to this process. A commit is synced to the disk
  /// once in a second only, with all before it, because requests wait for it.
  func change<Result>(_ body: () throws -> Result) throws(EmbeddingError) -> Result {
    try attempt {
      let now = MonotonicClock.seconds()
      let isDue = !hasWriteAheadLog || syncedAt.map { now - $0 >= 1 } ?? true
      try database.execute("PRAGMA synchronous = \(isDue ? "FULL" : "NORMAL")")
      let result = try database.withTransaction(.immediate, body)
      if isDue { syncedAt = now }
      return result
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
