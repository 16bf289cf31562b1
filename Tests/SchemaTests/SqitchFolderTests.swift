import MigrationFiles
import Foundation
import Postgres
import TestSupport
import Testing

import OwnSchema
@testable import Schema

/// Tests Sqitch's projects: the plan, reworked changes and verify scripts.
@Suite(.needsServer) struct SqitchFolderTests {
  private func sqitch() throws -> Folder {
    let folder = try Folder()
    try folder.write(
      """
      %syntax-version=1.0.0
      %project=shop
      %uri=https://example.org/shop/

      schema 2024-01-01T10:00:00Z Ann <ann@example.org> # the schema
      users [schema] 2024-01-02T10:00:00Z Ann <ann@example.org>
      @v1 2024-01-03T10:00:00Z Ann <ann@example.org> # released
      users [users@v1 !bots] 2024-01-04T10:00:00Z Ann <ann@example.org> # reworked
      parts/bolts [shop:users] 2024-01-05T10:00:00Z Ann <ann@example.org>
      """, to: "sqitch.plan")
    let scripts = [
      "verify/users@v1": "SELECT name FROM shop.users WHERE false;",
      "deploy/schema": "CREATE SCHEMA shop;", "revert/schema": "DROP SCHEMA shop;",
      "verify/schema": "SELECT pg_catalog.has_schema_privilege('shop', 'usage');",
      "deploy/users@v1": "CREATE TABLE shop.users (name text);",
      "revert/users@v1": "DROP TABLE shop.users;",
      "deploy/users": "ALTER TABLE shop.users ADD COLUMN mail text;",
      "revert/users": "ALTER TABLE shop.users DROP COLUMN mail;",
      "verify/users": "SELECT name, mail FROM shop.users WHERE false;",
      "deploy/parts/bolts": "CREATE TABLE shop.bolts (size int);",
      "revert/parts/bolts": "DROP TABLE shop.bolts;",
    ]
    for (name, statement) in scripts {
      let end = name.hasPrefix("verify") ? "ROLLBACK" : "COMMIT"
      try folder.write(
        "-- \(name) shop to pg\n\nBEGIN;\n\n\(statement)\n\n\(end);\n", to: "\(name).sql")
    }
    return folder
  }

  @Test func `a plan of Sqitch's is followed, a reworked change has both its scripts`() throws {
    let folder = try sqitch()
    #expect(
      try folder.set.migrations.map(\.fullName)
        == ["1_schema", "2_users@v1", "3_users", "4_parts/bolts"])
    try folder.run(.up(.to("@v1")))
    #expect(try columns(of: "users", in: folder) == "name")
    try folder.run(.up(.all))
    #expect(try columns(of: "users", in: folder) == "name mail")
    try folder.run(.down(.to("@v1")))
    #expect(try columns(of: "users", in: folder) == "name")
    try folder.run(.up(.all))
    try folder.run(.down(.all))
    #expect(try folder.scalar("SELECT to_regnamespace('shop') IS NULL") == true)
    try folder.run(.up(.all))
    try folder.run(.refresh)
    #expect(try columns(of: "bolts", in: folder) == "size")
  }

  private func columns(of table: String, in folder: Folder) throws -> String? {
    try folder.scalar(
      """
      SELECT string_agg(column_name, ' ' ORDER BY ordinal_position)
      FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = \(table)
      """)
  }

  @Test func `verify runs Sqitch's scripts of what is applied, and says what has none`() throws {
    let folder = try sqitch()
    try folder.run(.up(.all))
    func report() throws -> VerificationReport {
      try SchemaVerification(
        set: try folder.set, connection: try folder.database.connect(), environment: [:]
      ).run()
    }
    let sound = try report()
    #expect(sound.isSound, "\(sound)")
    #expect(
      sound.findings.map(\.title).suffix(3)
        == [
          "verify/schema.sql", "verify/users.sql",
          "Sqitch's verify scripts were run for 2 of 4 applied changes",
        ])
    #expect(
      sound.findings.last?.details == [
        "not verified, because a later change reworks it: 2_users@v1",
        "not verified, because there is no verify script: 4_parts/bolts",
      ])
    try folder.database.connect().execute(script: "ALTER TABLE shop.users DROP COLUMN mail")
    #expect(try report().findings.filter { !$0.holds }.map(\.title) == ["verify/users.sql"])
    try folder.database.connect().execute(script: "ALTER TABLE shop.users ADD COLUMN mail text")
    try folder.run(.down(.to("@v1")))
    let earlier = try report().findings.map(\.title)
    #expect(earlier.contains("verify/users@v1.sql") && !earlier.contains("verify/users.sql"))
  }

  @Test func `a plan that was put in another order is refused`() throws {
    let folder = try sqitch()
    try folder.run(.up(.to("@v1")))
    let plan = folder.directory.file("sqitch.plan")
    let text = try String(contentsOfFile: plan, encoding: .utf8)
    try folder.write(
      text.replacing("users [schema]", with: "parts/bolts\nusers [schema]").replacing(
        "parts/bolts [shop:users] 2024-01-05T10:00:00Z Ann <ann@example.org>", with: ""),
      to: "sqitch.plan")
    let error = #expect(throws: SchemaError.self) { try folder.run(.up(.all)) }
    #expect(
      error?.problem.contains(
        "deploy/parts/bolts.sql has changed since it was applied, under the name of users@v1")
        == true, "\(error?.problem ?? "")")
  }
}
