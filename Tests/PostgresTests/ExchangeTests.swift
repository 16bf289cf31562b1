import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// Tests statements that are sent together, and the state after one of them has failed.
@Suite(.needsServer)
struct ExchangeTests {
  private static func world(_ database: TestDatabase) throws {
    try database.connect().execute(
      script: """
        CREATE TABLE parent (a int PRIMARY KEY);
        CREATE TABLE child (a int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
        CREATE TABLE log (a int)
        """)
  }

  @Test func `each statement gives its own rows`() throws {
    let connection = try TestServer.connect()
    let rows = try connection.query(each: [
      "SELECT 1", "SELECT generate_series(1, 3)", "SELECT \("text")",
    ])
    #expect(rows.map(\.rowCount) == [1, 3, 1])
    #expect(try rows[2].value(0, 0) == "text")
    #expect(try connection.query(each: []).isEmpty)
  }

  @Test func `where one fails, nothing of the others is kept, and the session goes on`() throws {
    let database = try TestDatabase()
    try Self.world(database)
    let connection = try database.connect()
    do {
      _ = try connection.query(each: [
        "INSERT INTO log VALUES (1)", "SELECT 1 / 0", "INSERT INTO log VALUES (2)",
      ])
      Issue.record("no error")
    } catch {
      #expect(error.serverError?.sqlState == "22012")
    }
    #expect(try connection.scalar("SELECT count(*) FROM log") == 0)
  }

  @Test func `what fails at the commit of statements that are alone is told as the server says`()
    throws
  {
    let database = try TestDatabase()
    try Self.world(database)
    let connection = try database.connect()
    do {
      _ = try connection.query(each: ["INSERT INTO child VALUES (1)", "SELECT 1"])
      Issue.record("no error")
    } catch {
      #expect(error.serverError?.sqlState == "23503")
    }
    #expect(connection.isUsable)
    #expect(try connection.scalar("SELECT count(*) FROM child") == 0)
  }

  @Test func `a transaction can begin with queries`() throws {
    let database = try TestDatabase()
    try Self.world(database)
    let connection = try database.connect()
    let sum = try connection.transaction(opening: ["SELECT 20", "SELECT 22"]) { rows -> Int in
      #expect(connection.isInTransaction)
      try connection.query("INSERT INTO log VALUES (1)")
      return try rows[0].value(0, 0, as: Int.self) + rows[1].value(0, 0, as: Int.self)
    }
    #expect(sum == 42)
    #expect(throws: PostgresError.self) {
      try connection.transaction(opening: ["SELECT 1 / 0"]) { _ in Issue.record("it began") }
    }
    #expect(!connection.isInTransaction)
    #expect(try connection.scalar("SELECT count(*) FROM log") == 1)
  }

  @Test func `a statement that is sent with COMMIT belongs to its transaction alone`() throws {
    let database = try TestDatabase()
    try Self.world(database)
    let connection = try database.connect()
    try connection.transaction {
      try connection.execute(withCommit: "INSERT INTO log VALUES (1)")
      #expect(try connection.scalar("SELECT count(*) FROM log") == 0)
    }
    #expect(try connection.scalar("SELECT count(*) FROM log") == 1)
    // The statement fails: nothing is committed, and the next transaction does not execute the
    // statement again.
    #expect(throws: PostgresError.self) {
      try connection.transaction {
        try connection.query("INSERT INTO log VALUES (2)")
        try connection.execute(withCommit: "INSERT INTO nowhere VALUES (1)")
      }
    }
    #expect(!connection.isInTransaction)
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try connection.transaction {
        try connection.execute(withCommit: "INSERT INTO log VALUES (3)")
        throw Stop()
      }
    }
    try connection.transaction { try connection.query("INSERT INTO log VALUES (4)") }
    let kept: String? = try connection.scalar("SELECT string_agg(a::text, ' ' ORDER BY a) FROM log")
    #expect(kept == "1 4")
  }

  @Test func `a stop while that statement waits leaves nothing, for certain`() throws {
    let database = try TestDatabase()
    try Self.world(database)
    let blocker = try database.connect()
    try blocker.execute(script: "BEGIN; LOCK TABLE log IN SHARE MODE")
    let isStopped = Mutex(false)
    let connection = try database.connect { isStopped.withLock { $0 } }
    Thread.detachNewThread {
      usleep(300_000)
      isStopped.withLock { $0 = true }
    }
    do {
      try connection.transaction {
        try connection.query("CREATE TABLE made (a int)")
        try connection.execute(withCommit: "INSERT INTO log VALUES (1)")
      }
      Issue.record("no error")
    } catch let error as PostgresError {
      guard case .interrupted = error else {
        Issue.record("\(error)")
        return
      }
    }
    try blocker.execute(script: "COMMIT")
    usleep(200_000)
    #expect(try blocker.scalar("SELECT to_regclass('made') IS NULL") == true)
    #expect(try blocker.scalar("SELECT count(*) FROM log") == 0)
  }
}
