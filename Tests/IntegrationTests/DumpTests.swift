import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct DumpTests {
  private func migrated() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    #expect(try ferry.run().status == 0)
    return ferry
  }

  private func run(_ ferry: Ferry, _ line: String) throws -> ProcessOutcome {
    try TestSupport.run(
      Ferry.binary, Ferry.words(line.split(separator: " ").map(String.init)),
      environment: Ferry.clean(
        ferry.database.url.replacingOccurrences(
          of: "//\(TestServer.address.user)@", with: "//\(TestServer.address.user):canary-word@"),
        ["PATH": "/usr/bin:/bin"]),
      directory: ferry.folder.path)
  }

  private func dumps(_ ferry: Ferry) throws -> [String] {
    let folder = ferry.folder.file("migration_backup/dumps")
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  /// Returns the scratch databases in which restores work.
  private func scratch(_ ferry: Ferry) throws -> Set<String> {
    let rows = try ferry.database.connect().query(
      "SELECT datname::text FROM pg_database WHERE starts_with(datname, 'vector_ferry_restore_')")
    return Set(try (0..<rows.rowCount).map { try rows.value($0, 0) })
  }

  @Test func `a dump is made, read back, restored for a trial, and private`() throws {
    let ferry = try migrated()
    let before = try scratch(ferry)
    let outcome = try run(ferry, "backups dump --test-restore")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Restored for a trial: "), "\(outcome.text)")
    for name in try dumps(ferry) {
      var facts = stat()
      #expect(stat(ferry.folder.file("migration_backup/dumps/\(name)"), &facts) == 0)
      #expect(facts.st_mode & 0o777 == 0o600)
    }
    let name = try #require(try dumps(ferry).first)
    #expect(try dumps(ferry) == [name, "\(name).json"])
    #expect(try run(ferry, "backups dump --list").text.contains(name))
    // Other tests restore on this server at the same time; their scratch databases are dropped
    // later.
    var left = try scratch(ferry).subtracting(before)
    for _ in 0..<1200 where !left.isEmpty {
      left.formIntersection(try scratch(ferry))
      usleep(50_000)
    }
    #expect(left == [])
  }

  @Test func `a run that its checks stop dumps nothing first`() throws {
    let ferry = try migrated()
    // A row in a store's collection that the ledger does not list stops the run when the plan is
    // made.
    try ferry.writeStore(user: "eve", rows: Ferry.rows(2), texts: Ferry.texts(2))
    try ferry.database.connect().query(
      "ALTER TABLE vector_documents ADD COLUMN needed int NOT NULL DEFAULT 0")
    try ferry.database.connect().query(
      "ALTER TABLE vector_documents ALTER COLUMN needed DROP DEFAULT")
    let stopped = try run(ferry, "migrate --dump-first --yes")
    #expect(stopped.status == 3, "\(stopped.text)\(stopped.errorText)")
    #expect(try dumps(ferry) == [])
    try ferry.database.connect().query("ALTER TABLE vector_documents DROP COLUMN needed")
    let goesOn = try run(ferry, "migrate --dump-first --yes")
    #expect(goesOn.status == 0, "\(goesOn.text)\(goesOn.errorText)")
    #expect(try dumps(ferry).count == 2)
  }

  @Test func `a dump that could not be made leaves no folder behind`() throws {
    let ferry = try Ferry()
    let session = try ferry.database.connect()
    // pg_dump has no right to read this table.
    let role = try Role("dumper", in: ferry)
    try session.query("CREATE TABLE secret (id int)")
    let failed = try TestSupport.run(
      Ferry.binary, ["backups", "dump"],
      environment: Ferry.clean(try ferry.url(as: role.name), ["PATH": "/usr/bin:/bin"]),
      directory: ferry.folder.path)
    #expect(failed.status == 3, "\(failed.text)\(failed.errorText)")
    #expect(failed.errorText.contains("pg_dump failed"), "\(failed.errorText)")
    #expect(
      !FileManager.default.fileExists(atPath: ferry.folder.file("migration_backup/dumps")))
  }

  @Test func `old dumps go after a week, never the last; what tells of no database stays`() throws {
    let ferry = try migrated()
    let folder = "migration_backup/dumps"
    func age(_ name: String, days: Double) throws {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -86_400 * days)],
        ofItemAtPath: ferry.folder.file("\(folder)/\(name)"))
    }
    // Files of earlier versions and of other programs, and of dumps that were killed.
    let strange = [
      "20200101_000000.dump", "20200103_000000.dump.part", "operator.dump",
      "20200104_000000-app-000000000000.dump.part",
    ]
    for name in strange {
      try ferry.folder.write("x", to: "\(folder)/\(name)")
      try age(name, days: 30)
    }
    let listed = try run(ferry, "backups dump --list").text
    #expect(listed.contains("20200103_000000.dump.part  1 B, unfinished"), "\(listed)")
    #expect(listed.contains("20200101_000000.dump  1 B, made by an earlier version"))
    #expect(try run(ferry, "backups dump").status == 0)
    let first = try #require(try dumps(ferry).first { !strange.contains($0) })
    let key = try #require(first.split(separator: "-").last?.dropLast(5))
    let left = ["20200105_000000-app-\(key).dump.part", "20200106_000000-app-\(key).dump.part"]
    for name in left { try ferry.folder.write("x", to: "\(folder)/\(name)") }
    try age(left[0], days: 2)
    try age(first, days: 8)
    #expect(try run(ferry, "backups dump --keep-days 9").status == 0)
    #expect(try dumps(ferry).contains(first))
    #expect(try left.map(dumps(ferry).contains) == [false, true])
    #expect(try run(ferry, "backups dump").status == 0)
    #expect(try !dumps(ferry).contains { $0.hasPrefix(first) })
    #expect(try run(ferry, "backups dump --keep-days 0").status == 0)
    #expect(try dumps(ferry).filter { $0.hasSuffix(".json") }.count == 1)
    #expect(Set(try dumps(ferry)).isSuperset(of: strange))
  }

  @Test func `--dump-first dumps what was there before the run`() throws {
    let ferry = try migrated()
    try ferry.writeStore(user: "bob", rows: Ferry.rows(5), texts: Ferry.texts(5))
    let outcome = try run(ferry, "migrate --dump-first")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let name = try #require(try dumps(ferry).first)
    let listed = try TestSupport.run(
      TestServer.binaries.pgRestore,
      [
        "--data-only", "--table=vector_documents", "-f", "-",
        ferry.folder.file("migration_backup/dumps/\(name)"),
      ])
    #expect(listed.text.contains("ann\tnotes") && !listed.text.contains("bob\tnotes"))
    #expect(try dumps(ferry) == [name, "\(name).json"])
    // A dry run dumps nothing.
    #expect(try run(ferry, "migrate --dump-first --dry-run").status == 0)
    #expect(try dumps(ferry).count == 2)
  }

  @Test func `a dump that fails stops the run before anything is written`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5), texts: Ferry.texts(5))
    try ferry.folder.write("in the way", to: "migration_backup/dumps")
    let outcome = try run(ferry, "migrate --dump-first")
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("exists and is not a folder"))
    #expect(try ferry.scalar("SELECT to_regclass('vector_documents') IS NULL") == true)
  }

  @Test func `killed while it dumps, nothing that looks like a dump is left`() throws {
    let ferry = try migrated()
    let blocker = try ferry.database.connect()
    try blocker.query("BEGIN")
    try blocker.query("LOCK TABLE vector_documents IN ACCESS EXCLUSIVE MODE")
    let running = try ferry.start("backups", "dump")
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
