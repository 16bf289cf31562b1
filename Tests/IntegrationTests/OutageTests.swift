import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that a server that goes away is reported once for a run, and not for each store.
@Suite(.needsServer)
struct OutageTests {
  private static let patience = Oracle.isFullRun ? 60 : 3

  private func fleet(_ count: Int, rows: Int = 4) throws -> Ferry {
    let ferry = try Ferry()
    for number in 0..<count {
      try ferry.writeStore(
        user: "user\(number + 10)", rows: Ferry.rows(rows, seed: UInt64(number)),
        texts: Ferry.texts(rows), extra: ["timestamp": "2024-05-01T10:00:00"])
    }
    return ferry
  }

  private func document(_ outcome: ProcessOutcome) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
  }

  private func storesIn(_ server: OrdinaryServer) throws -> Int {
    let session = try Connection.open(
      ConnectionTarget(source: "test", url: server.socketURL), settings: .untouched)
    return try session.scalar("SELECT count(DISTINCT user_id) FROM vector_documents") ?? 0
  }

  @Test(arguments: [true, false])
  func `a server that is stopped ends the run once, and the next run completes`(isJSON: Bool) throws
  {
    let ferry = try fleet(60)
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let database = ["DATABASE_URL": isJSON ? server.url : server.socketURL]
    let words = ["--jobs", "2", "--give-up-after", "\(Self.patience)"] + (isJSON ? ["--json"] : [])
    let running = try ferry.start(
      words, environment: database.merging(["VECTOR_FERRY_PAUSE_AT": "verify"]) { $1 })
    for count in 1...5 {
      #expect(running.waitForErrors("paused at verify", count: 2 * count), "\(running.errors)")
      if count < 5 { running.signal(SIGUSR1) }
    }
    server.stop()
    let began = ContinuousClock.now
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(ContinuousClock.now - began < .seconds(Self.patience + 30))
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    let warnings = outcome.errorText.components(separatedBy: "the server does not answer").count - 1
    #expect(warnings == 1, "\(outcome.errorText)")
    #expect(!outcome.errorText.contains("trying again in"), "\(outcome.errorText)")
    if isJSON {
      let document = try document(outcome)
      let summary = try #require(document["summary"] as? [String: Int])
      #expect(summary["failed"] == 2 && summary["not_begun"] == 50 && summary["total"] == 60)
      #expect((document["not_begun"] as? [[String: String]])?.count == 50)
      let outage = try #require(document["outage"] as? [String: Any])
      #expect((outage["reason"] as? String)?.contains("has not answered for") == true)
      #expect(document["interrupted"] as? Bool == false)
    } else {
      #expect(outcome.text.contains("Failed: 2\n"), "\(outcome.text)")
      #expect(outcome.text.contains("Not begun: 50\n"), "\(outcome.text)")
      #expect(outcome.text.contains("❌ Stopped: the server has not answered for"))
      #expect(!outcome.text.contains("Interrupted"))
    }
    try server.start()
    #expect(try storesIn(server) == 8)
    let again = try ferry.run("--failed", "--jobs", "2", environment: database)
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try storesIn(server) == 60)
    #expect(try ferry.run("verify", environment: database).status == 0)
  }

  @Test func `a server that comes back in time is gone on with, and said so`() throws {
    let ferry = try fleet(6)
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let database = ["DATABASE_URL": server.url]
    let running = try ferry.start(
      ["--jobs", "2", "--give-up-after", "60"],
      environment: database.merging(["VECTOR_FERRY_PAUSE_AT": "before-commit"]) { $1 })
    #expect(running.waitForErrors("paused at before-commit", count: 2), "\(running.errors)")
    server.stop()
    running.signal(SIGUSR1)
    #expect(running.waitForError("the server does not answer"), "\(running.errors)")
    try server.start()
    let resumed = DispatchWorkItem {
      while running.isRunning {
        running.signal(SIGUSR1)
        usleep(20_000)
      }
    }
    DispatchQueue.global().async(execute: resumed)
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("The server is back after"))
    #expect(try storesIn(server) == 6)
  }

  @Test func `a COMMIT whose answer was lost for good is said to be unknown`() throws {
    let ferry = try fleet(1)
    try ferry.writeStore(user: "zoe", rows: Ferry.rows(1), texts: Ferry.texts(1))
    #expect(try ferry.run("--user", "zoe").status == 0)
    let proxy = try CommitProxy(cutting: .after, thenClosing: true)
    let host = proxy.folder.path.replacingOccurrences(of: "/", with: "%2F")
    let url = try "postgresql://\(TestServer.address.user)@\(host):5432/\(ferry.database.name)"
    let outcome = try ferry.run(
      "--user", "user10", "--give-up-after", "1", environment: ["DATABASE_URL": url])
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("the outcome is unknown"), "\(outcome.text)")
    #expect(outcome.text.contains("the ledger in the database shows what was committed"))
    #expect(!outcome.text.contains("the open transaction was not committed"))
    #expect(try ferry.counts() == ["user10/notes": 4, "zoe/notes": 1])
    let again = try ferry.run("--user", "user10")
    #expect(again.text.contains("unchanged since it was migrated"), "\(again.text)")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a wait for the server ends at once when the run is interrupted`(signal: Int32) throws {
    let ferry = try fleet(3)
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let running = try ferry.start(
      ["--jobs", "2"],
      environment: ["DATABASE_URL": server.url, "VECTOR_FERRY_PAUSE_AT": "copying"])
    #expect(running.waitForErrors("paused at copying", count: 2), "\(running.errors)")
    server.stop()
    running.signal(SIGUSR1)
    #expect(running.waitForError("the server does not answer"), "\(running.errors)")
    let began = ContinuousClock.now
    running.signal(signal)
    let outcome = try running.finish()
    #expect(ContinuousClock.now - began < .seconds(5))
    #expect(outcome.status == 130, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Not begun: 1"), "\(outcome.text)")
  }

  @Test func `a session that the server ends is its store's own matter`() throws {
    let ferry = try fleet(2)
    let running = try ferry.start([], environment: ["VECTOR_FERRY_PAUSE_AT": "verify"])
    #expect(running.waitForError("paused at verify"), "\(running.errors)")
    try ferry.database.connect().query(
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """)
    for count in 2...3 {
      running.signal(SIGUSR1)
      #expect(running.waitForErrors("paused at verify", count: count), "\(running.errors)")
    }
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("user10/notes: "))
    #expect(outcome.errorText.contains("trying again in"))
    #expect(!outcome.errorText.contains("the server does not answer"))
  }

  @Test(arguments: ["verify", "rollback"])
  func `other commands stop once, too, and say what they have not begun`(command: String) throws {
    let ferry = try fleet(12)
    #expect(try ferry.run().status == 0)
    var stopped: ProcessOutcome?
    // The number of bytes decides where the command is cut; it should be cut in the middle.
    for size in stride(from: 20_000, through: 400_000, by: 20_000) {
      let proxy = try CutProxy(cuts: 1, after: size...size, seed: 1, then: .closed)
      let outcome = try ferry.run(
        command: [command, "--give-up-after", "1", "--json"]
          + (command == "rollback" ? ["--yes"] : []),
        environment: ["DATABASE_URL": proxy.url(of: ferry.database)])
      if outcome.status == 3 { continue }
      stopped = outcome
      break
    }
    let outcome = try #require(stopped)
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    let document = try document(outcome)
    let left = try #require(document["not_begun"] as? [[String: String]]).count
    #expect((1...11).contains(left), "\(outcome.text)")
    #expect((document["stores"] as? [[String: Any]])?.count == 12 - left)
    #expect(
      ((document["outage"] as? [String: Any])?["reason"] as? String)?.contains("has not answered")
        == true)
    #expect(outcome.errorText.components(separatedBy: "the server does not answer").count == 2)
    #expect(
      try ferry.run(command: [command] + (command == "rollback" ? ["--yes"] : [])).status == 0)
    #expect(try ferry.counts().count == (command == "verify" ? 12 : 0))
  }

  @Test func `a server that is gone before the first store: none is begun`() throws {
    let ferry = try fleet(3)
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let running = try ferry.start(
      ["--give-up-after", "1"],
      environment: ["DATABASE_URL": server.url, "VECTOR_FERRY_PAUSE_AT": "backup"])
    #expect(running.waitForError("paused at backup"), "\(running.errors)")
    server.stop()
    for count in 2...3 {
      running.signal(SIGUSR1)
      #expect(running.waitForErrors("paused at backup", count: count), "\(running.errors)")
    }
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Not begun: 3"), "\(outcome.text)")
    try server.start()
    #expect(try ferry.run("--failed", environment: ["DATABASE_URL": server.url]).status == 0)
    #expect(try storesIn(server) == 3)
  }
}
