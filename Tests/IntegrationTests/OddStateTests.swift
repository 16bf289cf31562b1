import Foundation
import Postgres
import TestSupport
import Testing

/// Tests the messages of commands for unusual files, settings and states of the database.
@Suite(.needsServer)
struct OddStateTests {
  private func ferry(rows: Int = 5) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(rows), texts: Ferry.texts(rows))
    return ferry
  }

  /// Runs a command under a limit that the shell sets.
  private func run(_ words: String, limit: String, _ ferry: Ferry) throws -> ProcessOutcome {
    try TestSupport.run(
      "/bin/bash", ["-c", "\(limit); exec \(Ferry.binary) \(words)"],
      environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
  }

  // MARK: Files

  @Test(arguments: ["[", "gAAAAABl", ""])
  func `metadata of holes are refused without being read to their end`(head: String) throws {
    let ferry = try ferry()
    let metadata = ferry.folder.file("user_data/ann/vector_store_notes/metadata.json")
    try head.write(toFile: metadata, atomically: true, encoding: .utf8)
    #expect(truncate(metadata, 1 << 36) == 0)
    for words in [["--dry-run"], [], ["--allow-mismatch"]] {
      let outcome = try ferry.run(command: words)
      #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
      #expect(outcome.text.contains("of the 68 GB"), "\(outcome.text)")
      #expect(outcome.text.contains("more than 1 GB"), "\(outcome.text)")
    }
    let scan = try ferry.run("scan")
    #expect(scan.status == 1 && scan.text.contains("of the 68 GB"), "\(scan.text)")
  }

  @Test func `metadata of another kind are neither complete nor encrypted`() throws {
    let heads: [(String, [UInt8])] = [
      ("bzip2", Array("BZh91AY".utf8)), ("xz", [0xFD] + Array("7zXZ".utf8) + [0, 0]),
      ("UTF-16", [0xFF, 0xFE, 0x5B, 0, 0x5D, 0]), ("nothing", []), ("space", Array(" \n".utf8)),
      ("null", Array("null".utf8)), ("an object", Array("{\"0\": {\"text\": \"a\"}}".utf8)),
      ("a page", Array("<html>gone</html>".utf8)), ("zeros", [UInt8](repeating: 0, count: 64)),
    ]
    for (name, head) in heads {
      let ferry = try ferry()
      let metadata = ferry.folder.file("user_data/ann/vector_store_notes/metadata.json")
      try Data(head).write(to: URL(fileURLWithPath: metadata))
      let doctor = try ferry.run("doctor")
      #expect(!doctor.text.contains("all complete"), "\(name): \(doctor.text)")
      #expect(doctor.text.contains("1 of 1 are not complete (ann/notes)"), "\(doctor.text)")
      #expect(!doctor.text.contains("need a key"), "\(name): \(doctor.text)")
      let scan = try ferry.run("scan", "--json")
      let store = (try Ferry.json(scan)["stores"] as? [[String: Any]])?.first
      #expect(store?["encrypted"] is NSNull, "\(name): \(scan.text)")
      #expect(store?["state"] as? String == "damaged", "\(name): \(scan.text)")
    }
  }

  @Test func `a limit of file sizes is named by what meets it`() throws {
    let ferry = try ferry(rows: 400)
    #expect(try ferry.run().status == 0)
    let dump = try run("backups dump", limit: "ulimit -f 8", ferry)
    #expect(dump.status != 0)
    #expect(dump.errorText.contains("was stopped by signal 25"), "\(dump.errorText)")
    #expect(dump.errorText.contains("ulimit -f"), "\(dump.errorText)")
    #expect(!dump.errorText.contains("(-25)"), "\(dump.errorText)")
    try FileManager.default.removeItem(atPath: ferry.folder.file("migration_backup"))
    let journal = try run("migrate --force --no-backup", limit: "ulimit -f 16", ferry)
    let said = journal.text + journal.errorText
    #expect(said.contains("File too large"), "\(said)")
    #expect(said.contains("ulimit -f"), "\(said)")
  }

  @Test(arguments: [24, 40, 56, 72, 88])
  func `a journal that meets a limit names it, and the run is not called whole`(limit: Int) throws {
    let ferry = try ferry(rows: 3)
    for user in 0..<60 {
      try ferry.writeStore(user: "u\(user)", rows: Ferry.rows(3), texts: Ferry.texts(3))
    }
    let outcome = try run("migrate --no-backup", limit: "ulimit -f \(limit)", ferry)
    let said = outcome.text + outcome.errorText
    #expect(said.contains("the journal could not be"), "\(said)")
    #expect(said.contains("File too large"), "\(said)")
    #expect(said.contains("raise the limit of file sizes (ulimit -f)"), "\(said)")
    #expect(!said.contains("make room"), "\(said)")
    #expect(!said.contains("completed successfully"), "\(said)")
    if outcome.status == 0 {
      #expect(said.contains("❌ The journal lacks a part of this run"), "\(said)")
      #expect(try ferry.counts().count == 61)
    }
  }

  // MARK: Settings

  @Test(arguments: ["-5", "abc", "inf", "99999", ""])
  func `a period that is none is refused by name`(period: String) throws {
    let ferry = try ferry()
    let words = ["VECTOR_FERRY_QUIET_SECONDS": period.isEmpty ? " " : period]
    for mode in [["--dry-run"], []] {
      let outcome = try ferry.run(command: mode, environment: words)
      #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
      #expect(
        outcome.errorText.contains("VECTOR_FERRY_QUIET_SECONDS"), "\(outcome.errorText)")
    }
    #expect(try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NULL") == true)
  }

  @Test func `strict settings of PL/pgSQL do not meet the program's own functions`() throws {
    let ferry = try ferry(rows: 20)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          ALTER DATABASE \(ferry.database.name) SET plpgsql.extra_errors = 'all';
          ALTER DATABASE \(ferry.database.name) SET plpgsql.extra_warnings = 'all';
          """))
    for words in [
      ["migrate"], ["verify"],
      ["search", "--hybrid", "number", "--user", "ann", "--collection", "notes"],
      ["migrate", "--force"], ["schema", "up", "--set", "forum_vectors", "--yes"],
      ["rollback", "--yes"],
    ] {
      let outcome = try ferry.run(command: words)
      #expect(outcome.status == 0, "\(words): \(outcome.text)\(outcome.errorText)")
    }
    // The settings also hold in sessions of applications.
    try ferry.database.connect().execute(
      script: """
        SET plpgsql.extra_errors = 'all';
        DO $$ DECLARE f record; BEGIN
          FOR f IN SELECT p.oid FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
            WHERE l.lanname = 'plpgsql' AND p.pronamespace <> 'pg_catalog'::regnamespace
          LOOP PERFORM plpgsql_validator(f.oid); END LOOP;
        END $$;
        """)
  }

  @Test func `a run that fails when its copies are made is a failed run, and says so`() throws {
    let ferry = try ferry()
    let name = ferry.database.name
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          CREATE EXTENSION vector;
          -- The first call is of the trial that comes before the copies; no rollback sets it back.
          CREATE SEQUENCE public.calls;
          CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('public.calls') % 2 = 0 THEN PERFORM pg_sleep(20); END IF;
          END $$;
          CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE SCHEMA')
            EXECUTE FUNCTION slow();
          ALTER DATABASE \(name) SET statement_timeout = '4s';
          """))
    let outcome = try ferry.run()
    #expect(outcome.status == 1, "\(outcome.text)\(outcome.errorText)")
    let said = outcome.text + outcome.errorText
    #expect(said.contains("statement_timeout"), "\(said)")
    #expect(said.contains("copies of 1 store were written to migration_backup/"), "\(said)")
    #expect(said.contains("nothing was written to the database"), "\(said)")
    let json = try ferry.run("--json")
    #expect(json.status == 1, "\(json.text)")
  }

  // MARK: The database

  @Test func `tables that a crash empties are told by verify`() throws {
    let ferry = try ferry()
    #expect(try ferry.run().status == 0)
    for table in ["vector_documents", "vector_ferry.adoptions"] {
      try ferry.database.connect().execute(script: SQL(script: "ALTER TABLE \(table) SET UNLOGGED"))
      let verify = try ferry.run("verify")
      #expect(verify.text.contains("\(table) is UNLOGGED"), "\(verify.text)")
      let json = try Ferry.json(try ferry.run("verify", "--json"))
      let warnings = try #require(json["warnings"] as? [String])
      #expect(warnings.contains { $0.contains("\(table) is UNLOGGED") }, "\(warnings)")
      let doctor = try ferry.run("doctor")
      #expect(doctor.text.contains("\(table) is UNLOGGED"), "\(doctor.text)")
      try ferry.database.connect().execute(script: SQL(script: "ALTER TABLE \(table) SET LOGGED"))
    }
    #expect(!(try ferry.run("verify").text.contains("UNLOGGED")))
  }

  @Test func `times without end in the ledger are shown`() throws {
    let ferry = try ferry()
    #expect(try ferry.run().status == 0)
    for time in ["infinity", "-infinity"] {
      try ferry.database.connect().query(
        """
        UPDATE vector_ferry.runs SET started_at = \(time)::text::timestamptz,
          finished_at = \(time)::text::timestamptz
        """)
      try ferry.database.connect().query(
        "UPDATE vector_ferry.stores SET migrated_at = \(time)::text::timestamptz")
      for words in [
        ["rollback", "--dry-run"], ["rollback", "--dry-run", "--json"], ["status"],
        ["status", "--json"], ["doctor"], ["verify"],
      ] {
        let outcome = try ferry.run(command: words)
        let said = outcome.text + outcome.errorText
        #expect(!said.contains("SELECT"), "\(words) \(time): \(said)")
        #expect(outcome.status == 0, "\(words) \(time): \(said)")
      }
    }
  }

  @Test func `a target that cannot be used is not to be created`() throws {
    for script in [
      "CREATE VIEW vector_documents AS SELECT 1 AS id",
      "CREATE TABLE vector_documents (id int, text text)",
    ] {
      let ferry = try ferry()
      try ferry.database.connect().execute(
        script: SQL(script: "CREATE EXTENSION vector; \(script)"))
      let dry = try ferry.run("--dry-run")
      #expect(dry.status == 3, "\(dry.text)")
      #expect(!dry.text.contains("to be created"), "\(dry.text)")
      #expect(dry.text.contains("the table cannot be used as it is"), "\(dry.text)")
      let json = try Ferry.json(try ferry.run("--dry-run", "--json"))
      #expect((json["table"] as? [String: Any])?["created"] as? Bool == false)
    }
  }

  @Test func `history tells stores of which nothing was carried over`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: [], texts: [])
    #expect(try ferry.run().status == 0)
    let history = try ferry.run("history", "--json")
    let run = (try Ferry.json(history)["runs"] as? [[String: Any]])?.first
    let summary = try #require(run?["summary"] as? [String: Any])
    #expect(summary["succeeded"] as? Int == 0 && summary["empty"] as? Int == 1, "\(summary)")
    #expect(try ferry.run("history").text.contains("EMPTY"))
  }

  @Test(.enabled(if: Pooler.isAvailable, "no PgBouncer at hand"))
  func `a pooler of statements stands against a run, and the remedy fits`() throws {
    let ferry = try ferry()
    let pooler = try Pooler(mode: "statement", database: ferry.database)
    let words = ["DATABASE_URL": pooler.url]
    let dry = try ferry.run("--dry-run", environment: words)
    #expect(dry.status == 3, "\(dry.text)\(dry.errorText)")
    #expect((dry.text + dry.errorText).contains("does not support transactions"), "\(dry.text)")
    let doctor = try ferry.run("doctor", environment: words)
    #expect(
      doctor.status == 3 && doctor.text.contains("does not support transactions"), "\(doctor.text)")
    #expect(!doctor.text.contains("check address"), "\(doctor.text)")
  }

  @Test func `a replica's role stands against a run, and the remedy fits`() throws {
    let ferry = try ferry()
    let role = try Role("bound", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(script: "ALTER ROLE \(role.name) SET session_replication_role = replica"))
    let words = ["DATABASE_URL": try ferry.url(as: role.name)]
    let dry = try ferry.run("--dry-run", environment: words)
    #expect(dry.status == 3, "\(dry.text)\(dry.errorText)")
    let doctor = try ferry.run("doctor", environment: words)
    #expect(doctor.text.contains("session_replication_role is replica"), "\(doctor.text)")
    #expect(!doctor.text.contains("check address"), "\(doctor.text)")
  }
}
