import Synchronization
import TestSupport
import Testing

@testable import Postgres

@Suite(.needsServer)
struct CopyTests {
  private let database: TestDatabase
  private let session: Connection

  init() throws {
    database = try TestDatabase()
    session = try database.connect()
    try session.query("CREATE EXTENSION vector")
    try session.query("CREATE TABLE t (a bigint, b text, c vector(3), d jsonb, e int)")
  }

  private static let columns: [Identifier] = ["a", "b", "c", "d", "e"]

  /// Numbers whose bits a wrong conversion would change.
  private static let patterns: [[Float]] = [
    [1, -2, 0.1], [-0.0, 0, .leastNonzeroMagnitude],
    [.greatestFiniteMagnitude, -.leastNormalMagnitude, Float(bitPattern: 0x0000_0001)],
  ]

  private func copyIn(_ rows: [[Float]]) throws -> Int {
    try session.copyIn(QualifiedName("t"), columns: Self.columns) { writer in
      for (index, row) in rows.enumerated() {
        try writer.beginRow()
        writer.int64(Int64(index))
        if index % 2 == 0 { writer.text("row \(index)") } else { writer.null() }
        row.withUnsafeBufferPointer { writer.vector($0) }
        writer.jsonb(Array("{\"n\": \(index)}".utf8))
        writer.int32(Int32(-index))
      }
    }
  }

  @Test func `rows go in and come out with every bit`() throws {
    #expect(try copyIn(Self.patterns) == 3)
    var found: [[Float]] = []
    var texts: [String?] = []
    try session.copyOut("SELECT a, b, c FROM t ORDER BY a") { row in
      #expect(try row.required().int64() == Int64(found.count))
      texts.append(try row.next().map { String(decoding: $0, as: UTF8.self) })
      var elements: [Float] = []
      _ = try row.required().appendVector(to: &elements)
      found.append(elements)
    }
    #expect(found.map { $0.map(\.bitPattern) } == Self.patterns.map { $0.map(\.bitPattern) })
    #expect(texts == ["row 0", nil, "row 2"])
  }

  @Test func `no rows are fine`() throws {
    #expect(try copyIn([]) == 0)
    var count = 0
    try session.copyOut("SELECT a FROM t") { _ in count += 1 }
    #expect(count == 0)
  }

  @Test func `many rows go through in pieces`() throws {
    let rows = (0..<20_000).map { [Float($0), 1, 2] }
    #expect(try copyIn(rows) == 20_000)
    let sum: Int? = try session.scalar("SELECT sum(a)::bigint FROM t")
    #expect(sum == 19_999 * 20_000 / 2)
  }

  @Test func `a caller's error leaves no row, and the session goes on`() throws {
    struct Ours: Error {}
    #expect(throws: Ours.self) {
      _ = try session.copyIn(QualifiedName("t"), columns: ["a"]) { writer in
        for index in 0..<100_000 {
          try writer.beginRow()
          writer.int64(Int64(index))
        }
        throw Ours()
      }
    }
    #expect(try session.scalar("SELECT count(*) FROM t", as: Int.self) == 0)
    #expect(try copyIn(Self.patterns) == 3)
  }

  @Test func `what the server refuses comes out as its error`() throws {
    let error = #expect(throws: PostgresError.self) { _ = try copyIn([[1, 2]]) }
    #expect(error?.serverError?.message == "expected 3 dimensions, not 2")
    #expect(try session.scalar("SELECT count(*) FROM t", as: Int.self) == 0)
  }

  @Test func `COPY into a table that is not there is refused`() throws {
    let error = #expect(throws: PostgresError.self) {
      _ = try session.copyIn(QualifiedName("nowhere"), columns: ["a"]) { _ in }
    }
    #expect(error?.serverError?.sqlState == "42P01")
    #expect(try session.scalar("SELECT 1", as: Int.self) == 1)
  }

  @Test func `a reader's error ends the copy, and the session goes on`() throws {
    struct Ours: Error {}
    _ = try copyIn((0..<5000).map { [Float($0), 0, 0] })
    #expect(throws: Ours.self) {
      try session.copyOut("SELECT a FROM t, generate_series(1, 1000)") { _ in throw Ours() }
    }
    // The cancel request may arrive late; a statement that it hits is tried again.
    let count = try? session.scalar("SELECT count(*) FROM t", as: Int.self)
    #expect(try count ?? session.scalar("SELECT count(*) FROM t", as: Int.self) == 5000)
  }

  @Test func `an interruption in the middle leaves no row`() throws {
    let session = try database.connect { Interrupted.now }
    #expect(throws: PostgresError.self) {
      _ = try session.copyIn(QualifiedName("t"), columns: ["a"]) { writer in
        for index in 0..<1_000_000 {
          if index == 200_000 { Interrupted.flag.withLock { $0 = true } }
          try writer.beginRow()
          writer.int64(Int64(index))
        }
      }
    }
    Interrupted.flag.withLock { $0 = false }
    #expect(try database.connect().scalar("SELECT count(*) FROM t", as: Int.self) == 0)
  }
}

private enum Interrupted {
  static let flag = Mutex(false)
  static var now: Bool { flag.withLock { $0 } }
}
