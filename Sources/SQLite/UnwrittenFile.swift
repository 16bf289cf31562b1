import Glibc

/// A file of a database that no connection has open for writing, which can be read in place without
/// locks and without anything beside it.
public struct UnwrittenFile {
  private let path: String
  private let before: Database.Fingerprint

  /// Notes the state of a file; nil where a `-wal` or `-journal` file shows that a writer is or was
  /// active.
  public init?(_ path: String) throws(DatabaseError) {
    guard let found = try Self.look(at: path) else { return nil }
    self.path = path
    before = found
  }

  /// True where nobody has begun to write the file since, so that what was read from it holds.
  public var isUnchanged: Bool { (try? Self.look(at: path)) == before }

  private static func look(at path: String) throws(DatabaseError) -> Database.Fingerprint? {
    guard !Database.hasSideFile(path) else { return nil }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Database.systemError(path) }
    defer { close(file) }
    return try Database.fingerprint(file, path)
  }
}
