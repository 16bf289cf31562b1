import Foundation
import Postgres
import TestSupport
import Testing

/// Tests a matrix of databases: settings, planted operators and functions, triggers, tables and
/// poolers.
///
/// Either no row is lost, doubled or changed after migrate, verify and rollback, or the run is
/// refused with the reason before anything is written.
@Suite(.needsServer)
struct DatabaseMatrixTests {
  private static let row = "a matrix of databases"

  // MARK: Settings

  /// The settings that could change the outcome of a run.
  private static let grave = [
    "search_path = pg_temp, public", "standard_conforming_strings = off",
    "quote_all_identifiers = on", "search_path = elsewhere, public", "search_path = ''",
  ]

  private static let others = [
    "search_path = public, pg_catalog", "search_path = \"$user\", public",
    "search_path = pg_temp", "synchronous_commit = off", "synchronous_commit = local",
    "DateStyle = 'SQL, DMY'", "IntervalStyle = sql_standard", "TimeZone = 'Asia/Kathmandu'",
    "bytea_output = escape", "extra_float_digits = -15", "row_security = off",
    "session_replication_role = replica", "default_transaction_isolation = serializable",
    "default_transaction_deferrable = on", "check_function_bodies = off",
    "transform_null_equals = on", "array_nulls = off", "xmloption = document",
    "client_encoding = LATIN1", "backslash_quote = on", "escape_string_warning = off",
    "default_text_search_config = simple", "client_min_messages = error", "enable_indexscan = off",
    "enable_seqscan = off", "enable_hashjoin = off", "work_mem = '64kB'", "jit = on",
    "plan_cache_mode = force_generic_plan", "geqo = off", "constraint_exclusion = on",
    "default_toast_compression = pglz", "from_collapse_limit = 1", "lc_messages = 'C'",
    "max_parallel_workers_per_gather = 0", "default_statistics_target = 1",
    "vector_ferry.user_id = 'nobody'", "vector_ferry.filling = 'x'", "lock_timeout = '30s'",
  ]

  /// The ways in which a session gets a setting.
  private enum Way: CaseIterable {
    case database, role, options, url
  }

  private static func settings() -> [DatabaseCase] {
    var cases: [DatabaseCase] = []
    for (index, setting) in (grave + others).enumerated() {
      let ways = Oracle.isFullRun ? Way.allCases : [Way.allCases[index % 4]]
      for way in ways where Oracle.isFullRun || index < grave.count {
        cases.append(named(setting, way))
      }
    }
    // All settings that do not contradict each other, at the same time.
    let together = others.filter { !$0.hasPrefix("search_path") && !$0.hasPrefix("enable_") }
    cases.append(
      DatabaseCase(
        name: "many settings at once",
        script: together.map { "ALTER DATABASE {db} SET \($0);" }.joined(separator: "\n")))
    return cases
  }

  private static func named(_ setting: String, _ way: Way) -> DatabaseCase {
    var row = DatabaseCase(name: "\(setting) by \(way)")
    if setting.contains("elsewhere") { row.script = "CREATE SCHEMA elsewhere;" }
    if setting.contains("elsewhere") || setting == "search_path = ''"
      || setting == "search_path = pg_temp"
    {
      // The application's table already exists, and the setting must not hide it.
      row.script += DatabaseCase.world
    }
    if setting == "search_path = ''" || setting == "search_path = pg_temp" {
      row.arguments = ["--table", "public.vector_documents"]
    }
    let parts = setting.split(separator: "=", maxSplits: 1).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let plain = parts[1].replacingOccurrences(of: "'", with: "")
    let escaped = plain.replacingOccurrences(of: " ", with: "\\ ")
    switch way {
    case .database: row.script += "\nALTER DATABASE {db} SET \(setting);"
    case .role: row.script += "\nALTER ROLE {role} IN DATABASE {db} SET \(setting);"
    case .options: row.environment = ["PGOPTIONS": "-c \(parts[0])=\(escaped)"]
    case .url:
      let words = "-c \(parts[0])=\(escaped)"
      let allowed = CharacterSet.alphanumerics
      row.suffix = "?options=\(words.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
    }
    return row
  }

  @Test func `settings of a database, a role or an operator change nothing`() throws {
    let cases = Self.settings()
    for row in cases { try MatrixRun(row).check() }
    FaultLog.note(Self.row, cases.count, "settings, each by a database, a role, PGOPTIONS or a URL")
  }

  @Test func `a database that is set to read-only is refused`() throws {
    try MatrixRun(
      DatabaseCase(
        name: "default_transaction_read_only",
        script: "ALTER DATABASE {db} SET default_transaction_read_only = on;",
        outcome: .refused("is read-only"))
    ).check()
  }

  @Test func `a role whose triggers are switched off for good is refused`() throws {
    let ferry = try Ferry()
    try ferry.writeStore(rows: Ferry.rows(3), texts: Ferry.texts(3))
    let role = try Role("replays", in: ferry)
    try ferry.database.connect().execute(
      script: SQL(script: "ALTER ROLE \(role.name) SET session_replication_role = replica"))
    let outcome = try ferry.run(environment: ["DATABASE_URL": ferry.url(as: role.name)])
    #expect(outcome.status == 3, "\(outcome.text)\(outcome.errorText)")
    #expect(outcome.errorText.contains("session_replication_role is replica"))
  }

  // MARK: What others have planted

  /// Operators and functions that fit the arguments better than the server's own, and that record
  /// who runs them.
  private static let planted = """
    CREATE TABLE public.hits (what text, role text);
    GRANT ALL ON public.hits TO PUBLIC;
    CREATE FUNCTION public.hit(text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO public.hits VALUES ($1, current_user); END $$;
    """
    + [
      ("varchar", "varchar", "="), ("varchar", "text", "="), ("text", "varchar", "="),
      ("name", "varchar", "="), ("regclass", "oid", "="), ("oid", "regclass", "="),
      ("name", "name", "~"), ("varchar", "varchar", "~~"), ("varchar", "varchar", "<>"),
      ("jsonb", "jsonb", "->>"), ("int8", "oid", "="), ("oid", "int4", "="), ("oid", "int8", "="),
    ].enumerated().map { index, it in
      let result = it.2 == "->>" ? ("text", "NULL::text") : ("bool", "true")
      return """
        CREATE FUNCTION public.planted_\(index)(a \(it.0), b \(it.1)) RETURNS \(result.0)
        LANGUAGE plpgsql AS $$ BEGIN PERFORM public.hit('\(it.0) \(it.2) \(it.1)');
        RETURN \(result.1); END $$;
        CREATE OPERATOR public.\(it.2) (LEFTARG = \(it.0), RIGHTARG = \(it.1),
          FUNCTION = public.planted_\(index));
        """
    }.joined(separator: "\n")
    + [
      ("format(text, name, name)", "text", "'public.hits'"), ("quote_ident(name)", "text", "'x'"),
      ("to_regclass(varchar)", "regclass", "NULL"), ("sha256(text)", "bytea", "''"),
      ("array_to_string(name[], text)", "text", "''"), ("starts_with(name, text)", "bool", "true"),
      ("set_config(text, varchar, bool)", "text", "''"),
      ("convert_to(varchar, name)", "bytea", "''"),
      ("has_table_privilege(regclass, text)", "bool", "true"),
      ("row_security_active(regclass)", "bool", "false"), ("upper(name)", "text", "''"),
      ("pg_try_advisory_lock(int4)", "bool", "true"), ("vector_dims(int4)", "int4", "1"),
    ].map { name, type, value in
      """
      CREATE FUNCTION public.\(name) RETURNS \(type) LANGUAGE plpgsql AS $$
      BEGIN PERFORM public.hit('\(name)'); RETURN \(value); END $$;
      """
    }.joined(separator: "\n")
      + """
      CREATE TABLE public.pg_class (LIKE pg_catalog.pg_class);
      CREATE TABLE public.pg_namespace (LIKE pg_catalog.pg_namespace);
      CREATE TABLE public.pg_extension (LIKE pg_catalog.pg_extension);
      """

  private static let paths = ["public", "public, pg_catalog", "pg_temp, public, pg_catalog"]

  private static func hostile() -> [DatabaseCase] {
    (Oracle.isFullRun ? paths : [paths[1]]).flatMap { path in
      ["", DatabaseCase.table].map { table in
        DatabaseCase(
          name: "planted, \(path), \(table.isEmpty ? "no table" : "a table")",
          script: """
            CREATE EXTENSION vector;
            \(table)
            ALTER DATABASE {db} SET search_path = \(path);
            SET search_path = public;
            \(planted)
            """,
          holds: "SELECT count(*) = 0 FROM public.hits")
      }
    }
  }

  @Test func `nothing that others have planted runs as the role that migrates`() throws {
    let cases = Self.hostile()
    for row in cases {
      let run = try MatrixRun(row)
      try run.check()
      for words in [["status"], ["doctor"], ["index", "status"], ["history"]] {
        let outcome = try run.ferry.run(command: words)
        #expect([0, 1].contains(outcome.status), "\(words): \(outcome.text)\(outcome.errorText)")
      }
      #expect(
        try run.plainSession().scalar(
          "SELECT string_agg(DISTINCT what, ', ') FROM public.hits", as: String.self) == nil)
    }
    FaultLog.note(Self.row, cases.count, "databases with planted operators, functions and tables")
  }

  @Test func `migrations meet the operator's path, and their own queries nothing planted`() throws {
    for path in Self.paths {
      let ferry = try Ferry()
      try ferry.database.connect().execute(
        script: SQL(
          script: """
            CREATE EXTENSION vector;
            \(Self.planted)
            CREATE SCHEMA app;
            ALTER DATABASE \(ferry.database.name) SET search_path = \(path), app;
            """))
      try ferry.folder.write(
        """
        -- migrate:up
        CREATE TABLE app.notes (id int PRIMARY KEY, body varchar(20));
        INSERT INTO notes VALUES (1, 'one');
        CREATE SEQUENCE app.numbers;
        SELECT setval('app.numbers', 7);
        SET search_path = app;
        CREATE INDEX notes_body ON notes (body);
        -- migrate:down
        DROP TABLE app.notes;
        DROP SEQUENCE app.numbers;
        """, to: "migrations/1_notes.sql")
      try ferry.folder.write(
        """
        -- migrate:up transaction:false
        CREATE INDEX CONCURRENTLY notes_id_body ON app.notes (id, body);
        -- migrate:down
        DROP INDEX app.notes_id_body;
        """, to: "migrations/2_index.sql")
      for words in [
        ["schema", "up", "--dir", "migrations", "--dry-run"],
        ["schema", "up", "--dir", "migrations", "--yes"],
        ["schema", "status", "--dir", "migrations"],
        ["schema", "up", "--set", "forum_vectors", "--yes"],
        ["schema", "verify", "--set", "forum_vectors"],
        ["schema", "down", "--set", "forum_vectors", "--yes"],
        ["schema", "down", "--to", "1", "--dir", "migrations", "--yes"],
      ] {
        let outcome = try ferry.run(command: words)
        #expect(outcome.status == 0, "\(path), \(words): \(outcome.text)\(outcome.errorText)")
        if words.contains("verify") {
          let tables: Int? = try ferry.scalar(
            """
            SELECT count(*) FROM pg_catalog.pg_class
            WHERE relpersistence = 'p' AND relname LIKE 'forum%' AND relkind = 'r'
            """)
          #expect(try #require(tables) > 0, "\(path)")
        }
      }
      let session = try ferry.database.connect()
      try session.execute(script: "SET search_path = pg_catalog")
      #expect(
        try session.scalar(
          "SELECT string_agg(DISTINCT what, ', ') FROM public.hits", as: String.self) == nil)
      #expect(try session.scalar("SELECT count(*) FROM app.notes", as: Int.self) == 1)
    }
    FaultLog.note(Self.row, Self.paths.count, "databases that SQL migrations were run in")
  }

  // MARK: Poolers

  @Test(.enabled(if: Pooler.isAvailable), arguments: ["session", "transaction", "statement"])
  func `a pooler hands sessions on, and no setting goes astray`(mode: String) throws {
    var row = DatabaseCase(name: "pooler of \(mode)s")
    row.script = "ALTER DATABASE {db} SET search_path = pg_temp, public;"
    if mode == "statement" { row.outcome = .refused("a pooler that does not support transactions") }
    let plain = try MatrixRun(row)
    let pooler = try Pooler(mode: mode, database: plain.ferry.database)
    row.environment = ["DATABASE_URL": pooler.url]
    try MatrixRun(row, in: plain.ferry).check()
    FaultLog.note(Self.row, 1, "poolers")
  }
}
