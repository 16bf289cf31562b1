import Foundation
import TestSupport
import Testing

@testable import SQLite

@Suite struct DatabaseTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("sqlite") }

  @Test(arguments: [
    Value.null, .integer(.min), .integer(.max), 0, .real(-0.0), .real(1e-300),
    .real(.infinity), "", "naïve\u{0}日本🎒", .blob([]), .blob([0, 1, 255]),
  ])
  func `a value comes back as it was bound`(value: Value) throws {
    let database = try Database()
    #expect(try database.value("SELECT ?1", [value]) == value)
  }

  @Test func `a column of another type is an error that names it`() throws {
    let database = try Database()
    var statement = try database.prepare("SELECT 'text' AS name, 1, x'ff'")
    _ = try statement.step()
    let error = thrown { try statement.integer(0) }
    #expect(error?.message == "column 0 (name) is text, not integer")
    #expect(thrown { try statement.text(1) } != nil)
    #expect(thrown { try statement.text(2) } != nil)
    #expect(thrown { try statement.text(3) }?.message == "column 3 is not in this row")
    #expect(thrown { try statement.text(-1) } != nil)
  }

  @Test func `text that is not UTF-8 is an error`() throws {
    let database = try Database()
    var statement = try database.prepare("SELECT CAST(x'c328' AS TEXT)")
    _ = try statement.step()
    #expect(thrown { try statement.text(0) }?.message.hasSuffix("is not valid UTF-8") == true)
  }

  @Test func `an error shows the statement and hides the values`() throws {
    let database = try Database(path: folder.file("a.sqlite"), mode: .create)
    try database.execute("CREATE TABLE secrets (word TEXT UNIQUE)")
    let insert = "INSERT INTO secrets\n  VALUES (?1)"
    try database.run(insert, ["canary"])
    let error = try #require(thrown { try database.run(insert, ["canary"]) })
    #expect(error.code == 2067)
    #expect(error.description.contains("INSERT INTO secrets VALUES (?1)"))
    #expect(error.description.contains("a.sqlite"))
    #expect(!"\(error) \(String(reflecting: error))".contains("canary"))
  }

  @Test(arguments: [
    ("", "no statement"), ("SELECT 1; SELECT 2", "more than one statement"),
  ])
  func `prepare takes exactly one statement`(sql: String, message: String) throws {
    let database = try Database()
    #expect(thrown { _ = try database.prepare(sql) }?.message == message)
    _ = try database.prepare("SELECT 1 ;\n ")
  }

  @Test func `the number of values must be that of the parameters`() throws {
    let database = try Database()
    let error = thrown { try database.run("SELECT ?1, ?2", [1]) }
    #expect(error?.message == "1 values for 2 parameters")
  }

  @Test func `a statement outlives the connection's last reference`() throws {
    var statement = try Database(path: folder.file("b"), mode: .create).prepare("SELECT 7")
    let hasRow = try statement.step()
    #expect(hasRow)
    #expect(try statement.integer(0) == 7)
  }

  @Test func `commits without syncs are for one call alone`() throws {
    struct Stop: Error {}
    let database = try Database(path: folder.file("log"), mode: .create)
    try database.useWriteAheadLog()
    let full = try database.value("PRAGMA synchronous")
    #expect(full == 2)
    #expect(try database.withoutSyncs { try database.value("PRAGMA synchronous") } == 1)
    #expect(try database.value("PRAGMA synchronous") == full)
    #expect(throws: Stop.self) { try database.withoutSyncs { throw Stop() } }
    #expect(try database.value("PRAGMA synchronous") == full)
    // A rollback journal has no commit that is safe without its sync.
    let other = try Database(path: folder.file("journal"), mode: .create)
    #expect(try other.withoutSyncs { try other.value("PRAGMA synchronous") } == full)
  }

  @Test(arguments: [mode_t(0o000), 0o077, 0o277])
  func `a new file is private, whatever the umask`(mask: mode_t) async {
    await #expect(processExitsWith: .success) {
      [path = folder.file("umask-\(mask)") as String, mask] in
      umask(mask)
      let database = try Database(path: path, mode: .create)
      try database.useWriteAheadLog()
      try database.execute("CREATE TABLE t (x)")
      for suffix in ["", "-wal", "-shm"] {
        var status = stat()
        guard stat(path + suffix, &status) == 0 else { exit(2) }
        guard status.st_mode & 0o7777 == 0o600 else { exit(3) }
      }
    }
  }

  @Test(arguments: ["with?question", "with#hash", "100%25", "ünï 日本", "a&b=c"])
  func `any file name is opened as it is`(name: String) throws {
    let path = folder.file(name)
    try Database(path: path, mode: .create).execute("CREATE TABLE t (x)")
    #expect(FileManager.default.fileExists(atPath: path))
    for mode in [Database.Mode.readOnly, .immutable, .readWrite] {
      let database = try Database(path: path, mode: mode)
      #expect(try database.value("SELECT count(*) FROM sqlite_schema") == 1)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [name])
  }

  @Test func `a missing file is not created but where asked for`() {
    for mode in [Database.Mode.readOnly, .immutable, .readWrite] {
      #expect(thrown { _ = try Database(path: folder.file("none"), mode: mode) } != nil)
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file("none")))
  }

  @Test func `reading alone cannot write`() throws {
    let path = folder.file("c")
    try Database(path: path, mode: .create).execute("CREATE TABLE t (x)")
    let database = try Database(path: path, mode: .readOnly)
    #expect(thrown { try database.execute("INSERT INTO t VALUES (1)") }?.isReadOnly == true)
  }
}

/// Returns the database error that `body` throws; nil where it throws none.
func thrown<Result>(_ body: () throws -> Result) -> DatabaseError? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? DatabaseError
  }
}
