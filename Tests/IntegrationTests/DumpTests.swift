import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: TestServer.isAvailable, "no PostgreSQL with pgvector at hand"))
struct DumpTests {
  private func migrated() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    #expect(try ferry.run().status == 0)
    return ferry
  }

  /// The programs of the tests' own server come first on the path, for they fit it.
  private func run(_ ferry: Ferry, _ line: String) throws -> ProcessOutcome {
    let programs = try TestServer.binaries.directory
    return try TestSupport.run(
      Ferry.binary, Ferry.words(line.split(separator: " ").map(String.init)),
      environment: Ferry.clean(
        ferry.database.url.replacingOccurrences(
          of: "//\(TestServer.address.user)@", with: "//\(TestServer.address.user):canary-word@"),
        ["PATH": "\(programs):/usr/bin:/bin"]),
      directory: ferry.folder.path)
  }

  private func dumps(_ ferry: Ferry) throws -> [String] {
    let folder = ferry.folder.file("migration_backup/dumps")
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  @Test func `a dump is made, read back, restored for a trial, and private`() throws {
    let ferry = try migrated()
    let outcome = try run(ferry, "backups dump --test-restore")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Restored for a trial: "), "\(outcome.text)")
    let name = try #require(try dumps(ferry).first)
    var facts = stat()
    #expect(stat(ferry.folder.file("migration_backup/dumps/\(name)"), &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o600)
    #expect(try run(ferry, "backups dump --list").text.contains(name))
    let scratch: Int? = try ferry.scalar(
      "SELECT count(*) FROM pg_database WHERE datname LIKE 'vector\\_ferry\\_restore\\_%'")
    #expect(scratch == 0)
  }

  @Test func `old dumps go after a week, never the newest`() throws {
    let ferry = try migrated()
    let folder = "migration_backup/dumps"
    for (name, days) in [("20200101_000000.dump", 8), ("20200102_000000.dump", 6)] {
      let path = try ferry.folder.write("x", to: "\(folder)/\(name)")
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -86_400 * Double(days))], ofItemAtPath: path)
    }
    // What killed ones have left, an old and a fresh one.
    for (name, days) in [("20200103_000000.dump.part", 2.0), ("20200104_000000.dump.part", 0)] {
      let path = try ferry.folder.write("x", to: "\(folder)/\(name)")
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -86_400 * days)], ofItemAtPath: path)
    }
    let listed = try run(ferry, "backups dump --list").text
    #expect(listed.contains("20200103_000000.dump.part  1 B, unfinished"), "\(listed)")
    #expect(try run(ferry, "backups dump").status == 0)
    #expect(try dumps(ferry).count { $0.hasSuffix(".part") } == 1)
    try FileManager.default.removeItem(
      atPath: ferry.folder.file("\(folder)/20200104_000000.dump.part"))
    #expect(try dumps(ferry).count == 2)
    #expect(try dumps(ferry).first == "20200102_000000.dump")
    #expect(try run(ferry, "backups dump --keep-days 0").status == 0)
    #expect(try dumps(ferry).count >= 1)
  }

  @Test func `--dump-first dumps what was there before the run`() throws {
    let ferry = try migrated()
    try ferry.writeStore(user: "bob", rows: Ferry.rows(5), texts: Ferry.texts(5))
    let outcome = try run(ferry, "--dump-first")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let name = try #require(try dumps(ferry).first)
    let listed = try TestSupport.run(
      TestServer.binaries.pgRestore,
      [
        "--data-only", "--table=vector_documents", "-f", "-",
        ferry.folder.file("migration_backup/dumps/\(name)"),
      ])
    #expect(listed.text.contains("ann\tnotes") && !listed.text.contains("bob\tnotes"))
    #expect(try dumps(ferry).count == 1)
    // A dry run dumps nothing.
    #expect(try run(ferry, "--dump-first --dry-run").status == 0)
    #expect(try dumps(ferry).count == 1)
  }

  @Test func `a dump that fails stops the run before anything is written`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    try ferry.folder.write("in the way", to: "migration_backup/dumps")
    let outcome = try run(ferry, "--dump-first")
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("is in the way"))
    #expect(try ferry.scalar("SELECT to_regclass('vector_documents') IS NULL") == true)
  }

  @Test func `killed while it dumps, nothing that looks like a dump is left`() throws {
    let ferry = try migrated()
    let blocker = try ferry.database.connect()
    try blocker.query("BEGIN")
    try blocker.query("LOCK TABLE vector_documents IN ACCESS EXCLUSIVE MODE")
    let programs = try TestServer.binaries.directory
    let running = try ferry.start(
      "backups", "dump", environment: ["PATH": "\(programs):/usr/bin:/bin"])
    // pg_dump waits for the lock.
    for _ in 0..<500 {
      let waiting: Int? = try blocker.scalar(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'vector_documents'::regclass"
      )
      if waiting == 1 { break }
      usleep(10_000)
    }
    running.signal(SIGTERM)
    #expect(try running.finish().status == 130)
    #expect(try dumps(ferry) == [])
    try blocker.query("ROLLBACK")
  }
}
