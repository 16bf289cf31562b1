import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct FaultTests {
  private static let stages = [
    "scan", "backup", "before-transaction", "copying", "verify", "before-commit", "after-commit",
  ]

  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(40), texts: Ferry.texts(40), extra: ["timestamp": "2024-05-01T10:00:00"])
    return ferry
  }

  /// Waits until the server has noticed that the client is gone.
  private func settle(_ ferry: Ferry) throws {
    for _ in 0..<200 {
      let others: Int? = try ferry.scalar(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """)
      if others == 0 { return }
      usleep(10_000)
    }
  }

  @Test(arguments: stages)
  func `killed at any stage, a second run comes to the same end`(stage: String) throws {
    let clean = try ferry()
    try clean.run()
    let rounds = Oracle.isFullRun ? 40 : 1
    for _ in 0..<rounds { try kill(at: stage, expecting: clean.contentDigest()) }
    FaultLog.note("SIGKILL", rounds, "kills at \(stage)")
  }

  private func kill(at stage: String, expecting digest: String?) throws {
    let ferry = try ferry()
    let running = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": stage])
    #expect(running.waitForError("paused at \(stage)"), "\(running.errors)")
    running.signal(SIGKILL)
    #expect(try running.finish().status == -SIGKILL)
    try settle(ferry)
    let exists: Bool? = try ferry.scalar("SELECT to_regclass('vector_documents') IS NOT NULL")
    let rows: Int? = exists == true ? try ferry.scalar("SELECT count(*) FROM vector_documents") : 0
    #expect(rows == (stage == "after-commit" ? 40 : 0))
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try ferry.contentDigest() == digest)
  }

  @Test func `killed at any moment, a second run comes to the same end`() throws {
    let clean = try ferry()
    try clean.run()
    let digest = try clean.contentDigest()
    let seed: UInt64 = 20_260_101
    var generator = SeededGenerator(seed: seed)
    var effective = 0
    for round in 0..<(Oracle.isFullRun ? 60 : 3) {
      let ferry = try ferry()
      let running = try ferry.start("--jobs", "2")
      usleep(UInt32.random(in: 5_000...600_000, using: &generator))
      running.signal(SIGKILL)
      if try running.finish().status == -SIGKILL { effective += 1 }
      try settle(ferry)
      let outcome = try ferry.run()
      #expect(outcome.status == 0, "seed \(seed), round \(round): \(outcome.text)")
      #expect(try ferry.contentDigest() == digest, "seed \(seed), round \(round)")
    }
    FaultLog.note("SIGKILL", effective, "kills at a random moment")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `interrupted in the middle, everything rolls back and the exit code says so`(signal: Int32)
    throws
  {
    let ferry = try ferry()
    let running = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "copying"])
    #expect(running.waitForError("paused at copying"), "\(running.errors)")
    running.signal(signal)
    let outcome = try running.finish()
    #expect(outcome.status == 130, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Interrupted"))
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 0)
    #expect(try ferry.run().status == 0)
  }

  @Test func `a store that changes while it is backed up fails alone`() throws {
    let ferry = try ferry()
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(3, seed: 9), texts: Ferry.texts(3))
    let running = try ferry.start(environment: ["VECTOR_FERRY_PAUSE_AT": "backup"])
    #expect(running.waitForError("paused at backup"), "\(running.errors)")
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(4, seed: 9), texts: Ferry.texts(4))
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("the store changed while it was copied"))
    #expect(try ferry.counts() == ["ann/notes": 40])
    #expect(try ferry.run("--failed").status == 0)
    #expect(try ferry.counts() == ["ann/notes": 40, "bob/notes": 4])
  }

  @Test func `what reads back differently is never committed`() throws {
    let ferry = try ferry()
    try ferry.database.connect().execute(
      script: """
        CREATE EXTENSION vector;
        CREATE TABLE vector_documents (
          id uuid PRIMARY KEY, user_id text, collection_name text, text text,
          embedding vector(8) NOT NULL, metadata jsonb, created_at timestamptz);
        CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.text LIKE 'Text number 17,%' THEN NEW.text := 'spoilt'; END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER spoil BEFORE INSERT ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION spoil();
        """)
    let outcome = try ferry.run()
    #expect(outcome.status == 4, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("1 documents read back differently"))
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 0)
  }

  @Test func `row-level security is obeyed: staged, inserted, and seen`() throws {
    let ferry = try ferry()
    let role = "bound_\(ferry.database.name)"
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE EXTENSION vector; CREATE ROLE \(role) LOGIN;
          GRANT CREATE ON DATABASE \(ferry.database.name) TO \(role);
          GRANT CREATE ON SCHEMA public TO \(role);
          CREATE TABLE vector_documents (
            id uuid PRIMARY KEY, user_id text, collection_name text, text text,
            embedding vector(8) NOT NULL, metadata jsonb, created_at timestamptz);
          ALTER TABLE vector_documents OWNER TO \(role);
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          ALTER TABLE vector_documents FORCE ROW LEVEL SECURITY;
          CREATE POLICY anns ON vector_documents USING (user_id = 'ann');
          """))
    defer {
      _ = try? session.execute(
        script: SQL(script: "DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)"))
    }
    try ferry.writeStore(user: "bob", rows: Ferry.rows(2), texts: Ferry.texts(2))
    let address = try TestServer.address
    let url = try ferry.database.url.replacingOccurrences(
      of: "//\(address.user)@", with: "//\(role)@")
    let outcome = try ferry.run(environment: ["DATABASE_URL": url])
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Failed: bob/notes"))
    #expect(try ferry.counts() == ["ann/notes": 40])
  }

  @Test func `a store that changes while it is read is refused`() throws {
    let ferry = try ferry()
    let running = try ferry.start(
      "--no-backup", environment: ["VECTOR_FERRY_PAUSE_AT": "copying"])
    #expect(running.waitForError("paused at copying"), "\(running.errors)")
    try ferry.writeStore(rows: Ferry.rows(41), texts: Ferry.texts(41))
    running.signal(SIGUSR1)
    let outcome = try running.finish()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("changed while it was read"))
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 0)
  }
}
