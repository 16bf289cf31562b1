import Foundation
import Postgres
import TestSupport
import Testing

/// Tests rows of the table of faults; each fault is really caused.
@Suite(.needsServer)
struct FaultRowTests {
  private func ferry(documents: Int = 2000) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(documents), texts: Ferry.texts(documents))
    return ferry
  }

  /// Expects that the database has no extension, no table and no ledger.
  private func expectUntouched(_ ferry: Ferry) throws {
    let objects: Int? = try ferry.scalar(
      """
      SELECT (SELECT count(*) FROM pg_extension WHERE extname = 'vector')
           + (SELECT count(*) FROM pg_class WHERE relname = 'vector_documents')
           + (SELECT count(*) FROM pg_namespace WHERE nspname = 'vector_ferry')
      """)
    #expect(objects == 0)
  }

  @Test(
    .enabled(if: MountedDisk.isPossible, "mounting needs root"),
    arguments: ["size=128k", "size=8m,ro"])
  func `backup disk full or read-only`(options: String) throws {
    let ferry = try ferry()
    let disk = try MountedDisk(at: ferry.folder.file("small"), options: options)
    let before = try contents(of: ferry.folder.file("user_data"))
    let outcome = try ferry.run("--backup-dir", "small")
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("small") && outcome.errorText.contains("Remedy"))
    try expectUntouched(ferry)
    #expect(try contents(of: ferry.folder.file("user_data")) == before)
    let listed = try ferry.run("backups", "list", "--backup-dir", "small")
    #expect(!listed.text.contains("complete"), "\(listed.text)")
    withExtendedLifetime(disk) {}
    #expect(try ferry.run().status == 0)
  }

  @Test func `backup disk full or read-only: files limited in size`() throws {
    let ferry = try ferry()
    let outcome = try TestSupport.run(
      "/bin/bash", ["-c", "ulimit -f 128; exec \(Ferry.binary) migrate"],
      environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("File too large"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("vectors.pkl"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("ulimit -f"), "\(outcome.errorText)")
    try expectUntouched(ferry)
    #expect(try ferry.run().status == 0)
  }

  @Test func `clock skew, two runs in a second`() throws {
    let ferry = try ferry(documents: 5)
    for user in ["bob", "eve", "joe"] {
      try ferry.writeStore(user: user, rows: Ferry.rows(5), texts: Ferry.texts(5))
    }
    // All runs wait after their backups, which were made in the same second.
    let runs = try ["ann", "bob", "eve", "joe"].map {
      try ferry.start("--user", $0, environment: ["VECTOR_FERRY_PAUSE_AT": "before-transaction"])
    }
    for run in runs {
      #expect(run.waitForError("paused at before-transaction"), "\(run.errors)")
      run.signal(SIGUSR1)
    }
    for run in runs {
      let outcome = try run.finish()
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    }
    #expect(try ferry.counts().count == 4)
    // A run with a clock of yesterday is still the latest run; times are shown in seconds.
    usleep(1_100_000)
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    try ferry.run("--user", "ann", environment: ["TZ": "XXX+20"])
    let document =
      try JSONSerialization.jsonObject(
        with: try ferry.run("backups", "verify", "--json").output) as? [String: Any]
    let backups = try #require(document?["backups"] as? [[String: Any]])
    #expect(backups.count == 5)
    #expect(Set(backups.compactMap { $0["run"] as? String }).count == 5)
    #expect(backups.allSatisfy { $0["state"] as? String == "good" })
    let newest: String? = try ferry.scalar(
      "SELECT run_id::text FROM vector_ferry.stores WHERE user_id = 'ann'")
    #expect(backups.first?["run"] as? String == newest)
    #expect(try ferry.run("rollback", "--dry-run").text.contains(try #require(newest)))
  }

  @Test func `wrong or missing key`() throws {
    let ferry = try Ferry()
    try ferry.addSamples("juniper")
    let missing = try ferry.run()
    #expect(missing.status == 1)
    #expect(missing.text.contains("ENCRYPTION_MASTER_KEY is not set"), "\(missing.text)")
    let wrong = try ferry.run(environment: ["ENCRYPTION_MASTER_KEY": "wrong-not-real"])
    #expect(wrong.status == 1)
    #expect(wrong.text.contains("does not authenticate") && !wrong.text.contains("is not set"))
    // There is no table either: no store that can be written decides the number of dimensions.
    try expectUntouched(ferry)
  }

  // MARK: Faults that are not in the table

  @Test(arguments: [
    "user_data", "user_data/ann", "user_data/ann/vector_store_notes",
    "user_data/ann/vector_store_notes/deep/er", "./user_data/../user_data",
  ])
  func `a directory of backups that a scan would trip over is refused`(path: String) throws {
    let ferry = try ferry(documents: 3)
    let before = try contents(of: ferry.folder.path)
    for arguments in [["--backup-dir", path], ["--dry-run", "--backup-dir", path]] {
      let outcome = try TestSupport.run(
        Ferry.binary, Ferry.words(arguments),
        environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
      #expect(outcome.errorText.contains("--backup-dir"))
    }
    #expect(try contents(of: ferry.folder.path) == before)
    try expectUntouched(ferry)
    #expect(try ferry.run("--backup-dir", "user_data/backups").status == 0)
  }

  @Test func `--failed goes by database and table`() throws {
    let ferry = try ferry(documents: 3)
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3), texts: Ferry.texts(2))
    #expect(try ferry.run().status == 1)
    #expect(try ferry.run("--table", "other", "--failed").status == 3)
    #expect(try ferry.run("--table", "other", "--user", "ann").status == 0)
    #expect(try ferry.run("--failed").text.contains("Total stores: 1"))
    let url = try ferry.database.url
    let named = try ferry.run(
      "--failed", "--database-url", url, environment: ["DATABASE_URL": ""])
    #expect(named.text.contains("Total stores: 1"), "\(named.text)\(named.errorText)")
  }

  @Test func `what an interrupted run has left is not shown as running`() throws {
    let ferry = try ferry(documents: 3)
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3), texts: Ferry.texts(3))
    let running = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "copying"])
    #expect(running.waitForError("paused at copying"), "\(running.errors)")
    #expect(try ferry.run("status").text.contains("running"))
    running.signal(SIGTERM)
    #expect(try running.finish().status == 130)
    let status = try ferry.run("status")
    #expect(!status.text.contains("running"), "\(status.text)")
    #expect(status.text.contains("not finished"))
  }

  @Test func `scan names a store whose vectors are damaged`() throws {
    let ferry = try ferry(documents: 3)
    let path = ferry.folder.file("user_data/ann/vector_store_notes/vectors.pkl")
    #expect(truncate(path, 40) == 0)
    let outcome = try ferry.run("scan")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("damaged: vectors.pkl"), "\(outcome.text)")
  }
}
