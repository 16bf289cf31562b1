import Foundation
import Postgres
import TestSupport
import Testing

/// Tests `schema adopt`, `schema baseline` and `--ledger` as operators run them.
@Suite(.needsServer, .serialized) struct SchemaTakeoverTests {
  @Test func `what dbmate has applied is shown, taken over with --yes, and continued`() throws {
    let ferry = try Ferry()
    let connection = try ferry.database.connect()
    try connection.execute(
      script: """
        CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
        INSERT INTO schema_migrations VALUES ('1'), ('7');
        CREATE TABLE a ();
        """)
    for (number, name) in [(1, "a"), (2, "b")] {
      try ferry.folder.write(
        "-- migrate:up\nCREATE TABLE \(name) ();\n-- migrate:down\nDROP TABLE \(name);",
        to: "m/\(number)_\(name).sql")
    }
    let refused = try ferry.run("schema", "up", "--dir", "m", "--yes")
    #expect(refused.status == 3)
    #expect(refused.errorText.contains("is the ledger of dbmate"))
    #expect(refused.errorText.contains("--ledger public.vector_ferry_migrations"))
    let place = ["--dir", "m", "--ledger", "public.vector_ferry_migrations"]
    let early = try ferry.run(command: ["schema", "up"] + place + ["--yes"])
    #expect(early.status == 3 && early.errorText.contains("schema adopt"), "\(early.errorText)")
    let shown = try ferry.run(command: ["schema", "adopt"] + place)
    #expect(shown.status == 3)
    #expect(shown.text.contains("schema_migrations is the ledger of dbmate and lists 2 migrations"))
    #expect(shown.text.contains("to be marked as applied"))
    #expect(shown.errorText.contains("1 row of schema_migrations is no migration of m"))
    #expect(shown.errorText.contains("no terminal to ask"))
    #expect(try ferry.scalar("SELECT to_regclass('vector_ferry_migrations') IS NULL") == true)
    let adopted = try ferry.run(command: ["schema", "adopt"] + place + ["--yes"])
    #expect(adopted.status == 0 && adopted.text.contains("marked as applied: 1_a"))
    let json = try ferry.run(command: ["schema", "adopt"] + place + ["--yes", "--json"])
    let document = try #require(
      JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String: Any])
    let rows = try #require(document["rows"] as? [[String: Any]])
    #expect(document["tool"] as? String == "dbmate")
    #expect(rows.map { $0["state"] as? String } == ["known", "unmatched"])
    #expect((document["marked"] as? [String])?.isEmpty == true)
    #expect(try ferry.run(command: ["schema", "up"] + place + ["--yes"]).status == 0)
    let status = try ferry.run(command: ["schema", "status"] + place)
    #expect(status.status == 0 && status.text.contains("0 migrations pending"))
    #expect(try ferry.run(command: ["schema", "verify"] + place).status == 0)
    #expect(try ferry.scalar("SELECT count(*) FROM schema_migrations") == 2)
    #expect(try ferry.run(command: ["schema", "down"] + place + ["--all", "--yes"]).status == 0)
    #expect(try ferry.scalar("SELECT to_regclass('a') IS NULL") == true)
  }

  @Test func `a bundled set works with its ledger elsewhere, and its view reads that ledger`()
    throws
  {
    let ferry = try Ferry()
    let place = ["--set", "semantic_search", "--ledger", "own.migrations", "--yes"]
    #expect(try ferry.run(command: ["schema", "up"] + place).status == 0)
    #expect(try ferry.scalar("SELECT to_regclass('public.schema_migrations') IS NULL") == true)
    #expect(try ferry.scalar("SELECT migration_applied('014_semantic_search_core')") == true)
    #expect(try ferry.run(command: ["schema", "down", "--all"] + place).status == 0)
    let odd = try ferry.run("schema", "status", "--ledger", "a.b.c")
    #expect(odd.status == 3 && odd.errorText.contains("--ledger a.b.c is not the name of a table"))
  }

  @Test func `up names baseline where tables exist, and baseline takes them over`() throws {
    let ferry = try Ferry()
    #expect(try ferry.run("schema", "up", "--set", "knowledge_graph", "--yes").status == 0)
    // The policies depend on the roles of the server.
    #expect(
      try ferry.run("schema", "down", "--set", "knowledge_graph", "--steps", "1", "--yes").status
        == 0)
    let connection = try ferry.database.connect()
    try connection.execute(
      script: """
        DROP TABLE schema_migrations;
        ALTER INDEX code_embeddings_embedding_idx RENAME TO by_meaning;
        ALTER TRIGGER code_patterns_updated_at ON code_patterns RENAME TO touched;
        DROP INDEX code_patterns_language_idx;
        DROP TRIGGER code_relationships_updated_at ON code_relationships;
        CREATE TABLE audits (row_text text);
        CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $f$
        BEGIN INSERT INTO audits VALUES (NEW::text); RETURN NEW; END $f$;
        CREATE TRIGGER audit BEFORE UPDATE ON code_relationships
          FOR EACH ROW EXECUTE FUNCTION audit();
        """)
    let refused = try ferry.run("schema", "up", "--set", "knowledge_graph", "--yes")
    #expect(refused.status == 3)
    #expect(
      refused.errorText.contains("run vector-ferry schema baseline --set knowledge_graph"),
      "\(refused.errorText)")
    let shown = try ferry.run("schema", "baseline", "--set", "knowledge_graph")
    #expect(shown.status == 3)
    for line in [
      "are those of set knowledge_graph at 001_create_knowledge_graph_tables",
      "- index by_meaning of code_embeddings → code_embeddings_embedding_idx",
      "- trigger touched of code_patterns → code_patterns_updated_at",
      "- index code_patterns_language_idx of code_patterns: USING btree (language)",
    ] { #expect(shown.text.contains(line), "\(line) in \(shown.text)") }
    #expect(try ferry.scalar("SELECT to_regclass('by_meaning') IS NOT NULL") == true)
    let taken = try ferry.run("schema", "baseline", "--set", "knowledge_graph", "--yes")
    #expect(taken.status == 0, "\(taken.errorText)")
    #expect(taken.text.contains("marked as applied: 001_create_knowledge_graph_tables"))
    // A trigger of the application is not taken for the set's, which is made.
    let triggers: String? = try ferry.scalar(
      """
      SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger
      WHERE tgrelid = 'code_relationships'::regclass AND NOT tgisinternal
      """)
    #expect(triggers == "audit code_relationships_updated_at")
    #expect(try ferry.run("schema", "up", "--set", "knowledge_graph", "--yes").status == 0)
    #expect(try ferry.run("schema", "verify", "--set", "knowledge_graph").status == 0)
    let folder = try ferry.run("schema", "baseline", "--dir", "m")
    #expect(folder.status == 3)
  }

  @Test func `list prints the up parts alone, and status names the step after 004`() throws {
    let ferry = try Ferry()
    let list = try ferry.run("schema", "list", "--set", "semantic_search", "--up")
    #expect(list.status == 0 && list.text.contains("CREATE TABLE vector_embedding"))
    #expect(!list.text.contains("DROP TABLE") && !list.text.contains("-- migrate:down"))
    #expect(!list.text.contains("vector_embedding_768_backup"))
    #expect(try ferry.run("schema", "list", "--up").status == 2)
    let preview = try ferry.run("schema", "up", "--set", "semantic_search")
    #expect(preview.text.contains("CREATE FUNCTION migration_applied"))
    #expect(try ferry.run("schema", "up", "--set", "semantic_search", "--yes").status == 0)
    try ferry.database.connect().execute(
      script: """
        INSERT INTO indexed_content (content_type, source_path, content_hash, content)
        VALUES ('doc', '/a', repeat('a', 64), 'text');
        INSERT INTO vector_embedding (content_id, chunk_index, chunk_text) VALUES (1, 0, 'text')
        """)
    let applied = try ferry.run("schema", "apply", "--set", "semantic_search", "004", "--yes")
    #expect(applied.status == 0, "\(applied.errorText)")
    for outcome in [
      applied, try ferry.run("schema", "status", "--set", "semantic_search"),
      try ferry.run("schema", "up", "--set", "semantic_search", "--yes"),
      try ferry.run("schema", "verify", "--set", "semantic_search"),
    ] {
      #expect(
        outcome.text.contains("vector-ferry reembed --set semantic_search"), "\(outcome.text)")
    }
  }
}
