import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests runs after a preview, and previews whose losses cannot be known.
@Suite(.needsServer) struct LossRunTests {
  private static let filled = """
    CREATE TABLE t (a int, b text); INSERT INTO t SELECT i, 'x' FROM generate_series(1, 10) i;
    CREATE TABLE other (a int); INSERT INTO other VALUES (1);
    """

  // MARK: Data that change between preview and run

  @Test(arguments: [
    ("TRUNCATE other", "rows public.other"),
    ("DELETE FROM t WHERE a > 10", "rows public.t"),
    ("UPDATE t SET b = trim(b)", "values public.t.b"),
    ("ALTER TABLE t ALTER COLUMN a TYPE int USING least(a, 10)", "values public.t.a"),
    (
      "DO $$BEGIN IF EXISTS (SELECT FROM t WHERE a > 10) THEN DROP TABLE other; END IF; END$$",
      "public.other"
    ),
  ])
  func `what goes only because data have changed since the preview stops the run`(
    statement: String, name: String
  ) throws {
    for mode in ["", " transaction:false"] {
      let folder = try Folder(world: Self.filled + "DELETE FROM other;")
      try folder.write("-- migrate:up\(mode)\n\(statement);", to: "1_a.sql")
      let trial = try folder.preview(.up(.all))
      #expect(trial.losses.names.isEmpty, "\(trial.losses.names)")
      try folder.database.connect().execute(
        script: "INSERT INTO t VALUES (11, ' y '); INSERT INTO other VALUES (1)")
      let failure = #expect(throws: MigrationFailure.self) {
        try folder.run(.up(.all), after: trial)
      }
      let text = failure?.description ?? ""
      #expect(text.contains("\(name) would be lost"), "\(text)")
      // The refusal must not blame the file.
      let count = name.hasPrefix("rows ") ? " (\(name): 1 row)" : ""
      #expect(text.contains("data have changed since the preview\(count)"), "\(text)")
      #expect(text.contains("run schema up again to see what would be lost now"), "\(text)")
      #expect(!text.contains("correct") && !text.contains("--allow-loss"), "\(text)")
      #expect(try folder.scalar("SELECT count(*) FROM t WHERE b = ' y ' AND a = 11") == 1)
      #expect(try folder.scalar("SELECT count(*) FROM other") == 1)
      // After a new preview, the run succeeds.
      try folder.run(.up(.all), after: try folder.preview(.up(.all)))
    }
  }

  @Test func `a column that was computed loses its values to a later migration all the same`()
    throws
  {
    let folder = try Folder(
      world: """
        CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a * 2) STORED);
        INSERT INTO t (a) SELECT generate_series(1, 10);
        """)
    try folder.write("ALTER TABLE t ALTER g DROP EXPRESSION", to: "1_a.sql")
    try folder.write("ALTER TABLE t RENAME g TO h", to: "2_b.sql")
    try folder.write("UPDATE t SET h = 0; UPDATE t SET h = 1 WHERE a > 5", to: "3_c.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.entries.last?.losses.map(\.counted) == ["values public.t.h 10"])
    #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: trial.losses.names.dropLast())
    }
    #expect(try folder.scalar("SELECT sum(h) FROM t", as: Int.self) == 110)
    try folder.run(.up(.all), after: try folder.preview(.up(.all)))
  }

  /// Another table has the old name when the loss happens.
  @Test func `what an earlier file has renamed is called what it is called then`() throws {
    let folder = try Folder(
      world: """
        CREATE TABLE docs (a int PRIMARY KEY, b text); INSERT INTO docs VALUES (1, 'x'), (2, 'y');
        CREATE VIEW heads AS SELECT a FROM docs; CREATE INDEX docs_b ON docs (b);
        """)
    try folder.write(
      """
      ALTER TABLE docs RENAME TO docs_v1; CREATE TABLE docs (a int, b text);
      ALTER VIEW heads RENAME TO heads_v1; CREATE VIEW heads AS SELECT a FROM docs;
      """, to: "1_a.sql")
    try folder.write("DELETE FROM docs_v1 WHERE a = 1", to: "2_b.sql")
    try folder.write("DROP INDEX docs_b; ALTER TABLE docs_v1 DROP COLUMN b;", to: "3_c.sql")
    try folder.write("DROP VIEW heads_v1; DROP TABLE docs_v1", to: "4_d.sql")
    let trial = try folder.preview(.up(.all))
    let told = trial.losses.entries.map { $0.losses.map(\.counted) }
    #expect(
      told == [
        ["rows public.docs_v1 1"], ["public.docs_v1.b 2", "index public.docs_b"],
        ["public.docs_v1 2", "view public.heads_v1"],
      ])
    let names = trial.losses.names
    for name in names {
      #expect(throws: MigrationFailure.self, "\(name)") {
        try folder.run(.up(.all), after: trial, allowing: names.filter { $0 != name })
      }
    }
    try folder.run(.up(.all), after: try folder.preview(.up(.all)))
    #expect(try folder.scalar("SELECT to_regclass('docs') IS NOT NULL") == true)
  }

  @Test func `more rows under a name that was allowed stop nothing`() throws {
    let folder = try Folder(world: Self.filled)
    try folder.write("DROP TABLE t; DELETE FROM other;", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    try folder.database.connect().execute(
      script: "INSERT INTO t VALUES (11); INSERT INTO other VALUES (2)")
    try folder.run(.up(.all), after: trial)
    #expect(try folder.scalar("SELECT to_regclass('t') IS NULL") == true)
  }

  @Test func `a run that goes on asks for what is left, and keeps what came before`() throws {
    let folder = try Folder(world: Self.filled)
    try folder.write(
      "-- migrate:up transaction:false\nDELETE FROM t WHERE a = 1;\nSELECT 1/0;\nDROP TABLE other;",
      to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.failure?.contains("1_a.sql:3:") == true)
    #expect(trial.losses.names == ["rows public.t", "unknown 1_a"])
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all), after: trial) }
    #expect(try folder.state.migrations[0].row?.statementsDone == 1)
    try folder.write(
      "-- migrate:up transaction:false\nDELETE FROM t WHERE a = 1;\nDROP TABLE other;",
      to: "1_a.sql")
    let rest = try folder.preview(.up(.all))
    #expect(rest.losses.losses.map(\.told) == ["public.other 1"])
    #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: rest, allowing: ["rows public.t"])
    }
    try folder.run(.up(.all), after: rest)
    #expect(try folder.scalar("SELECT count(*) FROM t") == 9)
  }

  // MARK: Every way to run

  @Test func `down, redo, refresh, revert and apply say what goes, and none goes unnamed`() throws {
    let folder = try Folder(world: "")
    for table in ["a", "b"] {
      try folder.write(
        "-- migrate:up\nCREATE TABLE \(table) (x int);\n-- migrate:down\nDROP TABLE \(table);\n",
        to: "\(table == "a" ? 1 : 2)_\(table).sql")
    }
    try folder.write("-- migrate:up singly:true\nTRUNCATE a;\n", to: "3_c.sql")
    try folder.run(.up(.all))
    try folder.database.connect().execute(
      script: "INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1)")
    let requests: [(SchemaRequest, [String])] = [
      (.down(.steps(1)), ["public.b 1"]), (.redo, ["public.b 1"]), (.revert("1"), ["public.a 2"]),
      (.refresh, ["public.b 1", "public.a 2"]), (.apply(["3"]), ["rows public.a 2"]),
    ]
    for (request, told) in requests {
      let trial = try folder.preview(request)
      #expect(trial.losses.losses.map(\.told) == told)
      #expect(throws: MigrationFailure.self) {
        try folder.run(request, after: trial, allowing: [])
      }
      #expect(try folder.scalar("SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b)") == 3)
    }
    try folder.run(.refresh, after: try folder.preview(.refresh))
    #expect(try folder.scalar("SELECT (SELECT count(*) FROM a) + (SELECT count(*) FROM b)") == 0)
  }

  @Test func `a file's own transactions are looked at one by one, rolled back ones not at all`()
    throws
  {
    let folder = try Folder(world: Self.filled)
    let text = "BEGIN;\nDELETE FROM t WHERE a = 1;\nROLLBACK;\nBEGIN;\nDELETE FROM t WHERE a < 4;\n"
    try folder.write(text + "COMMIT;\nBEGIN; DROP TABLE other; COMMIT;", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.losses.map(\.told) == ["rows public.t 3", "public.other 1"])
    let failure = #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: ["rows public.t"])
    }
    // The first transaction was committed, and the second was stopped at its COMMIT.
    #expect(failure?.remainder == .statements(6, of: 9))
    #expect(try folder.scalar("SELECT count(*) FROM t") == 7)
    #expect(try folder.scalar("SELECT count(*) FROM other") == 1)
    let rest = try folder.preview(.up(.all))
    #expect(rest.losses.losses.map(\.told) == ["public.other 1"])
    try folder.run(.up(.all), after: rest)
  }

  @Test(arguments: [
    ("DELETE FROM t WHERE a < 4; DELETE FROM t;", "rows public.t", 10),
    ("DELETE FROM t WHERE a < 4; TRUNCATE t;", "rows public.t", 10),
    ("UPDATE t SET b = 'y' WHERE a < 4; UPDATE t SET b = 'z';", "values public.t.b", 10),
  ])
  func `what several transactions of one migration take is counted together`(
    statements: String, name: String, count: Int
  ) throws {
    let folder = try Folder(world: Self.filled)
    try folder.write("-- migrate:up transaction:false\n\(statements)", to: "1_a.sql")
    let losses = try folder.preview(.up(.all)).losses.losses
    #expect(losses.first { $0.name == name }?.count == .exactly(count), "\(losses)")
  }

  @Test func `what comes into being in a run and goes again is no loss`() throws {
    let folder = try Folder(world: "")
    try folder.write("CREATE TABLE x (a int); INSERT INTO x VALUES (1);", to: "1_a.sql")
    try folder.write("TRUNCATE x; ALTER TABLE x DROP COLUMN a;", to: "2_b.sql")
    try folder.write("DROP TABLE x;", to: "3_c.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.names.isEmpty)
    try folder.run(.up(.all), after: trial)
  }

  @Test func `what COMMIT fires is seen before it`() throws {
    let folder = try Folder(
      world: Self.filled + """
        CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql
          AS $$BEGIN DELETE FROM other; RETURN NULL; END$$;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION late();
        """)
    try folder.write("INSERT INTO t VALUES (11);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.losses.map(\.told) == ["rows public.other 1"])
    #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: [])
    }
    #expect(try folder.scalar("SELECT count(*) FROM other") == 1)
  }

  // MARK: Statements that cannot be tried

  @Test(arguments: [
    ("CREATE INDEX CONCURRENTLY ON t (a)", []), ("VACUUM t", []),
    ("DROP INDEX CONCURRENTLY i", ["index public.i"]),
    ("ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", ["partition public.p1 of public.p 1"]),
    ("DROP DATABASE IF EXISTS absent_db", []), ("DROP DATABASE postgres", ["database postgres"]),
    ("ALTER SYSTEM SET work_mem = '5MB'", ["unknown 1_a"]),
    ("ALTER SYSTEM RESET work_mem", ["unknown 1_a"]),
    ("COMMIT PREPARED 'x'", ["unknown 1_a"]), ("CALL ends()", ["unknown 1_a"]),
    ("CALL sweeps()", ["rows public.t 10"]),
    ("COPY t FROM PROGRAM 'true'", ["unknown 1_a"]),
    ("DO $$BEGIN PERFORM dblink_exec('', 'DROP TABLE t'); END$$", ["unknown 1_a"]),
  ])
  func `what stands outside of transactions is read from its statement, or said to be unknown`(
    statement: String, told: [String]
  ) throws {
    let folder = try Folder(
      world: Self.filled + """
        CREATE INDEX i ON t (a);
        CREATE TABLE p (x int) PARTITION BY LIST (x);
        CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); INSERT INTO p VALUES (1);
        CREATE PROCEDURE ends() LANGUAGE plpgsql AS $$BEGIN TRUNCATE t; COMMIT; END$$;
        CREATE PROCEDURE sweeps() LANGUAGE plpgsql AS $$BEGIN DELETE FROM t; END$$;
        """)
    try folder.write("-- migrate:up transaction:false\n\(statement);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.losses.map(\.told) + trial.losses.unknown.map(\.name) == told)
    guard told.first?.hasPrefix("unknown") == false, told != ["database postgres"] else { return }
    #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: [])
    }
    #expect(try folder.scalar("SELECT to_regclass('i') IS NOT NULL") == true)
    #expect(try folder.scalar("SELECT count(*) FROM t") == 10)
    #expect(try folder.scalar("SELECT count(*) FROM p") == 1)
    try folder.run(.up(.all), after: trial)
  }

  @Test func `an unknown step runs where that is allowed, and tells afterwards what went`() throws {
    let folder = try Folder(
      world: Self.filled
        + "CREATE PROCEDURE ends() LANGUAGE plpgsql AS $$BEGIN DROP TABLE t; COMMIT; END$$;")
    try folder.write("-- migrate:up transaction:false\nCALL ends();", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    var gone: [String] = []
    try folder.run(.up(.all), after: trial) { event in
      if case .lost(_, let losses) = event { gone += losses.map(\.name) }
    }
    #expect(gone == ["public.t"])
  }

  @Test(arguments: ["seconds", "lock", "none"])
  func `a trial that is cut short lets go of its locks, and calls the rest unknown`(bound: String)
    throws
  {
    let folder = try Folder(world: Self.filled)
    try folder.write(
      bound == "seconds" ? "LOCK TABLE t; SELECT pg_sleep(30);" : "DROP TABLE t;", to: "1_a.sql")
    try folder.write("DROP TABLE other;", to: "2_b.sql")
    let application = try folder.database.connect()
    if bound == "lock" { try application.execute(script: "BEGIN; LOCK TABLE t IN SHARE MODE") }
    var options = SchemaOptions()
    options.lockTimeout = 200
    let runner = SchemaRunner(
      connection: try folder.database.connect(), set: try folder.set, options: options)
    let start = ContinuousClock.now
    let trial = try runner.tryOut(
      try runner.plan(.up(.all)), .preview(seconds: bound == "none" ? 0 : 1))
    #expect(start.duration(to: .now) < .seconds(15))
    #expect(trial.failure == nil)
    #expect(trial.losses.names == ["unknown 1_a", "unknown 2_b"])
    let reason = ["seconds": "ended after 1 s", "lock": "55P03", "none": "--trial-seconds 0"]
    #expect(trial.losses.unknown[0].reason.contains(reason[bound] ?? "?") == true)
    if bound == "lock" { try application.execute(script: "COMMIT") }
    try application.execute(script: "BEGIN; LOCK TABLE t NOWAIT; COMMIT")
  }

  @Test func `what another session takes from the server meanwhile is not the run's work`() throws {
    let name = "passer_by_\(UUID().uuidString.prefix(8).lowercased())"
    let folder = try Folder(world: Self.filled + "CREATE ROLE \(name);")
    try folder.write("CREATE INDEX CONCURRENTLY i ON t (a);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    let other = try folder.database.connect()
    try other.execute(script: "BEGIN; INSERT INTO t VALUES (99)")
    let target = try folder.database.target
    let drop = SQL(script: "DROP ROLE \(name)")
    // The build waits for the open transaction, and the role is dropped meanwhile.
    let passerBy = Thread {
      guard let session = try? Connection.open(target, settings: .untouched) else { return }
      let waits: SQL = """
        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock')
        """
      for _ in 0..<2000 where (try? session.scalar(waits)) != true { usleep(5000) }
      _ = try? session.execute(script: drop)
      _ = try? session.execute(
        script: """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND state = 'idle in transaction'
          """)
    }
    passerBy.start()
    try folder.run(.up(.all), after: trial, allowing: [])
    #expect(
      try folder.scalar(SQL(script: "SELECT to_regrole('\(name)') IS NULL"), as: Bool.self) == true)
    withExtendedLifetime(other) {}
  }

  @Test func `a role that does not see every row counts none of them`() throws {
    let name = "owner_\(UUID().uuidString.prefix(8).lowercased())"
    let folder = try Folder(
      world: """
        CREATE ROLE \(name) LOGIN; GRANT CREATE ON SCHEMA public TO \(name);
        CREATE TABLE t (owner text, x int); INSERT INTO t VALUES ('a', 1), ('b', 2);
        ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, OWNER TO \(name);
        CREATE POLICY own ON t USING (owner = 'nobody');
        """)
    defer { _ = try? TestServer.connect().execute(script: SQL(script: "DROP ROLE \(name)")) }
    defer {
      _ = try? folder.database.connect().execute(script: SQL(script: "DROP OWNED BY \(name)"))
    }
    try folder.write("TRUNCATE t;", to: "1_a.sql")
    try folder.write("ALTER TABLE t DROP COLUMN x; DROP TABLE t;", to: "2_b.sql")
    let session = try folder.database.connect()
    try session.execute(script: SQL(script: "SET SESSION AUTHORIZATION \(name)"))
    let set = try folder.set
    let plan = try SchemaRunner(connection: session, set: set).plan(.up(.all))
    let target = ConnectionTarget(
      source: "test",
      parameters: [
        ("host", try TestServer.address.socketDirectory),
        ("port", "\(try TestServer.address.port)"),
        ("user", name), ("dbname", folder.database.name),
      ])
    let trial = try SchemaRunner(
      connection: try Connection.open(target, settings: .untouched), set: set
    )
    .tryOut(plan, .preview(seconds: 30))
    #expect(trial.losses.losses.map(\.told) == ["rows public.t ?", "public.t ?"])
  }

  @Test func `a sequence that a trial sets back is set forward again`() throws {
    let folder = try Folder(world: "CREATE SEQUENCE s; SELECT setval('s', 100)")
    try folder.write(
      "DO $$BEGIN PERFORM setval('s', 1); END$$; SELECT setval('s', 5);", to: "1_a.sql")
    _ = try folder.preview(.up(.all))
    #expect(try folder.scalar("SELECT nextval('s')") == 101)
  }

  @Test func `a preview of 300 migrations takes no longer than running them`() throws {
    let folder = try Folder(world: Self.filled)
    for number in 1...300 {
      try folder.write(
        """
        CREATE TABLE n\(number) (id serial PRIMARY KEY, a int NOT NULL, b text UNIQUE);
        INSERT INTO n\(number) (a) VALUES (1); ALTER TABLE n\(number) ADD COLUMN c int DEFAULT 1;
        \(number % 50 == 0 ? "DELETE FROM t WHERE a = \(number / 50);" : "")
        """, to: "\(number)_a.sql")
    }
    let clock = ContinuousClock()
    var trial = SchemaTrial()
    let taken = try clock.measure { trial = try folder.preview(.up(.all)) }
    #expect(trial.losses.losses.map(\.counted) == ["rows public.t 1"])
    #expect(trial.losses.entries.count == 6)
    let run = try clock.measure { try folder.run(.up(.all), after: trial) }
    print("300 migrations: preview \(taken), run \(run)")
    #expect(taken < run + .seconds(3))
  }

  @Test func `previews of 2,000 tables take little more than their statements`() throws {
    let folder = try Folder(world: "")
    try folder.database.connect().execute(
      script: """
        DO $$BEGIN FOR i IN 1..2000 LOOP EXECUTE format(
          'CREATE TABLE t%s (id serial PRIMARY KEY, a int NOT NULL, b text UNIQUE, c int)', i);
          IF i % 100 = 0 THEN COMMIT; END IF; END LOOP; END$$
        """)
    try folder.write("ALTER TABLE t7 DROP COLUMN c;", to: "1_a.sql")
    try folder.write("DROP TABLE t8; INSERT INTO t9 VALUES (1, 1);", to: "2_b.sql")
    // The same number of snapshots without any change shows the effect of the machine's load.
    let session = try folder.database.connect()
    let clock = ContinuousClock()
    let looks = try clock.measure { for _ in 1...3 { _ = try ObjectSnapshot.read(session) } }
    let taken = try clock.measure {
      let trial = try folder.preview(.up(.all))
      #expect(trial.losses.losses.map(\.told) == ["public.t7.c 0", "public.t8 0"])
    }
    print("2,000 tables: preview \(taken), three looks \(looks)")
    #expect(taken < looks * 2 + .seconds(3))
  }
}
