import Clock
import Digests
import Synchronization
import TestSupport
import Testing

@testable import Postgres

@Suite(.needsServer)
struct SessionTests {
  private let database: TestDatabase
  private let session: Connection

  init() throws {
    database = try TestDatabase()
    session = try database.connect()
  }

  @Test func `values come back as they went`() throws {
    let uuid = try #require(UUIDValue(bytes: (0..<16).map { UInt8($0) }))
    let row = try session.query(
      """
      SELECT \(42), \("naïve 🦊"), \(true), \(1.5), \(ByteString([0, 255])), \(uuid),
             \(Timestamp(microseconds: -1)), \(JSONText(Array("{\"a\": 1}".utf8))),
             \(String?.none), \(""), \(Int.min)
      """)
    #expect(try row.value(0, 0, as: Int.self) == 42)
    #expect(try row.value(0, 1, as: String.self) == "naïve 🦊")
    #expect(try row.value(0, 2, as: Bool.self))
    #expect(try row.value(0, 3, as: Double.self) == 1.5)
    #expect(try row.value(0, 4, as: ByteString.self).bytes == [0, 255])
    #expect(try row.value(0, 5, as: UUIDValue.self) == uuid)
    #expect(try row.value(0, 6, as: Timestamp.self).microseconds == -1)
    #expect(try row.value(0, 7, as: String.self) == "{\"a\": 1}")
    #expect(try row.optional(0, 8, as: String.self) == nil)
    #expect(try row.value(0, 9, as: String.self) == "")
    #expect(try row.value(0, 10, as: Int.self) == .min)
  }

  @Test func `a value of another type is an error, not a guess`() throws {
    let row = try session.query("SELECT 'text'::text")
    #expect(throws: PostgresError.self) { try row.value(0, 0, as: Int.self) }
    #expect(throws: PostgresError.self) { try row.value(1, 0, as: String.self) }
  }

  @Test func `a refusal carries code, place and statement, and no values`() throws {
    let canary = "canary-value"
    let error = #expect(throws: PostgresError.self) {
      try session.query("SELECT 1 / length(\(canary)) FROM nowhere")
    }
    let server = try #require(error?.serverError)
    #expect(server.sqlState == "42P01")
    #expect(server.position == 28)
    #expect(server.statement == "SELECT 1 / length($1) FROM nowhere")
    #expect(!"\(server)".contains(canary))
  }

  @Test func `a failing row's contents stay out of the message`() throws {
    try session.query("CREATE TABLE t (a text NOT NULL, b text)")
    let error = #expect(throws: PostgresError.self) {
      try session.query("INSERT INTO t VALUES (NULL, \("canary-row"))")
    }
    #expect(error?.serverError?.detail?.contains("canary-row") == true)
    #expect(error?.description.contains("canary-row") == false)
  }

  @Test func `a transaction commits when its body returns`() throws {
    try session.transaction { try session.query("CREATE TABLE t AS SELECT 1 AS a") }
    #expect(try database.connect().scalar("SELECT a FROM t", as: Int.self) == 1)
  }

  @Test func `a transaction rolls back when its body throws, and that error comes out`() throws {
    struct Ours: Error {}
    #expect(throws: Ours.self) {
      try session.transaction {
        try session.query("CREATE TABLE t (a int)")
        throw Ours()
      }
    }
    #expect(!session.isInTransaction)
    #expect(try session.scalar("SELECT to_regclass('t') IS NULL", as: Bool.self) == true)
  }

  @Test func `an error that the body swallows cannot end in a commit`() throws {
    #expect(throws: PostgresError.self) {
      try session.transaction {
        try session.query("CREATE TABLE t (a int)")
        _ = try? session.query("SELECT * FROM nowhere")
      }
    }
    #expect(try session.scalar("SELECT to_regclass('t') IS NULL", as: Bool.self) == true)
  }

  @Test func `a read-only transaction writes nothing`() throws {
    let error = #expect(throws: PostgresError.self) {
      try session.transaction(readOnly: true) { try session.query("CREATE TABLE t (a int)") }
    }
    #expect(error?.serverError?.sqlState == "25006")
  }

  @Test func `notices reach their handler`() throws {
    var heard: [String] = []
    session.onNotice { heard.append("\($0.severity) \($0.message)") }
    try session.query("DO $$ BEGIN RAISE WARNING 'look here'; END $$")
    #expect(heard == ["WARNING look here"])
  }

  @Test func `an interruption cancels what the server does`() throws {
    let wish = Mutex(false)
    let session = try database.connect { wish.withLock { $0 } }
    let clock = ContinuousClock()
    let elapsed = clock.measure {
      wish.withLock { $0 = false }
      let error = #expect(throws: PostgresError.self) {
        try session.transaction {
          try session.query("CREATE TABLE t (a int)")
          wish.withLock { $0 = true }
          _ = try session.query("SELECT pg_sleep(120)", onInterrupt: .cancelling)
        }
      }
      guard case .interrupted = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    #expect(elapsed < .seconds(60))
    #expect(
      try database.connect().scalar("SELECT to_regclass('t') IS NULL", as: Bool.self) == true)
  }

  @Test func `a terminated session says that the connection broke`() throws {
    let pid = session.backendPID
    try database.connect().query("SELECT pg_terminate_backend(\(pid)::int)")
    let error = #expect(throws: PostgresError.self) {
      while true { try session.query("SELECT 1") }
    }
    switch error {
    case .connectionLost, .server: break
    default: Issue.record("\(String(describing: error))")
    }
    #expect(!session.isUsable)
  }

  @Test func `an unreachable server is one error within seconds`() throws {
    // A port of the loopback address on which nothing listens.
    let target = try ConnectionTarget(source: "test", url: "postgresql://u@127.0.0.1:1/d")
    let elapsed = ContinuousClock().measure {
      #expect(throws: PostgresError.self) { try Connection.open(target) }
    }
    #expect(elapsed < .seconds(8))
  }

  @Test func `a script runs as psql would run it`() throws {
    try session.execute(script: "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2);")
    #expect(try session.scalar("SELECT count(*) FROM t", as: Int.self) == 2)
    #expect(throws: PostgresError.self) {
      try session.execute(script: "INSERT INTO t VALUES (3); SELECT 1/0; INSERT INTO t VALUES (4)")
    }
    #expect(try session.scalar("SELECT count(*) FROM t", as: Int.self) == 2)
  }
}
