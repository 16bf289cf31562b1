internal import Clock
internal import Files
package import Ledger
internal import Digests
internal import Glibc
package import Postgres
internal import OwnSchema
internal import Stores

/// The dumps of databases, in the folder `dumps` of the directory of backups.
///
/// A dump's name and its manifest say which database the dump is of; the manifest is written last.
/// A dump without a trusted manifest is never restored, and is removed only where it is unfinished.
package struct DatabaseDumps: Sendable {
  /// The result of restoring a dump into a scratch database.
  package struct Trial: Sendable, Equatable {
    /// The number of restored tables.
    package let tables: Int
    /// The number of rows in all these tables.
    package let rows: Int
  }

  let directory: String
  let isInterrupted: @Sendable () -> Bool
  let hooks: StageHooks

  /// Prepares access to the dumps in a directory of backups; creates and reads nothing.
  package init(
    backupDirectory: String, environment: [String: String] = [:],
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    directory = "\(backupDirectory)/dumps"
    self.isInterrupted = isInterrupted
    hooks = StageHooks(environment: environment, isInterrupted: isInterrupted)
  }

  /// Dumps a session's database; the dump is complete once its table of contents was read back and
  /// its manifest was written.
  package func make(of connection: Connection) throws(Failure) -> StoredDump {
    do {
      let identity = try DumpIdentity.read(connection)
      let programs = try DumpPrograms.find(forServer: connection.serverVersion)
      try checkRoom(for: connection)
      let isNew = access(directory, F_OK) != 0
      let parent = directory.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      try BackupFolder.makeDirectory(parent.joined(separator: "/"), mayExist: true)
      try BackupFolder.makeDirectory(directory, mayExist: true)
      let folder = try Directory(path: directory)
      let name = try freeName(for: identity, in: folder)
      do {
        return try fill(name, of: connection, identity: identity, with: programs, in: folder)
      } catch {
        // A dump that could not be completed is removed.
        for suffix in [".part", ".json.part"] { _ = try? folder.removeFile(named: name + suffix) }
        if isNew { rmdir(directory) }
        throw error
      }
    } catch {
      throw failure(error)
    }
  }

  /// Refuses where the disk has less free space than a tenth of the tables' size: a dump is
  /// compressed, but seldom smaller than that.
  private func checkRoom(for connection: Connection) throws {
    let tables: Int? = try connection.scalar(DatabaseQueries.size)
    let size = tables ?? 0
    try RoomCheck.check(
      size / 10, in: directory,
      for: "\(FreeSpace.shown(size)) of tables, even if the dump has a tenth of that size,",
      remedy: "make room there, or choose another place with --backup-dir")
  }

  private func fill(
    _ name: String, of connection: Connection, identity: DumpIdentity,
    with programs: DumpPrograms, in folder: Directory
  ) throws -> StoredDump {
    hooks.reached(.dumpBegun)
    let dump = try DatabaseDump(
      at: "\(directory)/\(name).part", programs: programs, isInterrupted: isInterrupted)
    // The rows are counted in the same snapshot that is dumped.
    let (traits, contents) = try connection.transaction(.repeatableRead, readOnly: true) {
      try DatabaseContents.fixForms(on: connection)
      let snapshot: String? = try connection.scalar("SELECT pg_export_snapshot()")
      try dump.make(of: connection, snapshot: snapshot ?? "")
      return (try DatabaseTraits.read(connection), try DatabaseContents.read(connection))
    }
    let entries = try dump.entries().count
    hooks.reached(.dumpWritten)
    let file = try folder.openFile(named: "\(name).part")
    let hash = try SHA256()
    try file.forEachChunk { try hash.update($0) }
    let manifest = DumpManifest(
      file: name, size: Int(file.facts.size), digest: try hash.finish(), madeAt: .now(),
      programVersion: ProgramVersion.current, pgDump: programs.major, identity: identity,
      traits: traits, entries: entries, contents: contents)
    try seal(name, with: manifest, in: folder)
    guard let stored = try StoredDump.read(name, in: folder, path: directory), stored.state == .good
    else {
      throw Failure(
        .backup, "\(directory)/\(name) was read back with other bytes than were written")
    }
    return stored
  }

  /// Gives the dump its name, and then writes its manifest, which makes it complete.
  private func seal(_ name: String, with manifest: DumpManifest, in folder: Directory) throws {
    try BackupFolder.sync(file: "\(directory)/\(name).part")
    try folder.renameFile("\(name).part", over: name)
    try folder.sync()
    hooks.reached(.dumpNamed)
    let text = DumpManifest.name(of: name)
    let output = try folder.createFile(named: "\(text).part")
    try output.write(manifest.json())
    try output.sync()
    try folder.renameFile("\(text).part", over: text)
    try folder.sync()
    hooks.reached(.dumpSealed)
  }

  /// Returns a name that no file has, and reserves it with an empty file: two runs in the same
  /// second get two names.
  private func freeName(for identity: DumpIdentity, in folder: Directory) throws -> String {
    let stamp = CalendarTime.now().compact
    for number in 1...999 {
      let count = number == 1 ? "" : "_\(number)"
      let name = "\(stamp)\(count)-\(identity.fileLabel)-\(identity.key).dump"
      let isTaken = try ["", ".part", ".json"].contains {
        try folder.facts(named: name + $0) != nil
      }
      if isTaken { continue }
      do throws(SystemFailure) {
        // pg_dump opens this existing file, and so keeps its mode.
        try OutputFile(creating: "\(directory)/\(name).part").sync()
        return name
      } catch {
        if error.code != EEXIST {
          throw BackupFolder.failure("write into \(directory)", code: error.code)
        }
      }
    }
    throw Failure(.backup, "cannot find a free name for \(directory)/\(stamp)")
  }

  /// Restores a dump into a scratch database of the server, compares its contents with the
  /// manifest, and drops the database.
  package func test(_ dump: StoredDump, on connection: Connection) throws(Failure) -> Trial {
    do {
      let manifest = try trusted(dump)
      let scratch = try ScratchDatabase(like: connection, for: manifest)
      defer { scratch.drop() }
      try file(of: dump, on: connection)
        .restore(into: scratch.name.name, like: connection)
      let found = try scratch.contents()
      if let difference = manifest.contents.difference(from: found) {
        throw Failure(.verification, "the trial restore gave a different result: \(difference)")
      }
      return Trial(tables: found.tables.count, rows: found.rows)
    } catch {
      throw failure(error)
    }
  }

  /// Returns a dump's file with the programs that can restore it on a session's server.
  ///
  /// The server may not understand statements of a newer `pg_restore`. A newer `pg_restore` is used
  /// only where that of the server's version cannot read the file.
  func file(of dump: StoredDump, on connection: Connection) throws -> DatabaseDump {
    let major = dump.manifest?.pgDump ?? 0
    let usual = try DumpPrograms.find(forServer: connection.serverVersion)
    let file = try DatabaseDump(at: dump.path, programs: usual, isInterrupted: isInterrupted)
    if usual.major >= major || (try? file.entries()) != nil { return file }
    return try DatabaseDump(
      at: dump.path, programs: .find(forServer: major * 10_000), isInterrupted: isInterrupted)
  }

  func failure(_ error: any Error) -> Failure {
    if isInterrupted() { return Failure(.interrupted, "interrupted") }
    if let error = error as? SystemFailure {
      return BackupFolder.failure("write into \(directory)", code: error.code)
    }
    guard let error = error as? DumpError else { return Failure(error) }
    return Failure(.backup, error.problem, remedy: error.remedy)
  }
}
