import SQLText
import Foundation
import Postgres
import TestSupport
import Testing

import OwnSchema
@testable import Schema

/// Tests that files cannot release the lock that prevents a second run.
@Suite(.needsServer) struct LockTests {
  /// Returns, for the beginning of each statement, whether another session could take the lock.
  private func takings(
    of text: String, request: SchemaRequest = .up(.all), in folder: Folder
  ) throws -> [Bool] {
    try folder.database.connect().execute(
      script: """
        CREATE FUNCTION hidden() RETURNS void LANGUAGE plpgsql AS $$
          BEGIN EXECUTE 'SELECT pg_advisory_' || 'unlock_all()'; END $$
        """)
    try folder.write(text, to: "1_lock.sql")
    let other = try folder.database.connect()
    var takings: [Bool] = []
    try folder.run(request) { event in
      guard case .statement = event else { return }
      let isTaken: Bool? = try? other.scalar(
        "SELECT pg_try_advisory_lock(\(AdvisoryLock.migrations))")
      takings.append(isTaken == true)
      if isTaken == true { _ = try? other.query("SELECT pg_advisory_unlock_all()") }
    }
    return takings
  }

  @Test(
    arguments: [
      "SELECT pg_advisory_unlock_all()", "SELECT hidden()",
      "SELECT pg_advisory_unlock(\(AdvisoryLock.migrations))",
      "DO $$BEGIN PERFORM hidden(); END$$", "SAVEPOINT s; SELECT hidden(); ROLLBACK TO s",
      "CREATE TABLE u (a int DEFAULT (hidden() IS NULL)::int); INSERT INTO u DEFAULT VALUES",
    ], ["up", "up transaction:false", "own"])
  func `what a file unlocks inside of a transaction stays locked`(
    statement: String, form: String
  ) throws {
    let isBlock = statement.hasPrefix("DO") || statement.hasPrefix("SAVEPOINT")
    if isBlock, form == "up transaction:false" { return }
    let folder = try Folder()
    let text =
      form == "own"
      ? "BEGIN;\n\(statement);\nSELECT 1;\nCOMMIT;\nSELECT 2;\n"
      : "-- migrate:\(form)\n\(statement);\nSELECT 1;\nSELECT 2;\n"
    let takings = try takings(of: text, in: folder)
    #expect(takings.count >= 3 && !takings.contains(true), "\(takings)")
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
    #expect(
      try folder.scalar(
        """
        SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """) == 0)
  }

  @Test(arguments: ["DO $$BEGIN PERFORM hidden(); COMMIT; END$$", "CALL give_up()"])
  func `what gives the lock up outside of a transaction stops the run, and is counted`(
    statement: String
  ) throws {
    let folder = try Folder()
    try folder.database.connect().execute(
      script: """
        CREATE TABLE t (a int);
        CREATE PROCEDURE give_up() LANGUAGE plpgsql AS $$
          BEGIN INSERT INTO t VALUES (1); COMMIT; PERFORM pg_advisory_unlock_all(); END $$
        """)
    let text = "-- migrate:up transaction:false\n\(statement);\nINSERT INTO t VALUES (2);\n"
    let failure = #expect(throws: MigrationFailure.self) { try takings(of: text, in: folder) }
    #expect(failure?.description.contains("lock that prevents a second run") == true)
    #expect(failure?.position?.line == 2 && failure?.remainder == .statements(1, of: 2))
    #expect(try folder.scalar("SELECT count(*) FROM t WHERE a = 2") == 0)
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT count(*) FROM t WHERE a = 2") == 1)
    #expect(try folder.scalar("SELECT count(*) FROM t WHERE a = 1") ?? 0 <= 1)
  }

  @Test func `a procedure that commits is told to go outside of a transaction`() throws {
    let folder = try Folder()
    try folder.database.connect().execute(
      script: "CREATE PROCEDURE ends() LANGUAGE plpgsql AS $$BEGIN COMMIT; END$$")
    try folder.write("-- migrate:up\nCALL ends();\n", to: "1_call.sql")
    let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    #expect(failure?.description.contains("transaction:false") == true, "\(failure as Any)")
    try folder.write("-- migrate:up transaction:false\nCALL ends();\n", to: "1_call.sql")
    try folder.run(.up(.all))
  }

  @Test func `a second run keeps out while the first has lost its lock inside of a statement`()
    throws
  {
    let folder = try Folder()
    try folder.database.connect().execute(
      script: """
        CREATE TABLE t (a int);
        CREATE TABLE seen (a int);
        CREATE PROCEDURE give_up() LANGUAGE plpgsql AS $$
          BEGIN
            PERFORM pg_advisory_unlock_all();
            INSERT INTO t VALUES (1);
            COMMIT;
            FOR i IN 1..1000 LOOP
              EXIT WHEN EXISTS (SELECT FROM seen);
              PERFORM pg_sleep(0.02);
            END LOOP;
          END $$
        """)
    try folder.write("-- migrate:up transaction:false\nCALL give_up();\n", to: "1_call.sql")
    let (target, set) = (try folder.database.target, try folder.set)
    let first = Thread {
      guard let connection = try? Connection.open(target, settings: .untouched) else { return }
      let runner = SchemaRunner(connection: connection, set: set)
      guard let plan = try? runner.plan(.up(.all)) else { return }
      _ = try? runner.run(.up(.all), plan: plan)
    }
    first.start()
    let other = try folder.database.connect()
    for _ in 0..<2000 where try other.scalar("SELECT count(*) FROM t") == 0 { usleep(10_000) }
    var waited = false
    try folder.run(.up(.all)) { event in
      guard case .waiting = event else { return }
      waited = true
      _ = try? other.query("INSERT INTO seen VALUES (1)")
    }
    #expect(waited)
    #expect(try folder.scalar("SELECT count(*) FROM t") == 1)
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }

  @Test(arguments: [
    ("SELECT 1;\nDISCARD ALL;", "2:1", "DISCARD ALL"),
    ("BEGIN;\nSELECT 1;\nPREPARE TRANSACTION 'x';", "3:1", "PREPARE TRANSACTION"),
    ("BEGIN;\nSELECT 1;\nCOMMIT AND CHAIN;\nCOMMIT;", "3:1", "COMMIT and BEGIN"),
    ("BEGIN;\nROLLBACK WORK AND CHAIN;\nCOMMIT;", "2:1", "ROLLBACK and BEGIN"),
  ])
  func `statements that no ledger can follow are refused with their place`(
    text: String, place: String, word: String
  ) throws {
    let folder = try Folder()
    try folder.write(text, to: "1_a.sql")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(error?.problem.contains("1_a.sql:\(place): ") == true, "\(error?.problem ?? "")")
    #expect(error?.problem.contains(word) == true)
  }

  @Test(arguments: ["COMMIT AND NO CHAIN", "END"])
  func `ends of a transaction without a chain are taken`(end: String) throws {
    let folder = try Folder()
    try folder.write("BEGIN;\nCREATE TABLE t ();\n\(end);", to: "1_a.sql")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT to_regclass('t') IS NOT NULL") == true)
  }
}
