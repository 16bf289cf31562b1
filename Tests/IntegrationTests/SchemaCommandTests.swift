import Foundation
import Postgres
import TestSupport
import Testing

/// Tests `schema …` as operators run it.
@Suite(.needsServer, .serialized) struct SchemaCommandTests {
  @Test func `without a terminal and without --yes nothing is executed`() throws {
    let ferry = try Ferry()
    let outcome = try ferry.run("schema", "up", "--set", "knowledge_graph")
    #expect(outcome.status == 3)
    #expect(outcome.text.contains("This will create 4 tables and 12 indexes"))
    #expect(try ferry.scalar("SELECT to_regclass('code_embeddings') IS NULL") == true)
    #expect(try ferry.scalar("SELECT to_regclass('schema_migrations') IS NULL") == true)
  }

  @Test(.needsPython, arguments: ["no", "yes"])
  func `on a terminal the answer decides, and what came into being is told`(answer: String) throws {
    let ferry = try Ferry()
    let script = """
      import os, pty, sys
      child, screen = pty.fork()
      if child == 0:
          os.environ["DATABASE_URL"] = sys.argv[2]
          os.environ["NO_COLOR"] = "1"
          os.execv(sys.argv[1], [sys.argv[1], "schema", "up", "--set", "knowledge_graph"])
      shown, answered = b"", False
      while True:
          try:
              piece = os.read(screen, 4096)
          except OSError:
              break
          if not piece:
              break
          shown += piece
          if not answered and b"(yes/no):" in shown:
              os.write(screen, sys.argv[3].encode() + b"\\n")
              answered = True
      status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
      sys.stdout.write(shown.decode() + "\\nexit %d" % status)
      """
    let shown = try Oracle.run(script, [Ferry.binary, try ferry.database.url, answer]).text
    let isThere: Bool? = try ferry.scalar("SELECT to_regclass('code_embeddings') IS NOT NULL")
    for step in 1...4 { #expect(shown.contains("[\(step)/5]")) }
    if answer == "yes" {
      #expect(isThere == true)
      for line in [
        "[5/5] Executing migration...", "- code_embeddings\r",
        "- code_embeddings_embedding_idx (HNSW)", "- code_embeddings_file_path_idx (btree)",
        "exit 0",
      ] { #expect(shown.contains(line), "\(line) in \(shown)") }
    } else {
      #expect(isThere == false)
      #expect(shown.contains("Nothing was executed.") && shown.contains("exit 3"))
    }
  }

  @Test func `ten processes at once apply each migration once, with a concurrent build among them`()
    throws
  {
    let ferry = try Ferry()
    try ferry.folder.write(
      "CREATE TABLE t (a int); INSERT INTO t SELECT i FROM generate_series(1, 50000) i;",
      to: "m/1_t.sql")
    try ferry.folder.write("CREATE INDEX CONCURRENTLY i ON t (a);", to: "m/2_i.sql")
    try ferry.folder.write(
      "CREATE TABLE once (n int); INSERT INTO once SELECT 1 FROM pg_sleep(0.5);", to: "m/3_o.sql")
    let runs = try (0..<10).map { _ in try ferry.start("schema", "up", "--dir", "m", "--yes") }
    let outcomes = try runs.map { try $0.finish() }
    #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes.map(\.errorText))")
    #expect(
      outcomes.contains {
        $0.errorText.contains("Waiting for another process that migrates: vector-ferry schema on")
      })
    #expect(try ferry.scalar("SELECT count(*) FROM once") == 1)
    #expect(try ferry.scalar("SELECT count(*) FROM t") == 50_000)
    #expect(try ferry.scalar("SELECT count(*) FROM schema_migrations WHERE state = 'applied'") == 3)
    #expect(
      try ferry.scalar("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass") == true)
  }

  @Test(arguments: [true, false])
  func `a killed process leaves what the ledger says, and the next up completes it`(alone: Bool)
    throws
  {
    let ferry = try Ferry()
    var lines = ["-- migrate:up" + (alone ? " transaction:false" : "")]
    for number in 1...9 {
      lines.append("INSERT INTO t SELECT \(number) FROM pg_sleep(0.1);")
      if alone, number == 5 { lines.append("CREATE INDEX CONCURRENTLY i ON t (a);") }
    }
    // On a loaded machine the first kill may come before the run has done anything.
    try ferry.folder.write("CREATE TABLE t (a int);", to: "m/1_t.sql")
    #expect(try ferry.run("schema", "up", "--dir", "m", "--yes").status == 0)
    try ferry.folder.write(lines.joined(separator: "\n"), to: "m/2_ten.sql")
    let rounds = Oracle.isFullRun ? 20 : 5
    for round in 1...rounds {
      // The run has no trial: a kill during a trial would test nothing.
      let run = try ferry.start(
        "schema", "up", "--dir", "m", "--yes", "--trial-seconds", "0")
      usleep(UInt32(150_000 + 900_000 * round / rounds))
      run.signal(SIGKILL)
      _ = try run.finish()
      // The session of the killed client ends about a second after its statement.
      _ = try ferry.run("schema", "status", "--dir", "m")
      let facts = try ferry.database.connect().query(
        """
        SELECT (SELECT count(*) FROM t),
          coalesce((SELECT statements_done FROM schema_migrations WHERE version = '2'), 0),
          coalesce((SELECT state FROM schema_migrations WHERE version = '2'), 'none')
        """)
      let (rows, done): (Int, Int) = (try facts.value(0, 0), try facts.value(0, 1))
      let expected = alone ? (done > 5 ? done - 1 : done) : (done == 9 ? 9 : 0)
      #expect(rows == expected, "round \(round): \(rows) rows, \(done) statements done")
    }
    #expect(try ferry.run("schema", "up", "--dir", "m", "--yes").status == 0)
    #expect(try ferry.scalar("SELECT count(*) FROM t") == 9)
    #expect(try ferry.scalar("SELECT count(DISTINCT a) FROM t") == 9)
    #expect(try ferry.scalar("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0)
  }

  @Test func `the commands of forum_vectors and the query of unified_embeddings work as written`()
    throws
  {
    let ferry = try Ferry()
    func schema(_ words: String...) throws -> ProcessOutcome {
      try TestSupport.run(
        Ferry.binary, ["schema"] + words, environment: try Ferry.clean(ferry.database.url, [:]),
        directory: ferry.folder.path)
    }
    let set = ["--set", "forum_vectors", "--yes"]
    func count() throws -> Int? {
      try ferry.scalar("SELECT count(*) FROM schema_migrations WHERE set = 'forum_vectors'")
    }
    #expect(try schema("up", set[0], set[1], set[2]).status == 0)
    #expect(try count() == 4)
    #expect(try schema("down", "--batch", set[0], set[1], set[2]).status == 0)
    #expect(try count() == 0)
    _ = try schema("up", set[0], set[1], set[2])
    #expect(try schema("down", "--to", "20240211000002", set[0], set[1], set[2]).status == 0)
    #expect(try count() == 2)
    #expect(try schema("refresh", set[0], set[1], set[2]).status == 0)
    #expect(try count() == 4)
    #expect(try schema("down", "--all", set[0], set[1], set[2]).status == 0)
    #expect(try count() == 0)
    #expect(try schema("make", "Add sentiment").text.contains("_add_sentiment.sql"))
    #expect(try schema("up", "--env", "production", set[0], set[1], set[2]).status == 0)
    #expect(try count() == 4)
    #expect(try schema("down", "--env", "production", set[0], set[1], set[2]).status == 3)
    #expect(try count() == 4)
    #expect(try schema("up", "--set", "unified_embeddings", "--yes").status == 0)
    let rows = try ferry.database.connect().query(
      "SELECT version, applied_at, description FROM schema_migrations ORDER BY applied_at")
    #expect(rows.rowCount == 8)
  }

  @Test func `a dump is taken before, checked, private, and named by status`() throws {
    let ferry = try Ferry()
    let outcome = try ferry.run("schema", "up", "--set", "knowledge_graph", "--yes", "--dump-first")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let folder = ferry.folder.file("migration_backup/dumps")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    // The files are the dump and its manifest.
    #expect(names.count == 2 && names[0].hasSuffix(".dump") && names[1] == "\(names[0]).json")
    let facts = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(names[0])")
    #expect(facts[.posixPermissions] as? Int == 0o600)
    let status = try ferry.run("schema", "status", "--set", "knowledge_graph")
    #expect(status.text.contains("Last good dump: 20") && status.text.contains(names[0]))
    #expect(status.text.contains("every byte checked"), "\(status.text)")
    // One byte of the dump is changed, and the size stays the same.
    #expect(
      try ferry.run("schema", "redo", "--set", "knowledge_graph", "--yes", "--dump-first").status
        == 0)
    let both = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    let newest = "\(folder)/\(both[2])"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: newest))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: newest))
    let damaged = try ferry.run("schema", "status", "--set", "knowledge_graph")
    #expect(damaged.text.contains(names[0]) && !damaged.text.contains(both[2]), "\(damaged.text)")
    #expect(damaged.errorText.contains("\(both[2]) is damaged"), "\(damaged.errorText)")
    let json = try ferry.run("schema", "status", "--set", "knowledge_graph", "--json").text
    #expect(
      json.contains("\"last_dump_checked\": true") && json.contains("damaged_dumps"), "\(json)")
    // A sparse file replaces the dump, which is too large to be read during another command.
    for name in both where name.hasSuffix(".dump") {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
    let none = try ferry.run("schema", "status", "--set", "knowledge_graph")
    #expect(none.text.contains("Last good dump: there is none"), "\(none.text)")
  }

  @Test func `down says how many rows go, and never takes what migrate carried over`() throws {
    let ferry = try Ferry()
    #expect(try ferry.run("schema", "up", "--yes").status == 0)
    try ferry.addSamples("juniper")
    let migrated = try ferry.run(
      "migrate", "--no-backup", "--yes", environment: ["ENCRYPTION_MASTER_KEY": Ferry.sampleKey])
    #expect(migrated.status == 0, "\(migrated.errorText)")
    let before = try ferry.contentDigest()
    let refused = try ferry.run("schema", "down", "--all", "--yes")
    // The trial is refused for the same reason as the run would be, so no losses can be named.
    #expect(refused.status == 3)
    #expect(refused.errorText.contains("the losses are not known"))
    #expect(refused.errorText.contains("carried over by migrate"))
    #expect(
      refused.errorText.contains("do what the migration's message asks for"), "\(refused.errorText)"
    )
    #expect(try ferry.contentDigest() == before)
    for extents in [["--all", "--batch"], ["--steps", "1", "--to", "1"]] {
      let outcome = try TestSupport.run(
        Ferry.binary, ["schema", "down", "--yes"] + extents,
        environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      #expect(outcome.status == 2)
    }
  }

  @Test(arguments: [
    (["up", "--set", "nosuch"], "--set 'nosuch' is not known: vector_documents"),
    (["list", "--set", "nosuch"], "--set 'nosuch' is not known"),
    (["status", "--set", "forum_vector"], "did you mean forum_vectors?"),
    (["make", "///"], "NAME '///' is not a valid file name"),
  ])
  func `a name that cannot be is a mistake of the command line`(words: [String], told: String)
    throws
  {
    let ferry = try Ferry()
    let outcome = try TestSupport.run(
      Ferry.binary, ["schema"] + words, environment: try Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(outcome.status == 2)
    #expect(outcome.errorText.contains(told), "\(outcome.errorText)")
  }

  @Test func `warnings stand behind their heading, and states are written in words`() throws {
    let ferry = try Ferry()
    try ferry.folder.write("CREATE TABLE a (x int);", to: "m/1_a.sql")
    #expect(try ferry.run("schema", "up", "--dir", "m", "--yes").status == 0)
    _ = try ferry.database.connect().query("INSERT INTO a VALUES (1)")
    try ferry.folder.write("SELECT 0;", to: "m/0_b.sql")
    let verified = try ferry.run("schema", "verify", "--dir", "m")
    #expect(verified.status == 4)
    #expect(verified.text.contains("0 b: out of order (1 is applied)"), "\(verified.text)")
    try ferry.folder.write("DROP TABLE a;", to: "m/2_c.sql")
    let shown = try TestSupport.run(
      "/bin/sh",
      ["-c", "exec \"$0\" schema up --dir m --yes --allow-out-of-order 2>&1", Ferry.binary],
      environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path
    ).text
    let heading = try #require(shown.range(of: "[4/5] Ready to execute"))
    let warning = try #require(shown.range(of: "public.a is lost with its 1 row"))
    #expect(heading.upperBound < warning.lowerBound && shown.hasPrefix("=== Schema"))
  }

  @Test(.needsPython, arguments: [true, false])
  func `a terminal that is closed in the middle leaves what the ledger says`(alone: Bool) throws {
    let ferry = try Ferry()
    var lines = ["-- migrate:up" + (alone ? " transaction:false" : "")]
    for number in 1...9 { lines.append("INSERT INTO t SELECT \(number) FROM pg_sleep(0.2);") }
    try ferry.folder.write("CREATE TABLE t (a int);", to: "m/1_t.sql")
    try ferry.folder.write(lines.joined(separator: "\n"), to: "m/2_ten.sql")
    let script = """
      import os, pty, sys, time
      child, screen = pty.fork()
      if child == 0:
          os.environ["DATABASE_URL"] = sys.argv[2]
          os.chdir(sys.argv[3])
          os.execv(sys.argv[1], [sys.argv[1], "schema", "up", "--dir", "m"])
      shown = b""
      while b"(yes/no):" not in shown:
          shown += os.read(screen, 4096)
      os.write(screen, b"yes\\n")
      while b"statement 4 of" not in shown:
          shown += os.read(screen, 4096)
      os.close(screen)
      for _ in range(200):
          found, status = os.waitpid(child, os.WNOHANG)
          if found:
              sys.stdout.write("exit %d" % os.waitstatus_to_exitcode(status))
              break
          time.sleep(0.1)
      else:
          os.kill(child, 9)
          sys.stdout.write("still running")
      """
    let outcome = try Oracle.run(
      script, [Ferry.binary, try ferry.database.url, ferry.folder.path])
    #expect(outcome.text == "exit 130")
    try ferry.settle()
    let done: Int? = try ferry.scalar(
      "SELECT statements_done FROM schema_migrations WHERE version = '2'")
    #expect(try ferry.scalar("SELECT count(*) FROM t") == done ?? 0)
    #expect(alone ? (3...4).contains(done ?? 0) : done == nil)
    #expect(try ferry.run("schema", "up", "--dir", "m", "--yes").status == 0)
    #expect(try ferry.scalar("SELECT count(*) FROM t") == 9)
    #expect(try ferry.scalar("SELECT count(DISTINCT a) FROM t") == 9)
  }

  /// A run executes each migration twice, once as a trial, keeps a ledger and looks for losses
  /// before each COMMIT; psql only executes the migrations.
  @Test func `300 small migrations cost little more than psql takes for them`() throws {
    let folder = try TemporaryDirectory("small")
    var files: [String] = []
    for number in 1...300 {
      files += [
        "-f",
        try folder.write(
          "CREATE TABLE t\(number) (a int PRIMARY KEY, b text);\nINSERT INTO t\(number) VALUES (1, 'x');\n",
          to: "m/\(1000 + number)_t\(number).sql"),
      ]
    }
    let clock = ContinuousClock()
    var rounds: [(ours: Duration, psql: Duration)] = []
    // The best of three rounds counts, because other tests run at the same time.
    while rounds.count < 3, !rounds.contains(where: Self.isQuick) {
      let (ferry, other) = (try Ferry(), try TestDatabase())
      let psql = try clock.measure {
        let outcome = try TestSupport.run(
          try TestServer.binaries.psql, ["-X", "-q", "-d", try other.url] + files)
        #expect(outcome.status == 0)
      }
      let ours = try clock.measure {
        let outcome = try ferry.run("schema", "up", "--dir", folder.file("m"), "--yes")
        #expect(outcome.status == 0)
      }
      rounds.append((ours, psql))
    }
    print("300 migrations: \(rounds.map { "schema up \($0.ours), psql \($0.psql)" })")
    #expect(rounds.contains(where: Self.isQuick), "\(rounds)")
  }

  /// Returns true where the release build takes at most three seconds more than psql, or the debug
  /// build at most a multiple of psql's time, which does not depend on the load of the machine.
  private static func isQuick(_ round: (ours: Duration, psql: Duration)) -> Bool {
    round.ours < (Oracle.isFullRun ? round.psql + .seconds(3) : round.psql * 10)
  }
}
