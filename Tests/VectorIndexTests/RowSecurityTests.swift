import Layouts
import Postgres
import OwnSchema
import TestSupport
import Testing

@testable import VectorIndex

/// Tests the owner of a table with FORCE ROW LEVEL SECURITY: count(*) returns 0, although there are
/// rows.
@Suite(.needsServer)
struct RowSecurityTests {
  private static func asBoundOwner(_ bench: Workbench, _ body: () throws -> Void) throws {
    let role = "owner_\(bench.database.name)"
    try bench.session.execute(
      script: SQL(
        script: """
          CREATE ROLE \(role); GRANT ALL ON SCHEMA public TO \(role);
          ALTER TABLE vector_documents OWNER TO \(role)
          """))
    try bench.session.execute(script: RowSecurity.isolateUsers(in: bench.table))
    defer {
      _ = try? bench.session.execute(
        script: SQL(
          script:
            "RESET ROLE; ALTER TABLE vector_documents OWNER TO CURRENT_USER; DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)"
        ))
    }
    try bench.session.execute(script: SQL(script: "SET ROLE \(role)"))
    try body()
  }

  @Test func `rows that are hidden count all the same, and the plan says whence it knows`() throws {
    let bench = try Workbench(rows: 3000)
    try Self.asBoundOwner(bench) {
      #expect(try bench.session.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 0)
      let plan = try #require(try bench.plan(BuildRequest()))
      #expect(plan.facts.rowCount == .estimated(3000))
      #expect(plan.warnings.contains { $0.contains("about 3000 rows") }, "\(plan.warnings)")
      let lists = try #require(try bench.plan(BuildRequest(method: .ivfflat)))
      #expect(lists.parameters == .ivfflat(lists: 3))
      _ = try IndexBuild(plan, on: bench.session, watcher: nil).run()
      let status = try bench.status()
      #expect(status.facts.rows == 3000)
      #expect(status.entries.first?.index.note?.rows == 3000)
    }
  }

  @Test func `without statistics nothing is decided, and ANALYZE is named`() throws {
    let bench = try Workbench(rows: 1500)
    try bench.session.execute(
      script: """
        UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'vector_documents'::regclass;
        SELECT pg_stat_reset_single_table_counters('vector_documents'::regclass)
        """)
    try Self.asBoundOwner(bench) {
      var refusal: SchemaError?
      do { _ = try bench.plan(BuildRequest()) } catch { refusal = error as? SchemaError }
      #expect(refusal?.remedy.contains("ANALYZE") == true)
      let status = try bench.status()
      #expect(status.facts.rowCount == .unknown)
    }
  }

  @Test func `nothing is measured against a part of the rows`() throws {
    let bench = try Workbench(rows: 1500)
    try bench.build(BuildRequest())
    try Self.asBoundOwner(bench) {
      var refusals: [SchemaError?] = []
      refusals.append(
        #expect(throws: SchemaError.self) {
          _ = try IndexTuning(table: bench.table, on: bench.session).run(.init())
        })
      refusals.append(
        #expect(throws: SchemaError.self) {
          _ = try IndexConversion(table: bench.table, on: bench.session, watcher: nil)
            .run(to: .ivfflat, .init(BuildRequest(method: .ivfflat)))
        })
      refusals.append(
        #expect(throws: SchemaError.self) {
          var status = try bench.status()
          try status.measure(on: bench.session, bound: 50)
        })
      #expect(refusals.allSatisfy { $0?.remedy.contains("BYPASSRLS") == true })
    }
    #expect(try bench.status().entries.map(\.index.method) == [.hnsw])
  }
}
