import Foundation
import SQLite
import TestSupport
import Testing

@testable import Journal

@Suite struct FileTests {
  let folder: JournalFolder

  init() throws { folder = try JournalFolder() }

  @Test func `a journal that does not exist is empty, and is not created`() throws {
    let journal = try RunJournal.openReadOnly(path: folder.path)
    #expect(try journal.history().isEmpty)
    #expect(try journal.failedStores().isEmpty)
    #expect(try journal.lastOutcomes().isEmpty)
    #expect(try folder.names.isEmpty)
    #expect(throws: JournalError.readOnly(path: folder.path)) { try journal.beginRun(facts) }
  }

  @Test func `reading leaves nothing behind and changes nothing`() throws {
    _ = try RunJournal.open(path: folder.path).makeRun([(first, .failed)])
    let bytes = FileManager.default.contents(atPath: folder.path)
    let journal = try RunJournal.openReadOnly(path: folder.path)
    #expect(try journal.failedStores().map(\.name) == [first])
    #expect(try folder.names == ["journal.sqlite"])
    #expect(FileManager.default.contents(atPath: folder.path) == bytes)
  }

  @Test func `a reader sees what a run at work has recorded so far`() throws {
    let writer = try RunJournal.open(path: folder.path)
    _ = try writer.makeRun([(first, .succeeded)])
    let reader = try RunJournal.openReadOnly(path: folder.path)
    #expect(try reader.lastOutcomes().count == 1)
    _ = try writer.makeRun([(second, .succeeded)])
    #expect(try reader.lastOutcomes().count == 2)
  }

  @Test func `a file cut short at creation is an empty journal`() throws {
    try folder.folder.write("", to: "journal.sqlite")
    #expect(try RunJournal.openReadOnly(path: folder.path).history().isEmpty)
    let run = try RunJournal.open(path: folder.path).makeRun([(first, .succeeded)])
    #expect(try RunJournal.openReadOnly(path: folder.path).run(run) != nil)
  }

  @Test func `a change that a power loss left unfinished is taken back by whoever reads`() throws {
    let run = try RunJournal.open(path: folder.path).makeRun([(first, .succeeded)])
    let other = try JournalFolder()
    do {
      // The file is copied while it has a page of a transaction that has not ended.
      let writer = try Database(path: folder.path, mode: .readWrite)
      try writer.execute("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN")
      try writer.execute("CREATE TABLE filler (bytes)")
      try writer.execute("INSERT INTO filler VALUES (randomblob(100000)), (randomblob(100000))")
      for suffix in ["", "-journal"] {
        try FileManager.default.copyItem(
          atPath: folder.path + suffix, toPath: other.path + suffix)
      }
      try writer.execute("ROLLBACK")
    }
    let image = try #require(FileManager.default.contents(atPath: other.path))
    #expect(image.count > 100_000)
    let journal = try RunJournal.openReadOnly(path: other.path)
    #expect(try journal.run(run) != nil)
    #expect(try other.names == ["journal.sqlite"])
  }

  @Test func `a damaged file is named, and said to be deletable without harm`() throws {
    for cut in [1, 100, 5000] {
      try? FileManager.default.removeItem(atPath: folder.path)
      _ = try RunJournal.open(path: folder.path).makeRun([(first, .succeeded)])
      var bytes = try #require(FileManager.default.contents(atPath: folder.path))
      // Where `cut` is greater than 16, page 1 keeps its first bytes, and the schema itself is
      // damaged.
      bytes.replaceSubrange(
        cut..<bytes.count, with: Data(repeating: 0x5A, count: bytes.count - cut))
      try bytes.write(to: URL(fileURLWithPath: folder.path))
      for error in [
        journalError { try RunJournal.openReadOnly(path: folder.path).lastOutcomes() },
        journalError { try RunJournal.open(path: folder.path).makeRun([(first, .succeeded)]) },
      ] {
        let text = try #require(error, "cut at \(cut)").description
        #expect(text.contains(folder.path) && text.contains("deleted without harm"), "\(text)")
      }
      #expect(FileManager.default.contents(atPath: folder.path) == bytes)
    }
  }

  @Test func `a newer form is refused, to read and to write`() throws {
    _ = try RunJournal.open(path: folder.path).makeRun([(first, .succeeded)])
    try Database(path: folder.path, mode: .readWrite).setUserVersion(9)
    let expected = JournalError.newer(path: folder.path, found: 9, known: JournalSchema.version)
    #expect(throws: expected) { _ = try RunJournal.open(path: folder.path) }
    #expect(throws: expected) { _ = try RunJournal.openReadOnly(path: folder.path) }
    #expect(expected.description.contains("written by a newer VectorFerry"))
  }

  @Test func `another program's database is not touched`() throws {
    try Database(path: folder.path, mode: .create).execute("CREATE TABLE theirs (x)")
    let bytes = FileManager.default.contents(atPath: folder.path)
    let expected = JournalError.foreign(path: folder.path)
    #expect(throws: expected) { _ = try RunJournal.open(path: folder.path) }
    #expect(throws: expected) { _ = try RunJournal.openReadOnly(path: folder.path) }
    #expect(FileManager.default.contents(atPath: folder.path) == bytes)
  }

  @Test func `a link or a directory is not followed`() throws {
    let target = folder.folder.file("elsewhere")
    try FileManager.default.createSymbolicLink(atPath: folder.path, withDestinationPath: target)
    let expected = JournalError.notAFile(path: folder.path)
    #expect(throws: expected) { _ = try RunJournal.open(path: folder.path) }
    #expect(throws: expected) { _ = try RunJournal.openReadOnly(path: folder.path) }
    #expect(!FileManager.default.fileExists(atPath: target))
  }

  @Test func `a folder that may not be entered is not an empty journal`() async throws {
    _ = try RunJournal.open(path: folder.path).makeRun([(first, .failed)])
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.folder.path)
    await #expect(processExitsWith: .success) { [path = folder.path as String] in
      // Root may open every folder, so this process becomes another user.
      if getuid() == 0 { guard setgid(65534) == 0, setuid(65534) == 0 else { exit(2) } }
      guard case .refused(let error) = journalError({ try RunJournal.openReadOnly(path: path) })
      else { exit(3) }
      guard error.message == "Permission denied" else { exit(4) }
    }
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o700], ofItemAtPath: folder.folder.path)
  }

  @Test func `a journal that another process has locked is no fault of the disk`() throws {
    _ = try RunJournal.open(path: folder.path).makeRun([(first, .succeeded)])
    let holder = try Database(path: folder.path, mode: .readWrite)
    try holder.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    let error = journalError {
      let second = try Database(path: folder.path, mode: .readWrite, busyTimeout: 10)
      do {
        try second.execute("PRAGMA user_version")
        try second.execute("BEGIN IMMEDIATE")
      } catch {
        throw JournalError(error, path: folder.path)
      }
    }
    let remedy = try #require(error?.remedy)
    #expect(remedy.contains("end the process that holds \(folder.path) locked"))
    try holder.execute("ROLLBACK")
  }

  @Test func `without the directory there is no journal`() throws {
    let path = folder.folder.file("none/journal.sqlite")
    #expect(journalError { try RunJournal.open(path: path) } != nil)
    #expect(try RunJournal.openReadOnly(path: path).history().isEmpty)
  }
}

/// Returns the journal's error that `body` throws; nil where it throws none.
func journalError<Result>(_ body: () throws -> Result) -> JournalError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? JournalError
  }
}
