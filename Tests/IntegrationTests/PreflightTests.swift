import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.needsServer)
struct PreflightTests {
  /// Runs the program, and expects a refusal that has changed nothing.
  private func refusal(
    _ ferry: Ferry, url: String? = nil, _ arguments: [String] = [],
    _ words: String..., location: SourceLocation = #_sourceLocation
  ) throws {
    try ferry.addSamples("willow/vector_store_legacy-notes")
    let before = try contents(of: ferry.folder.path)
    let outcome = try TestSupport.run(
      Ferry.binary, Ferry.words(arguments),
      environment: Ferry.clean(url ?? ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)", sourceLocation: location)
    for word in words {
      #expect(outcome.errorText.contains(word), "\(outcome.errorText)", sourceLocation: location)
    }
    #expect(try contents(of: ferry.folder.path) == before, sourceLocation: location)
  }

  @Test func `an unreachable database is one clear error within ten seconds`() throws {
    let ferry = try Ferry()
    let clock = ContinuousClock()
    let elapsed = try clock.measure {
      try refusal(
        ferry, url: "postgresql://u@127.0.0.1:1/d", [], "cannot connect to", "127.0.0.1:1")
    }
    #expect(elapsed < .seconds(10))
  }

  @Test func `a database that is not UTF-8 is named`() throws {
    try refusal(
      try Ferry(databaseOptions: "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"), [],
      "LATIN1", "UTF8")
  }

  @Test func `a role that may not create anything learns what to grant`() throws {
    let ferry = try Ferry()
    let role = "poor_\(ferry.database.name)"
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE EXTENSION vector; CREATE ROLE \(role) LOGIN;
          REVOKE CREATE ON DATABASE \(ferry.database.name) FROM PUBLIC;
          """))
    defer { _ = try? session.execute(script: SQL(script: "DROP ROLE \(role)")) }
    let address = try TestServer.address
    let url = try ferry.database.url.replacingOccurrences(
      of: "//\(address.user)@", with: "//\(role)@")
    try refusal(ferry, url: url, [], "vector_ferry", "GRANT CREATE ON DATABASE")
  }

  @Test(arguments: [
    ("CREATE TABLE vector_documents (id uuid)", "no columns user_id, collection_name, text"),
    (
      "CREATE TABLE vector_documents (id uuid, user_id text, collection_name text, text text, "
        + "embedding vector, metadata jsonb, created_at timestamptz)", "no dimension"
    ),
    (
      "CREATE TABLE vector_documents (id int, user_id text, collection_name text, text text, "
        + "embedding vector(3), metadata jsonb, created_at timestamptz)", "column id"
    ),
    (
      "CREATE TABLE vector_documents (id uuid, user_id text, collection_name text, text text, "
        + "embedding vector(3), metadata jsonb, created_at timestamptz, extra int NOT NULL)",
      "column extra"
    ),
    ("CREATE VIEW vector_documents AS SELECT 1", "is not a table"),
  ])
  func `a table that cannot take the rows is refused by its column`(table: String, word: String)
    throws
  {
    let ferry = try Ferry()
    try ferry.database.connect().execute(script: SQL(script: "CREATE EXTENSION vector; \(table)"))
    try refusal(ferry, [], word)
  }

  @Test func `a missing directory and one without stores are named`() throws {
    let ferry = try Ferry()
    try refusal(ferry, ["--user-data-dir", "nowhere"], "nowhere", "--user-data-dir")
    #expect(try ferry.run("--user-data-dir", ".").status == 3)
    #expect(try ferry.run("--user", "nobody").status == 3)
  }

  @Test(arguments: [
    (["--dry-rum"], "did you mean --dry-run"), (["--user"], "needs a value"),
    (["migrat"], "migrate"), (["--reduce", "pcb"], "pca"), (["--min-recall", "2"], "0 to 1"),
  ])
  func `a command line that is not understood says what was meant`(
    arguments: [String], word: String
  ) throws {
    let outcome = try TestSupport.run(Ferry.binary, Ferry.words(arguments))
    #expect(outcome.status == 2)
    #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
    #expect(outcome.output.isEmpty)
  }
}
