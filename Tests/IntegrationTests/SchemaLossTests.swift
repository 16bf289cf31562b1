import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that commands name losses before the losses happen.
@Suite(.needsServer) struct SchemaLossTests {
  private func schema(_ ferry: Ferry, _ words: String...) throws -> ProcessOutcome {
    try TestSupport.run(
      Ferry.binary, ["schema"] + words, environment: try Ferry.clean(ferry.database.url, [:]),
      directory: ferry.folder.path)
  }

  @Test func `tables that a DO block of a bundled set drops are named with their rows`() throws {
    let ferry = try Ferry()
    #expect(try schema(ferry, "up", "--set", "unified_embeddings", "--yes").status == 0)
    try ferry.database.connect().execute(
      script: """
        INSERT INTO users (email) SELECT i || '@example.com' FROM generate_series(1, 3) i;
        INSERT INTO knowledge_entries (title, content) SELECT i, i FROM generate_series(1, 50) i
        """)
    let down = ["--set", "unified_embeddings", "--steps", "1", "--yes"]
    let refused = try schema(
      ferry, "down", down[0], down[1], down[2], down[3], down[4], "--env", "production")
    #expect(refused.status == 3)
    for line in [
      "public.knowledge_entries is lost with its 50 rows", "public.users is lost with its 3 rows",
      "--allow-loss public.knowledge_entries", "--allow-loss public.users",
    ] { #expect(refused.errorText.contains(line), "\(line) in \(refused.errorText)") }
    #expect(try ferry.scalar("SELECT count(*) FROM knowledge_entries") == 50)
    let told = try schema(ferry, "down", down[0], down[1], down[2], down[3], down[4])
    #expect(told.status == 0, "\(told.errorText)")
    #expect(told.errorText.contains("public.knowledge_entries is lost with its 50 rows"))
  }

  @Test(arguments: [
    "vector_documents", "semantic_search", "unified_embeddings", "forum_vectors",
    "knowledge_graph",
  ])
  func `a set goes into an empty database in production without a name`(set: String) throws {
    let ferry = try Ferry()
    let outcome = try schema(ferry, "up", "--set", set, "--env", "production", "--yes")
    #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
    #expect(!outcome.errorText.contains("not known"), "\(outcome.errorText)")
  }

  @Test func `in production each thing that goes needs its name, and a slip is no name`() throws {
    let ferry = try Ferry()
    try ferry.database.connect().execute(
      script: """
        CREATE TABLE posts (id int PRIMARY KEY, title text);
        INSERT INTO posts SELECT i, 'title' FROM generate_series(1, 100) i;
        CREATE TABLE comments (post int REFERENCES posts);
        """)
    try ferry.folder.write(
      "DO $$BEGIN EXECUTE 'DROP TABLE posts CASCADE'; END$$;", to: "m/1_a.sql")
    func up(_ words: String...) throws -> ProcessOutcome {
      try TestSupport.run(
        Ferry.binary, ["schema", "up", "--dir", "m", "--env", "production", "--yes"] + words,
        environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    }
    let bare = try up()
    #expect(bare.status == 3)
    #expect(bare.errorText.contains("public.posts is lost with its 100 rows"), "\(bare.errorText)")
    let fkey = "constraint comments_post_fkey on public.comments"
    #expect(
      bare.errorText.contains("add --allow-loss public.posts --allow-loss '\(fkey)'"),
      "\(bare.errorText)")
    let half = try up("--allow-loss", "public.posts")
    #expect(half.status == 3 && half.errorText.contains("add --allow-loss '\(fkey)'"))
    let slip = try up("--allow-loss", "public.post", "--allow-loss", fkey)
    #expect(slip.status == 3)
    #expect(
      slip.errorText.contains("did you mean --allow-loss public.posts?"), "\(slip.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM posts") == 100)
    let dry = try up("--dry-run", "--json", "--allow-loss", "public.posts")
    #expect(dry.status == 0, "\(dry.errorText)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: dry.output) as? [String: Any])
    let losses = try #require(document["losses"] as? [[String: Any]])
    #expect(losses.map { $0["name"] as? String } == ["public.posts", fkey])
    #expect(losses.map { $0["allowed"] as? Bool } == [true, false])
    #expect(losses[0]["count"] as? Int == 100 && document["exit_code"] as? Int == 0)
    let all = try up("--allow-loss", "public.posts", "--allow-loss", fkey, "--json")
    #expect(all.status == 0, "\(all.errorText)")
    let done = try #require(try JSONSerialization.jsonObject(with: all.output) as? [String: Any])
    #expect(done["dropped_tables"] as? [String] == ["posts"] && done["exit_code"] as? Int == 0)
    #expect(try ferry.scalar("SELECT to_regclass('posts') IS NULL") == true)
  }

  @Test func `a table with another name is called renamed, not dropped`() throws {
    let ferry = try Ferry()
    try ferry.database.connect().execute(
      script:
        "CREATE TABLE posts (a int PRIMARY KEY); CREATE TABLE gone (a int); CREATE TABLE kept (a int)"
    )
    try ferry.folder.write(
      """
      ALTER TABLE posts RENAME TO articles; CREATE VIEW posts AS SELECT * FROM articles;
      ALTER TABLE kept RENAME TO former; CREATE TABLE kept (a int); DROP TABLE gone;
      """, to: "m/1_a.sql")
    let outcome = try schema(ferry, "up", "--dir", "m", "--yes", "--json")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let done = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    let renamed = done["renamed_tables"] as? [[String: String]]
    #expect(
      renamed == [["from": "kept", "to": "former"], ["from": "posts", "to": "articles"]])
    #expect(done["dropped_tables"] as? [String] == ["gone"])
    #expect(
      (done["created_tables"] as? [String])?.filter { $0 != "schema_migrations" } == ["kept"])
    try ferry.folder.write("ALTER TABLE articles RENAME TO texts;", to: "m/2_b.sql")
    let told = try schema(ferry, "up", "--dir", "m", "--yes")
    #expect(told.text.contains("Renamed tables:\n  - articles → texts"), "\(told.text)")
    #expect(!told.text.contains("Dropped"), "\(told.text)")
  }

  @Test func `a column's values are counted, and what is unknown needs its own word`() throws {
    let ferry = try Ferry()
    try ferry.database.connect().execute(
      script:
        "CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) i"
    )
    try ferry.folder.write("ALTER TABLE t DROP COLUMN b;", to: "m/1_a.sql")
    let told = try schema(ferry, "up", "--dir", "m", "--dry-run")
    #expect(told.status == 0)
    #expect(told.errorText.contains("public.t.b is lost with its 100 values"), "\(told.errorText)")
    let production = ["--env", "production", "--yes", "--trial-seconds", "0"]
    func blind(_ words: String...) throws -> ProcessOutcome {
      try TestSupport.run(
        Ferry.binary, ["schema", "up", "--dir", "m"] + production + words,
        environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    }
    let refused = try blind("--allow-loss", "public.t.b")
    #expect(refused.status == 3)
    #expect(refused.errorText.contains("add --allow-loss 'unknown 1_a'"), "\(refused.errorText)")
    let allowed = try blind("--allow-loss", "unknown 1_a")
    #expect(allowed.status == 0)
    #expect(allowed.errorText.contains("public.t.b is lost"), "\(allowed.errorText)")
  }

  @Test(arguments: [[], ["--env", "production"]])
  func `a failure that the trial has met stops the run before anything is executed`(
    place: [String]
  ) throws {
    let ferry = try Ferry()
    for (number, down) in [(1, "SELECT 1 / 0;"), (2, "DROP TABLE t2;"), (3, "DROP TABLE t3;")] {
      try ferry.folder.write(
        "-- migrate:up\nCREATE TABLE t\(number) ();\n-- migrate:down\n\(down)\n",
        to: "m/\(number)_a.sql")
    }
    func run(_ words: [String]) throws -> ProcessOutcome {
      try TestSupport.run(
        Ferry.binary, ["schema"] + words + ["--dir", "m", "--yes"] + place,
        environment: try Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    }
    #expect(try run(["up"]).status == 0)
    let names = ["public.t2", "public.t3", "unknown 1_a"].flatMap { ["--allow-loss", $0] }
    for words in [["down", "--all"], ["refresh"]] {
      let outcome = try run(words + (place.isEmpty ? [] : names))
      #expect(outcome.status == 3, "\(outcome.errorText)")
      #expect(outcome.errorText.contains("the trial failed, and nothing was executed"))
      #expect(outcome.errorText.contains("1_a.sql:4:"), "\(outcome.errorText)")
      #expect(try ferry.scalar("SELECT count(*) FROM pg_class WHERE relname ~ '^t[123]$'") == 3)
    }
    // An enum's new value can be used in a later step, also in the trial.
    try ferry.database.connect().execute(script: "CREATE TYPE e AS ENUM ('a')")
    try ferry.folder.write("ALTER TYPE e ADD VALUE 'b';", to: "m/5_b.sql")
    try ferry.folder.write("CREATE TABLE used AS SELECT 'b'::e;", to: "m/6_c.sql")
    try ferry.folder.write("CREATE INDEX CONCURRENTLY i ON t1 ((1));", to: "m/7_i.sql")
    try ferry.folder.write("COMMENT ON INDEX i IS 'x';", to: "m/8_d.sql")
    let going = try run(
      ["up"] + ["5_b", "6_c", "7_i", "8_d"].flatMap { ["--allow-loss", "unknown \($0)"] })
    #expect(going.status == 0, "\(going.errorText)")
    #expect(try ferry.scalar("SELECT count(*) FROM used") == 1)
  }
}
