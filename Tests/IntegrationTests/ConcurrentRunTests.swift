import Foundation
import Postgres
import TestSupport
import Testing

/// Tests several runs, and several workers of one run, on one database.
@Suite(.needsServer)
struct ConcurrentRunTests {
  private func fleet(_ count: Int, rows: Int = 6) throws -> Ferry {
    let ferry = try Ferry()
    for number in 0..<count {
      try ferry.writeStore(
        user: "user\(number)", rows: Ferry.rows(rows, seed: UInt64(number)),
        texts: Ferry.texts(rows), extra: ["timestamp": "2024-05-01T10:00:00"])
    }
    return ferry
  }

  @Test
  func `two operators at once: a store that another run has is named with run, host and time`()
    throws
  {
    let ferry = try fleet(2)
    let first = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "verify"])
    #expect(first.waitForError("paused at verify"), "\(first.errors)")
    let second = try ferry.run()
    #expect(second.status == 1, "\(second.text)\(second.errorText)")
    let run: String? = try ferry.scalar(
      "SELECT id::text FROM vector_ferry.runs ORDER BY started_at LIMIT 1")
    let told = try #require(second.text.components(separatedBy: "Reason: ").last)
    #expect(told.contains("run \(run ?? "?") on host "), "\(second.text)")
    #expect(told.contains(" UTC (server process "))
    #expect(second.text.contains("--wait"))
    // No other run held the other store.
    #expect(try ferry.counts() == ["user1/notes": 6])
    first.signal(SIGUSR1)
    let outcome = try first.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["user0/notes": 6, "user1/notes": 6])
  }

  @Test(arguments: [true, false])
  func `two operators at once: an earlier plan never replaces what another run has written since`(
    isNew: Bool
  ) throws {
    let ferry = try fleet(1)
    if !isNew { #expect(try ferry.run().status == 0) }
    try ferry.writeStore(
      user: "user0", rows: Ferry.rows(7, seed: 70), texts: Ferry.texts(7))
    let slow = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "before-transaction"])
    #expect(slow.waitForError("paused at before-transaction"), "\(slow.errors)")
    try ferry.writeStore(
      user: "user0", rows: Ferry.rows(9, seed: 90), texts: Ferry.texts(9))
    #expect(try ferry.run().status == 0)
    slow.signal(SIGUSR1)
    let outcome = try slow.finish()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("another run has written the store since the plan was made"))
    #expect(try ferry.counts() == ["user0/notes": 9])
    #expect(try ferry.run("verify").status == 0)
  }

  @Test func `a store in other hands is told at once, also while others are under way`() throws {
    let ferry = try fleet(3)
    let first = try ferry.start(
      "--user", "user0", environment: ["VECTOR_FERRY_PAUSE_AT": "verify"])
    #expect(first.waitForError("paused at verify"), "\(first.errors)")
    let second = try ferry.start("--wait", "--jobs", "2")
    #expect(second.waitForError("waiting for it"), "\(second.errors)")
    first.signal(SIGUSR1)
    #expect(try first.finish().status == 0)
    #expect(try second.finish().status == 0)
    #expect(try ferry.counts().count == 3)
  }

  @Test func `a run whose connection breaks while it waits goes on waiting`() throws {
    let ferry = try fleet(1)
    let first = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "verify"])
    #expect(first.waitForError("paused at verify"), "\(first.errors)")
    let second = try ferry.start("--wait")
    #expect(second.waitForError("waiting for it"), "\(second.errors)")
    try ferry.database.connect().query(
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND state <> 'idle in transaction'
      """)
    #expect(second.waitForError("trying again"), "\(second.errors)")
    first.signal(SIGUSR1)
    #expect(try first.finish().status == 0)
    let outcome = try second.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.counts() == ["user0/notes": 6])
  }

  @Test func `with --wait a run waits for the store and finds it done`() throws {
    let ferry = try fleet(1)
    let first = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "verify"])
    #expect(first.waitForError("paused at verify"), "\(first.errors)")
    let second = try ferry.start("--wait")
    #expect(second.waitForError("waiting for it"), "\(second.errors)")
    first.signal(SIGUSR1)
    #expect(try first.finish().status == 0)
    let outcome = try second.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("unchanged since it was migrated"))
    #expect(try ferry.counts() == ["user0/notes": 6])
  }

  @Test func `with --wait a run takes over what another one left when it died`() throws {
    let ferry = try fleet(1)
    let first = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "before-commit"])
    #expect(first.waitForError("paused at before-commit"), "\(first.errors)")
    let second = try ferry.start("--wait")
    #expect(second.waitForError("waiting for it"), "\(second.errors)")
    first.signal(SIGKILL)
    _ = try first.finish()
    let outcome = try second.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Total documents migrated: 6"))
    #expect(try ferry.counts() == ["user0/notes": 6])
  }

  @Test func `a run that waits ends at once when it is interrupted`() throws {
    let ferry = try fleet(1)
    let first = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "verify"])
    #expect(first.waitForError("paused at verify"), "\(first.errors)")
    let second = try ferry.start("--wait")
    #expect(second.waitForError("waiting for it"), "\(second.errors)")
    second.signal(SIGINT)
    #expect(try second.finish().status == 130)
    first.signal(SIGKILL)
    _ = try first.finish()
  }

  @Test(arguments: [1, 4])
  func `stores carried over side by side end as those carried over one by one`(jobs: Int) throws {
    let ferry = try fleet(12)
    let plain = try fleet(12)
    #expect(try plain.run().status == 0)
    let outcome = try ferry.run("--jobs", "\(jobs)")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.contentDigest() == plain.contentDigest())
    // The lines of each store follow each other without lines of other stores.
    let lines = outcome.text.split(separator: "\n").map(String.init)
    for (index, line) in lines.enumerated() where line.hasPrefix("Migrating store: ") {
      let path = line.replacingOccurrences(of: "Migrating store: ", with: "")
        .replacingOccurrences(of: "/notes", with: "/vector_store_notes")
      #expect(lines[index + 1] == "  Path: user_data/\(path)")
    }
    #expect(outcome.text.contains("Successful: 12"))
    #expect(try ferry.run("--jobs", "3").text.contains("Unchanged: 12"))
  }

  @Test func `a worker's failure is its store's alone`() throws {
    let ferry = try fleet(6)
    try ferry.folder.write("[", to: "user_data/user3/vector_store_notes/metadata.json")
    let outcome = try ferry.run("--jobs", "3")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("Successful: 5"))
    #expect(try ferry.counts().count == 5)
  }

  @Test func `two runs with two workers each share the work, and no store is written twice`() throws
  {
    let count = Oracle.isFullRun ? 200 : 16
    let ferry = try fleet(count, rows: Oracle.isFullRun ? 60 : 6)
    // The tables exist before, so that only the work on stores is measured.
    try ferry.writeStore(user: "zoe", rows: Ferry.rows(1), texts: Ferry.texts(1))
    #expect(try ferry.run("--user", "zoe").status == 0)
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data/zoe"))
    let runs = try (0..<2).map { number in
      try ferry.start("--jobs", "2", "--wait", "--json", "--backup-dir", "backup\(number)")
    }
    var migrated: [String] = []
    for run in runs {
      let outcome = try run.finish()
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      let document = try #require(
        try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
      for store in try #require(document["stores"] as? [[String: Any]])
      where store["outcome"] as? String == "migrated" {
        migrated.append(store["user"] as? String ?? "?")
      }
    }
    #expect(migrated.count == count)
    #expect(Set(migrated).count == count)
    #expect(try ferry.counts().count == count + 1)
    // All rows of a store are from one transaction.
    #expect(
      try ferry.scalar(
        """
        SELECT max(n) FROM (SELECT count(DISTINCT xmin::text) AS n
        FROM vector_documents GROUP BY user_id) s
        """, as: Int.self) == 1)
  }
}
