import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests roles and settings that files set in their session: they hold for the file and not for the
/// ledger.
@Suite(.needsServer) struct FileSessionTests {
  /// Creates a folder and a database, and a role that may make tables there and cannot read the
  /// ledger.
  private func folder(role: String) throws -> Folder {
    let folder = try Folder()
    try folder.database.connect().execute(
      script: SQL(script: "CREATE ROLE \(role); GRANT CREATE, USAGE ON SCHEMA public TO \(role)"))
    return folder
  }

  private func drop(role: String, of folder: Folder) throws {
    try folder.database.connect().execute(
      script: SQL(script: "DROP OWNED BY \(role); DROP ROLE \(role)"))
  }

  private static func freshRole() -> String {
    "role_" + UUID().uuidString.lowercased().prefix(8)
  }

  @Test(arguments: [
    "SET ROLE %", "SET LOCAL ROLE %", "SET SESSION AUTHORIZATION %",
    "SET LOCAL SESSION AUTHORIZATION %", "SELECT set_config('role', '%', false)",
    "SELECT set_config('role', '%', true)",
    "DO $$BEGIN PERFORM set_config('role', '%', false); END$$",
  ])
  func `a file's role makes its tables, and the ledger is written as who has connected`(
    taking: String
  ) throws {
    let role = Self.freshRole()
    let folder = try folder(role: role)
    let take = taking.replacingOccurrences(of: "%", with: role)
    for (number, form) in ["up", "up transaction:false", "own"].enumerated() {
      let table = "CREATE TABLE t\(number) ()"
      let text =
        switch form {
        case "own": "BEGIN;\n\(take);\n\(table);\nCOMMIT;\nSELECT 1;"
        default: "-- migrate:\(form)\n\(take);\n\(table);\nSELECT 1;"
        }
      // Outside of a transaction, SET LOCAL holds only for its own statement.
      let lasts =
        form != "up transaction:false" || !(take.contains("LOCAL") || take.contains("true"))
      try folder.write(text, to: "\(number + 1)_a.sql")
      try folder.run(.up(.all))
      let owner: String? = try folder.scalar(
        "SELECT tableowner::text FROM pg_tables WHERE tablename = \("t\(number)")")
      #expect((owner == role) == lasts, "\(form): \(owner ?? "none")")
    }
    #expect(try folder.state.migrations.map(\.kind) == [.applied, .applied, .applied])
    try drop(role: role, of: folder)
  }

  @Test func `a failure as another role is counted, and the next run goes on as that role`() throws
  {
    let role = Self.freshRole()
    let folder = try folder(role: role)
    func write(_ divisor: Int) throws {
      try folder.write(
        """
        -- migrate:up transaction:false
        SET ROLE \(role);
        CREATE TABLE a ();
        SELECT 1/\(divisor);
        CREATE TABLE b ();
        """, to: "1_a.sql")
    }
    try write(0)
    let failure = #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    #expect(failure?.remainder == .statements(2, of: 4))
    #expect(failure?.cause.serverError?.sqlState == "22012")
    try write(1)
    try folder.run(.up(.all))
    #expect(
      try folder.scalar("SELECT tableowner::text FROM pg_tables WHERE tablename = 'b'") == role)
    try drop(role: role, of: folder)
  }

  @Test(arguments: [
    "SET search_path = other", "SELECT set_config('search_path', 'other', false)",
    "SELECT pg_catalog.set_config('search_path', 'other', false),\n set_config('a.b', 'c', false)",
    "BEGIN;\nSET search_path = other;\nCOMMIT",
  ])
  func `what a file has set holds after a resumption, and not for the next file`(setting: String)
    throws
  {
    let folder = try Folder()
    try folder.database.connect().execute(script: "CREATE SCHEMA other")
    func write(_ divisor: Int) throws {
      try folder.write(
        "-- migrate:up transaction:false\n\(setting);\nSELECT 1/\(divisor);\nCREATE TABLE t ();",
        to: "1_a.sql")
    }
    try write(0)
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    try write(1)
    try folder.write("CREATE TABLE u ();", to: "2_b.sql")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT to_regclass('other.t') IS NOT NULL") == true)
    #expect(try folder.scalar("SELECT to_regclass('public.u') IS NOT NULL") == true)
  }

  @Test func `a setting of a transaction that was rolled back is not repeated`() throws {
    let folder = try Folder()
    try folder.database.connect().execute(script: "CREATE SCHEMA other")
    func write(_ divisor: Int) throws {
      try folder.write(
        "BEGIN;\nSET search_path = other;\nROLLBACK;\nSELECT 1/\(divisor);\nCREATE TABLE t ();",
        to: "1_a.sql")
    }
    try write(0)
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    try write(1)
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT to_regclass('public.t') IS NOT NULL") == true)
  }

  @Test func `a file's own transaction may only read`() throws {
    let folder = try Folder()
    try folder.write("BEGIN READ ONLY;\nSELECT 1;\nCOMMIT;\nCREATE TABLE t ();", to: "1_a.sql")
    try folder.run(.up(.all))
    #expect(try folder.scalar("SELECT to_regclass('t') IS NOT NULL") == true)
  }

  @Test func `a dry run meets each file in a session of its own`() throws {
    let folder = try Folder()
    try folder.database.connect().execute(script: "CREATE SCHEMA other; CREATE TABLE t ()")
    try folder.write("SET search_path = other;\nSELECT 1;", to: "1_a.sql")
    try folder.write("ALTER TABLE t ADD COLUMN a int;", to: "2_b.sql")
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    let trial = try runner.tryOut(try runner.plan(.up(.all)), .dryRun(isProduction: false))
    #expect(trial.failure == nil && trial.entries.count == 3)
    try folder.run(.up(.all))
  }

  @Test func `an isolation level may be set first, though the lock is held by the transaction`()
    throws
  {
    let folder = try Folder()
    try folder.write(
      """
      -- migrate:up
      SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
      CREATE TABLE t AS SELECT current_setting('transaction_isolation') AS level;
      """, to: "1_a.sql")
    try folder.write(
      """
      BEGIN;
      SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
      INSERT INTO t SELECT current_setting('transaction_isolation');
      COMMIT;
      """, to: "2_b.sql")
    try folder.run(.up(.all))
    #expect(
      try folder.scalar("SELECT string_agg(level, ', ' ORDER BY level) FROM t")
        == "repeatable read, serializable")
  }
}
