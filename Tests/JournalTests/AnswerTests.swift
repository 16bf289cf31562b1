import Clock
import Machine
import SQLite
import Stores
import TestSupport
import Testing

@testable import Journal

@Suite struct AnswerTests {
  let folder: JournalFolder
  let journal: RunJournal

  init() throws {
    folder = try JournalFolder()
    journal = try RunJournal.open(path: folder.path)
  }

  private var failed: [StoreName] {
    get throws { try journal.failedStores().map(\.name) }
  }

  @Test(arguments: [
    ([Outcome.failed], true), ([.succeeded], false), ([.unchanged], false),
    ([.skipped], false), ([.failed, .succeeded], false), ([.succeeded, .failed], true),
    ([.failed, .skipped], true), ([.succeeded, .skipped], false), ([.failed, .unchanged], false),
  ])
  func `the latest outcome decides whether a store is taken up again`(
    outcomes: [Outcome], isFailed: Bool
  ) throws {
    for outcome in outcomes { _ = try journal.makeRun([(first, outcome), (second, .succeeded)]) }
    #expect(try failed == (isFailed ? [first] : []))
  }

  @Test func `a run that leaves a store out says nothing about it`() throws {
    let failing = try journal.makeRun([(first, .failed)])
    _ = try journal.makeRun([(second, .succeeded)])
    #expect(try failed == [first])
    let latest = try journal.lastOutcomes()
    #expect(latest.map(\.name) == [first, second])
    #expect(latest[0].run == failing && latest[0].reason == "because")
  }

  @Test(arguments: [Outcome.running, .pending])
  func `a store in work is not failed, nor is one that waits`(outcome: Outcome) throws {
    let run = try journal.makeRun([(first, outcome)])
    #expect(try journal.run(run)?.state == .running)
    #expect(try failed == [])
  }

  @Test(arguments: [Outcome.running, .pending])
  func `a store that an interrupted run left is taken up again`(outcome: Outcome) throws {
    let run = try journal.makeRun([(first, outcome), (second, .succeeded)])
    try journal.finishRun(run, exitStatus: 130)
    #expect(try failed == [first])
  }

  @Test(arguments: [Outcome.running, .pending])
  func `a store that a run left when it died is taken up again`(outcome: Outcome) throws {
    let run = try RunJournal.open(path: folder.path, process: ended).makeRun([(first, outcome)])
    #expect(try journal.run(run)?.state == .died)
    #expect(try failed == [first])
    _ = try journal.makeRun([(first, .succeeded)])
    #expect(try failed == [])
  }

  @Test func `a run on another machine cannot be asked, so its stores are taken up`() throws {
    let process = ProcessIdentity(host: "elsewhere.invalid", pid: 1, start: "")
    let run = try RunJournal.open(path: folder.path, process: process)
      .makeRun([(first, .running)])
    #expect(try journal.run(run)?.state == .elsewhere)
    #expect(try failed == [first])
  }

  @Test func `the outcome that came last wins, though its run began first`() throws {
    let early = try journal.makeRun([(first, .pending)])
    _ = try journal.makeRun([(first, .failed)])
    try journal.finish(first, outcome: .succeeded, in: early)
    #expect(try failed == [])
    #expect(try journal.lastOutcomes().map(\.run) == [early])
  }

  @Test func `names that differ in their Unicode normalisation are two stores`() throws {
    let names = ["\u{E9}", "e\u{301}"].map { StoreName(user: $0, collection: "notes") }
    let run = try journal.makeRun(names.map { ($0, .failed) })
    let found = try journal.lastOutcomes(of: [run]).map(\.name.user.utf8.count)
    #expect(found.sorted() == [2, 3])
  }

  @Test func `a clock set back changes nothing`() throws {
    let past = try RunJournal.open(path: folder.path, now: { Timestamp(millisecondsSince1970: 0) })
    _ = try journal.makeRun([(first, .failed)])
    let run = try past.makeRun([(first, .succeeded)])
    #expect(try failed == [])
    #expect(try journal.history().first?.id == run)
  }

  @Test func `a rollback does not pass for a migration`() throws {
    _ = try journal.makeRun([(first, .failed)])
    let rollback = try journal.makeRun([(first, .succeeded)], mode: .rollback)
    #expect(try failed == [first])
    #expect(try journal.lastOutcomes(mode: .rollback).map(\.run) == [rollback])
  }

  @Test func `this process lives, one that never was does not`() throws {
    #expect(ProcessIdentity.current.isAlive == true)
    #expect(ended.isAlive == false)
    // The process has ended and its number is still in use, as for a moment after kill -9.
    let killed = try UnreapedProcess()
    for start in ["", "x"] {
      #expect(
        ProcessIdentity(host: ended.host, pid: killed.pid, start: start).isAlive == false,
        "\(start)")
    }
    #expect(ProcessIdentity(host: ended.host, pid: 99_999_999, start: "x").isAlive == false)
  }
}
