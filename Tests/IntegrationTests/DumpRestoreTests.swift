import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct DumpRestoreTests {
  private let world: DumpWorld
  private let database: TestDatabase

  init() throws {
    world = try DumpWorld()
    database = try TestDatabase()
    try DumpWorld.execute(
      database.url,
      """
      CREATE EXTENSION vector;
      CREATE TABLE notes (id serial PRIMARY KEY, text text, embedding vector(3));
      INSERT INTO notes (text, embedding)
        SELECT 'n' || i || '\(database.name)', '[1,2,3]' FROM generate_series(1, 5) i;
      CREATE TABLE empty (id int)
      """)
  }

  /// Drops databases that the tests' restores have made.
  private func drop(_ names: [String]) {
    for name in names {
      _ = try? TestServer.connect().query(
        "DROP DATABASE IF EXISTS \(Identifier(name)) WITH (FORCE)")
    }
  }

  private func databases(like pattern: String) throws -> [String] {
    let rows = try TestServer.connect().query(
      "SELECT datname::text FROM pg_database WHERE datname LIKE \(pattern) ORDER BY 1")
    return try (0..<rows.rowCount).map { try rows.value($0, 0) }
  }

  @Test func `a dump goes into a new database, an empty one, and over a filled one on request`()
    throws
  {
    let dump = try world.dump(database.url)
    let digest = try DumpWorld.digest(database.url)
    let copy = "\(database.name)_copy"
    defer { drop([copy]) }
    let dry = try world.run(
      database.url, "backups", "restore", "--dump", dump, "--into", copy, "--dry-run")
    #expect(
      dry.status == 0 && dry.text.contains("\(copy): the database will be created"), "\(dry.text)")
    #expect(try databases(like: copy) == [])
    let made = try world.run(database.url, "backups", "restore", "--dump", dump, "--into", copy)
    #expect(made.status == 0, "\(made.text)\(made.errorText)")
    #expect(made.text.contains("Restored 2 tables with 5 rows"), "\(made.text)")
    #expect(try DumpWorld.digest(DumpWorld.url(database.url, database: copy)) == digest)

    let empty = try TestDatabase()
    let filled = try world.run(
      database.url, "backups", "restore", "--dump", dump, "--into", empty.url)
    #expect(filled.status == 0, "\(filled.text)\(filled.errorText)")
    #expect(try DumpWorld.digest(empty.url) == digest)

    let refused = try world.run(database.url, "backups", "restore", "--dump", dump, "--into", copy)
    #expect(refused.status == 3)
    #expect(
      refused.errorText.contains("and holds 2 tables (public.empty, public.notes)"),
      "\(refused.errorText)")
    let unasked = try world.run(
      database.url, "backups", "restore", "--dump", dump, "--into", copy, "--replace")
    #expect(
      unasked.status == 3 && unasked.errorText.contains("no terminal to ask for confirmation"))
  }

  @Test func `a database is replaced after a dump of it, and stays under another name`() throws {
    let dump = try world.dump(database.url)
    let digest = try DumpWorld.digest(database.url)
    try DumpWorld.execute(
      database.url,
      """
      DELETE FROM notes WHERE id > 2; CREATE TABLE later (id int);
      ALTER DATABASE \(database.name) SET search_path = "$user", public, "odd, name";
      ALTER DATABASE \(database.name) CONNECTION LIMIT 50;
      REVOKE TEMPORARY ON DATABASE \(database.name) FROM PUBLIC;
      COMMENT ON DATABASE \(database.name) IS 'the shop''s'
      """)
    let changed = try DumpWorld.digest(database.url)
    let outcome = try world.run(
      database.url, "backups", "restore", "--dump", dump, "--into", database.name, "--replace",
      "--yes", "--json")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    let former = try #require(answer["former"] as? String)
    defer { drop([former]) }
    #expect(answer["rows"] as? Int == 5 && answer["dumped_first"] is String)
    #expect(try DumpWorld.digest(database.url) == digest)
    #expect(try DumpWorld.digest(DumpWorld.url(database.url, database: former)) == changed)
    let session = try database.connect()
    let path: String? = try session.scalar("SELECT current_setting('search_path')")
    #expect(path == #""$user", public, "odd, name""#)
    let kept: Bool? = try session.scalar(
      """
      SELECT datconnlimit = 50 AND datacl IS NOT NULL
        AND NOT EXISTS (SELECT FROM aclexplode(datacl) WHERE grantee = 0
                        AND privilege_type = 'TEMPORARY')
        AND shobj_description(oid, 'pg_database') = 'the shop''s'
      FROM pg_database WHERE datname = current_database()
      """)
    #expect(kept == true)
    // The dump from before the restore counts as one of the same database, so that the operator can
    // restore it.
    let dumps = try world.files(".dump")
    #expect(dumps.count == 2)
    let listed = try world.run(database.url, "backups", "list", "--dumps").text
    #expect(dumps.allSatisfy(listed.contains), "\(listed)")
  }

  @Test func `what an ordinary role cannot give a new database is named before it is replaced`()
    throws
  {
    let role = "keeper_\(database.name)"
    try DumpWorld.execute(
      database.url,
      """
      DROP EXTENSION vector CASCADE;
      CREATE ROLE \(role) LOGIN CREATEDB;
      ALTER TABLE notes OWNER TO \(role); ALTER TABLE empty OWNER TO \(role);
      ALTER DATABASE \(database.name) OWNER TO \(role);
      ALTER DATABASE \(database.name) SET log_min_duration_statement = 77;
      ALTER DATABASE \(database.name) SET session_preload_libraries = 'vector';
      ALTER DATABASE \(database.name) SET role = 'pg_monitor';
      ALTER DATABASE \(database.name) SET shop.password = 'not-a-real-secret';
      ALTER DATABASE \(database.name) SET work_mem = '7MB';
      ALTER DATABASE \(database.name) SET search_path = "$user", public, "odd, name";
      ALTER ROLE \(role) IN DATABASE \(database.name) SET work_mem = '9MB'
      """)
    let address = try TestServer.address
    let url = try database.url.replacing("//\(address.user)@", with: "//\(role)@")
    var former = ""
    defer {
      drop([former])
      try? DumpWorld.execute(
        database.url,
        "ALTER DATABASE \(database.name) OWNER TO CURRENT_USER; DROP OWNED BY \(role) CASCADE")
      _ = try? TestServer.connect().execute(
        script: SQL(
          script: "DROP ROLE \(role)"))
    }
    // The database's setting of the role would change the role of these commands, so they set it
    // back.
    let quiet = ["PGOPTIONS": "-c role=none"]
    let made = try world.run(url, "backups", "dump", "--json", environment: quiet)
    #expect(made.status == 0, "\(made.text)\(made.errorText)")
    let dump = try #require(try world.files(".dump").first)
    let replace = [
      "backups", "restore", "--dump", dump, "--into", database.name, "--replace", "--json",
    ]
    let dry = try world.run(url, replace + ["--dry-run"], environment: quiet)
    let outcome = try world.run(url, replace + ["--yes"], environment: quiet)
    for outcome in [dry, outcome] {
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      let answer = try #require(
        try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
      let lost = try #require(answer["lost"] as? [[String: Any]])
      #expect(
        lost.compactMap { $0["property"] as? String } == [
          "setting log_min_duration_statement", "setting session_preload_libraries",
          "setting shop.password",
        ], "\(lost)")
      #expect(
        outcome.errorText.contains(
          "the new database will not have the setting log_min_duration_statement: permission denied"
        ),
        "\(outcome.errorText)")
      #expect(!(outcome.text + outcome.errorText).contains("not-a-real-secret"))
      former = answer["former"] as? String ?? ""
    }
    #expect(!former.isEmpty)
    func settings(of name: String) throws -> Set<String> {
      let rows = try TestServer.connect().query(
        """
        SELECT setrole::regrole || ' ' || unnest(setconfig) FROM pg_db_role_setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = \(name))
        """)
      return Set(try (0..<rows.rowCount).map { try rows.value($0, 0, as: String.self) })
    }
    let gone = try settings(of: former).subtracting(settings(of: database.name))
    #expect(
      gone == [
        "- log_min_duration_statement=77", "- session_preload_libraries=vector",
        "- shop.password=not-a-real-secret",
      ], "\(gone)")
  }

  @Test func `the restore that the documentation gives works word for word`() throws {
    let dump = try world.dump(database.url)
    let digest = try DumpWorld.digest(database.url)
    try DumpWorld.execute(database.url, "DROP TABLE notes")
    for page in ["SCHEMA", "BACKUPS"] {
      let text = try String(contentsOfFile: "\(Oracle.repository)/docs/\(page).md", encoding: .utf8)
      let line = try #require(
        text.firstMatch(of: /vector-ferry (backups restore --dump [^`\n]*--replace)/)?.1)
      let words = line.split(separator: " ").map {
        $0 == "NAME" ? dump : $0 == "DATABASE" ? database.name : String($0)
      }
      let outcome = try world.run(database.url, words + ["--yes"])
      #expect(outcome.status == 0, "\(line): \(outcome.text)\(outcome.errorText)")
      #expect(try DumpWorld.digest(database.url) == digest)
    }
    drop(try databases(like: "\(database.name.prefix(30))%_before_%"))
  }

  @Test func `who is in the database is named, and nothing is replaced`() throws {
    let dump = try world.dump(database.url)
    let session = try database.connect()
    try session.query("SELECT set_config('application_name', 'the shop', false)")
    let outcome = try world.run(
      database.url, "backups", "restore", "--dump", dump, "--into", database.name, "--replace",
      "--yes")
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("is in use: the shop of"), "\(outcome.errorText)")
    #expect(try world.files(".dump") == [dump])
  }

  private func waitUntilEmpty(_ names: [String]) throws {
    let session = try database.connect()
    let list = SQL.joined(names.map { "\(Literal($0))" }, separator: ", ")
    for _ in 0..<1000 where !names.isEmpty {
      let sessions: Int? = try session.scalar(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname IN (\(list)) AND backend_type = 'client backend'
        """)
      if sessions == 0 { return }
      usleep(20_000)
    }
  }

  @Test(arguments: ["restore-filled", "restore-swapped"])
  func `killed at any moment, there is one database, and it is whole`(stage: String) throws {
    let dump = try world.dump(database.url)
    let digest = try DumpWorld.digest(database.url)
    try DumpWorld.execute(database.url, "DELETE FROM notes WHERE id > 2")
    let changed = try DumpWorld.digest(database.url)
    let running = try world.start(
      database.url, "backups", "restore", "--dump", dump, "--into", database.name, "--replace",
      "--yes", environment: ["VECTOR_FERRY_PAUSE_AT": stage])
    #expect(running.waitForError("paused at \(stage)"))
    let scratch = try databases(like: "vector\\_ferry\\_restore\\_%").filter {
      (try? DumpWorld.digest(DumpWorld.url(database.url, database: $0))) == digest
    }
    running.signal(SIGKILL)
    _ = try running.finish()
    // The server may notice a little later that the sessions of the killed run have ended.
    try waitUntilEmpty(scratch)
    let isSwapped = stage == "restore-swapped"
    #expect(try DumpWorld.digest(database.url) == (isSwapped ? digest : changed))
    let again = try world.run(
      database.url, "backups", "restore", "--dump", dump, "--into", database.name, "--replace",
      "--yes")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try DumpWorld.digest(database.url) == digest)
    if !isSwapped {
      #expect(scratch.contains { again.errorText.contains("has left the database \($0)") })
      drop(scratch)
    }
    drop(try databases(like: "\(database.name.prefix(30))%_before_%"))
  }

  @Test func `an interruption leaves no database behind`() throws {
    let dump = try world.dump(database.url)
    let copy = "\(database.name)_copy"
    let running = try world.start(
      database.url, "backups", "restore", "--dump", dump, "--into", copy,
      environment: ["VECTOR_FERRY_PAUSE_AT": "restore-filled"])
    #expect(running.waitForError("paused at restore-filled"))
    let digest = try DumpWorld.digest(database.url)
    let scratch = try databases(like: "vector\\_ferry\\_restore\\_%").filter {
      (try? DumpWorld.digest(DumpWorld.url(database.url, database: $0))) == digest
    }
    running.signal(SIGINT)
    #expect(try running.finish().status == 130)
    #expect(try databases(like: copy) == [] && scratch.count == 1)
    #expect(try databases(like: scratch.first ?? "") == [])
  }

  @Test func `roles that the server lacks are named, and the rest is restored`() throws {
    let role = "ferry_owner_\(database.name.suffix(8))"
    try DumpWorld.execute(
      database.url, "CREATE ROLE \(role); ALTER TABLE notes OWNER TO \(role)")
    let dump = try world.dump(database.url)
    let copy = "\(database.name)_copy"
    defer { drop([copy]) }
    #expect(
      try world.run(database.url, "backups", "restore", "--dump", dump, "--into", copy).status == 0)
    let url = DumpWorld.url(try database.url, database: copy)
    let owner: String? = try DumpWorld.connect(url).scalar(
      "SELECT tableowner::text FROM pg_tables WHERE tablename = 'notes'")
    #expect(owner == role)
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let elsewhere = try world.run(
      server.url, "backups", "restore", "--dump", dump, "--into", "moved")
    #expect(elsewhere.status == 0, "\(elsewhere.text)\(elsewhere.errorText)")
    #expect(elsewhere.errorText.contains(role), "\(elsewhere.errorText)")
    #expect(
      try DumpWorld.digest(DumpWorld.url(server.url, database: "moved"))
        == DumpWorld.digest(database.url))
    drop([copy])
    try DumpWorld.execute(
      database.url, "REASSIGN OWNED BY \(role) TO CURRENT_USER; DROP ROLE \(role)")
  }

  @Test(.enabled(if: OrdinaryServer.programsWithoutVector != nil, "no older PostgreSQL here"))
  func `an older server is refused before anything is made`() throws {
    let programs = try #require(OrdinaryServer.programsWithoutVector)
    let server = try OrdinaryServer(programs: programs)
    let dump = try world.dump(database.url)
    let outcome = try world.run(
      server.url, "backups", "restore", "--dump", dump, "--into", "moved")
    #expect(outcome.status == 3)
    let isOlder = outcome.errorText.contains("the dump is of PostgreSQL")
    #expect(isOlder || outcome.errorText.contains("no extension vector"), "\(outcome.errorText)")
    #expect(
      try DumpWorld.number(server.url, "SELECT count(*) FROM pg_database WHERE datname = 'moved'")
        == 0)
  }

  @Test func `what is damaged, half or of an earlier version is refused by name`() throws {
    let dump = try world.dump(database.url)
    let path = "\(world.directory)/\(dump)"
    func outcome(_ name: String) throws -> String {
      let outcome = try world.run(
        database.url, "backups", "restore", "--dump", name, "--into", "nowhere_at_all")
      #expect(outcome.status == 3)
      return outcome.errorText
    }
    try world.addFile("20200101_000000.dump")
    #expect(try outcome("20200101_000000").contains("has no manifest: an earlier version"))
    #expect(try outcome("20990101").contains("there is no dump 20990101"))
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    // `backups list` compares only names and sizes, and says so.
    let listed = try world.run(database.url, "backups", "list", "--dumps")
    #expect(listed.text.contains("backups verify --dumps reads every byte"), "\(listed.text)")
    let document = try world.run(database.url, "backups", "list", "--dumps", "--json").text
    #expect(document.contains("\"complete\"") && !document.contains("\"good\""), "\(document)")
    #expect(try outcome(dump).contains("the file differs from the dumped file (SHA-256)"))
    let verified = try world.run(database.url, "backups", "verify", "--dumps")
    #expect(verified.status == 4, "\(verified.text)")
    let manifest = "\(path).json"
    let text = try String(contentsOfFile: manifest, encoding: .utf8)
    try text.replacingOccurrences(of: "\"rows\": 5", with: "\"rows\": 6")
      .write(toFile: manifest, atomically: false, encoding: .utf8)
    #expect(try outcome(dump).contains("the dump's manifest is refused"))
    #expect(try world.run(database.url, "backups", "list", "--dumps").status == 1)
    // A dump that cannot be trusted is not removed either.
    try world.age(dump, days: 30)
    let second = try world.dump(database.url, "--keep-days", "0")
    #expect(try world.files(".dump") == ["20200101_000000.dump", dump, second].sorted())
    try FileManager.default.removeItem(atPath: manifest)
    #expect(try outcome(dump).contains("is incomplete: the manifest"))
  }

  @Test(arguments: [
    ["--dump", "x"], ["--into", "x"], ["--dump", "x", "--into", "y", "--to", "z"],
    ["b", "--dump", "x", "--into", "y"], ["b", "--replace"], ["b", "c", "--to", "z"], [],
  ])
  func `what does not fit together is a mistake on the command line`(words: [String]) throws {
    let outcome = try world.run(database.url, ["backups", "restore"] + words)
    #expect(outcome.status == 2, "\(outcome.text)\(outcome.errorText)")
  }
}
