import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct BackupsCommandTests {
  private func migrated() throws -> (Ferry, backup: String) {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    #expect(try ferry.run().status == 0)
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: ferry.folder.file("migration_backup"))
    return (ferry, try #require(folders.first { $0.wholeMatch(of: /[0-9_]+/) != nil }))
  }

  @Test func `list, verify, restore: what comes back can be migrated as it is`() throws {
    let (ferry, backup) = try migrated()
    let list = try ferry.run("backups", "list")
    #expect(list.status == 0 && list.text.contains(backup) && list.text.contains("complete"))
    // The bytes of the backups were not read yet.
    #expect(!list.text.contains("good"), "\(list.text)")
    #expect(try ferry.run("backups", "verify").status == 0)
    let restored = try ferry.run("backups", "restore", backup, "--to", "restored")
    #expect(restored.status == 0, "\(restored.text)\(restored.errorText)")
    #expect(
      try contents(of: ferry.folder.file("restored"))
        == contents(of: ferry.folder.file("user_data")))
    #expect(try ferry.run("--user-data-dir", "restored").text.contains("Unchanged: 1"))
  }

  @Test func `a flipped byte makes verify end with 4 and restore refuse`() throws {
    let (ferry, backup) = try migrated()
    let url = URL(
      fileURLWithPath: ferry.folder.file("migration_backup/\(backup)/ann/notes/metadata.json"))
    var bytes = try Data(contentsOf: url)
    bytes[10] ^= 2
    try bytes.write(to: url)
    #expect(try ferry.run("backups", "list").status == 0)
    let verified = try ferry.run("backups", "verify", "--json")
    #expect(verified.status == 4)
    #expect(verified.text.contains("differs from what was copied (SHA-256)"))
    #expect(try ferry.run("backups", "restore", backup, "--to", "restored").status == 3)
    #expect(!FileManager.default.fileExists(atPath: ferry.folder.file("restored")))
  }

  @Test func `prune asks, and does nothing unasked`() throws {
    let (ferry, backup) = try migrated()
    try ferry.run("--force")
    let path = ferry.folder.file("migration_backup/\(backup)")
    #expect(try ferry.run("backups", "prune", "--keep", "1").status == 3)
    #expect(try ferry.run("backups", "prune", "--keep", "1", "--dry-run").status == 0)
    #expect(try ferry.run("backups", "prune").status == 3)
    #expect(try ferry.run("backups", "prune", "--keep", "0", "--yes").status == 2)
    #expect(FileManager.default.fileExists(atPath: path))
    #expect(try ferry.run("backups", "prune", "--keep", "1", "--yes").status == 0)
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
