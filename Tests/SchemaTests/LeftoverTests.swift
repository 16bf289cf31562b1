import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Statements that run in several transactions of their own, stopped between those.
@Suite(.enabled(if: TestServer.isAvailable)) struct LeftoverTests {
  /// A session that is in the way of every concurrent statement on a table.
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
      let killer = try? Connection.open(target)
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
}
