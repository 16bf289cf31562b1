import Clock
import Foundation
import Machine
import SQLite
import Stores
import TestSupport
import Testing

@testable import Journal

/// A journal for one test.
struct JournalFolder {
  let folder: TemporaryDirectory
  var path: String { folder.file("journal.sqlite") }

  init() throws { folder = try TemporaryDirectory("journal") }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }
}

let facts = RunFacts(
  mode: .migrate, version: "1.0.0", options: "--user a", database: "postgres at db, user ferry")
let first = StoreName(user: "ada", collection: "notes")
let second = StoreName(user: "björn", collection: "日本_été")

/// A process that has ended: a process with its number exists, but with another start time.
let ended = ProcessIdentity(
  host: ProcessIdentity.current.host, pid: Int(getpid()), start: "another boot:1")

extension RunJournal {
  /// Makes a run with the given outcomes; the run has ended unless a store is unfinished.
  func makeRun(
    _ outcomes: [(StoreName, Outcome)], mode: RunMode = .migrate
  ) throws -> RunID {
    let run = try beginRun(
      RunFacts(mode: mode, version: "1.0.0", options: "", database: "embedded"))
    try plan(outcomes.map { ($0.0, "user_data/\($0.0)") }, in: run)
    for (store, outcome) in outcomes where outcome != .pending {
      if outcome == .running {
        try record(store, stage: .load, in: run)
      } else {
        try finish(store, outcome: outcome, reason: "because", in: run)
      }
    }
    if outcomes.allSatisfy(\.1.isFinal) { try finishRun(run, exitStatus: 0) }
    return run
  }
}

@Suite struct RecordingTests {
  let folder: JournalFolder

  init() throws { folder = try JournalFolder() }

  @Test func `a run comes back as it was recorded`() throws {
    let journal = try RunJournal.open(
      path: folder.path, now: { Timestamp(millisecondsSince1970: 1_736_692_222_500) })
    let run = try journal.beginRun(facts)
    try journal.plan([(first, "user_data/ada/vector_store_notes"), (second, "b")], in: run)
    try journal.record(first, stage: .backup, in: run)
    try journal.record(
      first, stage: .load, facts: StoreFacts(backupPath: "migration_backup/x"), in: run)
    try journal.finish(
      first, outcome: .failed, reason: "row 3 has no text",
      facts: StoreFacts(documents: 3, vectors: 4, dimensions: 3072, sourceDigest: "ab"), in: run)
    try journal.note("retried once", store: first, in: run)
    try journal.note("server restarted", in: run)
    try journal.finishRun(run, exitStatus: 1)

    let record = try #require(try journal.run(run))
    #expect(record.facts == facts)
    #expect(record.exitStatus == 1 && record.state == .finished)
    #expect(record.tally == [.failed: 1, .pending: 1])
    #expect(record.startedAt.description == "2025-01-12T14:30:22Z")

    let stores = try journal.stores(of: run)
    #expect(stores.map(\.name) == [first, second])
    #expect(stores[0].path == "user_data/ada/vector_store_notes")
    #expect(stores[0].stage == .load && stores[0].outcome == .failed)
    #expect(stores[0].reason == "row 3 has no text")
    #expect(
      stores[0].facts
        == StoreFacts(
          documents: 3, vectors: 4, dimensions: 3072, sourceDigest: "ab",
          backupPath: "migration_backup/x"))
    #expect(stores[1].stage == nil && stores[1].outcome == .pending && stores[1].startedAt == nil)

    let timings = try journal.timings(of: first, in: run)
    #expect(timings.map(\.stage) == [.backup, .load])
    #expect(timings.allSatisfy { $0.milliseconds.map { (0..<10_000).contains($0) } ?? false })
    let events = try journal.events(of: run)
    #expect(events.map(\.message) == ["retried once", "server restarted"])
    #expect(events.map(\.store) == [first, nil])
  }

  @Test func `what is recorded is there after the file is opened again`() throws {
    let run = try RunJournal.open(path: folder.path).makeRun([(first, .succeeded)])
    #expect(try folder.names == ["journal.sqlite"])
    #expect(try RunJournal.open(path: folder.path).run(run)?.tally == [.succeeded: 1])
  }

  @Test func `a run or a store that was not begun is an error`() throws {
    let journal = try RunJournal.open(path: folder.path)
    let run = try journal.beginRun(facts)
    #expect(throws: JournalError.unknown(what: "store \(first) in run \(run)")) {
      try journal.record(first, stage: .load, in: run)
    }
    let unknown = RunID()
    #expect(throws: JournalError.unknown(what: "run \(unknown)")) {
      try journal.finishRun(unknown, exitStatus: 0)
    }
    #expect(throws: JournalError.self) { try journal.note("lost", in: RunID()) }
    #expect(try journal.timings(of: first, in: run).isEmpty)
  }

  @Test func `history is newest first, and no longer than asked for`() throws {
    let journal = try RunJournal.open(path: folder.path)
    let runs = try (0..<5).map { _ in try journal.makeRun([]) }
    #expect(try journal.history(limit: 3).map(\.id) == Array(runs.reversed().prefix(3)))
    #expect(try journal.history(limit: 0).isEmpty)
    let prefix = String(runs[1].description.prefix(12))
    #expect(try journal.runs(named: prefix).map(\.id) == [runs[1]])
    #expect(Set(runs).count == 5)
  }

  @Test(arguments: [
    ("postgresql://ferry:canary@db/app", "postgresql://ferry:***@db/app"),
    ("postgresql://ferry:can:a@ry@db", "postgresql://ferry:***@db"),
    ("host=db password=canary user=a", "host=db password=*** user=a"),
    ("password = 'can ary\\' x' host=b", "password = *** host=b"),
    ("PGPASSWORD=canary ENCRYPTION_MASTER_KEY=canary", "PGPASSWORD=*** ENCRYPTION_MASTER_KEY=***"),
    ("http://host:80/path", "http://host:80/path"),
  ])
  func `a password that stands in a text is blanked`(text: String, expected: String) throws {
    #expect(withoutPasswords(text) == expected)
    let journal = try RunJournal.open(path: folder.path)
    let run = try journal.beginRun(
      RunFacts(mode: .migrate, version: "", options: text, database: text))
    try journal.plan([(first, "a")], in: run)
    try journal.finish(first, outcome: .failed, reason: text, in: run)
    try journal.note(text, in: run)
    for name in try folder.names {
      let bytes = try #require(FileManager.default.contents(atPath: folder.folder.file(name)))
      #expect(bytes.range(of: Data("canary".utf8)) == nil, "\(name)")
      #expect(bytes.range(of: Data("can ary".utf8)) == nil, "\(name)")
    }
  }
}
