internal import Glibc
public import Postgres
internal import Stores

/// Dumps of the target database, in the folder `dumps` of the directory of backups.
public struct DatabaseDumps {
  /// One dump on disk.
  public struct StoredDump: Sendable, Equatable {
    /// The file as the operator would type it.
    public let path: String
    /// Its size in bytes.
    public let size: Int
    /// Seconds since 1970 at which it was finished.
    public let finished: Int
  }

  /// What was found when a dump was restored into a scratch database.
  public struct Trial: Sendable, Equatable {
    /// Tables that came back.
    public let tables: Int
    /// Rows in all of them.
    public let rows: Int
  }

  private let directory: String
  private let programs: [String]
  private let isInterrupted: @Sendable () -> Bool

  /// The dumps beside the backups of a directory.
  ///
  /// - Parameter programs: directories to look for `pg_dump` in first.
  public init(
    backupDirectory: String, programs: [String] = [],
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    directory = "\(backupDirectory)/dumps"
    self.programs = programs
    self.isInterrupted = isInterrupted
  }

  /// Dumps a session's database; the file counts when its table of contents was read back.
  public func make(of connection: Connection) throws(Failure) -> (StoredDump, entries: Int) {
    do {
      let found = try DumpPrograms.find(forServer: connection.serverVersion, among: programs)
      let parent = directory.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      try BackupFolder.makeDirectory(parent.joined(separator: "/"), mayExist: true)
      try BackupFolder.makeDirectory(directory, mayExist: true)
      let name = try freeName()
      let partial = "\(directory)/\(name).part"
      // pg_dump opens it as it is, and its mode with it.
      try OutputFile(creating: partial).sync()
      do {
        let dump = try DatabaseDump(at: partial, programs: found, isInterrupted: isInterrupted)
        try dump.make(of: connection)
        let entries = try dump.entries().count
        let folder = try StoreDirectory(path: directory)
        try folder.renameFile("\(name).part", over: name)
        try folder.sync()
        return (try stored(name, in: folder), entries)
      } catch {
        unlink(partial)
        throw error
      }
    } catch let error as OutputFile.Failed {
      throw BackupFolder.failure("write into \(directory)", code: error.code)
    } catch {
      throw failure(error)
    }
  }

  /// Every dump, newest first.
  public func all() throws(Failure) -> [StoredDump] { try files(endingIn: ".dump") }

  /// What dumps that were killed have left, and those under way, newest first.
  public func unfinished() throws(Failure) -> [StoredDump] { try files(endingIn: ".dump.part") }

  private func files(endingIn suffix: String) throws(Failure) -> [StoredDump] {
    guard StoreDirectory.exists(directory) else { return [] }
    do {
      let folder = try StoreDirectory(path: directory)
      let names = try folder.entryNames().compactMap { String(validating: $0, as: UTF8.self) }
      return try names.filter { $0.hasSuffix(suffix) }.map { try stored($0, in: folder) }
        .sorted { ($0.finished, $0.path) > ($1.finished, $1.path) }
    } catch {
      throw failure(error)
    }
  }

  /// Removes dumps older than so many days, never the newest, and what killed ones have left;
  /// returns what went.
  public func prune(olderThanDays days: Int) throws(Failure) -> [StoredDump] {
    let now = Int(time(nil))
    // A dump under way goes on writing: what has lain still for a day is nobody's.
    let left = try unfinished().filter { $0.finished < now - 86_400 }
    let old = try all().dropFirst().filter { $0.finished < now - days * 86_400 } + left
    for dump in old {
      guard unlink(dump.path) == 0 else { throw BackupFolder.failure("remove \(dump.path)") }
    }
    return old
  }

  /// Restores a dump into a scratch database of the server, counts what came, and drops it again.
  public func test(_ dump: StoredDump, on connection: Connection) throws(Failure) -> Trial {
    let scratch = Identifier("vector_ferry_restore_\(RunID().description.prefix(8))")
    do {
      let found = try DumpPrograms.find(forServer: connection.serverVersion, among: programs)
      try connection.query("CREATE DATABASE \(scratch) TEMPLATE template0")
      defer { _ = try? connection.query("DROP DATABASE IF EXISTS \(scratch)") }
      try DatabaseDump(at: dump.path, programs: found, isInterrupted: isInterrupted)
        .restore(into: scratch.name, like: connection)
      return try Self.count(
        Connection.open(connection.target(database: scratch.name), isInterrupted: isInterrupted))
    } catch {
      throw failure(error)
    }
  }

  private static func count(_ session: Connection) throws -> Trial {
    let names = try session.query(
      """
      SELECT schemaname::text, tablename::text FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
      """)
    var rows = 0
    for index in 0..<names.rowCount {
      let table = QualifiedName(
        schema: Identifier(try names.value(index, 0)), Identifier(try names.value(index, 1)))
      rows += try session.scalar("SELECT count(*) FROM \(table)") ?? 0
    }
    return Trial(tables: names.rowCount, rows: rows)
  }

  private func freeName() throws -> String {
    let stamp = CalendarTime.now().compact
    for number in 1...100 {
      let name = "\(stamp)\(number == 1 ? "" : "_\(number)").dump"
      let isFree = ["", ".part"].allSatisfy { !StoreDirectory.exists("\(directory)/\(name)\($0)") }
      if isFree { return name }
    }
    throw Failure(.backup, "cannot find a free name for \(directory)/\(stamp)")
  }

  private func stored(_ name: String, in folder: StoreDirectory) throws(StoreError) -> StoredDump {
    let facts = try folder.facts(named: name)
    return StoredDump(
      path: "\(directory)/\(name)", size: Int(facts?.size ?? 0),
      finished: Int((facts?.modified ?? 0) / 1_000_000_000))
  }

  private func failure(_ error: any Error) -> Failure {
    guard let error = error as? DumpError else { return Failure(error) }
    return isInterrupted()
      ? Failure(.interrupted, "interrupted")
      : Failure(.backup, error.problem, remedy: error.remedy)
  }
}
