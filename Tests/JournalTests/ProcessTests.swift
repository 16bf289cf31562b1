import Foundation
import Machine
import Synchronization
import TestSupport
import Testing

@testable import Journal

/// Tests journals of several processes; a child exits with the number of the failed step, or is
/// killed.
@Suite struct ProcessTests {
  let folder: JournalFolder

  init() throws { folder = try JournalFolder() }

  @Test(arguments: [mode_t(0o000), 0o077, 0o277])
  func `the files are private, whatever the umask`(mask: mode_t) async {
    await #expect(processExitsWith: .success) { [path = folder.path as String, mask] in
      umask(mask)
      let journal = try RunJournal.open(path: path)
      _ = try journal.makeRun([(first, .succeeded)])
      for suffix in ["", "-wal", "-shm"] {
        var status = stat()
        guard stat(path + suffix, &status) == 0 else { exit(2) }
        guard status.st_mode & 0o7777 == 0o600 else { exit(3) }
      }
    }
  }

  @Test func `a killed run is seen as died, and its store is taken up again`() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
      let journal = try RunJournal.open(path: path)
      _ = try journal.makeRun([(first, .running), (second, .succeeded)])
      kill(getpid(), SIGKILL)
    }
    let before = try folder.names
    #expect(before == ["journal.sqlite", "journal.sqlite-shm", "journal.sqlite-wal"])
    let log = FileManager.default.contents(atPath: folder.path + "-wal")
    let reader = try RunJournal.openReadOnly(path: folder.path)
    #expect(try reader.failedStores().map(\.name) == [first])
    #expect(try reader.history().map(\.state) == [.died])
    #expect(try folder.names == before)
    #expect(FileManager.default.contents(atPath: folder.path + "-wal") == log)

    // The next run uses the journal, and leaves no other files in the folder.
    _ = try RunJournal.open(path: folder.path).makeRun([(first, .succeeded)])
    #expect(try RunJournal.openReadOnly(path: folder.path).failedStores().isEmpty)
  }

  @Test func `two processes that create one journal at once both record`() async throws {
    async let one: Void = record(20)
    async let two: Void = record(20)
    async let three: Void = record(20)
    _ = try await (one, two, three)
    let runs = try RunJournal.openReadOnly(path: folder.path).history(limit: 100)
    #expect(runs.count == 60)
    #expect(runs.allSatisfy { $0.state == .finished && $0.tally == [.succeeded: 1, .failed: 1] })
    #expect(Set(runs.map(\.process.pid)).count == 3)
  }

  /// A process that opens the file while another one creates its tables must not refuse it as a
  /// file of another program.
  @Test func `a journal that comes into form while it is looked at is not a foreign one`() throws {
    for number in 0..<60 {
      let path = folder.path + ".\(number)"
      let failures = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        do { _ = try RunJournal.open(path: path) } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
      #expect(failures.withLock { $0 } == [])
    }
  }

  private func record(_ count: Int) async throws {
    await #expect(processExitsWith: .success) { [path = folder.path as String, count] in
      let journal = try RunJournal.open(path: path)
      for _ in 0..<count { _ = try journal.makeRun([(first, .succeeded), (second, .failed)]) }
    }
  }

  @Test func `one journal serves several threads`() async throws {
    let journal = try RunJournal.open(path: folder.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { _ = try journal.makeRun([(first, .succeeded), (second, .failed)]) }
      }
      try await group.waitForAll()
    }
    #expect(try journal.history(limit: 100).count == 8)
    #expect(try journal.failedStores().map(\.name) == [second])
  }
}
