import Foundation
import Postgres
import TestSupport
import Testing

/// Tests `search` on migrated stores.
@Suite(.needsServer)
struct SearchCommandTests {
  private static let count = 12

  /// Creates the migrated store ann/notes with twelve rows of 24 dimensions, reduced to 16.
  private func migrated(_ options: String...) throws -> Ferry {
    let ferry = try Ferry()
    try ferry.writeStore(
      rows: Ferry.rows(Self.count, dimensions: 24, seed: 5), texts: Ferry.texts(Self.count))
    let arguments = ["migrate", "--dimensions", "16"] + options
    let outcome = try TestSupport.run(
      Ferry.binary, Ferry.words(arguments), environment: Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
    #expect(outcome.status == 0, "\(outcome.errorText)")
    return ferry
  }

  private func documents(_ outcome: ProcessOutcome) throws -> [[String: Any]] {
    #expect(outcome.status == 0, "\(outcome.errorText)")
    return try #require(try Ferry.json(outcome)["documents"] as? [[String: Any]])
  }

  @Test func `documents like a stored one are the nearest to it, without itself`() throws {
    let ferry = try migrated()
    let rows = Ferry.rows(Self.count, dimensions: 24, seed: 5)
    let texts = Ferry.texts(Self.count)
    let id: String? = try ferry.scalar(
      "SELECT id::text FROM vector_documents WHERE text = \(texts[3])")
    let expected = Ferry.nearest(rows[3], among: rows, texts: texts, k: 5).dropFirst()
    for name in [id ?? "", String((id ?? "").prefix(8))] {
      let found = try documents(try ferry.run("search", "--like", name, "-k", "4", "--json"))
      #expect(found.map { $0["text"] as? String } == expected.map(\.text))
      for (one, other) in zip(found, expected) {
        #expect(abs((one["similarity"] as? Double ?? 9) - other.score) < 1e-5)
      }
    }
    let shown = try ferry.run("search", "--like", id ?? "", "-k", "2")
    #expect(shown.text.hasPrefix("Like \(id ?? "") in ann/notes\nSIMILARITY  ID"))
    #expect(shown.text.split(separator: "\n").count == 4)
  }

  @Test func `originals that are kept are what a stored document is searched with`() throws {
    // There are more rows than dimensions, so the reduced vectors are not exact.
    let ferry = try Ferry()
    let rows = Ferry.rows(40, dimensions: 24, seed: 5)
    try ferry.writeStore(rows: rows, texts: Ferry.texts(40))
    try ferry.run("--dimensions", "16", "--keep-original", "always", "--min-recall", "0.1")
    let id: String? = try ferry.scalar(
      "SELECT id::text FROM vector_documents WHERE text = \(Ferry.texts(40)[3])")
    let expected = Ferry.nearest(rows[3], among: rows, texts: Ferry.texts(40), k: 11).dropFirst()
    let found = try documents(try ferry.run("search", "--like", id ?? "", "-k", "10", "--json"))
    #expect(found.map { $0["text"] as? String } == expected.map(\.text))
  }

  @Test func `a document of a store that is in two tables is searched for in the usual one`() throws
  {
    let ferry = try migrated()
    let id: String? = try ferry.scalar(
      "SELECT id::text FROM vector_documents WHERE text = \(Ferry.texts(Self.count)[3])")
    func search() throws -> [String?] {
      try documents(try ferry.run("search", "--like", id ?? "", "-k", "4", "--json"))
        .map { "\($0["text"] ?? "") \($0["similarity"] ?? "")" }
    }
    let before = try search()
    // The second store has the same number of dimensions, and a model of its own.
    let second = try ferry.run(
      "--table", "Other Place", "--dimensions", "16", "--reduce", "truncate", "--min-recall", "0")
    #expect(second.status == 0, "\(second.errorText)")
    #expect(try search() == before)
  }

  @Test func `a full vector from a file finds what an exact scan finds`() throws {
    let ferry = try migrated()
    let rows = Ferry.rows(Self.count, dimensions: 24, seed: 5)
    let query = Ferry.rows(1, dimensions: 24, seed: 8)[0]
    try ferry.folder.write("\(query)", to: "query.json")
    let expected = Ferry.nearest(query, among: rows, texts: Ferry.texts(Self.count), k: 3)
    let found = try documents(
      try ferry.run(
        "search", "--user", "ann", "--collection", "notes", "--vector", "query.json", "-k", "3",
        "--json"))
    #expect(found.map { $0["text"] as? String } == expected.map(\.text))
    let none = try ferry.run(
      "search", "--user", "ann", "--collection", "notes", "--vector", "query.json", "--threshold",
      "1")
    #expect(none.status == 0 && none.text == "Nothing found in ann/notes\n")
  }

  @Test func `words are searched for alone and together with a vector`() throws {
    let ferry = try Ferry()
    try ferry.addSamples()
    try ferry.run(environment: ["ENCRYPTION_MASTER_KEY": Ferry.sampleKey])
    let alone = try documents(
      try ferry.run(
        "search", "--user", "willow", "--collection", "legacy-notes", "--hybrid",
        "tide -nonsense", "--json"))
    #expect(alone.allSatisfy { ($0["text"] as? String)?.lowercased().contains("tide") == true })
    #expect(!alone.isEmpty && alone.allSatisfy { $0["source"] as? String == "keyword" })
    let id: String? = try ferry.scalar(
      "SELECT id::text FROM vector_documents WHERE text LIKE 'Sailing:%'")
    for mode in [[], ["--rrf"], ["--weights", "0.2,0.8", "--config", "simple"]] {
      let outcome = try TestSupport.run(
        Ferry.binary, ["search", "--like", id ?? "", "--hybrid", "tide table", "--json"] + mode,
        environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      let both = try documents(outcome)
      #expect(both.count == 5)
      #expect((both[0]["text"] as? String)?.hasPrefix("Tide table") == true)
      #expect(both[0]["source"] as? String == "hybrid")
    }
  }

  @Test func `under row-level security the user that is named is searched`() throws {
    let ferry = try migrated()
    let role = ferry.database.name
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE ROLE \(role) LOGIN;
          GRANT USAGE ON SCHEMA public, vector_ferry TO \(role);
          GRANT SELECT ON ALL TABLES IN SCHEMA public, vector_ferry TO \(role);
          ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
          CREATE POLICY own ON vector_documents
            USING (user_id = current_setting('vector_ferry.user_id', true));
          """))
    defer {
      _ = try? session.execute(
        script: SQL(script: "DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)"))
    }
    let id: String? = try ferry.scalar("SELECT min(id::text) FROM vector_documents")
    let url = try ferry.url(as: role)
    let found = try documents(
      try ferry.run(
        "search", "--like", id ?? "", "--user", "ann", "--json", "--database-url", url))
    #expect(found.count == 5)
    for others in [["--user", "bob"], []] {
      let outcome = try TestSupport.run(
        Ferry.binary, ["search", "--like", id ?? "", "--database-url", url] + others,
        environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
      #expect(outcome.status == 3 && outcome.errorText.contains("there is no document"))
    }
  }

  @Test func `a role without rights is told what helps, in words of this command`() throws {
    let ferry = try migrated()
    let role = ferry.database.name
    let session = try ferry.database.connect()
    try session.execute(script: SQL(script: "CREATE ROLE \(role) LOGIN"))
    defer { _ = try? session.execute(script: SQL(script: "DROP ROLE \(role)")) }
    let outcome = try ferry.run(
      "search", "--like", "aaaa", "--database-url", try ferry.url(as: role))
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("grant the role what it lacks, then run again"))
    #expect(!outcome.errorText.contains("--failed"), "\(outcome.errorText)")
  }

  @Test func `chunks of semantic_search are shown with the fields that are asked for`() throws {
    let ferry = try Ferry()
    try ferry.run("schema", "up", "--set", "semantic_search", "--yes")
    try ferry.database.connect().execute(
      script: """
        INSERT INTO indexed_content
          (content_type, source_path, content_hash, title, content, status, indexed_at)
        VALUES ('doc', '/a.md', repeat('0', 64), 'A', 'text', 'COMPLETED', now());
        INSERT INTO vector_embedding
          (content_id, embedding, chunk_index, chunk_text, line_start, line_end)
        SELECT 1, (ARRAY[1, i / 10.0] || array_fill(0, ARRAY[382]))::vector, i, 'chunk ' || i, i, i
        FROM generate_series(0, 3) i;
        """)
    let plain = try ferry.run("search", "--set", "semantic_search", "--like", "1", "--json")
    let results = try #require(try Ferry.json(plain)["results"] as? [[String: Any]])
    #expect(results.map { $0["embedding_id"] as? Int } == [2, 3, 4])
    #expect(
      Set(results[0].keys) == [
        "content_id", "content_type", "source_path", "title", "metadata", "embedding_id",
        "chunk_index", "similarity_score",
      ])
    let more = try ferry.run(
      "search", "--set", "semantic_search", "--like", "1",
      environment: ["VECTOR_STORE_EXPOSE_CHUNK_TEXT": "true"])
    #expect(more.text.contains("CHUNK TEXT") && more.text.contains("chunk 1"))
    #expect(!more.text.contains("LINE START"))
  }

  @Test func `what cannot be searched is said, and by which option`() throws {
    let ferry = try migrated()
    try ferry.folder.write("{}", to: "query.json")
    let cases: [([String], Int32, String)] = [
      ([], 2, "needs something to search for"),
      (["--like", "aaaa", "--vector", "query.json"], 2, "--like cannot be used together"),
      (["--hybrid", "x", "--rrf", "--weights", "1,1"], 2, "--rrf cannot be used together"),
      (["--like", "aaaa", "--rrf"], 2, "--rrf has no effect without --hybrid"),
      (["--like", "aaaa", "--weights", "1,1"], 2, "--weights has no effect without --hybrid"),
      (["--like", "aaaa", "--config", "simple"], 2, "--config has no effect without --hybrid"),
      (
        ["--hybrid", "x", "--user", "ann", "--threshold", "0.5"], 2,
        "--threshold has no effect without TEXT, --like or --vector"
      ),
      (
        ["--set", "semantic_search", "--like", "1", "--rrf"], 2,
        "--rrf cannot be used together with --set semantic_search"
      ),
      (["--hybrid", "x", "--weights", "1"], 2, "--weights '1' is not a number"),
      (["--hybrid", "x", "--weights", "0,0"], 2, "out of range"),
      (["--hybrid", "x"], 3, "no user is given: the search"),
      (
        ["--hybrid", "x", "--user", "ann"], 3,
        "ann has no collection personal_assistant in this database"
      ),
      (["--like", "0000"], 3, "there is no document 0000"),
      (["--like", "ann"], 3, "ann is not a document's id"),
      (["--vector", "none", "--user", "ann"], 3, "--vector none: No such file"),
      (["--vector", "query.json", "--user", "ann"], 3, "neither a JSON array"),
      (["--hybrid", "x", "--user", "ann", "--filter", "[1"], 3, "the filter is not a JSON object"),
      (["--set", "semantic_search", "--like", "1"], 3, "set semantic_search is not in this"),
    ]
    for (words, status, message) in cases {
      let outcome = try TestSupport.run(
        Ferry.binary, ["search"] + words, environment: Ferry.clean(ferry.database.url, [:]),
        directory: ferry.folder.path)
      #expect(outcome.status == status, "\(words)")
      #expect(outcome.errorText.contains(message), "\(words): \(outcome.errorText)")
      #expect(
        outcome.errorText.hasSuffix("Try 'vector-ferry search --help'.\n") == (status == 2),
        "\(words): \(outcome.errorText)")
      #expect(outcome.text == "", "\(words)")
    }
    let empty = try Ferry()
    let outcome = try empty.run("search", "--user", "ann", "--hybrid", "x")
    #expect(outcome.status == 3 && outcome.errorText.contains("no search functions yet"))
  }
}
