import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests that a version is a number: `1` and `01` are the same migration, in file names and in the
/// ledger.
@Suite(.needsServer) struct IdentityTests {
  private func rename(_ folder: Folder, _ old: String, to new: String) throws {
    try FileManager.default.moveItem(
      atPath: folder.directory.file(old), toPath: folder.directory.file(new))
  }

  private func rows(_ folder: Folder) throws -> String? {
    try folder.scalar(
      """
      SELECT string_agg(concat_ws(' ', version, state, accepted_checksum IS NOT NULL), ', ')
      FROM schema_migrations
      """)
  }

  @Test func `a renumbered file that stopped half-way goes on in its row`() throws {
    let folder = try Folder()
    let text = "-- migrate:up transaction:false\nCREATE TABLE a ();\nSELECT 1/%;\n"
    try folder.write(text.replacingOccurrences(of: "%", with: "0"), to: "1_x.sql")
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    try rename(folder, "1_x.sql", to: "01_x.sql")
    try folder.write(text.replacingOccurrences(of: "%", with: "1"), to: "01_x.sql")
    try folder.run(.up(.all))
    #expect(try rows(folder) == "01 applied f")
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
  }

  @Test func `a renumbered file is accepted, undone and baselined in its row`() throws {
    let folder = try Folder()
    let text = "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n"
    try folder.write(text, to: "1_x.sql")
    try folder.run(.up(.all))
    try rename(folder, "1_x.sql", to: "001_x.sql")
    try folder.write(text + "-- changed\n", to: "001_x.sql")
    try folder.run(.up(.all), force: true)
    #expect(try rows(folder) == "1 applied t")
    try folder.run(.up(.all))
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    #expect(try runner.baseline(to: "1").isEmpty)
    try folder.run(.redo)
    #expect(try rows(folder) == "001 applied f")
    try rename(folder, "001_x.sql", to: "0001_x.sql")
    try folder.run(.down(.all))
    #expect(try rows(folder) == nil)
  }

  @Test func `a renumbered file half-way down goes on in its row`() throws {
    let folder = try Folder()
    func write(_ divisor: Int, to name: String) throws {
      try folder.write(
        "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down transaction:false\n"
          + "DROP TABLE a;\nSELECT 1/\(divisor);\n", to: name)
    }
    try write(0, to: "1_x.sql")
    try folder.run(.up(.all))
    #expect(throws: MigrationFailure.self) { try folder.run(.down(.all)) }
    try rename(folder, "1_x.sql", to: "01_x.sql")
    try write(1, to: "01_x.sql")
    try folder.run(.down(.all))
    #expect(try rows(folder) == nil)
  }

  @Test func `a ledger of an earlier build is taken over`() throws {
    let folder = try Folder()
    try folder.write("CREATE TABLE a ();", to: "1_a.sql")
    try folder.run(.up(.all))
    try folder.database.connect().execute(
      script: "ALTER TABLE schema_migrations DROP COLUMN in_doubt")
    #expect(try folder.state.migrations.map(\.kind) == [.applied])
    try folder.write("CREATE INDEX CONCURRENTLY ON pg_temp.x (a);", to: "2_b.sql")
    #expect(throws: MigrationFailure.self) { try folder.run(.up(.all)) }
    try folder.write("SELECT 1;", to: "2_b.sql")
    try folder.run(.up(.all))
  }
}
