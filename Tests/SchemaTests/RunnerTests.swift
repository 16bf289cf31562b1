import SQLText
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

import MigrationFiles
import OwnSchema
@testable import Schema

@Suite(.needsServer) struct RunnerTests {
  // Ten statements, each with an effect of its own; the statement with the number `failing` fails.
  private static func ten(failing: Int?, alone: Bool) -> String {
    var lines = ["-- migrate:up" + (alone ? " transaction:false" : "")]
    for number in 1...10 {
      if number == failing {
        lines.append(
          alone && number == 5
            ? "CREATE UNIQUE INDEX CONCURRENTLY doubles ON marks ((1));"
            : "INSERT INTO marks VALUES (\(number), 1/0);")
      } else if number == 1 {
        lines.append("CREATE TABLE marks (number int, value int); INSERT INTO marks VALUES (1, 0);")
      } else if alone, number == 5 {
        lines.append("CREATE INDEX CONCURRENTLY doubles ON marks ((1));")
      } else {
        lines.append("INSERT INTO marks VALUES (\(number), 0);")
      }
    }
    return lines.joined(separator: "\n") + "\n-- migrate:down\nDROP TABLE marks;\n"
  }

  @Test(arguments: [true, false], 2...10)
  func `after a failing statement the ledger says what is there, and up completes`(
    alone: Bool, failing: Int
  ) throws {
    let folder = try Folder()
    try folder.write(Self.ten(failing: failing, alone: alone), to: "001_ten.sql")
    let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    #expect(failure?.position?.line == failing + 1)
    let rows: Int? =
      try folder.scalar("SELECT to_regclass('marks') IS NOT NULL") == true
      ? try folder.scalar("SELECT count(*) FROM marks") : nil
    let row = try folder.state.migrations.first?.row
    if alone {
      // The first line holds two statements.
      #expect(row?.statementsDone == failing)
      #expect(rows == failing - (failing > 5 ? 2 : 1))
      #expect(row?.state == .applying)
    } else {
      #expect(row == nil)
      #expect(rows == nil)
    }
    try folder.write(Self.ten(failing: nil, alone: alone), to: "001_ten.sql")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT count(*) FROM marks") == (alone ? 9 : 10))
    #expect(try folder.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0)
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }

  @Test(arguments: [true, false], 1...11)
  func `a session killed before any statement leaves nothing in doubt`(alone: Bool, victim: Int)
    throws
  {
    let folder = try Folder()
    try folder.write(Self.ten(failing: nil, alone: alone), to: "001_ten.sql")
    let killer = try folder.database.connect()
    #expect(throws: (any Error).self) {
      try folder.run(.up(.all)) { event in
        guard case .statement(_, victim, _) = event else { return }
        _ = try? killer.query(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()
          """)
      }
    }
    let row = try folder.state.migrations.first?.row
    #expect(row?.statementsDone == (alone ? victim - 1 : nil))
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT count(*) FROM marks") == (alone ? 9 : 10))
    #expect(try folder.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0)
  }

  @Test func `an INVALID index under the name is replaced, not taken for the real one`() throws {
    let folder = try Folder()
    let session = try folder.database.connect()
    try session.execute(
      script: "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
    #expect(throws: PostgresError.self) {
      try session.execute(script: "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")
    }
    #expect(try folder.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 1)
    try folder.write("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);", to: "1_i.sql")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0)
    #expect(
      try folder.scalar("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == true)
  }

  @Test func `a file's own transactions are respected, and resumed at their ends`() throws {
    let folder = try Folder()
    let text = "BEGIN; CREATE TABLE a (); COMMIT;\nBEGIN; CREATE TABLE b (); SELECT 1/%; COMMIT;"
    try folder.write(text.replacing("%", with: "0"), to: "1_own.sql")
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    #expect(try folder.state.migrations.first?.row?.statementsDone == 3)
    #expect(try folder.scalar("SELECT to_regclass('b') IS NULL") == true)
    try folder.write(text.replacing("%", with: "1"), to: "1_own.sql")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT to_regclass('b') IS NOT NULL") == true)
  }

  @Test func `a lock that does not come in time is tried for again`() throws {
    let folder = try Folder()
    let other = try folder.database.connect()
    try other.execute(script: "CREATE TABLE t ()")
    try other.execute(script: "BEGIN; LOCK TABLE t")
    try folder.write("ALTER TABLE t ADD COLUMN a int;", to: "1_a.sql")
    var retries = 0
    try folder.run(.up(.all)) { event in
      guard case .retrying = event else { return }
      retries += 1
      if retries == 2 { _ = try? other.execute(script: "COMMIT") }
    }
    #expect(retries == 2)
  }

  @Test func `CRLF and LF have one checksum, and a changed file is refused with both`() throws {
    let folder = try Folder()
    let text = "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n"
    try folder.write(text, to: "1_a.sql")
    try folder.run(.up(.all))
    let first = try folder.set.migrations[0].checksum
    try folder.write(text.replacing("\n", with: "\r\n"), to: "1_a.sql")
    #expect(try folder.set.migrations[0].checksum == first)
    #expect(try folder.state.migrations[0].kind == .applied)
    try folder.write(text + "-- more\n", to: "1_a.sql")
    let second = try folder.set.migrations[0].checksum
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    for part in ["1_a.sql", first.description, second.description] {
      #expect(error?.problem.contains(part) == true)
    }
    try folder.run(.up(.all), force: true)
    let row = try #require(try folder.state.migrations[0].row)
    #expect(row.checksum == first && row.acceptedChecksum == second)
    #expect(row.note?.contains(second.description) == true)
    try folder.run(.up(.all))
  }

  @Test func `batches, steps, versions, redo, refresh and missing files`() throws {
    let folder = try Folder()
    for name in ["1_a", "2_b", "3_c"] {
      let table = name.suffix(1)
      try folder.write(
        "-- migrate:up\nCREATE TABLE \(table) ();\n-- migrate:down\nDROP TABLE \(table);\n",
        to: "\(name).sql")
    }
    func there() throws -> String? {
      try folder.scalar(
        "SELECT string_agg(relname, '' ORDER BY relname) FROM pg_class WHERE relname IN ('a','b','c','d')"
      )
    }
    try folder.run(.up(.steps(1)))
    try folder.run(.up(.all))
    #expect(try there() == "abc")
    try folder.run(.down(.batch))
    #expect(try there() == "a")
    try folder.run(.up(.to("2")))
    #expect(try there() == "ab")
    try folder.run(.redo)
    try folder.run(.refresh)
    #expect(try there() == "abc")
    try folder.run(.down(.to("1")))
    #expect(try there() == "a")
    try folder.run(.up(.all))
    try folder.write("CREATE TABLE d ();", to: "0_d.sql")
    #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    try folder.run(.up(.all), outOfOrder: true)
    #expect(try there() == "abcd")
    try FileManager.default.removeItem(atPath: folder.directory.file("2_b.sql"))
    #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    try folder.run(.revert("2"), force: true)
    #expect(try there() == "acd")
  }

  @Test(arguments: [
    ("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)", "dbmate"),
    (
      "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY); CREATE TABLE ar_internal_metadata ()",
      "Rails"
    ),
    (
      "CREATE TABLE schema_migrations (id serial, name text, batch int, migration_time timestamptz)",
      "knex"
    ),
    ("CREATE TABLE schema_migrations (version bigint, dirty boolean)", "golang-migrate"),
  ])
  func `another tool's ledger is refused by name and left alone`(script: String, tool: String)
    throws
  {
    let folder = try Folder()
    try folder.database.connect().execute(script: SQL(script: script))
    try folder.write(
      "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;", to: "1_a.sql")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(error?.problem.contains("is the ledger of \(tool), not of this program") == true)
    #expect(error?.remedy.contains("--ledger public.vector_ferry_migrations") == true)
    #expect(try folder.scalar("SELECT to_regclass('a') IS NULL") == true)
    let before = try #require(try folder.contents(of: "schema_migrations"))
    // With another place for the ledger, everything goes up and down, and that table stays.
    let place = QualifiedName(schema: "records of", "Migrations")
    try folder.run(.up(.all), ledger: place)
    #expect(try folder.scalar("SELECT to_regclass('a') IS NOT NULL") == true)
    #expect(
      try folder.scalar("SELECT count(*) FROM \"records of\".\"Migrations\" WHERE set = 'test'")
        == 1)
    // Without the option, the error names the ledger that the database has.
    let forgotten = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(forgotten?.remedy.contains("add --ledger records of.Migrations") == true)
    try folder.run(.down(.all), ledger: place)
    #expect(try folder.scalar("SELECT to_regclass('a') IS NULL") == true)
    #expect(try folder.contents(of: "schema_migrations") == before)
  }

  @Test func `a set that another ledger lists is not applied a second time`() throws {
    let folder = try Folder()
    try folder.write("CREATE TABLE a ();", to: "1_a.sql")
    let place = QualifiedName(schema: "public", "migrations_of_ours")
    try folder.run(.up(.all), ledger: place)
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(
      error?.problem.contains("the ledger public.migrations_of_ours lists migrations of the set")
        == true)
    #expect(try folder.scalar("SELECT to_regclass('schema_migrations') IS NULL") == true)
    // A table that an untrusted role has made is no ledger, whatever its columns are.
    let role = "stranger_\(UInt32.random(in: 0 ... .max))"
    let connection = try folder.database.connect()
    try connection.execute(script: SQL(script: "CREATE ROLE \(role)"))
    try connection.execute(script: SQL(script: "ALTER TABLE migrations_of_ours OWNER TO \(role)"))
    #expect(throws: (any Error).self) { try folder.run(.up(.all), ledger: place) }
    try connection.execute(script: "DROP TABLE a")
    try folder.run(.up(.all))
    try connection.execute(script: SQL(script: "DROP OWNED BY \(role); DROP ROLE \(role)"))
  }

  @Test(arguments: [
    ("INSERT INTO schema_migrations (version) VALUES ('1')", 2, 13),
    ("CREATE TABLE IF NOT EXISTS schema_migrations (version text)", 2, 28),
    ("WITH a AS (DELETE FROM public.schema_migrations RETURNING 1) SELECT * FROM a", 2, 24),
    ("UPDATE ONLY \"schema_migrations\" SET batch = 1", 2, 13),
    ("ALTER TABLE IF EXISTS schema_migrations ADD dirty bool", 2, 23),
    ("DROP TABLE IF EXISTS b, schema_migrations", 2, 25),
    ("TRUNCATE schema_migrations", 2, 10),
    ("COPY schema_migrations (version) FROM stdin;\n1\n\\.\nSELECT 1", 2, 6),
    ("MERGE INTO schema_migrations s USING b ON false WHEN NOT MATCHED THEN DO NOTHING", 2, 12),
  ])
  func `a file that writes to the ledger is told whose table that is`(
    statement: String, line: Int, column: Int
  ) throws {
    let folder = try Folder()
    try folder.write("CREATE TABLE b (version text);\n\(statement);", to: "1_b.sql")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    let place = "1_b.sql:\(line):\(column): the statement writes to public.schema_migrations"
    #expect(error?.problem.contains(place) == true, "\(error?.problem ?? "")")
    #expect(error?.remedy.contains("--ledger") == true)
    #expect(try folder.scalar("SELECT to_regclass('b') IS NULL") == true)
  }

  @Test(arguments: [
    "SELECT * FROM schema_migrations", "CREATE VIEW v AS SELECT set FROM schema_migrations",
    "CREATE SCHEMA app; CREATE TABLE app.schema_migrations (version text); INSERT INTO app.schema_migrations VALUES ('1')",
    "CREATE SCHEMA app; SET search_path = app; CREATE TABLE schema_migrations (version text)",
    "CREATE TABLE c (a int); INSERT INTO c SELECT batch FROM schema_migrations",
  ])
  func `a file may read the ledger, and have a table of that name elsewhere`(text: String) throws {
    let folder = try Folder()
    try folder.write("CREATE TABLE z ();", to: "1_z.sql")
    try folder.run(.up(.all))
    try folder.write(text, to: "2_a.sql")
    try folder.run(.up(.all))
    #expect(try folder.state.migrations.map(\.kind) == [.applied, .applied])
  }

  @Test func `a block of code that writes to the ledger is told whose table that is, too`() throws {
    let folder = try Folder()
    try folder.write(
      "DO $$ BEGIN INSERT INTO schema_migrations (version) VALUES ('1'); END $$;", to: "1_b.sql")
    let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    #expect(
      failure?.description.contains("is the table in which this program records migrations")
        == true, "\(failure?.description ?? "")")
  }

  @Test func `an object that is there already is told with the command that takes it over`() throws
  {
    let folder = try Folder()
    try folder.database.connect().execute(script: "CREATE TABLE b ()")
    try folder.write("CREATE TABLE b ();", to: "1_b.sql")
    let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    #expect(
      failure?.description.contains("vector-ferry schema baseline --dir \(folder.directory.path)")
        == true, "\(failure?.description ?? "")")
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let trial = try runner.tryOut(try runner.plan(.up(.all)), .preview(seconds: 10))
    #expect(trial.failure?.contains("vector-ferry schema baseline") == true)
  }

  @Test func `a dry run changes nothing, and shows locks, rewrites and dangers`() throws {
    let folder = try Folder()
    try folder.database.connect().execute(
      script:
        "CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 20000) i; ANALYZE t"
    )
    try folder.write(
      "ALTER TABLE t ALTER COLUMN a TYPE bigint; CREATE INDEX i ON t (b); DROP TABLE t;",
      to: "1_a.sql")
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let trial = try runner.tryOut(try runner.plan(.up(.all)), .dryRun(isProduction: true))
    #expect(trial.failure == nil)
    #expect(
      trial.entries[0].locks.contains { $0.relation == "t" && $0.mode == "AccessExclusiveLock" })
    #expect(trial.entries[0].warnings.contains { $0.contains("rewrites the whole table t") })
    #expect(trial.entries[1].warnings.contains { $0.contains("CONCURRENTLY") })
    #expect(trial.entries[2].warnings.contains { $0.contains("production") })
    #expect(try folder.scalar("SELECT count(*) FROM t") == 20_000)
    #expect(try folder.scalar("SELECT to_regclass('schema_migrations') IS NULL") == true)
  }

  @Test(arguments: [1, 2, 3]) func `an interruption tells what is done, as the ledger has it`(
    victim: Int
  ) throws {
    let folder = try Folder()
    try folder.write(
      "-- migrate:up transaction:false\nSELECT 1;\nVACUUM;\nSELECT 3;", to: "1_a.sql")
    let flag = Mutex(false)
    let connection = try folder.database.connect { flag.withLock(\.self) }
    let runner = SchemaRunner(connection: connection, set: try folder.set) { event in
      if case .statement(_, victim, _) = event { flag.withLock { $0 = true } }
    }
    let failure = #expect(throws: MigrationFailure.self) {
      try runner.run(.up(.all), plan: try runner.plan(.up(.all)))
    }
    #expect(failure?.remainder == .statements(victim - 1, of: 3))
    #expect(try folder.state.migrations.first?.row?.statementsDone == victim - 1)
    try folder.run(.up(.all))
  }

  @Test func `a migration that is named twice is applied once`() throws {
    let folder = try Folder()
    try folder.write("CREATE TABLE a ();", to: "1_a.sql")
    #expect(try folder.run(.apply(["1", "1_a", "a"])).steps.count == 1)
  }

  @Test func `a dry run shows the locks on what it drops, and none on what is new`() throws {
    let folder = try Folder()
    try folder.write(
      "-- migrate:up\nCREATE TABLE a (x int);\n-- migrate:down\nDROP TABLE a;\n", to: "1_a.sql")
    try folder.run(.up(.all))
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let trial = try runner.tryOut(try runner.plan(.redo), .dryRun(isProduction: false))
    #expect(
      trial.entries.map(\.locks) == [
        [SchemaTrial.Lock(relation: "a", mode: "AccessExclusiveLock")], [],
      ])
  }

  @Test func `a half-way migration without its file stops a run, and an empty folder does`() throws
  {
    let folder = try Folder()
    try folder.write("-- migrate:up transaction:false\nSELECT 1;\nSELECT 1/0;", to: "1_a.sql")
    try folder.write("SELECT 1;", to: "2_b.sql")
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    try FileManager.default.removeItem(atPath: folder.directory.file("1_a.sql"))
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(error?.problem.contains("stopped after 1 of its 2 statements and has no file") == true)
    try folder.run(.up(.all), force: true)
    try FileManager.default.removeItem(atPath: folder.directory.file("2_b.sql"))
    let empty = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(empty?.problem.contains("there is no .sql file in") == true)
  }

  @Test func `the generated Swift is what the SQL files say`() throws {
    let root = "\(Oracle.repository)/Sources/MigrationFiles/Sets/SQL"
    for name in MigrationSet.bundledNames {
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(name)").sorted()
      #expect(MigrationSet.bundledFiles(of: name).map(\.name) == files)
      for file in MigrationSet.bundledFiles(of: name) {
        let text = try String(contentsOfFile: "\(root)/\(name)/\(file.name)", encoding: .utf8)
        #expect(file.text == text, "run Scripts/embed-sets.py: \(name)/\(file.name)")
      }
    }
  }

  @Test func `sessions that make the tool's schema at the same time all find it made`() throws {
    let database = try TestDatabase()
    let first = try database.connect()
    try first.execute(script: "CREATE EXTENSION vector")
    let target = try database.target
    let outcome = Mutex<(hasAsked: Bool, result: String?)>((false, nil))
    let other = Thread {
      do {
        let second = try Connection.open(target)
        // After the first query, the server's process remembers that there is no such schema.
        let version = try FerrySchema.installedVersion(on: second)
        outcome.withLock { $0.hasAsked = true }
        try FerrySchema.install(on: second)
        let now = try FerrySchema.installedVersion(on: second)
        outcome.withLock { $0.result = "\(version) to \(now)" }
      } catch {
        outcome.withLock { $0 = (true, "\(error)") }
      }
    }
    let watch = try database.connect()
    try first.transaction { () throws -> Void in
      try first.query("SELECT pg_advisory_xact_lock(\(AdvisoryLock.schema))")
      other.start()
      while !outcome.withLock({ $0.hasAsked }) { usleep(1_000) }
      try FerrySchema.installInTransaction(on: first)
      let waits: SQL =
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
      while try watch.scalar(waits) != true { usleep(1_000) }
    }
    while outcome.withLock({ $0.result }) == nil { usleep(1_000) }
    #expect(outcome.withLock { $0.result } == "0 to \(FerrySchema.currentVersion)")
  }
}
