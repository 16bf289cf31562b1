import Files
import JSON
import LibraryFiles
import SQLite
import TestSupport
import Testing

@Suite("Tables of SQLite and sqlite-vec")
struct TableTests {
  @Test("rows are those that SQLite and sqlite-vec return")
  func same() throws {
    let files = try LibraryCase("sqlite-vec-0.1.9")
    guard case .object(let all)? = files.expected["files"] else {
      Issue.record("expected.json has no files")
      return
    }
    for (file, value) in all.members {
      guard case .object(let expected) = value else { continue }
      let tables = try SQLiteTables(named: file, in: files.folder())
      let found = try tables.tables()
      #expect(found.map(\.name).sorted() == expected.names.sorted(), "\(file)")
      for table in found {
        let wanted = try (expected[table.name]?.arrayValue ?? [])
          .map { try ReadDocument(expected: $0) }
          .sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
        #expect(table.count == wanted.count && table.problem == nil)
        #expect(try tables.rows(of: table).all() == wanted, "\(file) \(table.name)")
      }
    }
  }

  @Test(
    "what is not read is refused by name",
    arguments: [
      ("CREATE VIRTUAL TABLE b USING vec0(embedding bit[8])", "bit[8]"),
      ("CREATE VIRTUAL TABLE b USING vec0(embedding int8[8])", "int8[8]"),
      ("CREATE VIRTUAL TABLE b USING vec0(one float[4], two float[4])", "several columns"),
      ("CREATE VIRTUAL TABLE b USING vec0(name text)", "no column of vectors"),
    ])
  func unread(sql: String, words: String) throws {
    let files = try LibraryCase("sqlite-vec-0.1.9")
    let database = try Database(path: "\(files.path)/plain.db", mode: .readWrite)
    try database.execute("PRAGMA writable_schema = ON")
    try database.run(
      "INSERT INTO sqlite_schema VALUES ('table', 'b', 'b', 0, ?1)", [.text(sql)])
    let tables = try SQLiteTables(named: "plain.db", in: files.folder())
    let table = try #require(try tables.tables().first { $0.name == "b" })
    #expect(table.problem?.contains(words) == true)
    let refusal = files.refusal { try tables.rows(of: table) }
    #expect(refusal?.description.contains(words) == true)
  }

  @Test(
    "a row without vector, with another dimension or with bytes is refused by its number",
    arguments: [
      ("UPDATE notes SET embedding = NULL WHERE rowid = 5", "row 5", "has no vector"),
      ("UPDATE notes SET embedding = x'00' WHERE rowid = 5", "row 5", "neither bytes"),
      ("UPDATE notes SET embedding = x'00000000' WHERE rowid = 5", "row 5", "1 dimensions"),
      ("UPDATE notes SET embedding = '[1, NaN]' WHERE rowid = 5", "row 5", "no JSON array"),
      ("UPDATE notes SET metadata = '[1]' WHERE rowid = 5", "row 5", "no JSON object"),
      ("UPDATE notes SET pages = x'01' WHERE rowid = 5", "row 5", "bytes in the column pages"),
    ])
  func refused(change: String, place: String, problem: String) throws {
    let files = try LibraryCase("sqlite-vec-0.1.9")
    try Database(path: "\(files.path)/plain.db", mode: .readWrite).run(change)
    let tables = try SQLiteTables(named: "plain.db", in: files.folder())
    let table = try #require(try tables.tables().first { $0.name == "notes" })
    let refusal = files.refusal {
      let rows = try tables.rows(of: table)
      _ = try rows.all()
      return rows
    }
    #expect(refusal?.place?.contains(place) == true)
    #expect(refusal?.problem.contains(problem) == true, "\(refusal?.problem ?? "none")")
  }

  @Test("a changed bit is refused or read", arguments: ["plain.db", "vec0.sqlite"])
  func damage(file: String) throws {
    let files = try LibraryCase("sqlite-vec-0.1.9")
    try files.flip([file], seed: 33) {
      let tables = try SQLiteTables(named: file, in: files.folder())
      return try tables.tables().first.map { try tables.rows(of: $0) }
    }
  }
}
