import Foundation
import TestSupport
import Testing

@testable import SQLite

@Suite struct SnapshotTests {
  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory("sqlite")
    path = folder.file("s.sqlite")
  }

  private func makeDatabase() throws -> Database {
    let database = try Database(path: path, mode: .create)
    try database.useWriteAheadLog()
    try database.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    return database
  }

  @Test func `a closed database in WAL mode is read, and nothing is created beside it`() throws {
    _ = try makeDatabase()
    let bytes = FileManager.default.contents(atPath: path)
    let snapshot = try #require(try Database.snapshot(of: path))
    #expect(try snapshot.value("SELECT x FROM t") == 1)
    #expect(thrown { try snapshot.execute("INSERT INTO t VALUES (2)") }?.isReadOnly == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["s.sqlite"])
    #expect(FileManager.default.contents(atPath: path) == bytes)
  }

  @Test func `a database that a connection has open gives no snapshot`() throws {
    let database = try makeDatabase()
    #expect(try Database.snapshot(of: path) == nil)
    #expect(try database.value("SELECT x FROM t") == 1)
    #expect(try Database(path: path, mode: .readOnly).value("SELECT x FROM t") == 1)
  }

  @Test func `an empty file is an empty database`() throws {
    try folder.write("", to: "s.sqlite")
    let snapshot = try #require(try Database.snapshot(of: path))
    #expect(try snapshot.value("SELECT count(*) FROM sqlite_schema") == 0)
  }

  @Test func `what is no database is found out at the first question`() throws {
    for text in ["x", String(repeating: "not a database ", count: 500)] {
      try folder.write(text, to: "s.sqlite")
      let error = thrown {
        try Database.snapshot(of: path)?.value("SELECT count(*) FROM sqlite_schema")
      }
      #expect(error?.isCorrupt == true, "\(text.prefix(5)): \(String(describing: error))")
    }
  }

  @Test func `a directory and a missing file are errors`() throws {
    #expect(thrown { _ = try Database.snapshot(of: folder.path) } != nil)
    #expect(thrown { _ = try Database.snapshot(of: folder.file("none")) } != nil)
  }
}
