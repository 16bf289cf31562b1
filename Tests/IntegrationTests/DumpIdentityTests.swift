import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct DumpIdentityTests {
  private let world: DumpWorld

  init() throws { world = try DumpWorld() }

  /// Creates a database with one table of some rows.
  private func filled(_ rows: Int = 3) throws -> TestDatabase {
    let database = try TestDatabase()
    try DumpWorld.execute(
      database.url,
      "CREATE TABLE notes (id int PRIMARY KEY, text text);"
        + "INSERT INTO notes SELECT i, 'note ' || i FROM generate_series(1, \(rows)) i")
    return database
  }

  @Test func `a dump never costs another database's, wherever it is, nor a stranger's file`() throws
  {
    let (one, two) = (try filled(), try filled())
    let other = try OrdinaryServer(programs: TestServer.binaries.directory)
    try DumpWorld.execute(other.url, "CREATE TABLE notes (id int PRIMARY KEY, text text)")
    let urls = [try one.url, try two.url, other.url]
    try world.folder.write("", to: "migration_backup/keep")
    for name in ["customers.dump", "20200101_000000.dump", "x.dump.part", "notes.json"] {
      try world.addFile(name)
    }
    var generator = SeededGenerator(seed: 12)
    var last: [Int: String] = [:]
    for step in 0..<(Oracle.isFullRun ? 100 : 12) {
      let index = step < 3 ? step : Int.random(in: 0..<3, using: &generator)
      try DumpWorld.execute(
        urls[index], "INSERT INTO notes VALUES (\(1000 + step), 'step \(step)')")
      // Every older dump may be removed: only the dumps that a database needs stay.
      last[index] = try world.dump(urls[index], "--keep-days", "0")
      let expected =
        ["customers.dump", "20200101_000000.dump", "x.dump.part", "notes.json"]
        + last.values.flatMap { [$0, "\($0).json"] }
      #expect(try world.files() == expected.sorted(), "step \(step), seed 12")
    }
    for (index, dump) in last.sorted(by: { $0.key < $1.key }) {
      let copy = "\(index == 2 ? "copy" : index == 0 ? one.name : two.name)_again"
      let outcome = try world.run(urls[index], "backups", "restore", "--dump", dump, "--into", copy)
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      let url = DumpWorld.url(urls[index], database: copy)
      #expect(try DumpWorld.digest(url) == DumpWorld.digest(urls[index]))
      try DumpWorld.execute(urls[index], "DROP DATABASE \(copy)")
    }
  }

  @Test func `--dump-first on an empty database leaves others' dumps and files alone`() throws {
    let database = try TestDatabase()
    for name in ["20200101_000000.dump", "20200102_000000.dump", "customers.dump"] {
      try world.addFile(name)
    }
    let before = try contents(of: world.directory)
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(2), texts: Ferry.texts(2))
    let outcome = try world.run(
      database.url, "migrate", "--dump-first", "--user-data-dir", ferry.folder.file("user_data"))
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    let after = try contents(of: world.directory)
    for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
    #expect(after.count == before.count + 2)
  }

  @Test(arguments: [
    ["backups", "dump"], ["migrate", "--dump-first"],
    ["schema", "up", "--dump-first", "--yes"],
  ])
  func `pg_dump is found alike, whatever the command`(command: [String]) throws {
    let database = try filled()
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(2), texts: Ferry.texts(2))
    let source = command[0] == "migrate" ? ["--user-data-dir", ferry.folder.file("user_data")] : []
    let outcome = try world.run(database.url, command + source)
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try world.files(".dump").count == 1)
  }

  @Test func `programs that are named win, and a refusal says where it looked`() throws {
    let database = try filled()
    let script = """
      #!/bin/sh
      if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 99.1"; exit; fi
      echo "these are the named programs"; exit 1
      """
    for name in ["pg_dump", "pg_restore"] {
      let path = try world.folder.write(script, to: "programs/\(name)")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    let outcome = try world.run(
      database.url, ["backups", "dump"],
      environment: ["VECTOR_FERRY_POSTGRES": world.folder.file("programs")])
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("these are the named programs"), "\(outcome.errorText)")
    #expect(try world.files() == [])
    #expect {
      try DumpPrograms.find(forServer: 990_000)
    } throws: { error in
      let text = "\(error)"
      return text.contains("no pg_dump and pg_restore for PostgreSQL 99 were found; searched in ")
        && text.contains("(version ") && text.contains("postgresql-client-99")
    }
  }

  @Test func `an emptied database's dump does not cost the last one with rows`() throws {
    let database = try filled()
    let good = try world.dump(database.url)
    try DumpWorld.execute(database.url, "TRUNCATE notes")
    let empty = try world.dump(database.url, "--keep-days", "0")
    #expect(try world.files(".dump") == [good, empty].sorted())
    let status = try world.run(database.url, "schema", "status", "--json").text
    #expect(status.contains("last_dump"))
    let pruned = try world.run(
      database.url, "backups", "prune", "--dumps", "--keep", "1", "--yes")
    #expect(pruned.text.contains("the last good dump that has rows"), "\(pruned.text)")
    #expect(try world.files(".dump") == [good, empty].sorted())
  }

  @Test func `a database that was made anew under a name keeps the old one's last dump`() throws {
    let database = try filled()
    let first = try world.dump(database.url)
    let session = try TestServer.connect()
    try session.query("DROP DATABASE \(Identifier(database.name)) WITH (FORCE)")
    try session.query("CREATE DATABASE \(Identifier(database.name))")
    try DumpWorld.execute(database.url, "CREATE TABLE other (id int); INSERT INTO other VALUES (1)")
    let second = try world.dump(database.url, "--keep-days", "0")
    let third = try world.dump(database.url, "--keep-days", "0")
    #expect(try world.files(".dump") == [first, third].sorted() && second != third)
  }

  @Test func `the same server under another host is another database`() throws {
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    try DumpWorld.execute(server.url, "CREATE TABLE notes (id int); INSERT INTO notes VALUES (1)")
    let first = try world.dump(server.url)
    let elsewhere = server.url.replacingOccurrences(of: "127.0.0.1", with: "localhost")
    let second = try world.dump(elsewhere, "--keep-days", "0")
    #expect(try world.files(".dump") == [first, second].sorted())
    let listed = try world.run(elsewhere, "backups", "list", "--dumps").text
    #expect(listed.contains(second) && !listed.contains(first), "\(listed)")
    #expect(listed.contains("1 dump of other databases: postgres on 127.0.0.1:"), "\(listed)")
    let secret = try contents(of: world.directory).values.contains {
      String(decoding: $0, as: UTF8.self).contains(OrdinaryServer.password)
    }
    #expect(!secret)
  }

  @Test func `where the server's identifier may not be had, dumps are never removed`() throws {
    let ferry = try Ferry()
    let role = try Role("nosy", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          CREATE TABLE notes (id int); INSERT INTO notes VALUES (1);
          GRANT SELECT ON notes TO \(role.name);
          REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC
          """))
    let url = try ferry.url(as: role.name)
    let first = try world.run(url, "backups", "dump")
    #expect(first.status == 0, "\(first.text)\(first.errorText)")
    #expect(first.errorText.contains("never removed automatically"), "\(first.errorText)")
    #expect(try world.run(url, "backups", "dump", "--keep-days", "0").status == 0)
    #expect(try world.files(".dump").count == 2)
    let pruned = try world.run(url, "backups", "prune", "--dumps", "--keep", "1", "--yes")
    #expect(
      pruned.text.contains("the identity of the dump's server is not known"), "\(pruned.text)")
    #expect(try world.files(".dump").count == 2)
  }

  private static let oddNames = [
    "say \"it's\" \\ Größe/日本", "line\nbreak", "dbname=postgres",
    String(repeating: "x", count: 63), "a/b", "..", "UPPER", "a=b",
  ]

  @Test(arguments: oddNames.prefix(Oracle.isFullRun ? 8 : 4))
  func `names that no file has are dumped, told apart and restored`(name: String) throws {
    let base = try filled()
    let session = try TestServer.connect()
    try session.query("CREATE DATABASE \(Identifier(name)) TEMPLATE \(Identifier(base.name))")
    defer { _ = try? session.query("DROP DATABASE IF EXISTS \(Identifier(name)) WITH (FORCE)") }
    let url = DumpWorld.url(try base.url, database: name)
    let dump = try world.dump(url)
    #expect(dump.wholeMatch(of: /[0-9_]{15}-[a-z0-9_]{1,24}-[0-9a-f]{12}\.dump/) != nil, "\(dump)")
    #expect(try world.run(url, "backups", "verify", "--dumps").status == 0)
    let digest = try DumpWorld.digest(url)
    let refused = try world.run(base.url, "backups", "restore", "--dump", dump, "--into", name)
    #expect(refused.status == 3 && refused.errorText.contains("is not empty"))
    try DumpWorld.execute(url, "INSERT INTO notes VALUES (99, 'more')")
    let restored = try world.run(
      base.url, "backups", "restore", "--dump", dump, "--into", name, "--replace", "--yes")
    #expect(restored.status == 0, "\(restored.text)\(restored.errorText)")
    #expect(try DumpWorld.digest(url) == digest)
    let former = try session.query(
      "SELECT datname::text FROM pg_database WHERE datname ~ '_before_[0-9_]{15}$'")
    for row in 0..<former.rowCount {
      let found: String = try former.value(row, 0)
      if found.hasPrefix(String(name.prefix(20))) {
        try session.query("DROP DATABASE \(Identifier(found))")
      }
    }
  }
}
