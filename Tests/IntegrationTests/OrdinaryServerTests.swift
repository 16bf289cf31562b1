import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct OrdinaryServerTests {
  @Test func `an ordinary server over TCP takes the same rows as the embedded one`() throws {
    let ferry = try Ferry()
    try ferry.addSamples("willow")
    #expect(try ferry.run().status == 0)
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let outcome = try ferry.run(
      "--backup-dir", "other_backup", environment: ["DATABASE_URL": server.url])
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(!(outcome.text + outcome.errorText).contains(OrdinaryServer.password))
    let other = try Connection.open(
      ConnectionTarget(source: "test", url: server.url), settings: .untouched)
    let digest: SQL =
      "SELECT sum(('x' || encode(content_digest, 'hex'))::bit(64)::bigint::numeric)::text || count(*) FROM vector_ferry.stores"
    let rows: SQL = """
      SELECT md5(string_agg(
        concat_ws('|', id, user_id, collection_name, text, metadata, created_at, embedding),
        E'\\n' ORDER BY id))
      FROM vector_documents
      """
    let here: String? = try ferry.scalar(rows)
    #expect(here != nil)
    #expect(try other.scalar(rows) == here)
    let sums: String? = try ferry.scalar(digest)
    #expect(try other.scalar(digest) == sums)
  }

  @Test(
    .enabled(
      if: OrdinaryServer.programsWithoutVector != nil, "no PostgreSQL without pgvector at hand"))
  func `a server without pgvector is told how to get it, and nothing is written`() throws {
    let ferry = try Ferry()
    try ferry.addSamples("willow/vector_store_legacy-notes")
    let server = try OrdinaryServer(programs: try #require(OrdinaryServer.programsWithoutVector))
    let before = try contents(of: ferry.folder.path)
    for arguments in [["--dry-run"], []] {
      let outcome = try TestSupport.run(
        Ferry.binary, Ferry.words(arguments), environment: Ferry.clean(server.url, [:]),
        directory: ferry.folder.path)
      #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
      let printed = outcome.text + outcome.errorText
      #expect(printed.contains("pgvector") && printed.contains("apt-get install postgresql-"))
    }
    #expect(try contents(of: ferry.folder.path) == before)
    let session = try Connection.open(
      ConnectionTarget(source: "test", url: server.url), settings: .untouched)
    let made: Int? = try session.scalar(
      "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
    #expect(made == 0)
    #expect(try session.scalar("SELECT to_regnamespace('vector_ferry') IS NULL") == true)
  }

  @Test func `a wrong password is one clear error that does not show it`() throws {
    let server = try OrdinaryServer(programs: TestServer.binaries.directory)
    let ferry = try Ferry()
    try ferry.addSamples("willow/vector_store_legacy-notes")
    let wrong = server.url.replacingOccurrences(of: OrdinaryServer.password, with: "canary-wrong")
    let outcome = try ferry.run(environment: ["DATABASE_URL": wrong])
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("password authentication failed"))
    #expect(!outcome.errorText.contains("canary-wrong"))
  }
}

@Suite(
  .enabled(if: TestServer.isAvailable && Oracle.isAvailable, "no server or no Python at hand"))
struct LargeStoreTests {
  /// The number of rows of the store: 20,000 in the long form, a twentieth of that otherwise.
  private static let rows = Oracle.isFullRun ? 20_000 : 1_000

  @Test func `memory does not grow with the store`() throws {
    let ferry = try Ferry()
    let made = try TestSupport.run(
      try #require(Oracle.python),
      [
        "\(Oracle.repository)/Scripts/make-store.py", "--rows", "\(Self.rows)", "--dimensions",
        "2000", "--user", "large", "--collection", "store", "--out",
        ferry.folder.file("user_data"),
      ])
    #expect(made.status == 0, "\(made.errorText)")
    let outcome = try TestSupport.run(
      "/usr/bin/python3",
      [
        "-c",
        """
        import resource, subprocess, sys
        status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
        print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
        """, Ferry.binary, "migrate",
      ], environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    let figures = outcome.text.split(separator: " ").compactMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    try #require(figures.count == 2, "\(outcome.text)\(outcome.errorText)")
    #expect(figures[0] == 0, "\(outcome.errorText)")
    #expect(figures[1] < 200, "\(figures[1]) MB at the peak")
    #expect(try ferry.counts() == ["large/store": Self.rows])
  }
}
