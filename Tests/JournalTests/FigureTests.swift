import Stores
import TestSupport
import Testing

@testable import Journal

@Suite struct FigureTests {
  let folder: JournalFolder

  init() throws { folder = try JournalFolder() }

  @Test func `figures come back as they were recorded`() throws {
    let journal = try RunJournal.open(path: folder.path)
    let run = try journal.makeRun([(first, .succeeded), (second, .failed)])
    let reduced = StoreFigures(
      format: "pickle", bytes: 12, storedDimensions: 2000, milliseconds: 7,
      recall: RecordedRecall(
        full: 0.5, neighbours: 10, queries: 3, scoreChange: 0.25, cut: 0.125, added: nil,
        doubled: 1, ranked: nil, keepsOriginals: true))
    let failed = StoreFigures(remedy: "set postgres://me:secret@host and run again")
    try journal.record(StoreFigures(format: "npy"), of: first, in: run)
    try journal.record(reduced, of: first, in: run)
    try journal.record(failed, of: second, in: run)
    try journal.record(
      [
        "seconds": .number(1.5), "server": .text("16.4 password=secret"), "odd": .number(.nan),
      ], in: run)
    for reader in [journal, try RunJournal.openReadOnly(path: folder.path)] {
      let stores = try reader.storeFigures(of: run)
      #expect(stores[first] == reduced)
      #expect(stores[second] == StoreFigures(remedy: "set postgres://me:***@host and run again"))
      #expect(
        try reader.figures(of: run) == [
          "seconds": .number(1.5), "server": .text("16.4 password=***"),
        ])
    }
  }

  @Test func `the spans of a stage have the documents of their stores`() throws {
    let journal = try RunJournal.open(path: folder.path)
    let run = try journal.beginRun(facts)
    try journal.plan([(first, "a"), (second, "b")], in: run)
    for store in [second, first] { try journal.record(store, stage: .write, in: run) }
    try journal.record(first, stage: .verify, in: run)
    try journal.finish(first, outcome: .succeeded, facts: StoreFacts(documents: 9), in: run)
    let spans = try journal.spans(of: .write, in: run)
    #expect(spans.map(\.store) == [second, first])
    #expect(spans.map(\.documents) == [nil, 9])
    #expect(spans.map { $0.milliseconds == nil } == [true, false])
    #expect(spans.map(\.outcome) == [.running, .succeeded])
  }
}
