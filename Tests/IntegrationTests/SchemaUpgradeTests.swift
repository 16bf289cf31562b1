import Foundation
import Postgres
import OwnSchema
import TestSupport
import Testing

/// Tests upgrades of the program's schema from Fixtures/version-1.sql, a dump of a database with
/// version 1 of the schema: ann/notes (5 rows), ann/large (40 rows), both from 24 to 16 dimensions,
/// and bob/notes (3 rows of 8 dimensions).
@Suite(.needsServer)
struct SchemaUpgradeTests {
  private func versionOne() throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(5, dimensions: 24, seed: 5), texts: Ferry.texts(5))
    try ferry.writeStore(
      collection: "large", rows: Ferry.rows(40, dimensions: 24, seed: 6), texts: Ferry.texts(40))
    try ferry.writeStore(
      user: "bob", rows: Ferry.rows(3, dimensions: 8, seed: 7), texts: Ferry.texts(3))
    let script = try String(
      contentsOfFile: "\(Oracle.repository)/Tests/IntegrationTests/Fixtures/version-1.sql",
      encoding: .utf8)
    try ferry.database.connect().execute(script: SQL(script: script))
    return ferry
  }

  @Test func `a database left by version 1 is brought up, and its rows stay as they are`() throws {
    let ferry = try versionOne()
    let versions = try ferry.rowVersions()
    let listed = try ferry.run("projection", "list")
    #expect(listed.status == 3)
    #expect(listed.errorText.contains("has version 1"))
    let dry = try ferry.run("--dry-run", "--min-recall", "0.1")
    #expect(dry.status == 0, "\(dry.text)\(dry.errorText)")
    #expect(try ferry.scalar("SELECT max(number) FROM vector_ferry.version", as: Int.self) == 1)
    let outcome = try ferry.run("--min-recall", "0.1")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.text.contains("Unchanged: 3"))
    #expect(
      try ferry.scalar("SELECT max(number) FROM vector_ferry.version", as: Int.self)
        == FerrySchema.currentVersion)
    #expect(try ferry.rowVersions() == versions)
    let json = try Ferry.json(try ferry.run("projection", "list", "--json"))
    let models = try #require(json["projections"] as? [[String: Any]])
    #expect(models.map { $0["fitted_rows"] as? Int } == [40, 5])
    let recalls = models.compactMap {
      ($0["stores"] as? [[String: Any]])?.first?["recall"] as? Double
    }
    #expect(recalls == [0.915, 1])
  }

  @Test func `schema up brings an earlier program's functions up, and search says so`() throws {
    let ferry = try versionOne()
    func version() throws -> Int? {
      try ferry.scalar("SELECT max(number) FROM vector_ferry.version", as: Int.self)
    }
    func search() throws -> ProcessOutcome {
      try ferry.run("search", "--user", "ann", "--collection", "notes", "--hybrid", "document")
    }
    let early = try search()
    #expect(early.status == 3)
    #expect(early.errorText.contains("those of an earlier VectorFerry"))
    #expect(early.errorText.contains("vector-ferry schema up"))
    // The table exists already, as if migrations had made it.
    #expect(try ferry.run("schema", "baseline", "0004", "--yes").status == 0)
    let unattended = try ferry.run("schema", "up")
    #expect(unattended.status == 3, "\(unattended.text)")
    #expect(unattended.text.contains("version 1, to be upgraded to"))
    #expect(try ferry.run("schema", "up", "--dry-run").status == 0)
    #expect(try version() == 1)
    let up = try ferry.run("schema", "up", "--yes")
    #expect(up.status == 0, "\(up.text)\(up.errorText)")
    #expect(try version() == FerrySchema.currentVersion)
    #expect(try search().status == 0)
    #expect(try ferry.run("schema", "up", "--yes").text.contains("Nothing to do"))
  }

  @Test func `it searches as before, and is replaced, refitted and removed like any other`() throws
  {
    let ferry = try versionOne()
    try ferry.run("--min-recall", "0.1")
    let rows = Ferry.rows(5, dimensions: 24, seed: 5)
    for query in Ferry.rows(10, dimensions: 24, seed: 90) {
      let truth = Ferry.nearest(query, among: rows, texts: Ferry.texts(5), k: 5)
      let found = try ferry.search(query, k: 5)
      #expect(found.map(\.text) == truth.map(\.text))
      for (one, other) in zip(found, truth) { #expect(abs(one.score - other.score) < 1e-5) }
    }
    let refitted = try ferry.run("projection", "refit", "ann/notes")
    #expect(refitted.status == 0, "\(refitted.errorText)")
    let again = try ferry.run("--force", "--min-recall", "0.1", "--yes")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM vector_ferry.projections", as: Int.self) == 2)
    try ferry.database.connect().query("DELETE FROM vector_ferry.stores")
    for table in ["projections", "projection_components", "documents"] {
      let left: Int? = try ferry.database.connect().scalar(
        SQL(script: "SELECT count(*) FROM vector_ferry.\(table)"))
      #expect(left == 0, "\(table)")
    }
  }

  @Test func `models of the version before are cut into pieces, and no number changes`() throws {
    let ferry = try Ferry()
    let session = try ferry.database.connect()
    try session.query("CREATE EXTENSION vector SCHEMA public")
    try session.transaction {
      try FerrySchema.bringUp(from: 0, to: 9, vectorSchema: "public", on: session)
    }
    // Models of one piece, of two pieces, and of three pieces with a shorter last one; one without
    // components, and one that only cuts.
    let sizes = [(1, 24, 3), (2, 3072, 5), (3, 3801, 4), (4, 3072, 0), (5, 3072, -1)]
    var generator = SeededGenerator(seed: 77)
    var expected: [Int: [[Float]]] = [:]
    for (id, dimensions, rank) in sizes {
      try session.query(
        """
        INSERT INTO vector_ferry.projections (id, kind, source_dimensions, dimensions, rank,
          fitted_rows, total_energy, is_exact, fitted_at, population)
        OVERRIDING SYSTEM VALUE
        VALUES (\(id), \(rank < 0 ? "truncated" : "centered"), \(dimensions), \(16 + id),
                \(max(0, rank)), 9, 2, false, now(), 9)
        """)
      for number in 0..<max(0, rank) {
        let numbers = (0..<dimensions).map { _ in Float.random(in: -1...1, using: &generator) }
        expected[id, default: []].append(numbers)
        try session.query(
          """
          INSERT INTO vector_ferry.projection_components (projection_id, number, energy, component)
          VALUES (\(id), \(number), \(1 / Double(number + 3)), \(VectorValue(numbers))::vector)
          """)
      }
    }
    try session.transaction {
      try FerrySchema.bringUp(from: 9, vectorSchema: "public", on: session)
    }
    for (id, dimensions, rank) in sizes where rank >= 0 {
      let rows = try session.query(
        """
        SELECT c.number, c.piece, c.component::real[]::text, pg_column_size(c.component)
        FROM vector_ferry.projection_components c WHERE c.projection_id = \(id)
        ORDER BY c.number, c.piece
        """)
      var found = [[Float]](repeating: [], count: rank)
      for row in 0..<rows.rowCount {
        let text: String = try rows.value(row, 2)
        found[try rows.value(row, 0)] += text.dropFirst().dropLast().split(separator: ",")
          .compactMap { Float($0) }
        #expect(try rows.value(row, 3, as: Int.self) < 8000)
      }
      #expect(found == expected[id, default: []], "\(dimensions)")
      let energies: String? = try session.scalar(
        "SELECT energies::text FROM vector_ferry.projections WHERE id = \(id)")
      let wanted = (0..<rank).map { "\(1 / Double($0 + 3))" }
      #expect(energies == "{" + wanted.joined(separator: ",") + "}")
    }
    #expect(
      try ferry.scalar("SELECT count(DISTINCT piece) FROM vector_ferry.projection_components") == 3)
  }

  @Test func `functions that the version before has made are made anew`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(4), texts: Ferry.texts(4))
    #expect(try ferry.run().status == 0)
    // The function is that of version 7, with a variable named found, which these checks of the
    // server refuse.
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          CREATE OR REPLACE FUNCTION vector_ferry.store_of(p_user text, p_collection text)
          RETURNS vector_ferry.stores LANGUAGE plpgsql STABLE
          SET search_path = pg_catalog, pg_temp AS $$
          DECLARE
            found vector_ferry.stores;
          BEGIN
            SELECT s.* INTO found FROM vector_ferry.stores s
            WHERE s.user_id = p_user AND s.collection_name = p_collection LIMIT 1;
            RETURN found;
          END
          $$;
          \(Ferry.versionSeven)
          """))
    func source() throws -> String? {
      try ferry.scalar("SELECT prosrc FROM pg_proc WHERE proname = 'store_of'")
    }
    #expect(try source()?.contains("found") == true)
    let outcome = try ferry.run()
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(try source()?.contains("found") == false)
    #expect(
      try ferry.scalar("SELECT max(number) FROM vector_ferry.version", as: Int.self)
        == FerrySchema.currentVersion)
  }

  @Test func `a fresh schema and one brought up are the same`() throws {
    let old = try versionOne()
    try old.run("--min-recall", "0.1")
    let fresh = try Ferry()
    try fresh.writeStore(rows: Ferry.rows(2), texts: Ferry.texts(2))
    try fresh.run()
    func columns(_ ferry: Ferry) throws -> String? {
      try ferry.scalar(
        """
        SELECT string_agg(concat_ws(' ', table_name, column_name, data_type, is_nullable), E'\\n'
                          ORDER BY table_name, column_name)
        FROM information_schema.columns WHERE table_schema = 'vector_ferry'
        """)
    }
    func functions(_ ferry: Ferry) throws -> String? {
      try ferry.scalar(
        """
        SELECT string_agg(pg_get_functiondef(oid), E'\\n' ORDER BY oid::regprocedure::text)
        FROM pg_proc WHERE pronamespace = 'vector_ferry'::regnamespace
        """)
    }
    #expect(try columns(old) == columns(fresh))
    #expect(try functions(old) == functions(fresh))
    #expect(
      try old.scalar("SELECT functions FROM vector_ferry.version ORDER BY number DESC LIMIT 1")
        == fresh.scalar(
          "SELECT functions FROM vector_ferry.version ORDER BY number DESC LIMIT 1", as: String.self
        ))
  }

  // MARK: Functions

  /// Replaces a function by one that another version of the program could have made.
  private func replaceFunction(_ ferry: Ferry) throws {
    try ferry.database.connect().execute(
      script: """
        CREATE OR REPLACE FUNCTION vector_ferry.has_documents(p_user text, p_collection text)
        RETURNS boolean LANGUAGE sql AS 'SELECT false'
        """)
  }

  private func isReplaced(_ ferry: Ferry) throws -> Bool? {
    try ferry.scalar(
      "SELECT prosrc = 'SELECT false' FROM pg_proc WHERE proname = 'has_documents'")
  }

  @Test func `functions of another program are brought up by the next migrate, and named before`()
    throws
  {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(2), texts: Ferry.texts(2))
    #expect(try ferry.run().status == 0)
    #expect(try !ferry.run("doctor").text.contains("differ from this program's"))
    try replaceFunction(ferry)
    let found = try ferry.run("doctor").text
    #expect(
      found.contains(
        "the schema's functions differ from this program's, and the next run replaces these"))
    #expect(try ferry.run("--dry-run").status == 0)
    #expect(try isReplaced(ferry) == true)
    let again = try ferry.run()
    #expect(again.status == 0 && again.text.contains("Unchanged: 1"), "\(again.text)")
    #expect(try isReplaced(ferry) == false)
  }

  @Test func `schema up brings functions of another program up, and says so`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(2), texts: Ferry.texts(2))
    #expect(try ferry.run().status == 0)
    #expect(try ferry.run("schema", "baseline", "0004", "--yes").status == 0)
    try replaceFunction(ferry)
    let unattended = try ferry.run("schema", "up")
    #expect(unattended.status == 3 && unattended.text.contains("differ from this program's"))
    #expect(try isReplaced(ferry) == true)
    let up = try ferry.run("schema", "up", "--yes")
    #expect(up.status == 0 && up.text.contains("are up to date now"), "\(up.text)")
    #expect(try isReplaced(ferry) == false)
    #expect(try ferry.run("schema", "up", "--yes").text.contains("Nothing to do"))
  }

  @Test func `a role that may only write goes on with another program's functions`() throws {
    let ferry = try Ferry()
    let role = try Role("writer", in: ferry)
    try ferry.writeStore(rows: Ferry.rows(2), texts: Ferry.texts(2))
    #expect(try ferry.run().status == 0)
    try replaceFunction(ferry)
    try ferry.database.connect().execute(
      script: SQL(
        script: """
          GRANT USAGE ON SCHEMA vector_ferry TO \(role.name);
          GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vector_ferry TO \(role.name);
          GRANT SELECT, INSERT, UPDATE, DELETE ON vector_documents TO \(role.name);
          """))
    try ferry.writeStore(user: "bob", rows: Ferry.rows(3, seed: 9), texts: Ferry.texts(3))
    let address = try TestServer.address
    let url = try ferry.database.url.replacing("//\(address.user)@", with: "//\(role.name)@")
    let found = try ferry.run("doctor", "--database-url", url)
    #expect(
      found.text.contains(
        "the schema's functions differ from this program's, and a run of their owner"),
      "\(found.text)\(found.errorText)")
    let outcome = try ferry.run("--database-url", url, "--index", "none")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(!(outcome.text + outcome.errorText).contains("function"))
    #expect(try isReplaced(ferry) == true)
    #expect(try ferry.scalar("SELECT count(*) FROM vector_documents", as: Int.self) == 5)
  }
}
