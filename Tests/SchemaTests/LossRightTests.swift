import Foundation
import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests rights and settings that are lost although no object is dropped.
@Suite(.enabled(if: TestServer.isAvailable)) struct LossRightTests {
  @Test(arguments: [
    (
      "", "REVOKE EXECUTE ON FUNCTION pg_catalog.now() FROM PUBLIC",
      ["closing of functions of the server from PUBLIC"]
    ),
    (
      "", "REVOKE SELECT ON pg_catalog.pg_am FROM PUBLIC",
      ["grant SELECT on table pg_catalog.pg_am to PUBLIC"]
    ),
    (
      "", "REVOKE USAGE ON SCHEMA information_schema FROM PUBLIC",
      ["grant USAGE on schema information_schema to PUBLIC"]
    ),
    (
      "SELECT lo_create(4711); GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC",
      "REVOKE SELECT ON LARGE OBJECT 4711 FROM PUBLIC",
      ["grant SELECT on large object 4711 to PUBLIC"]
    ),
    (
      "CREATE PUBLICATION pu FOR TABLE t", "ALTER PUBLICATION pu SET (publish = 'insert')",
      ["operations of publication pu"]
    ),
    ("CREATE SEQUENCE s", "COMMENT ON SEQUENCE s IS 'x'", []),
    ("", "GRANT SELECT ON pg_catalog.pg_am TO PUBLIC", []),
  ])
  func `rights and settings that go are told`(world: String, statement: String, told: [String])
    throws
  {
    let folder = try Folder(world: "CREATE TABLE t (a int PRIMARY KEY, b int); \(world)")
    try folder.write("\(statement);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.failure == nil)
    #expect(trial.losses.losses.map(\.name) == told)
    guard !told.isEmpty else {
      try folder.run(.up(.all), after: trial, allowing: [])
      return
    }
    #expect(throws: MigrationFailure.self) {
      try folder.run(.up(.all), after: trial, allowing: [])
    }
    try folder.run(.up(.all), after: trial)
  }

  /// Roles belong to all databases of the server, so other sessions may change them while a
  /// migration runs.
  @Test func `a password that another session changes meanwhile is no loss`() throws {
    let name = "other_\(UUID().uuidString.prefix(8).lowercased())"
    let folder = try Folder(
      world: "CREATE TABLE t (a int); CREATE ROLE \(name) PASSWORD 'first'")
    defer { _ = try? TestServer.connect().execute(script: SQL(script: "DROP ROLE \(name)")) }
    try folder.write(
      "LOCK TABLE t; REVOKE SELECT ON pg_catalog.pg_am FROM PUBLIC;", to: "1_a.sql")
    let other = try folder.database.connect()
    try other.execute(script: "BEGIN; LOCK TABLE t")
    let watcher = try folder.database.connect()
    let isChanged = DispatchSemaphore(value: 0)
    nonisolated(unsafe) let sessions = (other, watcher)
    Thread.detachNewThread {
      defer { isChanged.signal() }
      for _ in 0..<2_000 {
        let waiting: Int? = try? sessions.1.scalar(
          "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass")
        if waiting == 1 { break }
        usleep(5_000)
      }
      _ = try? sessions.1.execute(script: SQL(script: "ALTER ROLE \(name) PASSWORD 'second'"))
      _ = try? sessions.0.execute(script: "COMMIT")
    }
    let trial = try folder.preview(.up(.all))
    isChanged.wait()
    #expect(trial.failure == nil)
    #expect(
      trial.losses.losses.map(\.name) == ["grant SELECT on table pg_catalog.pg_am to PUBLIC"])
  }

  @Test(arguments: ["t (a)", "t WHERE (a < 0)"])
  func `columns and rows that a publication leaves out are told`(part: String) throws {
    let folder = try Folder(
      world: "CREATE TABLE t (a int PRIMARY KEY, b int); CREATE PUBLICATION pu FOR TABLE t")
    guard try folder.database.connect().serverVersion >= 150_000 else { return }
    try folder.write("ALTER PUBLICATION pu SET TABLE \(part);", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(
      trial.losses.losses.map(\.name)
        == ["definition of publication relation public.t in publication pu"])
  }

  @Test func `a sequence that is made UNLOGGED is told`() throws {
    let folder = try Folder(world: "CREATE SEQUENCE s; CREATE TABLE t (a serial)")
    guard try folder.database.connect().serverVersion >= 150_000 else { return }
    try folder.write("ALTER SEQUENCE s SET UNLOGGED;", to: "1_a.sql")
    try folder.write("ALTER TABLE t SET UNLOGGED;", to: "2_b.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.losses.map(\.name) == ["logging public.s", "logging public.t"])
  }

  @Test func `a database that lets nobody in any more is told`() throws {
    let folder = try Folder(world: "")
    let name = folder.database.name
    try folder.write("ALTER DATABASE \"\(name)\" WITH CONNECTION LIMIT 0;", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.losses.map(\.name) == ["connections of database \(name)"])
  }

  @Test func `a role loses its password with its name where that is part of it`() throws {
    let name = "md5_\(UUID().uuidString.prefix(8).lowercased())"
    let folder = try Folder(
      world: "SET password_encryption = md5; CREATE ROLE \(name) PASSWORD 'x';")
    defer { _ = try? TestServer.connect().execute(script: SQL(script: "DROP ROLE \(name)")) }
    try folder.write("ALTER ROLE \(name) RENAME TO \(name)_b;", to: "1_a.sql")
    let trial = try folder.preview(.up(.all))
    #expect(trial.losses.losses.map(\.name) == ["password of role \(name)"])
  }
}
