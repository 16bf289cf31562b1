import CSQLite
import Glibc

extension Database {
  /// Copies a file that no connection has open into a read-only database in memory; nil if a
  /// connection may have the file open.
  ///
  /// Nothing is created in the file's directory, and no lock is taken. Where there is also a `-wal`
  /// or `-journal` file, or where the file changes meanwhile, a writer is or was active. The result
  /// is then nil, and the caller has to open the file itself.
  public static func snapshot(of path: String) throws(DatabaseError) -> Database? {
    guard !hasSideFile(path) else { return nil }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw systemError(path) }
    defer { close(file) }
    let before = try fingerprint(file, path)
    guard before.size > 0 else { return try Database() }
    let image = try contents(of: file, size: before.size, path: path)
    guard try fingerprint(file, path) == before, !hasSideFile(path) else {
      sqlite3_free(image)
      return nil
    }
    return try Database(image: image, size: before.size, path: path)
  }

  /// Creates a database from `image`, whose memory SQLite allocated, and frees when the database is
  /// closed.
  private convenience init(
    image: UnsafeMutablePointer<UInt8>, size: Int, path: String
  ) throws(DatabaseError) {
    // Bytes 18 and 19 select WAL, which a database in memory cannot have (file format, 1.3.3).
    if size > 19, image[18] == 2 { (image[18], image[19]) = (1, 1) }
    do {
      let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY
      try self.init(name: ":memory:", path: path, flags: flags, busyTimeout: 0)
    } catch {
      sqlite3_free(image)
      throw error
    }
    let ownership = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY)
    let count = Int64(size)
    let code = sqlite3_deserialize(handle, "main", image, count, count, ownership)
    // SQLite frees the image in this case too.
    guard code == SQLITE_OK else { throw DatabaseError(handle, code: code, path: path) }
  }

  private static func contents(
    of file: Int32, size: Int, path: String
  ) throws(DatabaseError) -> UnsafeMutablePointer<UInt8> {
    guard let space = sqlite3_malloc64(UInt64(size)) else {
      throw DatabaseError(code: SQLITE_NOMEM, message: "out of memory", path: path)
    }
    var filled = 0
    while filled < size {
      let count = pread(file, space + filled, size - filled, off_t(filled))
      if count < 0 && errno == EINTR { continue }
      // The file has become shorter: the caller's second check will notice.
      if count == 0 { break }
      guard count > 0 else {
        defer { sqlite3_free(space) }
        throw systemError(path)
      }
      filled += count
    }
    return space.assumingMemoryBound(to: UInt8.self)
  }

  /// The properties that change when a file is written.
  struct Fingerprint: Equatable {
    var size: Int
    var seconds: Int
    var nanoseconds: Int
  }

  static func fingerprint(
    _ file: Int32, _ path: String
  ) throws(DatabaseError) -> Fingerprint {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw systemError(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DatabaseError(code: SQLITE_CANTOPEN, message: "not a regular file", path: path)
    }
    return Fingerprint(
      size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }

  static func hasSideFile(_ path: String) -> Bool {
    ["-wal", "-journal"].contains { access(path + $0, F_OK) == 0 }
  }

  static func systemError(_ path: String) -> DatabaseError {
    DatabaseError(code: SQLITE_CANTOPEN, message: String(cString: strerror(errno)), path: path)
  }
}
