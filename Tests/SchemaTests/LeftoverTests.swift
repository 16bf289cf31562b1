import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests statements that run in several transactions and are stopped between two of them.
@Suite(.needsServer) struct LeftoverTests {
  /// Opens a session that every concurrent statement on a table must wait for.
  private func obstacle(_ folder: Folder, reading table: String) throws -> Connection {
    let session = try folder.database.connect()
    try session.execute(
      script: SQL(script: "BEGIN; LOCK TABLE \(table) IN ROW EXCLUSIVE MODE"))
    return session
  }

  private static let partitions = """
    CREATE TABLE p (a int) PARTITION BY LIST (a);
    CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
    CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
    INSERT INTO p VALUES (1), (2);
    """

  private static let detaching = """
    ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;
    CREATE TABLE afterwards ();
    """

  @Test func `a partition that was left half detached is detached by the next try`() throws {
    let folder = try Folder()
    try folder.database.connect().execute(script: SQL(script: Self.partitions))
    let other = try obstacle(folder, reading: "p")
    try folder.write(Self.detaching, to: "1_detach.sql")
    var wasPending = false
    try folder.run(.up(.all)) { event in
      guard case .retrying(_, let attempt, _) = event else { return }
      if attempt == 1 {
        wasPending =
          (try? folder.scalar("SELECT bool_or(inhdetachpending) FROM pg_inherits")) == true
      }
      if attempt == 2 { _ = try? other.execute(script: "COMMIT") }
    }
    #expect(wasPending)
    try expectDetached(folder)
  }

  @Test func `a session killed while it detaches leaves it to the next run`() throws {
    let folder = try Folder()
    try folder.database.connect().execute(script: SQL(script: Self.partitions))
    let other = try obstacle(folder, reading: "p")
    try folder.write(Self.detaching, to: "1_detach.sql")
    let target = try folder.database.target
    let hunt = Thread {
      let killer = try? Connection.open(target, settings: .untouched)
      for _ in 0..<500 {
        let killed = try? killer?.scalar(
          """
          SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
          WHERE query LIKE '%DETACH%' AND pid <> pg_backend_pid()
            AND datname = current_database()
            AND EXISTS (SELECT FROM pg_inherits WHERE inhdetachpending)
          """, as: Int.self)
        if killed ?? 0 > 0 { return }
        usleep(5_000)
      }
    }
    hunt.start()
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    #expect(try folder.scalar("SELECT bool_or(inhdetachpending) FROM pg_inherits") == true)
    #expect(try folder.state.migrations.first?.row?.statementsDone == 0)
    try other.execute(script: "COMMIT")
    try folder.run(.up(.all))
    try expectDetached(folder)
  }

  private func expectDetached(_ folder: Folder) throws {
    #expect(try folder.scalar("SELECT count(*) FROM pg_inherits") == 1)
    #expect(try folder.scalar("SELECT count(*) FROM p1") == 1)
    #expect(try folder.scalar("SELECT to_regclass('afterwards') IS NOT NULL") == true)
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }

  @Test(arguments: ["REINDEX INDEX CONCURRENTLY i;", "REINDEX (VERBOSE) TABLE CONCURRENTLY t;"])
  func `copies that a failed REINDEX has left go, the index stays`(statement: String) throws {
    let folder = try Folder()
    try folder.database.connect().execute(
      script: """
        CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 100);
        CREATE INDEX i ON t (a)
        """)
    let other = try obstacle(folder, reading: "t")
    try folder.write(statement, to: "1_reindex.sql")
    var leftovers = 0
    var removed: [String] = []
    try folder.run(.up(.all)) { event in
      switch event {
      case .retrying(_, 1, _):
        leftovers =
          (try? folder.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid")) ?? 0
        _ = try? other.execute(script: "COMMIT")
      case .removedInvalidIndex(let name): removed.append(name)
      default: break
      }
    }
    #expect(leftovers == 1 && removed == ["public.i_ccnew"])
    #expect(
      try folder.scalar(
        "SELECT string_agg(indexrelid::regclass::text, ' ') FROM pg_index WHERE indrelid = 't'::regclass"
      ) == "i")
    #expect(try folder.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0)
  }

  @Test(arguments: ["REINDEX TABLE p;", "REINDEX INDEX pi;", "CLUSTER p USING pi;"])
  func `what only the server knows to stand alone is sent alone, and tried on nothing`(
    statement: String
  ) throws {
    let folder = try Folder()
    try folder.database.connect().execute(
      script: SQL(script: Self.partitions + "CREATE INDEX pi ON p (a);"))
    try folder.write(
      "-- migrate:up transaction:false\nSELECT 1;\n\(statement)\nCREATE TABLE afterwards ();",
      to: "1_a.sql")
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let trial = try runner.tryOut(try runner.plan(.up(.all)), .dryRun(isProduction: false))
    #expect(trial.failure == nil && trial.entries.map(\.isTried) == [true, false, true])
    try folder.run(.up(.all))
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
    try folder.write(statement, to: "2_b.sql")
    let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    #expect(failure?.description.contains("write -- no-transaction as the first line") == true)
    try folder.write("-- no-transaction\n\(statement)", to: "2_b.sql")
    try folder.run(.up(.all))
    #expect(try folder.state.migrations.map(\.kind) == [.applied, .applied])
  }

  // MARK: Statements in doubt

  @Test(arguments: [
    ("CREATE DATABASE %;", "42P04", true), ("DROP DATABASE %;", "3D000", false),
    ("DROP INDEX CONCURRENTLY %;", "42704", false),
    ("ALTER TABLE p DETACH PARTITION % CONCURRENTLY;", "42P01", false),
    ("DO $$BEGIN RAISE EXCEPTION SQLSTATE '42710'; END$$;", "42710", false),
    ("VACUUM %;", "42P01", false),
  ])
  func `what the server has refused is refused again, not taken for done`(
    statement: String, code: String, isThere: Bool
  ) throws {
    let folder = try Folder()
    let name = isThere ? folder.database.name : "absent"
    try folder.database.connect().execute(script: SQL(script: Self.partitions))
    try folder.write(
      "-- migrate:up transaction:false\n" + statement.replacingOccurrences(of: "%", with: name),
      to: "1_a.sql")
    for _ in 1...3 {
      let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
      #expect(failure?.cause.serverError?.sqlState == code)
    }
  }

  /// Writes the ledger's row as a run leaves it that is killed during its second statement.
  private func leaveInDoubt(_ folder: Folder, _ statement: String) throws {
    try folder.write("-- migrate:up transaction:false\nSELECT 1;\nSELECT 1/0;\n", to: "1_a.sql")
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    try folder.database.connect().execute(script: "UPDATE schema_migrations SET in_doubt = 2")
    try folder.write("-- migrate:up transaction:false\nSELECT 1;\n\(statement);\n", to: "1_a.sql")
  }

  private static let standing = """
    CREATE TABLE t (a int, b text, "C" text);
    CREATE UNIQUE INDEX i ON t (a);
    CREATE INDEX j ON t USING btree (b text_pattern_ops DESC) WHERE a > 0;
    CREATE INDEX "K" ON t USING gin (to_tsvector('english', "C"));
    """

  @Test(arguments: [
    ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", true),
    ("CREATE UNIQUE INDEX CONCURRENTLY i ON public.t USING btree ( a )", true),
    ("CREATE INDEX CONCURRENTLY i ON t (a)", false),
    ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (b)", false),
    ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a) WHERE a > 1", false),
    ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a) INCLUDE (b)", false),
    ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a) WITH (fillfactor = 50)", false),
    ("CREATE INDEX CONCURRENTLY i ON t USING hash (a)", false),
    ("CREATE INDEX CONCURRENTLY j ON t (b text_pattern_ops DESC) WHERE (a > 0)", true),
    ("CREATE INDEX CONCURRENTLY j ON t (b DESC) WHERE (a > 0)", false),
    ("CREATE INDEX CONCURRENTLY \"K\" ON t USING gin (to_tsvector('english', \"C\"))", true),
    ("CREATE INDEX CONCURRENTLY \"K\" ON t USING gin (to_tsvector('simple', \"C\"))", false),
    ("CREATE UNIQUE INDEX CONCURRENTLY ON t (a)", true),
  ])
  func `an index in doubt counts as built where it is defined as the statement says`(
    statement: String, counts: Bool
  ) throws {
    let folder = try Folder()
    try folder.database.connect().execute(script: SQL(script: Self.standing))
    try leaveInDoubt(folder, statement)
    if counts {
      try folder.run(.up(.all))
      #expect(try folder.state.migrations.map(\.kind) == [.applied])
    } else {
      let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
      #expect(failure?.cause.serverError?.sqlState == "42P07")
    }
    #expect(try folder.scalar("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 3)
  }

  /// Makes two INVALID indexes, like those that failed builds leave.
  private func makeInvalid(_ folder: Folder) throws {
    let session = try folder.database.connect()
    try session.execute(
      script: "CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 1), (1, 1)")
    for name in ["other_a", "other_b"] {
      #expect(throws: PostgresError.self) {
        try session.execute(
          script: SQL(script: "CREATE UNIQUE INDEX CONCURRENTLY \(name) ON t (\(name.suffix(1)))"))
      }
    }
  }

  @Test func `a failed build without a name takes away its own index alone`() throws {
    let folder = try Folder()
    try makeInvalid(folder)
    try folder.write("CREATE UNIQUE INDEX CONCURRENTLY ON t (a);", to: "1_a.sql")
    for _ in 1...2 {
      var removed: [String] = []
      #expect(throws: MigrationFailure.self) {
        try folder.run(.up(.all)) { event in
          if case .removedInvalidIndex(let name) = event { removed.append(name) }
        }
      }
      #expect(removed == ["public.t_a_idx"])
    }
    #expect(
      try folder.scalar(
        "SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY 1) FROM pg_index WHERE NOT indisvalid"
      ) == "other_a other_b")
  }

  @Test func `an index that another session builds is waited for with an end, and told`() throws {
    let folder = try Folder()
    try makeInvalid(folder)
    let target = try folder.database.target
    let other = try obstacle(folder, reading: "t")
    let builder = Thread {
      let session = try? Connection.open(target, settings: .untouched)
      _ = try? session?.execute(script: "CREATE INDEX CONCURRENTLY slow ON t (b)")
    }
    builder.start()
    for _ in 0..<500
    where try folder.scalar("SELECT count(*) FROM pg_stat_progress_create_index") == 0 {
      usleep(10_000)
    }
    try folder.write("CREATE INDEX CONCURRENTLY other_a ON t (a);", to: "1_a.sql")
    var options = SchemaOptions()
    options.patience = 1
    var told = 0
    let runner = SchemaRunner(
      connection: try folder.database.connect(), set: try folder.set, options: options
    ) { event in if case .waitingForBuild = event { told += 1 } }
    let failure = #expect(throws: MigrationFailure.self) {
      try runner.run(.up(.all), plan: try runner.plan(.up(.all)))
    }
    #expect(failure?.description.contains("still builds an index") == true)
    #expect(told == 1)
    try other.execute(script: "COMMIT")
    try folder.run(.up(.all))
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }
}
