import Foundation
import Postgres
import TestSupport
import Testing

/// Tests faults between the program and the server: after each, the store is complete and was
/// written once.
@Suite(.needsServer)
struct LostConnectionTests {
  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(40), texts: Ferry.texts(40), extra: ["timestamp": "2024-05-01T10:00:00"])
    return ferry
  }

  private func terminateOthers(_ ferry: Ferry) throws {
    try ferry.database.connect().query(
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()
      """)
  }

  @Test(arguments: [CommitProxy.Cut.before, .after])
  func `connection cut, COMMIT's answer lost: the ledger is asked before anything is written again`(
    cut: CommitProxy.Cut
  ) throws {
    let rounds = Oracle.isFullRun ? 40 : 1
    for _ in 0..<rounds { try loseConnection(cut) }
    FaultLog.note("connection cut; COMMIT's answer lost", rounds, "connections cut \(cut) COMMIT")
  }

  private func loseConnection(_ cut: CommitProxy.Cut) throws {
    let ferry = try ferry()
    // The table exists before, so that only the store's transaction copies rows.
    try ferry.writeStore(user: "zoe", rows: Ferry.rows(1), texts: Ferry.texts(1))
    #expect(try ferry.run("--user", "zoe").status == 0)
    // A trigger records every committed write of a row, also where a later write replaces the row.
    try ferry.database.connect().execute(
      script: """
        CREATE TABLE written (id uuid);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN INSERT INTO written VALUES (NEW.id); RETURN NULL; END $$;
        CREATE TRIGGER note AFTER INSERT ON vector_documents FOR EACH ROW EXECUTE FUNCTION note();
        """)
    let proxy = try CommitProxy(cutting: cut)
    defer { proxy.close() }
    let host = proxy.folder.path.replacingOccurrences(of: "/", with: "%2F")
    let url = try "postgresql://\(TestServer.address.user)@\(host):5432/\(ferry.database.name)"
    let outcome = try ferry.run("--json", "--user", "ann", environment: ["DATABASE_URL": url])
    #expect(proxy.cuts == 1)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("trying again"), "\(outcome.errorText)")
    #expect(outcome.text.contains(#""documents": 40"#), "\(outcome.text)")
    #expect(try ferry.counts() == ["ann/notes": 40, "zoe/notes": 1])
    // One transaction has written all rows: no row was written a second time.
    #expect(
      try ferry.scalar(
        "SELECT count(DISTINCT xmin::text) FROM vector_documents WHERE user_id = 'ann'",
        as: Int.self) == 1)
    #expect(try ferry.scalar("SELECT count(*) FROM written", as: Int.self) == 40)
    #expect(try ferry.scalar("SELECT count(*) FROM vector_ferry.runs", as: Int.self) == 2)
  }

  @Test(arguments: ["before-transaction", "copying", "verify", "before-commit"])
  func `server restart, backend terminated: rolled back, then tried again`(stage: String) throws {
    let ferry = try ferry()
    let running = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": stage])
    #expect(running.waitForError("paused at \(stage)"), "\(running.errors)")
    try terminateOthers(ferry)
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 0)
    running.signal(SIGUSR1)
    #expect(running.waitForErrors("paused at \(stage)", count: 2), "\(running.errors)")
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("trying again"))
    #expect(try ferry.counts() == ["ann/notes": 40])
  }

  @Test func `a session that was cut while copies were made is opened again`() throws {
    let ferry = try ferry()
    let running = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "backup"])
    #expect(running.waitForError("paused at backup"), "\(running.errors)")
    try terminateOthers(ferry)
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("trying again"))
    #expect(try ferry.counts() == ["ann/notes": 40])
  }

  @Test func `the lock of a session that the server has not missed yet is waited for`() throws {
    let ferry = try ferry()
    try ferry.writeStore(user: "zoe", rows: Ferry.rows(1), texts: Ferry.texts(1))
    #expect(try ferry.run("--user", "zoe").status == 0)
    let proxy = try CommitProxy(cutting: .before, keepingServerFor: 2)
    defer { proxy.close() }
    let host = proxy.folder.path.replacingOccurrences(of: "/", with: "%2F")
    let url = try "postgresql://\(TestServer.address.user)@\(host):5432/\(ferry.database.name)"
    let outcome = try ferry.run("--user", "ann", environment: ["DATABASE_URL": url])
    #expect(proxy.cuts == 1)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("has held the store since"), "\(outcome.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 40, "zoe/notes": 1])
  }

  @Test func `a connection that is cut every time fails its store after so many tries`() throws {
    let ferry = try ferry()
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3, seed: 9), texts: Ferry.texts(3))
    let running = try ferry.start(
      "--user", "ann",
      environment: ["VECTOR_FERRY_PAUSE_AT": "verify", "VECTOR_FERRY_RETRIES": "2"])
    for number in 1...3 {
      #expect(running.waitForErrors("paused at verify", count: number), "\(running.errors)")
      try terminateOthers(ferry)
      running.signal(SIGUSR1)
    }
    let outcome = try running.finish()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Failed: ann/notes"))
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 0)
    #expect(try ferry.run("--failed").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 40])
  }

  @Test func `what another try cannot change is not tried again`() throws {
    let ferry = try ferry()
    #expect(try ferry.run().status == 0)
    try ferry.database.connect().execute(
      script: """
        UPDATE vector_documents SET text = 'x';
        ALTER TABLE vector_documents ADD CONSTRAINT short CHECK (length(text) < 5) NOT VALID;
        """)
    let outcome = try ferry.run("--force", "--yes")
    #expect(outcome.status == 1)
    #expect(!outcome.errorText.contains("trying again"))
    #expect(outcome.text.contains("23514"))
  }
}
