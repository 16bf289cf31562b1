import Foundation
import Machine
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct DoctorTests {
  /// Runs `doctor --json` and returns its findings.
  private func findings(
    _ ferry: Ferry, _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> (status: Int32, [[String: Any]]) {
    let outcome = try TestSupport.run(
      Ferry.binary, ["doctor", "--json"] + arguments,
      environment: Ferry.clean(ferry.database.url, environment), directory: ferry.folder.path)
    let document = try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any]
    return (outcome.status, try #require(document?["findings"] as? [[String: Any]]))
  }

  /// Expects that a check has a finding of this level with these words and with a remedy.
  private func expect(
    _ check: String, _ level: String, _ words: String, in findings: [[String: Any]],
    _ place: SourceLocation = #_sourceLocation
  ) {
    let found = findings.contains { finding in
      finding["check"] as? String == check && finding["level"] as? String == level
        && (finding["finding"] as? String ?? "").contains(words)
        && (level == "ok" || finding["remedy"] is String)
    }
    let same = findings.filter { $0["check"] as? String == check }
    #expect(found, "\(same)", sourceLocation: place)
  }

  private func migrated() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    #expect(try ferry.run().status == 0)
    return ferry
  }

  @Test func `before and after a run nothing stands against one, and nothing is changed`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    let before = try contents(of: ferry.folder.path)
    let (status, found) = try findings(ferry)
    #expect(status == 0, "\(found)")
    expect("schema", "ok", "does not exist yet", in: found)
    #expect(try contents(of: ferry.folder.path) == before)
    #expect(try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NULL") == true)
    try ferry.run()
    let versions = try ferry.rowVersions()
    #expect(try findings(ferry).status == 0)
    #expect(try ferry.rowVersions() == versions)
    #expect(try ferry.run("doctor").text.contains("No problem was found"))
  }

  /// Scripts that damage a migrated database, each with the expected finding.
  private static let faults: [(script: String, check: String, level: String, words: String)] = [
    (
      "UPDATE pg_extension SET extversion = '0.8.1' WHERE extname = 'vector'", "pgvector",
      "warning",
      "CVE-2026-3172"
    ),
    (
      "UPDATE pg_extension SET extversion = '0.8.3' WHERE extname = 'vector'", "pgvector",
      "warning",
      "VACUUM may damage HNSW"
    ),
    (
      "UPDATE pg_extension SET extversion = '0.6.0' WHERE extname = 'vector'", "pgvector",
      "warning",
      "no halfvec"
    ),
    (
      "UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'", "pgvector",
      "warning",
      "no iterative scans"
    ),
    (
      "UPDATE pg_extension SET extversion = '0.4.2' WHERE extname = 'vector'", "pgvector",
      "problem",
      "too old"
    ),
    (
      "DROP TABLE vector_documents", "table", "problem",
      "does not exist any more, although the ledger lists 1 store ("
    ),
    (
      "ALTER TABLE vector_documents DROP COLUMN metadata", "table", "problem",
      "has no column metadata"
    ),
    (
      "INSERT INTO vector_ferry.version (number) VALUES (99)", "schema", "problem",
      "has version 99"
    ),
    (
      "DROP TABLE vector_ferry.adoptions, vector_ferry.alongside", "schema", "problem",
      "tables or types do not exist any more: vector_ferry.adoptions, vector_ferry.alongside"
    ),
    (
      "DROP TYPE vector_ferry.index_choice CASCADE", "schema", "problem",
      "tables or types do not exist any more: vector_ferry.index_choice"
    ),
    (
      "DROP TABLE vector_ferry.version", "schema", "problem",
      "do not exist any more: vector_ferry.version"
    ),
    (
      "DROP FUNCTION vector_ferry.nearest_exactly, vector_ferry.query_of", "schema", "problem",
      "functions or views do not exist any more: vector_ferry.nearest_exactly, vector_ferry.query_of"
    ),
    (
      "DROP VIEW vector_ferry.vector_search_stats", "schema", "problem",
      "functions or views do not exist any more: vector_ferry.vector_search_stats"
    ),
    (
      "INSERT INTO vector_ferry.runs (id, host, pid, program_version) VALUES (gen_random_uuid(), 'elsewhere', 1, '0')",
      "runs", "warning", "has not recorded its end, or is still running"
    ),
    (
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'vector_documents_metadata_idx'::regclass",
      "indexes", "problem", "is INVALID"
    ),
    (
      "ALTER TABLE vector_documents SET (autovacuum_enabled = false); INSERT INTO vector_documents (user_id, text, embedding) SELECT 'x', 'x', '[1,1,1,1,1,1,1,1]' FROM generate_series(1, 1500)",
      "statistics", "warning", "never been analysed"
    ),
    (
      "ALTER DATABASE DATABASE SET statement_timeout = '5min'", "timeouts", "warning",
      "statement_timeout is 300000ms"
    ),
    (
      "ALTER DATABASE DATABASE SET default_transaction_read_only = on", "server", "problem",
      "is read-only"
    ),
    (
      "ALTER DATABASE DATABASE SET maintenance_work_mem = '1000GB'", "shared-memory", "warning",
      "a parallel index build asks for"
    ),
    (
      "TRUNCATE vector_documents; ALTER TABLE vector_documents ALTER embedding TYPE vector(3072)",
      "table", "warning", "takes 3072 dimensions"
    ),
  ]

  @Test(arguments: faults.indices)
  func `each fault is found, with its remedy`(fault: Int) throws {
    let (script, check, level, words) = Self.faults[fault]
    let ferry = try migrated()
    try ferry.database.connect().execute(
      script: SQL(
        script: script.replacingOccurrences(of: "DATABASE SET", with: "\(ferry.database.name) SET")
          .replacingOccurrences(of: "ALTER DATABASE DATABASE", with: "ALTER DATABASE")))
    // The server shows statistics only some time after the session has ended.
    for _ in 0..<100 where check == "statistics" {
      let rows: Int? = try ferry.scalar(
        "SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'vector_documents'")
      if rows ?? 0 > 1000 { break }
      usleep(20_000)
    }
    let (status, found) = try findings(ferry)
    expect(check, level, words, in: found)
    #expect(status == (level == "problem" ? 3 : 0))
  }

  @Test func `originals that stores keep and that are gone are a problem, until a run brings them`()
    throws
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    #expect(
      try ferry.run("--dimensions", "6", "--keep-original", "always", "--min-recall", "0").status
        == 0)
    expect("schema", "ok", "vector_ferry has version", in: try findings(ferry).1)
    try ferry.database.connect().query("DROP TABLE vector_ferry.originals")
    let (status, found) = try findings(ferry)
    #expect(status == 3)
    expect("schema", "problem", "does not exist any more", in: found)
    #expect(remedy("schema", in: found).contains("vector-ferry migrate --force"), "\(found)")
    #expect(try ferry.run("--force", "--min-recall", "0").status == 0)
    #expect(try findings(ferry).status == 0)
    #expect(try ferry.search(Ferry.rows(1)[0], k: 3).count == 3)
  }

  @Test func `functions and a view that are gone come back with the next run`() throws {
    let ferry = try migrated()
    for loss in [
      "FUNCTION vector_ferry.similarity_search", "VIEW vector_ferry.vector_search_stats",
    ] {
      try ferry.database.connect().query(SQL(script: "DROP \(loss)"))
      let (status, found) = try findings(ferry)
      #expect(status == 3)
      #expect(remedy("schema", in: found).contains("vector-ferry migrate"), "\(found)")
      #expect(try ferry.run().status == 0)
      #expect(try findings(ferry).status == 0)
    }
  }

  @Test func `unfinished runs are told, however many have ended since`() throws {
    let ferry = try migrated()
    let session = try ferry.database.connect()
    try session.execute(
      script: """
        INSERT INTO vector_ferry.runs (id, host, pid, program_version, started_at)
        SELECT gen_random_uuid(), 'elsewhere', n, '0', now() - n * interval '1 day'
        FROM unnest(ARRAY[2, 3, 40]) n
        """)
    expect(
      "runs", "warning", "2 runs of the last 30 days are unfinished; the newest",
      in: try findings(ferry).1)
    // This session has the name of a run and holds a store's lock, as a live run does.
    try session.query(
      """
      SELECT set_config('application_name', 'vector-ferry run ' || id, false)
      FROM vector_ferry.runs WHERE pid = 2
      """)
    let found = try findings(ferry).1
    expect("runs", "warning", "(process 2) is running", in: found)
    expect(
      "runs", "warning", "(process 3) has not recorded its end, or is still running", in: found)
  }

  @Test func `a run whose process was killed is not at work, whatever the server still shows`()
    throws
  {
    let ferry = try migrated()
    // The process has ended and nobody has read its exit status: the system keeps its number.
    let killed = try UnreapedProcess()
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          INSERT INTO vector_ferry.runs (id, host, pid, program_version)
          VALUES (gen_random_uuid(), '\(ProcessIdentity.current.host)', \(killed.pid), '0')
          """))
    expect(
      "runs", "warning", "(process \(killed.pid)) has not recorded its end",
      in: try findings(ferry).1)
    try session.query(
      """
      SELECT set_config('application_name', 'vector-ferry run ' || id, false)
      FROM vector_ferry.runs WHERE finished_at IS NULL
      """)
    expect(
      "runs", "warning",
      "(process \(killed.pid)) has ended without recording its end, and the server still has its session",
      in: try findings(ferry).1)
  }

  @Test func `what a role may not see is not told as zero`() throws {
    let ferry = try migrated()
    let role = try Role("watcher", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          GRANT USAGE ON SCHEMA vector_ferry TO \(role.name);
          GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vector_ferry TO \(role.name);
          GRANT SELECT, INSERT, UPDATE, DELETE ON vector_documents TO \(role.name);
          GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, vector_ferry TO \(role.name);
          """))
    let holder = try ferry.database.connect()
    // Locks of this program's own sessions count as no problem: such a session releases them soon.
    try holder.query("SET application_name = 'a report'")
    try holder.query("BEGIN")
    try holder.query("LOCK TABLE vector_documents IN SHARE MODE")
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    let found = try TestSupport.run(
      Ferry.binary, ["doctor"], environment: Ferry.clean(try ferry.url(as: role.name), [:]),
      directory: ferry.folder.path)
    #expect(
      found.text.contains("role \(role.name) may not see that session's times"),
      "\(found.text)\(found.errorText)")
    // A live run watches the lock until it has been held for long, and then refuses.
    let live = try ferry.run("--force", environment: environment)
    #expect(live.status == 3, "\(live.text)\(live.errorText)")
    #expect(live.errorText.contains("holds ShareLock"), "\(live.errorText)")
    try holder.query("ROLLBACK")
    // A lock that is released meanwhile stops nothing.
    try holder.query("BEGIN")
    try holder.query("LOCK TABLE vector_documents IN SHARE MODE")
    let running = try ferry.start("--force", environment: environment)
    usleep(2_000_000)
    try holder.query("COMMIT")
    #expect(try running.finish().status == 0, "\(running.errors)")
  }

  @Test func `locks and long transactions are told with their processes`() throws {
    let ferry = try migrated()
    let holder = try ferry.database.connect()
    try holder.query("BEGIN")
    try holder.query("LOCK TABLE vector_documents IN ACCESS EXCLUSIVE MODE")
    let (status, found) = try findings(ferry, ["--transaction-age", "0"])
    #expect(status == 3)
    expect("locks", "problem", "process \(holder.backendPID)", in: found)
    expect("locks", "problem", "holds AccessExclusiveLock", in: found)
    expect("transactions", "warning", "process \(holder.backendPID)", in: found)
    try holder.query("ROLLBACK")
    try holder.query("BEGIN")
    try holder.query("LOCK TABLE vector_documents IN ACCESS SHARE MODE")
    // This needs a process of its own, because it waits.
    let waiter = try RunningFerry(
      TestServer.binaries.psql,
      [
        "-Xqc", "BEGIN; LOCK TABLE vector_documents IN ACCESS EXCLUSIVE MODE",
        try ferry.database.url,
      ],
      environment: [:], directory: ferry.folder.path)
    defer { waiter.signal(SIGKILL) }
    for _ in 0..<200 {
      if try findings(ferry).1.contains(where: {
        ($0["finding"] as? String ?? "").contains("blocked by \(holder.backendPID)")
      }) {
        return
      }
    }
    Issue.record("the waiting process was not told")
  }

  @Test func `what the role may not do is told with the statement that grants it`() throws {
    let ferry = try migrated()
    let role = "poor_\(ferry.database.name)"
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA vector_ferry TO \(role);
          GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO \(role);
          GRANT SELECT ON vector_documents TO \(role);
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          """))
    defer {
      _ = try? session.execute(
        script: SQL(script: "DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)"))
    }
    let (status, found) = try findings(ferry, environment: ["DATABASE_URL": ferry.url(as: role)])
    #expect(status == 3)
    expect(
      "rights", "problem", "lacks INSERT, DELETE, UPDATE on table public.vector_documents",
      in: found)
    expect("row-security", "warning", "applies to this role", in: found)
    // The role may not read the server's data directory, so the free space on its disk is not
    // known.
    expect("server-space", "problem", "could not be checked", in: found)
    expect("rights", "problem", "lacks DELETE on documents, stores", in: found)
  }

  /// Returns the remedy of a check's problem.
  private func remedy(_ check: String, in findings: [[String: Any]]) -> String {
    let problem = findings.first {
      $0["check"] as? String == check && $0["level"] as? String == "problem"
    }
    return problem?["remedy"] as? String ?? ""
  }

  @Test func `what the role may not look at is a problem, with the statements that let it`() throws
  {
    let ferry = try migrated()
    let role = try Role("blind", in: ferry)
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    let other = try ferry.database.connect()
    try other.query("BEGIN")
    try other.query("SELECT 1")
    let (status, found) = try findings(ferry, environment: environment)
    #expect(status == 3)
    for (check, grant) in [
      ("transactions", "GRANT pg_read_all_stats TO"),
      ("server-space", "GRANT pg_read_all_settings TO"),
      ("schema", "GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO"),
      ("runs", "GRANT USAGE ON SCHEMA vector_ferry TO"),
      ("rights", "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vector_ferry TO"),
    ] {
      #expect(remedy(check, in: found).contains("\(grant) \"\(role.name)\""), "\(check): \(found)")
    }
    // The text shows a statement once, even where it is the remedy of several checks.
    let lines = try ferry.run("doctor", environment: environment).text.split(separator: "\n")
      .filter { $0.contains("Remedy: ") }
    #expect(lines.count > 3 && Set(lines).count == lines.count, "\(lines)")
    // The printed statements repair everything.
    let session = try ferry.database.connect()
    for _ in 0..<3 {
      let (_, found) = try findings(ferry, environment: environment)
      for check in Set(found.compactMap { $0["check"] as? String }) {
        let grants = remedy(check, in: found)
        if grants.hasPrefix("GRANT") { try session.execute(script: SQL(script: grants)) }
      }
    }
    let after = try findings(ferry, environment: environment)
    #expect(after.status == 0, "\(after.1)")
    try other.query("COMMIT")
  }

  @Test func `a role that may not create the extension is told so before a run`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    let role = try Role("maker", in: ferry)
    // The right CREATE on the database is enough to create schemas. Creating this extension needs a
    // superuser, because the extension's control file does not mark it as trusted.
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          GRANT CREATE ON DATABASE \(ferry.database.name) TO \(role.name);
          GRANT CREATE ON SCHEMA public TO \(role.name);
          """))
    let isTrusted: Bool? = try ferry.scalar(
      """
      SELECT bool_or(trusted OR NOT superuser) FROM pg_available_extension_versions
      WHERE name = 'vector'
      """)
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    let (status, found) = try findings(ferry, environment: environment)
    let outcome = try ferry.run(environment: environment)
    if isTrusted == true {
      expect("pgvector", "ok", "a run enables it", in: found)
      #expect(outcome.status == 0)
    } else {
      #expect(status == 3)
      expect("pgvector", "problem", "may not create the extension", in: found)
      #expect(outcome.status == 3 && outcome.errorText.contains("CREATE EXTENSION vector"))
      #expect(!outcome.text.contains("Found"), "\(outcome.text)")
    }
  }

  @Test(.enabled(if: geteuid() == 0, "another view of processes needs root"))
  func `what cannot be seen from here is named beside the verdict`() throws {
    let ferry = try migrated()
    // Where the server's processes are not visible, the server may be on another machine, behind a
    // tunnel.
    let outcome = try TestSupport.run(
      "/usr/bin/unshare", ["--pid", "--fork", "--mount-proc", Ferry.binary, "doctor"],
      environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(
      outcome.text.contains("✅ No problem was found in what could be checked"),
      "\(outcome.text)")
    #expect(outcome.text.contains("not checked: server-space"), "\(outcome.text)")
  }

  @Test func `database not UTF-8`() throws {
    let ferry = try Ferry(
      databaseOptions: "ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    let (status, found) = try findings(ferry)
    #expect(status == 3)
    expect("encoding", "problem", "stores text as LATIN1", in: found)
    expect("stores", "problem", "user_data", in: found)
  }

  @Test func `a server that is not there is told, and the other checks are made`() throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    let (status, found) = try findings(
      ferry, environment: ["DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"])
    #expect(status == 3)
    expect("connection", "problem", "cannot connect", in: found)
    expect("keys", "warning", "ENCRYPTION_MASTER_KEY is not set", in: found)
    try FileManager.default.removeItem(
      atPath: ferry.folder.file("user_data/juniper/vector_store_personal_assistant/vectors.pkl"))
    expect("stores", "warning", "juniper/personal_assistant", in: try findings(ferry).1)
  }

  @Test func `a damaged backup is told`() throws {
    let ferry = try migrated()
    let folder = ferry.folder.file("migration_backup")
    let backup = try FileManager.default.contentsOfDirectory(atPath: folder)
      .first { $0.wholeMatch(of: /[0-9_]+/) != nil }
    #expect(truncate("\(folder)/\(try #require(backup))/ann/notes/vectors.pkl", 5) == 0)
    expect("backups", "warning", "1 of 1 backups are bad", in: try findings(ferry).1)
  }

  @Test(
    .enabled(if: MountedDisk.isPossible, "mounting needs root"),
    arguments: ["size=64k", "size=1m,ro"])
  func `backup disk full or read-only: doctor tells it before`(options: String) throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(2000), texts: Ferry.texts(2000))
    let disk = try MountedDisk(at: ferry.folder.file("small"), options: options)
    defer { withExtendedLifetime(disk) {} }
    let (status, found) = try findings(ferry, ["--backup-dir", "small"])
    #expect(status == 3)
    expect(
      "backup-space", "problem",
      options.hasSuffix("ro") ? "cannot be written to" : "free for backups", in: found)
  }
}
