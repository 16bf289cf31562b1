import Machine
import SQLite
import Stores
import TestSupport
import Testing

@testable import Journal

/// Tests journals that the program's first version has written.
@Suite struct VersionTests {
  /// The id of the run of the first version.
  private let old = "0b7e4f0e-5c1d-4d8e-9d53-6f0c7a3c2a11"

  let folder: JournalFolder

  init() throws {
    folder = try JournalFolder()
    let database = try Database(path: folder.path, mode: .create)
    try JournalSchema.prepare(database, path: folder.path)
    for column in ["identity", "table_name", "takes_back"] {
      try database.execute("ALTER TABLE runs DROP COLUMN \(column)")
    }
    for table in ["figures", "results"] { try database.execute("DROP TABLE \(table)") }
    try database.setUserVersion(1)
    try database.execute(
      """
      INSERT INTO runs (id, mode, version, options, database, host, pid, process_start, started_at,
        finished_at, exit_status)
      VALUES ('\(old)', 'migrate', '0.1.0', 'migrate --table docs', 'somewhere (from DATABASE_URL)',
        'elsewhere', 1, '', 1, 2, 1);
      INSERT INTO stores (run, user_id, collection, change, path, outcome)
      VALUES ('\(old)', 'ada', 'notes', 1, 'a', 'failed'), ('\(old)', 'björn', '日本_été', 2, 'b', 'succeeded');
      """)
  }

  @Test func `an earlier version's file is read as it is`() throws {
    let journal = try RunJournal.openReadOnly(path: folder.path)
    let run = try #require(try journal.history().first)
    #expect(run.facts.identity == nil && run.facts.table == nil && run.facts.undoneRun == nil)
    #expect(run.tally == [.failed: 1, .succeeded: 1])
    let target = RunTarget(database: "somewhere", identities: ["1/2"], table: "docs")
    #expect(try journal.failedStores(target: target).map(\.name) == [first])
    #expect(try Database(path: folder.path, mode: .readOnly).userVersion() == 1)
    #expect(try journal.storeFigures(of: run.id).isEmpty && journal.figures(of: run.id).isEmpty)
  }

  @Test func `the next run brings it up, and both versions' runs are read`() throws {
    let journal = try RunJournal.open(path: folder.path)
    let run = try journal.beginRun(
      RunFacts(
        mode: .rollback, version: "0.2.0", options: "", database: "somewhere", identity: "7/16384",
        table: "public.docs", undoneRun: RunID(old)))
    try journal.plan([(first, "a")], in: run)
    try journal.finish(first, outcome: .partlyRolledBack, in: run)
    try journal.finishRun(run, exitStatus: 0)
    for reader in [journal, try RunJournal.openReadOnly(path: folder.path)] {
      let runs = try reader.allRuns()
      #expect(runs.map(\.facts.identity) == [nil, "7/16384"])
      #expect(
        runs.last?.facts.table == "public.docs" && runs.last?.facts.undoneRun?.description == old)
      #expect(try reader.lastOutcomes(of: [run]).map(\.outcome) == [.partlyRolledBack])
      #expect(try reader.run(run)?.tally == [.partlyRolledBack: 1])
    }
    #expect(try Database(path: folder.path, mode: .readOnly).userVersion() == 3)
  }

  @Test func `what failed with one database has not failed with another under the same words`()
    throws
  {
    let journal = try RunJournal.open(path: folder.path)
    for (identity, store) in [("7/1", first), ("7/2", second)] {
      let run = try journal.beginRun(
        RunFacts(
          mode: .migrate, version: "0.2.0", options: "--table docs", database: "somewhere",
          identity: identity))
      try journal.plan([(store, "")], in: run)
      try journal.finish(store, outcome: .failed, in: run)
      try journal.finishRun(run, exitStatus: 1)
    }
    func failed(_ identity: String?) throws -> [StoreName] {
      try journal.failedStores(
        target: RunTarget(
          database: "somewhere", identities: Set([identity].compactMap { $0 }), table: "docs")
      ).map(\.name)
    }
    // The first version's run did not know which database it was.
    #expect(try failed("7/1") == [first])
    #expect(try failed("7/2") == [first, second])
    #expect(try failed(nil) == [first, second])
  }

  @Test(arguments: [
    (Outcome.interrupted, true), (.taken, true), (.failed, true), (.rolledBack, false),
    (.partlyRolledBack, false), (.restored, false),
  ])
  func `what was not carried over is taken up again`(outcome: Outcome, isFailed: Bool) throws {
    let journal = try RunJournal.open(path: folder.path)
    _ = try journal.makeRun([(first, outcome)])
    #expect(try journal.failedStores().map(\.name) == (isFailed ? [first] : []))
  }
}
