import TestSupport
import Testing

@testable import SQLite

@Suite struct TransactionTests {
  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory("sqlite")
    path = folder.file("t.sqlite")
    let database = try Database(path: path, mode: .create)
    try database.useWriteAheadLog()
    try database.execute("CREATE TABLE t (x INTEGER UNIQUE)")
  }

  private struct Stop: Error {}

  @Test func `what was written before a throw is gone`() throws {
    let database = try Database(path: path, mode: .readWrite)
    #expect(throws: Stop.self) {
      try database.withTransaction {
        try database.run("INSERT INTO t VALUES (1)")
        throw Stop()
      }
    }
    #expect(!database.isInTransaction)
    #expect(try database.value("SELECT count(*) FROM t") == 0)
  }

  @Test func `the first error is reported, though SQLite has rolled back by itself`() throws {
    let database = try Database(path: path, mode: .readWrite)
    try database.run("INSERT INTO t VALUES (1)")
    let error = thrown {
      try database.withTransaction {
        try database.run("INSERT OR ROLLBACK INTO t VALUES (1)")
      }
    }
    #expect(error?.code == 2067)
    #expect(try database.withTransaction { 5 } == 5)
  }

  @Test func `a commit that fails leaves no transaction open`() throws {
    let database = try Database(path: path, mode: .readWrite)
    try database.execute(
      """
      PRAGMA foreign_keys = ON;
      CREATE TABLE child (x REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED)
      """)
    let error = thrown {
      try database.withTransaction { try database.run("INSERT INTO child VALUES (9)") }
    }
    #expect(error?.primaryCode == 19)
    #expect(!database.isInTransaction)
  }

  @Test func `a second writer waits no longer than its time`() throws {
    let first = try Database(path: path, mode: .readWrite)
    let second = try Database(path: path, mode: .readWrite, busyTimeout: 50)
    try first.withTransaction {
      #expect(thrown { try second.withTransaction {} }?.isBusy == true)
      let seen = try second.value("SELECT count(*) FROM t")
      #expect(seen == 0)
    }
    try second.withTransaction { try second.run("INSERT INTO t VALUES (2)") }
    #expect(try first.value("SELECT count(*) FROM t") == 1)
  }

  @Test func `rows come in order, and the first is the first`() throws {
    let database = try Database(path: path, mode: .readWrite)
    var insert = try database.prepare("INSERT INTO t VALUES (?1)")
    for number in 1...5 { try insert.run([.integer(number)]) }
    #expect(
      try database.rows("SELECT x FROM t ORDER BY x") { try $0.integer(0) } == [1, 2, 3, 4, 5])
    #expect(
      try database.first("SELECT x FROM t WHERE x > ?1 ORDER BY x", [3]) { try $0.integer(0) } == 4)
    #expect(try database.first("SELECT x FROM t WHERE x > 9") { try $0.integer(0) } == nil)
    #expect(database.lastInsertedRow == 5)
  }
}
