import Foundation
import Postgres
import OwnSchema
import TestSupport
import Testing

@Suite(.needsServer)
struct SecurityTests {
  private func grant(_ ferry: Ferry, _ role: Role, app: Role? = nil) throws {
    let more = app.map { ["-v", "app_role=\($0.name)"] } ?? []
    let outcome = try TestSupport.run(
      TestServer.binaries.psql,
      ["-Xq", "-v", "role=\(role.name)", "-d", try ferry.database.url] + more
        + ["-f", "\(Oracle.repository)/Scripts/grants.sql"])
    #expect(outcome.status == 0, "\(outcome.errorText)")
  }

  private static let table: SQL = """
    CREATE EXTENSION vector;
    CREATE TABLE vector_documents (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id varchar(255) NOT NULL,
      collection_name varchar(255) NOT NULL DEFAULT 'personal_assistant', text text NOT NULL,
      embedding vector(8) NOT NULL, metadata jsonb DEFAULT '{}',
      created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
    """

  @Test(arguments: [false, true])
  func `the script grants what a migration role needs, whoever made the table`(isThere: Bool) throws
  {
    let ferry = try Ferry()
    try ferry.database.connect().execute(
      script: SQL(script: "REVOKE ALL ON DATABASE \(ferry.database.name) FROM PUBLIC"))
    if isThere { try ferry.database.connect().execute(script: Self.table) }
    let role = try Role("ferry", in: ferry)
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    #expect(try ferry.run(environment: environment).status == 3)
    try grant(ferry, role)
    for arguments in [[], ["verify"], ["doctor"], ["rollback", "--yes"], []] {
      let outcome = try TestSupport.run(
        Ferry.binary, Ferry.words(arguments),
        environment: Ferry.clean(ferry.database.url, environment),
        directory: ferry.folder.path)
      #expect(outcome.status == 0, "\(arguments)\n\(outcome.text)\(outcome.errorText)")
    }
    #expect(try ferry.counts() == ["ann/notes": 10])
    let isSuper: Bool? = try ferry.scalar(
      SQL(
        script:
          "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = '\(role.name)'"
      ))
    #expect(isSuper == false)
  }

  @Test(arguments: [true, false])
  func `row-level security: the policies isolate users, and every command works under them`(
    asOwner: Bool
  ) throws {
    let ferry = try Ferry()
    let role = try Role("ferry", in: ferry)
    let session = try ferry.database.connect()
    try session.execute(script: Self.table)
    if asOwner {
      try session.execute(script: SQL(script: "ALTER TABLE vector_documents OWNER TO \(role.name)"))
    }
    try session.execute(script: RowSecurity.isolateUsers(in: QualifiedName("vector_documents")))
    try grant(ferry, role)
    let environment = ["DATABASE_URL": try ferry.url(as: role.name)]
    try ferry.writeStore(rows: Ferry.rows(10), texts: Ferry.texts(10))
    try ferry.writeStore(user: "bob", rows: Ferry.rows(4, seed: 2), texts: Ferry.texts(4))
    let first = try ferry.run(environment: environment)
    #expect(first.status == 0, "\(first.text)\(first.errorText)")
    #expect(try ferry.run(environment: environment).text.contains("Unchanged: 2"))
    let verified = try ferry.run("verify", environment: environment)
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
    try isolate(ferry, migratedBy: role)
    try ferry.writeStore(rows: Ferry.rows(7), texts: Ferry.texts(7))
    #expect(try ferry.run(environment: environment).status == 0)
    #expect(try ferry.counts() == ["ann/notes": 7, "bob/notes": 4])
    let back = try ferry.run("rollback", "--restore", "--yes", environment: environment)
    #expect(back.status == 0, "\(back.text)\(back.errorText)")
    #expect(try ferry.counts() == ["ann/notes": 10, "bob/notes": 4])
    try session.execute(script: RowSecurity.release(QualifiedName("vector_documents")))
    try session.execute(script: RowSecurity.releaseLedger)
  }

  /// Expects that each of two users of one application role sees, searches and changes only the
  /// user's own rows.
  private func isolate(_ ferry: Ferry, migratedBy role: Role) throws {
    let app = try Role("app", in: ferry)
    try grant(ferry, role, app: app)
    try ferry.database.connect().execute(script: RowSecurity.isolateLedger)
    let session = try Connection.open(
      ConnectionTarget(source: "test", url: try ferry.url(as: app.name)), settings: .untouched)
    let rows: SQL = "SELECT count(*) FROM vector_documents"
    #expect(try session.scalar(rows, as: Int.self) == 0)
    #expect(try session.scalar("SELECT count(*) FROM vector_ferry.stores", as: Int.self) == 0)
    for (user, count) in [("ann", 10), ("bob", 4)] {
      try session.transaction {
        try RowSecurity.act(for: user, on: session)
        #expect(try session.scalar(rows, as: Int.self) == count)
        #expect(try session.scalar("SELECT count(*) FROM vector_ferry.stores", as: Int.self) == 1)
        let found: Int? = try session.scalar(
          "SELECT count(*) FROM vector_ferry.similarity_search(\(user), 'notes', '[1,1,1,1,1,1,1,1]'::vector, 100)"
        )
        #expect(found == count)
        let foreign: Int? = try session.scalar(
          "SELECT count(*) FROM vector_ferry.similarity_search(\(user == "ann" ? "bob" : "ann"), 'notes', '[1,1,1,1,1,1,1,1]'::vector, 100)"
        )
        #expect(foreign == 0)
        #expect(
          try session.query("DELETE FROM vector_documents WHERE user_id <> \(user)").affectedRows
            == 0)
      }
    }
    let error = #expect(throws: PostgresError.self) {
      try session.transaction {
        try RowSecurity.act(for: "ann", on: session)
        try session.query(
          "INSERT INTO vector_documents (user_id, text, embedding) VALUES ('bob', 'x', '[1,1,1,1,1,1,1,1]')"
        )
      }
    }
    #expect(error?.serverError?.sqlState == "42501")
  }

  @Test func `the page's policies for the ledger are those of the module`() throws {
    let page = try String(
      contentsOfFile: "\(Oracle.repository)/docs/SECURITY.md", encoding: .utf8)
    let blocks = page.components(separatedBy: "```sql\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }.filter { $0.contains("ON vector_ferry.") }
    #expect(blocks.count == 2)
    let policies: SQL = """
      SELECT string_agg(concat_ws(' ', tablename, policyname, cmd, qual, with_check), E'\\n'
                        ORDER BY tablename)
      FROM pg_policies WHERE schemaname = 'vector_ferry'
      """
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(12, dimensions: 24), texts: Ferry.texts(12))
    let outcome = try ferry.run(
      "--dimensions", "16", "--keep-original", "always", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let session = try ferry.database.connect()
    try session.execute(script: RowSecurity.isolateLedger)
    let expected: String? = try session.scalar(policies)
    try session.execute(script: RowSecurity.releaseLedger)
    #expect(try session.scalar(policies, as: String.self) == nil)
    for block in blocks { try session.execute(script: SQL(script: block)) }
    #expect(try session.scalar(policies, as: String.self) == expected)
    let count: Int? = try session.scalar(
      "SELECT count(*) FROM pg_policies WHERE schemaname = 'vector_ferry'")
    #expect(count == 9)
  }

  @Test func `the application's role can do what the search functions are for, and no more`() throws
  {
    let ferry = try Ferry()
    let role = try Role("ferry", in: ferry)
    let app = try Role("app", in: ferry)
    try ferry.writeStore(rows: Ferry.rows(40, dimensions: 24), texts: Ferry.texts(40))
    let outcome = try ferry.run(
      "--dimensions", "16", "--keep-original", "always", "--min-recall", "0")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    try grant(ferry, role, app: app)
    let url = try ferry.url(as: app.name)
    let session = try Connection.open(
      ConnectionTarget(source: "test", url: url), settings: .untouched)
    let vector = Ferry.rows(1, dimensions: 24, seed: 8)[0]
    let query = VectorValue(vector.map { Float($0) })
    let id: String? = try session.scalar(
      "SELECT vector_ferry.upsert_document('ann', 'notes', 'added', \(query)::vector)::text")
    for (call, expected) in [
      ("similarity_search('ann', 'notes', $1, 5)", 5),
      ("hybrid_search('ann', 'notes', 'document', $1, 5)", 5),
      ("stored_documents('\(id ?? "")', '\(id ?? "")')", 1),
      ("collection_stats('ann', 'notes')", 1), ("vector_search_stats", 1), ("originals", 41),
    ] {
      let text = call.replacingOccurrences(of: "$1", with: "'\(vector)'::vector")
      #expect(
        try session.scalar(SQL(script: "SELECT count(*) FROM vector_ferry.\(text)"), as: Int.self)
          == expected, "\(call)")
    }
    try session.query(
      """
      INSERT INTO vector_ferry.search_performance_metrics
        (search_type, result_count, execution_time_ms) VALUES ('vector', 5, 1.5)
      """)
    let found = try ferry.run(
      "search", "--like", String((id ?? "").prefix(8)), environment: ["DATABASE_URL": url])
    #expect(found.status == 0, "\(found.errorText)")
    for table in ["stores", "documents", "projections", "version"] {
      let error = #expect(throws: PostgresError.self, "\(table)") {
        try session.query(SQL(script: "DELETE FROM vector_ferry.\(table)"))
      }
      #expect(error?.serverError?.sqlState == "42501")
    }
  }

  @Test func `originals that are first kept later are for those who may search already`() throws {
    let ferry = try Ferry()
    let role = try Role("ferry", in: ferry)
    let app = try Role("app", in: ferry)
    let reader = try Role("reader", in: ferry)
    let monitor = try Role("monitor", in: ferry)
    let second = try Role("second", in: ferry)
    try ferry.writeStore(rows: Ferry.rows(9, dimensions: 24), texts: Ferry.texts(9))
    #expect(try ferry.run("--dimensions", "12").status == 0)
    // The database is as an earlier version has left it.
    let session = try ferry.database.connect()
    try session.query("DROP TABLE vector_ferry.originals")
    try grant(ferry, role, app: app)
    try grant(ferry, second)
    try session.execute(
      script: SQL(
        script: """
          GRANT USAGE ON SCHEMA vector_ferry TO \(monitor.name);
          GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO \(monitor.name);
          GRANT USAGE ON SCHEMA vector_ferry TO \(reader.name);
          GRANT SELECT ON ALL TABLES IN SCHEMA vector_ferry TO \(reader.name);
          GRANT SELECT ON vector_documents TO \(reader.name)
          """))
    try session.execute(script: RowSecurity.isolateLedger)
    let rows = Ferry.rows(300, dimensions: 24, seed: 21)
    try ferry.writeStore(user: "bob", rows: rows, texts: Ferry.texts(300))
    #expect(try ferry.run().status == 0)
    #expect(
      try ferry.scalar("SELECT keeps_original FROM vector_ferry.stores WHERE user_id = 'bob'")
        == true)
    // A role without the right to read documents has no right to read their originals.
    for (name, right, expected) in [
      (monitor.name, "SELECT", false), (second.name, "DELETE", true), (app.name, "DELETE", false),
    ] {
      #expect(
        try ferry.scalar("SELECT has_table_privilege(\(name), 'vector_ferry.originals', \(right))")
          == expected, "\(name) \(right)")
    }
    let query = VectorValue(rows[0].map { Float($0) })
    for (name, writes) in [(app.name, true), (reader.name, false)] {
      let own = try Connection.open(
        ConnectionTarget(source: "test", url: try ferry.url(as: name)), settings: .untouched)
      for (user, originals) in [("bob", 300), ("ann", 0)] {
        try own.query("SELECT set_config('vector_ferry.user_id', \(user), false)")
        #expect(
          try own.scalar("SELECT count(*) FROM vector_ferry.originals", as: Int.self) == originals)
      }
      try own.query("SELECT set_config('vector_ferry.user_id', 'bob', false)")
      #expect(
        try own.scalar(
          "SELECT count(*) FROM vector_ferry.similarity_search('bob', 'notes', \(query)::vector, 5)",
          as: Int.self) == 5)
      let upsert: SQL =
        "SELECT vector_ferry.upsert_document('bob', 'notes', 'new', \(query)::vector)::text"
      if writes {
        #expect(try own.scalar(upsert, as: String.self) != nil)
        #expect(
          try own.scalar("SELECT count(*) FROM vector_ferry.originals", as: Int.self) == 301)
        try session.query(
          """
          DELETE FROM vector_ferry.originals
          WHERE document_id IN (SELECT id FROM vector_documents WHERE text = 'new')
          """)
      } else {
        #expect(throws: PostgresError.self) { try own.query(upsert) }
      }
    }
  }

  // MARK: Secrets

  private static let password = "canary-password-not-real"
  private static let key = "canary-master-key-not-real"
  private static let apiKey = "canary-api-key-not-real"

  @Test func `secrets: a canary password, API key and master key are found nowhere`() throws {
    let ferry = try Ferry()
    try ferry.addSamples("juniper")
    try ferry.writeStore(rows: Ferry.rows(300), texts: Ferry.texts(300))
    let address = try TestServer.address
    let url = try ferry.database.url.replacingOccurrences(
      of: "//\(address.user)@", with: "//\(address.user):\(Self.password)@")
    let secrets = [
      "DATABASE_URL": url, "ENCRYPTION_MASTER_KEY": Self.key, "OPENAI_API_KEY": Self.apiKey,
      "GEMINI_API_KEY": Self.apiKey, "GOOGLE_API_KEY": Self.apiKey, "PGPASSWORD": Self.password,
    ]
    var printed = try commands(ferry, secrets)
    for wrong in [
      "host=127.0.0.1 port=1 password=\(Self.password)",
      "postgresql://x:\(Self.password)@127.0.0.1:1/d", "postgres//\(Self.password)",
    ] {
      let outcome = try ferry.run("--database-url", wrong, environment: secrets)
      #expect(outcome.status == 3)
      printed += outcome.text + outcome.errorText
    }
    printed += try childrenAndLimits(ferry, secrets)
    printed += try String(
      contentsOfFile: "\(Oracle.repository)/.vector-ferry/tests/postgres.log", encoding: .utf8)
    for secret in [Self.password, Self.key, Self.apiKey] {
      #expect(!printed.contains(secret))
      for (path, bytes) in try contents(of: ferry.folder.path) {
        #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(path)")
      }
    }
  }

  private func commands(_ ferry: Ferry, _ secrets: [String: String]) throws -> String {
    var printed = ""
    for line in [
      "--dry-run", "", "--json", "scan", "status", "status --json", "history --json", "verify",
      "verify --json", "doctor", "doctor --json", "backups list", "backups verify --json",
      "rollback --dry-run", "rollback --yes", "rollback --yes --json",
    ] {
      let outcome = try TestSupport.run(
        Ferry.binary, Ferry.words(line.split(separator: " ").map(String.init)),
        environment: Ferry.clean(ferry.database.url, secrets), directory: ferry.folder.path)
      printed += outcome.text + outcome.errorText
    }
    #expect(printed.contains("ann/notes"))
    return printed
  }

  /// Returns the command lines of all processes during a run; expects that a crash of the run would
  /// write no memory to the disk.
  private func childrenAndLimits(_ ferry: Ferry, _ secrets: [String: String]) throws -> String {
    let running = try ferry.start(
      "--user", "ann", environment: secrets.merging(["VECTOR_FERRY_PAUSE_AT": "copying"]) { $1 })
    #expect(running.waitForError("paused at copying"), "\(running.errors)")
    let own = "/proc/\(running.processID)"
    let limits = try String(contentsOfFile: "\(own)/limits", encoding: .utf8)
    #expect(limits.firstMatch(of: /Max core file size\s+0\s+0/) != nil)
    let filter = try String(contentsOfFile: "\(own)/coredump_filter", encoding: .utf8)
    #expect(filter.hasPrefix("00000000"))
    var lines = ""
    for process in try FileManager.default.contentsOfDirectory(atPath: "/proc")
    where Int(process) != nil {
      let line = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(process)/cmdline"))) ?? Data()
      // The tests' helper process that got a wrong URL intentionally has ended by now.
      lines += String(decoding: line, as: UTF8.self)
    }
    running.signal(SIGKILL)
    _ = try running.finish()
    return lines
  }
}
