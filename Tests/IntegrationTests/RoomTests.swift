import Foundation
import Postgres
import TestSupport
import Testing

@Suite(
  .needsServer,
  .enabled(if: MountedDisk.isPossible, "mounting needs root"))
struct RoomTests {
  /// Creates a store whose copy does not fit on the disks of these tests.
  private func ferry() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(500, dimensions: 32), texts: Ferry.texts(500))
    return ferry
  }

  private func expectUntouched(_ ferry: Ferry) throws {
    let objects: Int? = try ferry.scalar(
      """
      SELECT (SELECT count(*) FROM pg_class WHERE relname = 'vector_documents')
           + (SELECT count(*) FROM pg_namespace WHERE nspname = 'vector_ferry')
      """)
    #expect(objects == 0)
  }

  @Test func `a backup disk that lacks room stops the run before the first copy`() throws {
    let ferry = try ferry()
    let disk = try MountedDisk(at: ferry.folder.file("small"), options: "size=96k")
    for arguments in [["migrate"], ["migrate", "--dry-run"]] {
      let outcome = try TestSupport.run(
        Ferry.binary, arguments + ["--backup-dir", "small/backups"],
        environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      let said = outcome.text + outcome.errorText
      #expect(outcome.status == 3, "\(said)")
      #expect(said.contains("small/backups has 98.3 kB free, and the copies of 1 store need"))
      #expect(said.contains("--backup-dir") && !said.contains("No space left"), "\(said)")
      // Even the folder and its journal were not created.
      #expect(try contents(of: ferry.folder.file("small")).isEmpty)
    }
    try expectUntouched(ferry)
    #expect(try ferry.run().status == 0)
    withExtendedLifetime(disk) {}
  }

  @Test func `a disk that cannot take even a tenth of the tables gets no dump`() throws {
    let ferry = try ferry()
    #expect(try ferry.run("--no-backup").status == 0)
    let disk = try MountedDisk(at: ferry.folder.file("small"), options: "size=16k")
    for arguments in [
      ["backups", "dump"], ["migrate", "--force", "--no-backup", "--dump-first", "--yes"],
    ] {
      let outcome = try TestSupport.run(
        Ferry.binary, arguments + ["--backup-dir", "small/backups"],
        environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
      #expect(
        outcome.errorText.contains("of tables, even if the dump has a tenth of that size, need"),
        "\(outcome.errorText)")
    }
    #expect(try contents(of: ferry.folder.file("small")).isEmpty)
    withExtendedLifetime(disk) {}
  }

  @Test func `a server that is yet to be made is not made where the copies have no room`() throws {
    let ferry = try ferry()
    let disk = try MountedDisk(at: ferry.folder.file("small"), options: "size=96k")
    let outcome = try ferry.run("--backup-dir", "small", environment: ["DATABASE_URL": ""])
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("small has"), "\(outcome.errorText)")
    #expect(!FileManager.default.fileExists(atPath: ferry.folder.file(".vector-ferry/postgres")))
    withExtendedLifetime(disk) {}
  }

  /// Sizes of the tablespace of the table, each with the end of the run.
  @Test(arguments: [
    ("size=200k", 3, "rows of this run need at least"), ("size=600k", 0, "may need"),
  ])
  func `a server's disk that visibly lacks room is named before the first copy`(
    size: String, status: Int32, words: String
  ) throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(300, dimensions: 200), texts: Ferry.texts(300))
    let path = ferry.folder.file("tablespace")
    let data = "\(Oracle.repository)/.vector-ferry/tests/postgres"
    let session = try ferry.database.connect()
    let owner = try FileManager.default.attributesOfItem(atPath: data)[.ownerAccountID]
    let disk = try MountedDisk(at: path, options: "\(size),mode=700,uid=\(owner ?? 0)")
    // The server's account needs access to the folder.
    _ = try TestSupport.run("/bin/chmod", ["755", ferry.folder.path])
    let name = "room_\(ferry.database.name)"
    try session.execute(script: SQL(script: "CREATE TABLESPACE \(name) LOCATION '\(path)'"))
    defer {
      _ = try? session.execute(script: "DROP TABLE IF EXISTS vector_documents")
      _ = try? session.execute(script: SQL(script: "DROP TABLESPACE \(name)"))
      withExtendedLifetime(disk) {}
    }
    try session.execute(
      script: SQL(
        script: """
          CREATE EXTENSION vector;
          CREATE TABLE vector_documents (id uuid PRIMARY KEY, user_id varchar(255) NOT NULL,
            collection_name varchar(255) NOT NULL, text text NOT NULL, embedding vector(200),
            metadata jsonb, created_at timestamptz) TABLESPACE \(name)
          """))
    let outcome = try ferry.run("--no-backup")
    #expect(outcome.status == status, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains(words), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("the server's disk (\(path)"), "\(outcome.errorText)")
    let isThere: Bool? = try ferry.scalar("SELECT to_regnamespace('vector_ferry') IS NOT NULL")
    #expect(isThere == (status == 0))
    #expect(
      FileManager.default.fileExists(atPath: ferry.folder.file("migration_backup")) == (status == 0)
    )
  }

  @Test func `files are put back only where all of them have room`() throws {
    let ferry = try ferry()
    #expect(try ferry.run().status == 0)
    let disk = try MountedDisk(at: ferry.folder.file("small"), options: "size=96k")
    let backup = try FileManager.default
      .contentsOfDirectory(atPath: ferry.folder.file("migration_backup"))
      .first { $0.wholeMatch(of: /[0-9_]+/) != nil }
    let restored = try ferry.run(
      "backups", "restore", try #require(backup), "--to", "small/data")
    #expect(restored.status == 3, "\(restored.text)\(restored.errorText)")
    #expect(restored.errorText.contains("small/data has"), "\(restored.errorText)")
    #expect(try contents(of: ferry.folder.file("small")).values.allSatisfy(\.isEmpty))
    withExtendedLifetime(disk) {}
  }
}
