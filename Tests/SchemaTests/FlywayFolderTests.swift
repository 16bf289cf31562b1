import MigrationFiles
import Foundation
import Postgres
import TestSupport
import Testing

import OwnSchema
@testable import Schema

/// Tests Flyway's folders: versions, undo scripts and repeatable migrations.
@Suite(.needsServer) struct FlywayFolderTests {
  private func flyway() throws -> Folder {
    let folder = try Folder()
    try folder.write("INSERT INTO log VALUES ('1.9');", to: "V1.9__b.sql")
    try folder.write("INSERT INTO log VALUES ('1.10');", to: "V1_10__c.sql")
    try folder.write("CREATE TABLE log (what text, n serial);", to: "V1__a.sql")
    try folder.write("VACUUM log; INSERT INTO log VALUES ('2');", to: "V002__d.sql")
    try folder.write("executeInTransaction=false\n", to: "V002__d.sql.conf")
    try folder.write("DELETE FROM log WHERE what = '2';", to: "U2.0__d.sql")
    try folder.write("DELETE FROM log WHERE what = '1.10';", to: "U1.10__c.sql")
    try folder.write("DELETE FROM log WHERE what = '1.9';", to: "U1.9__b.sql")
    try folder.write("DROP TABLE log;", to: "U1__a.sql")
    try folder.write("INSERT INTO log VALUES ('again 1');", to: "R__z_again.sql")
    return folder
  }

  private func log(_ folder: Folder) throws -> String? {
    try folder.scalar("SELECT string_agg(what, ' ' ORDER BY n) FROM log")
  }

  @Test func `Flyway's versions run in order of number, its repeatables whenever they change`()
    throws
  {
    let folder = try flyway()
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.9 1.10 2 again 1")
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.9 1.10 2 again 1")
    try folder.write("INSERT INTO log VALUES ('again 2');", to: "R__z_again.sql")
    #expect(try folder.state.migrations.last?.kind == .repeated)
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.9 1.10 2 again 1 again 2")
    // Repeatable migrations may depend on the undone ones, so they run again afterwards.
    try folder.run(.down(.steps(1)))
    #expect(try log(folder) == "1.9 1.10 again 1 again 2")
    #expect(try folder.state.pending.map(\.version) == ["2", "R__z_again"])
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.9 1.10 again 1 again 2 2 again 2")
    try folder.run(.redo)
    #expect(try log(folder) == "1.9 1.10 again 1 again 2 again 2 2 again 2")
    try folder.run(.down(.to("V1__a.sql")))
    try folder.run(.down(.all))
    #expect(try folder.scalar("SELECT to_regclass('log') IS NULL") == true)
    #expect(try folder.state.applied.isEmpty)
    try folder.run(.up(.to("1.10")))
    #expect(try log(folder) == "1.9 1.10")
    #expect(throws: SchemaError.self) { try folder.run(.revert("R__z_again")) }
  }

  @Test func `a folder of Flyway's is taken over by baseline, and refuses what came too late`()
    throws
  {
    let folder = try flyway()
    try folder.database.connect().execute(script: "CREATE TABLE log (what text, n serial)")
    let runner = SchemaRunner(connection: try folder.database.connect(), set: try folder.set)
    #expect(try runner.baseline(to: "1.9").map(\.version) == ["1", "1.9"])
    try folder.run(.up(.all))
    #expect(try log(folder) == "1.10 2 again 1")
    try folder.write("SELECT 1;", to: "V1.9.5__late.sql")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(error?.problem.contains("1.9.5 late is pending, though the later 2") == true)
  }
}
