import Foundation
import JSON
import Postgres
import TestSupport
import Testing

/// Runs over the files that other libraries have written: each is found, migrated, verified, left
/// alone by a second run, and taken back.
@Suite(.needsServer)
struct LibraryRunTests {
  /// Files of a library, and the stores that a run finds in them.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// The file or folder of the unpacked files that is put into a user's folder.
    let part: String
    /// The name that it gets there.
    let place: String
    let counts: [String: Int]
    /// The words that follow `migrate`, to leave out what is refused.
    var words: [String] = []
    /// A file of the first store, which the test removes before it rolls back.
    let file: String

    var testDescription: String { name }
  }

  private static let chroma = [
    "alice/again": 39, "alice/saved-cosine": 44, "alice/saved-ip": 44, "alice/saved-l2": 44,
    "alice/second/small": 2, "alice/small": 13,
  ]

  static let cases = [
    Case(
      name: "chroma-1.5.9", part: "files", place: "chroma", counts: chroma,
      words: ["--exclude", "alice/without-texts", "--exclude", "alice/acme/*"],
      file: "chroma/chroma.sqlite3"),
    Case(
      name: "chroma-0.5.23", part: "files", place: "my store", counts: chroma,
      words: ["--exclude", "alice/without-texts", "--exclude", "alice/acme/*"],
      file: "my store/chroma.sqlite3"),
    Case(
      name: "faiss-0.3.31", part: "files/hnsw", place: "papers", counts: ["alice/papers": 20],
      file: "papers/index.faiss"),
    Case(
      name: "qdrant-1.12.2", part: "files", place: "qdrant",
      counts: ["alice/numbers": 10, "alice/names": 6, "alice/one-named": 4],
      words: ["--exclude", "alice/several", "--exclude", "alice/no-payload"],
      file: "qdrant/collection/numbers/storage.sqlite"),
    Case(
      name: "sqlite-vec-0.1.9", part: "files/vec0.sqlite", place: "vec0.sqlite",
      counts: ["alice/items": 28], file: "vec0.sqlite"),
  ]

  private func unpacked(_ row: Case, for ferry: Ferry) throws {
    let folder = ferry.folder.file("unpacked")
    let user = ferry.folder.file("user_data/alice")
    for path in [folder, user] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    let packed = "\(Oracle.repository)/Tests/LibraryFilesTests/Fixtures/\(row.name).tar.gz"
    let outcome = try TestSupport.run("/bin/tar", ["-xzf", packed, "-C", folder])
    try #require(outcome.status == 0, "\(outcome.errorText)")
    try FileManager.default.moveItem(
      atPath: "\(folder)/\(row.part)", toPath: "\(user)/\(row.place)")
  }

  @Test("a library's files are migrated, verified, left alone and taken back", arguments: cases)
  func wholeWay(row: Case) throws {
    let ferry = try Ferry()
    try unpacked(row, for: ferry)
    let preview = try ferry.run(command: ["migrate", "--dry-run"] + row.words)
    #expect(preview.status == 0, "\(preview.text)\(preview.errorText)")
    let first = try ferry.run(command: ["migrate"] + row.words)
    #expect(first.status == 0, "\(first.text)\(first.errorText)")
    #expect(try ferry.counts() == row.counts)
    let verified = try ferry.run(command: ["verify"] + row.words)
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
    let versions = try ferry.rowVersions()
    let second = try ferry.run(command: ["migrate"] + row.words)
    #expect(second.status == 0 && second.text.contains("unchanged since it was migrated"))
    #expect(try ferry.rowVersions() == versions)
    // The backup holds every file, in its folders; rolling back puts a lost one back.
    let path = ferry.folder.file("user_data/alice/\(row.file)")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try FileManager.default.removeItem(atPath: path)
    let checked = try ferry.run("backups", "verify")
    #expect(checked.status == 0, "\(checked.text)\(checked.errorText)")
    let back = try ferry.run("rollback", "--files", "--yes")
    #expect(back.status == 0, "\(back.text)\(back.errorText)")
    #expect(try ferry.counts().isEmpty)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
  }

  @Test("documents without text and other tenants' collections fail by name, and the rest goes on")
  func refused() throws {
    let ferry = try Ferry()
    try unpacked(Self.cases[0], for: ferry)
    let outcome = try ferry.run("migrate")
    #expect(outcome.status == 1)
    #expect(outcome.text.contains("2 documents have no text"))
    #expect(outcome.text.contains("belongs to the tenant acme"))
    #expect(outcome.text.contains("--from user_data/alice/chroma --user acme"))
    #expect(try ferry.counts() == Self.cases[0].counts)
    let tenant = try ferry.run("migrate", "--from", "user_data/alice/chroma", "--user", "acme")
    #expect(tenant.status == 0, "\(tenant.text)\(tenant.errorText)")
    #expect(try ferry.counts()["acme/small"] == 1)
    let allowed = try ferry.run("migrate", "--allow-mismatch", "--exclude", "alice/acme/*")
    #expect(allowed.status == 0, "\(allowed.text)\(allowed.errorText)")
    #expect(try ferry.counts()["alice/without-texts"] == 2)
  }

  @Test("a database of SQLite is not restored beside a journal of the present one")
  func laterJournal() throws {
    let ferry = try Ferry()
    try unpacked(Self.cases[4], for: ferry)
    #expect(try ferry.run("migrate").status == 0)
    try FileManager.default.removeItem(atPath: ferry.folder.file("user_data/alice/vec0.sqlite"))
    try ferry.folder.write("later", to: "user_data/alice/vec0.sqlite-wal")
    let back = try ferry.run("rollback", "--files", "--yes")
    let words = back.text + back.errorText
    #expect(back.status != 0 && words.contains("would be applied to the restored one"), "\(words)")
    #expect(try ferry.counts() == Self.cases[4].counts)
  }

  @Test("what is not exact is said in the plan, the report and the JSON")
  func inexact() throws {
    let ferry = try Ferry()
    try unpacked(Self.cases[0], for: ferry)
    let words = ["--collection", "saved-cosine"]
    for more in [["--dry-run"], ["--dry-run", "--json"], ["--json"]] {
      let outcome = try ferry.run(command: ["migrate"] + words + more)
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      let said = outcome.text + outcome.errorText
      #expect(said.contains("within 2 units of the last place"), "\(more)")
    }
  }
}
