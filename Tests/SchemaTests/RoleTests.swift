import MigrationFiles
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests the policies of knowledge_graph, first without Supabase's roles and then with them.
@Suite(.needsServer, .serialized) struct RoleTests {
  /// Makes the roles, which belong to the whole server and stay, so that no test drops the roles of
  /// another one.
  private func makeRoles(_ connection: Connection) throws {
    try connection.execute(
      script: """
        SELECT pg_advisory_lock(4711);
        DO $$
        BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
            CREATE ROLE service_role;
          END IF;
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN
            CREATE ROLE authenticated;
          END IF;
        END
        $$;
        SELECT pg_advisory_unlock(4711);
        """)
  }

  private func run(_ request: SchemaRequest, on connection: Connection) throws {
    let runner = SchemaRunner(connection: connection, set: try .bundled("knowledge_graph"))
    _ = try runner.run(request, plan: try runner.plan(request))
  }

  @Test func `without the roles nobody is locked out, unless it is asked for`() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    // The roles of an earlier run have other names during this test.
    let suffix = UInt32.random(in: 0 ... .max)
    let names = try ["service_role", "authenticated"].filter { name in
      try connection.scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = \(name))") == true
    }
    func rename(back: Bool) throws {
      for name in names {
        let away = "\(name)_\(suffix)"
        try connection.execute(
          script: """
            ALTER ROLE \(Identifier(back ? away : name)) RENAME TO \(Identifier(back ? name : away))
            """)
      }
    }
    try rename(back: false)
    defer { try? rename(back: true) }
    let isOn: SQL = """
      SELECT bool_or(relrowsecurity) FROM pg_class WHERE relname LIKE 'code\\_%' AND relkind = 'r'
      """
    try run(.up(.all), on: connection)
    #expect(try connection.scalar(isOn) == false)
    try run(.down(.steps(1)), on: connection)
    let asking = try database.connect(with: "vector_ferry.row_level_security=on")
    try run(.up(.all), on: asking)
    #expect(try asking.scalar(isOn) == true)
    try run(.down(.steps(1)), on: asking)
    #expect(try asking.scalar(isOn) == false)
  }

  @Test func `the service does everything, users read, insert and update, nobody else sees a row`()
    throws
  {
    let database = try TestDatabase()
    let connection = try database.connect()
    try makeRoles(connection)
    try run(.up(.all), on: connection)
    try connection.execute(
      script: """
        GRANT USAGE ON SCHEMA public TO service_role, authenticated, pg_monitor;
        GRANT ALL ON code_relationships TO service_role, authenticated, pg_monitor;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO service_role, authenticated;
        """)
    func rows(as role: String, _ statement: SQL) throws -> Int {
      try connection.execute(script: SQL(script: "SET ROLE \(role)"))
      defer { _ = try? connection.execute(script: "RESET ROLE") }
      let result = try connection.query(statement)
      return result.affectedRows
    }
    func insert(_ target: String) -> SQL {
      """
      INSERT INTO code_relationships (source_file, target_file, relationship_type)
      VALUES ('a.swift', \(target), 'imports')
      """
    }
    #expect(try rows(as: "service_role", insert("b.swift")) == 1)
    #expect(try rows(as: "authenticated", insert("c.swift")) == 1)
    #expect(try rows(as: "authenticated", "SELECT FROM code_relationships") == 2)
    #expect(
      try rows(as: "authenticated", "UPDATE code_relationships SET metadata = '{}'") == 2)
    #expect(try rows(as: "authenticated", "DELETE FROM code_relationships") == 0)
    #expect(try rows(as: "pg_monitor", "SELECT FROM code_relationships") == 0)
    #expect(throws: PostgresError.self) { try rows(as: "pg_monitor", insert("d.swift")) }
    #expect(try rows(as: "service_role", "DELETE FROM code_relationships") == 2)
    try run(.down(.all), on: connection)
    #expect(try connection.scalar("SELECT count(*) FROM pg_policy") == 0)
    try run(.up(.all), on: connection)
  }
}
