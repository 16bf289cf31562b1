import Postgres
import TestSupport
import Testing

import MigrationFiles
import OwnSchema
@testable import Schema

/// Tests that no bundled set runs operators or functions in `public` that fit the arguments better
/// than the server's own.
@Suite(.needsServer) struct PlantedNameTests {
  /// Makes every operator that the sets use, for each pair of types, and every function for the
  /// arguments that fit; each of them records that it ran.
  private static func plant(on connection: Connection) throws {
    let types = [
      "text", "varchar", "name", "oid", "regclass", "regnamespace", "int4", "int8", "float4",
      "float8", "numeric", "jsonb", "bool", "timestamptz", "uuid",
    ]
    let comparisons = [
      "=", "<>", "<", ">", "<=", ">=", "~", "~~", "!~", "!~*", "~~*", "?", "@@",
    ]
    let others = ["||", "+", "-", "*", "/", "->", "->>"]
    var script = """
      CREATE TABLE public.hits (what text, role text);
      CREATE FUNCTION public.hit(what text) RETURNS void LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO public.hits VALUES (what, current_user); END $$;

      """
    for one in types {
      for two in types {
        for (suffix, result) in [("is", "bool"), ("of", "text")] {
          script += """
            CREATE FUNCTION public.planted_\(suffix)(\(one), \(two)) RETURNS \(result)
            LANGUAGE plpgsql AS
            $$ BEGIN PERFORM public.hit('\(one) and \(two)'); RETURN NULL; END $$;

            """
          for name in suffix == "is" ? comparisons : others {
            script += """
              CREATE OPERATOR public.\(name) (LEFTARG = \(one), RIGHTARG = \(two),
                FUNCTION = public.planted_\(suffix));

              """
          }
        }
      }
    }
    let functions = [
      "count", "max", "min", "string_agg", "array_agg", "lower", "format", "unnest", "to_regclass",
      "to_regtype", "array_fill", "repeat", "to_jsonb", "jsonb_build_object", "current_setting",
      "set_config", "make_interval", "replace", "setval", "setweight", "to_tsvector",
      "websearch_to_tsquery", "array_to_string", "obj_description", "abs", "now",
      "gen_random_uuid", "format_type",
    ]
    let arguments =
      [
        "", "text[]", "regclass, int4, bool", "text, varchar, varchar", "float4, int4[]",
        "oid, int4",
      ]
      + ["text[], text", "tsvector, text", "text, text, bool", "text, varchar, bool"]
      + types + types.map { "text, \($0)" } + types.map { "varchar, \($0)" }
    for name in functions {
      for list in arguments {
        script += """
          CREATE FUNCTION public.\(name)(\(list)) RETURNS text LANGUAGE plpgsql AS
          $$ BEGIN PERFORM public.hit('\(name)(\(list))'); RETURN NULL; END $$;

          """
      }
    }
    try connection.execute(script: SQL(script: script))
  }

  private func connect(_ database: TestDatabase) throws -> Connection {
    try Connection.open(database.target, settings: .operators)
  }

  private func run(_ set: String, _ request: SchemaRequest, in database: TestDatabase) throws {
    let runner = SchemaRunner(connection: try connect(database), set: try .bundled(set))
    let plan = try runner.plan(request)
    let trial = try runner.tryOut(plan, .dryRun(isProduction: true))
    #expect(trial.failure == nil, "\(set) \(request): \(trial.failure ?? "")")
    _ = try runner.run(request, plan: plan)
  }

  private func expectNothingRan(_ what: String, in database: TestDatabase) throws {
    let session = try database.connect()
    try session.execute(script: "SET search_path = pg_catalog")
    let hits: String? = try session.scalar(
      "SELECT pg_catalog.string_agg(DISTINCT h.what, '; ') FROM public.hits h")
    #expect(hits == nil, "\(what): \(hits ?? "")")
    try session.execute(script: "TRUNCATE public.hits")
  }

  @Test(arguments: MigrationSet.bundledNames)
  func `up, verify, conditions, named migrations and down of a bundled set`(set: String) throws {
    let database = try TestDatabase()
    let owner = try database.connect()
    try run(set, .up(.all), in: database)
    try Filling(connection: owner).fill(rows: 12)
    try owner.execute(
      script: SQL(script: "ALTER DATABASE \(database.name) SET search_path = public, pg_catalog"))
    try Self.plant(on: owner)
    func verify() throws {
      let report = try SchemaVerification(
        set: .bundled(set), connection: try connect(database), environment: [:]
      ).run()
      #expect(report.findings.filter { !$0.holds && $0.category != .integrity } == [])
      try expectNothingRan("verify of \(set)", in: database)
    }
    try verify()
    _ = try SetState.read(.bundled(set), on: try connect(database))
    _ = try SchemaRunner(connection: try connect(database), set: try .bundled(set))
      .plan(.applyAdvisable)
    try expectNothingRan("conditions of \(set)", in: database)
    for migration in try MigrationSet.bundled(set).migrations
    where migration.isByNameOnly && migration.version != "001" {
      try run(set, .apply([migration.fullName]), in: database)
      if migration.version == "002" {
        try run(set, .apply(["001"]), in: database)
        try run(set, .revert("001"), in: database)
      }
      try run(set, .revert(migration.fullName), in: database)
      try expectNothingRan("\(migration.fullName) of \(set)", in: database)
    }
    try run(set, .down(.all), in: database)
    try run(set, .up(.all), in: database)
    try expectNothingRan("down and up of \(set)", in: database)
    try verify()
  }

  @Test func `what a set has installed meets nothing planted, whatever path its user has`() throws {
    let database = try TestDatabase()
    let owner = try database.connect()
    for set in ["semantic_search", "unified_embeddings", "forum_vectors"] {
      try run(set, .up(.all), in: database)
    }
    try Self.plant(on: owner)
    let user = try database.connect()
    try user.execute(script: "SET search_path = public, pg_catalog")
    try user.execute(
      script: """
        INSERT INTO indexed_content (content_type, source_path, content_hash, content)
        VALUES ('source_file', '/a', 'x', 'text');
        UPDATE indexed_content SET title = 'x';
        INSERT INTO users (email) VALUES ('a@example.org');
        INSERT INTO knowledge_entries (title, content, tags) VALUES ('t', 'words', ARRAY['tag']);
        INSERT INTO forums (name, url) VALUES ('f', 'u');
        INSERT INTO content_evaluations (content_id, content_type, quality_score, relevance_score)
        VALUES (1, 'topic', 1, 1);
        INSERT INTO search_performance_metrics (search_type, execution_time_ms)
        VALUES ('hybrid', 1);
        DO $$
        DECLARE
          probe vector := pg_catalog.array_fill(0.1::real, ARRAY[1536])::vector;
          short vector := pg_catalog.array_fill(0.1::real, ARRAY[384])::vector;
        BEGIN
          PERFORM upsert_embedding('knowledge_entries'::text, pg_catalog.gen_random_uuid(), probe,
            'h'::text, 'm'::text, '{}'::jsonb);
          PERFORM similarity_search(probe, 0.8::float8, 5, 'x'::text);
          PERFORM hybrid_search('words'::text, probe, NULL::float8, NULL::float8, NULL::float8,
            NULL::int, NULL::uuid);
          PERFORM rebuild_vector_indexes();
          PERFORM search_results(short, 0.5::float8, 1, ARRAY['x']);
          PERFORM cleanup_old_search_results(1);
          PERFORM reindex_content(ARRAY['x'], ARRAY['y']);
          PERFORM migration_applied('x'::text);
        END
        $$;
        """)
    try expectNothingRan("functions, triggers, checks and defaults", in: database)
  }

  @Test func `what is called like pgvector's own in a schema before it is refused by name`() throws
  {
    let database = try TestDatabase()
    let owner = try database.connect()
    try owner.execute(
      script: SQL(
        script: """
          CREATE SCHEMA extensions; CREATE EXTENSION vector WITH SCHEMA extensions;
          ALTER DATABASE \(database.name) SET search_path = public, extensions;
          """))
    let others: [(make: SQL, drop: SQL, words: String)] = [
      ("CREATE DOMAIN public.vector AS text", "DROP DOMAIN public.vector", "the type vector"),
      (
        """
        CREATE FUNCTION public.l2_normalize(extensions.vector) RETURNS int LANGUAGE sql
          AS 'SELECT 1'
        """, "DROP FUNCTION public.l2_normalize(extensions.vector)", "l2_normalize("
      ),
      (
        """
        CREATE FUNCTION public.far(extensions.vector, extensions.vector) RETURNS float8
          LANGUAGE sql AS 'SELECT 1::float8';
        CREATE OPERATOR public.<=> (LEFTARG = extensions.vector, RIGHTARG = extensions.vector,
          FUNCTION = public.far)
        """, "DROP FUNCTION public.far CASCADE", "operator"
      ),
    ]
    for other in others {
      try owner.execute(script: other.make)
      let refusal = #expect(throws: SchemaError.self) {
        try run("forum_vectors", .up(.all), in: database)
      }
      #expect(refusal?.problem.contains(other.words) == true, "\(refusal?.problem ?? "")")
      try owner.execute(script: other.drop)
    }
    try run("forum_vectors", .up(.all), in: database)
    let report = try SchemaVerification(
      set: .bundled("forum_vectors"), connection: try connect(database), environment: [:]
    ).run()
    #expect(report.isSound)
  }

  @Test func `a database that has applied the earlier texts of the sets has not met others`()
    throws
  {
    let folder = try Folder()
    try run("forum_vectors", .up(.all), in: folder.database)
    let owner = try folder.database.connect()
    try owner.execute(
      script: """
        UPDATE schema_migrations SET checksum =
          '489badb1ec7bc404320125143f30b8c00fc394e93a551eb2cbc06699d0623389'
        WHERE version = '20240211000004'
        """)
    let state = try SetState.read(.bundled("forum_vectors"), on: owner)
    #expect(state.migrations.allSatisfy { $0.kind == .applied || $0.kind == .optional })
    try owner.execute(
      script: "UPDATE schema_migrations SET checksum = repeat('0', 64) WHERE version LIKE '%4'")
    #expect(
      try SetState.read(.bundled("forum_vectors"), on: owner).migrations.contains {
        $0.kind == .changed
      })
  }
}
