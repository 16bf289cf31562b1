import Postgres
import TestSupport
import Testing

@testable import Schema

/// Tests that a preview names every loss, whatever statement causes it.
@Suite(.needsServer, .serialized) struct LossTests {
  /// Tables with rows, and an object of each kind that depends on them.
  static let world = """
    CREATE EXTENSION vector;
    CREATE SCHEMA a; CREATE SCHEMA "B c";
    CREATE TYPE a.mood AS ENUM ('good', 'bad');
    CREATE DOMAIN a.short AS text CHECK (length(value) < 9);
    CREATE TABLE a.one (x int PRIMARY KEY); INSERT INTO a.one VALUES (1), (2);
    CREATE TABLE "B c"."T t" ("x y" int); INSERT INTO "B c"."T t" VALUES (1);
    CREATE TABLE refers (x int REFERENCES a.one ON DELETE CASCADE, m a.mood);
    INSERT INTO refers VALUES (1, 'good');
    CREATE TABLE p (x int) PARTITION BY LIST (x);
    CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
    CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
    INSERT INTO p VALUES (1), (1), (1), (2);
    CREATE TABLE parent (x int); CREATE TABLE child () INHERITS (parent);
    INSERT INTO child VALUES (1);
    CREATE TABLE docs (e vector(2), n int); INSERT INTO docs VALUES ('[1,2]', 1);
    CREATE TABLE nothing (e vector(2), m a.mood);
    CREATE TABLE posts (
      id serial PRIMARY KEY, title text NOT NULL, body text, price numeric(10, 3), day timestamptz,
      CONSTRAINT short CHECK (length(title) < 99), CONSTRAINT once UNIQUE (title));
    INSERT INTO posts (title, body, price, day)
      SELECT 'title ' || i, CASE WHEN i <= 60 THEN 'body' END, i + 0.125, now()
      FROM generate_series(1, 100) i;
    CREATE INDEX posts_body ON posts (body);
    CREATE TABLE comments (id int PRIMARY KEY, post int REFERENCES posts);
    INSERT INTO comments SELECT i, i FROM generate_series(1, 30) i;
    CREATE VIEW titles AS SELECT title FROM posts;
    CREATE MATERIALIZED VIEW sums AS SELECT count(*) FROM posts;
    CREATE TABLE doubled (a int, g int GENERATED ALWAYS AS (a * 2) STORED);
    INSERT INTO doubled SELECT generate_series(1, 3);
    CREATE TYPE pair AS (a int, b text); CREATE TABLE typed OF pair;
    INSERT INTO typed VALUES (1, 'x'), (2, 'y'), (3, NULL);
    CREATE TABLE holds (p pair, q pair[], "R r" pair);
    INSERT INTO holds VALUES (ROW(1, 'x'), ARRAY[ROW(1, 'x')::pair]), (ROW(2, NULL), NULL);
    CREATE DOMAIN named AS text NOT NULL DEFAULT 'x';
    ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
    CREATE POLICY everybody ON posts USING (true);
    CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
    CREATE TRIGGER stamped BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION stamp();
    CREATE RULE kept AS ON DELETE TO "B c"."T t" DO INSTEAD NOTHING;
    CREATE SEQUENCE counter; CREATE STATISTICS together ON title, body FROM posts;
    COMMENT ON TABLE posts IS 'what people write';
    CREATE PUBLICATION news FOR TABLE posts;
    CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int);
    CREATE FUNCTION half(int) RETURNS int LANGUAGE sql AS 'SELECT $1 / 2';
    CREATE CAST (a.mood AS int) WITH FUNCTION total_of(a.mood);
    CREATE OPERATOR @@@ (leftarg = int, rightarg = int, function = int4pl);
    CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
    CREATE COLLATION binary_order FROM "C";
    CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
    CREATE FOREIGN TABLE remote (x int) SERVER far;
    CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM comments';
    CREATE FUNCTION on_refers() RETURNS trigger LANGUAGE plpgsql
      AS $$BEGIN DELETE FROM comments WHERE id <= 5; RETURN NEW; END$$;
    CREATE TRIGGER takes AFTER INSERT ON refers FOR EACH ROW EXECUTE FUNCTION on_refers();
    CREATE PROCEDURE sweep() LANGUAGE plpgsql AS $$BEGIN TRUNCATE comments; END$$;
    SELECT lo_from_bytea(4242, 'large');
    """.replacing(
      "CREATE CAST",
      with: """
        CREATE FUNCTION total_of(a.mood) RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE CAST
        """)

  /// A statement that causes losses, with the name and the count of each loss.
  struct Way: Sendable, CustomTestStringConvertible {
    let statement: String
    let told: [String]
    var testDescription: String { statement }

    init(_ statement: String, _ told: String...) {
      self.statement = statement
      self.told = told
    }
  }

  /// Statements of one kind, which are tried one after the other.
  struct Group: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let ways: [Way]

    init(_ name: String, _ ways: [Way]) {
      testDescription = name
      self.ways = ways
    }
  }

  static let groups = [
    Group("tables", tables), Group("schemas and types", schemas), Group("columns", columns),
    Group("rows", rows), Group("values", values), Group("results", results),
    Group("safeguards", safeguards),
    Group("other objects", others),
  ]

  /// Tables, and the objects that CASCADE drops with them.
  static let tables: [Way] = [
    Way("DROP TABLE a.one CASCADE", "a.one 2", "constraint refers_x_fkey on public.refers"),
    Way("DROP TABLE refers, p", "public.p 4", "public.refers 1"),
    Way("DROP TABLE parent CASCADE", "public.child 1", "public.parent 0"),
    Way("DROP TABLE IF EXISTS absent, docs", "public.docs 1"),
    Way("DROP TABLE nothing", "public.nothing 0"),
    Way(#"DROP TABLE "B c"."T t""#, #""B c"."T t" 1"#),
    Way(
      "DROP TABLE posts CASCADE", "materialized view public.sums 1", "public.posts 100",
      "constraint comments_post_fkey on public.comments", "view public.titles"),
    Way(
      "DO $$BEGIN EXECUTE 'DROP TABLE ' || 'comments'; END$$", "public.comments 30"),
    Way("CREATE TABLE x AS SELECT 1; DROP TABLE x, comments", "public.comments 30"),
    Way(
      "DROP TABLE comments; CREATE TABLE comments (id int)", "public.comments 30",
      "constraint comments_pkey on public.comments",
      "constraint comments_post_fkey on public.comments", "not null public.comments.id"),
    Way("DROP TABLE nothing; CREATE TABLE nothing (x int)", "public.nothing 0"),
    Way("DROP TABLE p2", "public.p2 1"),
  ]

  static let schemas: [Way] = [
    Way(
      "DROP SCHEMA a CASCADE", "a.one 2", "public.nothing.m 0", "public.refers.m 1",
      "cast (a.mood AS integer)", "constraint refers_x_fkey on public.refers",
      "function public.total_of(a.mood)", "schema a", "type a.mood", "type a.short"),
    Way(#"DROP SCHEMA IF EXISTS "B c" CASCADE"#, #""B c"."T t" 1"#, #"schema "B c""#),
    Way(
      "DROP TYPE a.mood CASCADE", "public.nothing.m 0", "public.refers.m 1",
      "cast (a.mood AS integer)", "function public.total_of(a.mood)", "type a.mood"),
    Way("DROP DOMAIN a.short", "type a.short"),
    Way(
      "DROP EXTENSION vector CASCADE", "public.docs.e 1", "public.nothing.e 0", "extension vector"),
  ]

  static let columns: [Way] = [
    Way(
      "ALTER TABLE posts DROP COLUMN body", "public.posts.body 60", "index public.posts_body",
      "statistics object public.together"),
    Way(
      "ALTER TABLE posts DROP COLUMN title CASCADE", "public.posts.title 100",
      "constraint once on public.posts", "constraint short on public.posts",
      "statistics object public.together", "view public.titles"),
    Way("ALTER TABLE parent DROP COLUMN x", "public.parent.x 1"),
    Way(
      "ALTER TABLE posts DROP COLUMN price; ALTER TABLE posts ADD COLUMN price int",
      "public.posts.price 100"),
    Way(
      "ALTER TYPE pair DROP ATTRIBUTE b CASCADE", "public.typed.b 2",
      "composite type column public.pair.b",
      "values public.holds.p 1 the values lose the attribute b",
      "values public.holds.q ? values inside of the column's values lose the attribute b",
      #"values public.holds."R r" 0 the values lose the attribute b"#),
    Way(
      "DROP TYPE pair CASCADE", "public.typed 3", #"public.holds."R r" 0"#, "public.holds.p 2",
      "public.holds.q 1", "type public.pair"),
  ]

  static let rows: [Way] = [
    Way("TRUNCATE comments", "rows public.comments 30"),
    Way("TRUNCATE TABLE ONLY a.one CASCADE", "rows a.one 2", "rows public.refers 1"),
    Way("TRUNCATE p", "rows public.p1 3", "rows public.p2 1"),
    Way("TRUNCATE nothing"),
    Way(
      "CREATE TABLE kept AS TABLE comments; TRUNCATE comments; INSERT INTO comments TABLE kept",
      "rows public.comments 30"),
    Way("DELETE FROM comments WHERE id <= 7", "rows public.comments 7"),
    Way("DELETE FROM a.one WHERE x = 1", "rows a.one 1", "rows public.refers 1"),
    Way("DELETE FROM p WHERE x = 1", "rows public.p1 3"),
    Way(
      "WITH gone AS (DELETE FROM comments RETURNING id) SELECT count(*) FROM gone",
      "rows public.comments 30"),
    Way(
      "MERGE INTO comments c USING a.one o ON c.id = o.x WHEN MATCHED THEN DELETE",
      "rows public.comments 2"),
    Way("SELECT wipe()", "rows public.comments 30"),
    Way("CALL sweep()", "rows public.comments 30"),
    Way("DO $$BEGIN PERFORM wipe(); END$$", "rows public.comments 30"),
    Way("INSERT INTO refers VALUES (2, 'bad')", "rows public.comments 5"),
    Way("UPDATE p SET x = 2 WHERE x = 1", "rows public.p1 3"),
    Way("SELECT lo_unlink(4242)", "large objects 1"),
  ]

  static let values: [Way] = [
    Way("UPDATE posts SET body = NULL", "values public.posts.body 100 60 before, 0 after"),
    Way(
      "UPDATE posts SET title = 'same ' || id WHERE id <= 9",
      "values public.posts.title 9 100 before, 100 after"),
    Way("UPDATE posts SET title = trim(title)"),
    Way("ALTER TABLE posts ADD COLUMN words int; UPDATE posts SET words = length(title)"),
    Way(
      "ALTER TABLE posts ALTER COLUMN price TYPE int USING price::int",
      "values public.posts.price 100 100 before, 100 after"),
    Way("ALTER TABLE posts ALTER COLUMN price TYPE numeric(12, 5)"),
    Way("ALTER TABLE comments ALTER COLUMN id TYPE bigint"),
    Way(
      "ALTER TABLE comments DROP CONSTRAINT comments_pkey; UPDATE comments SET id = 31 - id",
      "constraint comments_pkey on public.comments",
      "values public.comments 30 the values are exchanged between the rows"),
  ]

  /// Columns that were computed from other columns before the migration.
  static let results: [Way] = [
    Way("ALTER TABLE doubled ALTER COLUMN g DROP EXPRESSION", expression, generation),
    Way(
      "ALTER TABLE doubled ALTER COLUMN g DROP EXPRESSION; UPDATE doubled SET g = 0 WHERE a < 3",
      expression, generation, "values public.doubled.g 2 3 before, 3 after"),
    Way(
      """
      ALTER TABLE doubled ALTER COLUMN g DROP EXPRESSION; ALTER TABLE doubled RENAME g TO h;
      ALTER TABLE doubled RENAME TO thrice; UPDATE thrice SET h = NULL;
      """, expression, generation, "values public.doubled.g 3 3 before, 0 after"),
    Way(
      """
      ALTER TABLE doubled ALTER COLUMN g DROP EXPRESSION;
      ALTER TABLE doubled ALTER COLUMN g TYPE text USING left(g::text, 0)
      """, expression, generation, "values public.doubled.g 3 3 before, 3 after"),
    Way("UPDATE doubled SET a = a + 1", "values public.doubled.a 3 3 before, 3 after"),
  ]

  private static let expression = "default value for public.doubled.g"
  private static let generation = "generation public.doubled.g"

  static let safeguards: [Way] = [
    Way("ALTER TABLE posts DROP CONSTRAINT short", "constraint short on public.posts"),
    Way(
      "ALTER TABLE posts DROP CONSTRAINT posts_pkey CASCADE",
      "constraint comments_post_fkey on public.comments",
      "constraint posts_pkey on public.posts"),
    Way("ALTER TABLE posts ALTER COLUMN title DROP NOT NULL", "not null public.posts.title"),
    Way("ALTER TABLE posts ALTER COLUMN id DROP DEFAULT", "default value for public.posts.id"),
    Way("ALTER TABLE posts DISABLE ROW LEVEL SECURITY", "row security public.posts"),
    Way("DROP POLICY everybody ON posts", "policy everybody on public.posts"),
    Way("DROP TRIGGER stamped ON posts", "trigger stamped on public.posts"),
    Way("ALTER TABLE posts DISABLE TRIGGER stamped", "enabled trigger stamped on public.posts"),
    Way(
      "DROP FUNCTION stamp CASCADE", "function public.stamp()", "trigger stamped on public.posts"),
    Way(#"DROP RULE kept ON "B c"."T t""#, #"rule kept on "B c"."T t""#),
    Way("ALTER TABLE comments SET UNLOGGED", "logging public.comments"),
    Way("ALTER TABLE posts REPLICA IDENTITY NOTHING", "replica identity public.posts"),
    Way("ALTER TABLE posts REPLICA IDENTITY FULL"),
    Way("ALTER DOMAIN named DROP NOT NULL", "not null domain public.named"),
    Way("ALTER DOMAIN named DROP DEFAULT", "default value for domain public.named"),
    Way("ALTER DOMAIN named SET DEFAULT 'y'"),
    Way("ALTER TABLE p DETACH PARTITION p1", "partition public.p1 of public.p 3"),
    Way("ALTER TABLE child NO INHERIT parent", "inheritance public.child of public.parent 1"),
  ]

  static let others: [Way] = [
    Way("DROP INDEX posts_body", "index public.posts_body"),
    Way("DROP VIEW titles", "view public.titles"),
    Way("DROP MATERIALIZED VIEW sums", "materialized view public.sums 1"),
    Way("REFRESH MATERIALIZED VIEW sums WITH NO DATA", "rows public.sums 1"),
    Way("DROP SEQUENCE counter", "sequence public.counter"),
    Way("DROP STATISTICS together", "statistics object public.together"),
    Way("COMMENT ON TABLE posts IS NULL", "comment on table public.posts"),
    Way("DROP PUBLICATION news", "publication news"),
    Way(
      "ALTER PUBLICATION news DROP TABLE posts",
      "publication relation public.posts in publication news"),
    Way("DROP AGGREGATE total (int)", "aggregate public.total(integer)"),
    Way("DROP FUNCTION half", "function public.half(integer)"),
    Way("DROP FUNCTION half; CREATE FUNCTION half(int) RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    Way("DROP CAST (a.mood AS int)", "cast (a.mood AS integer)"),
    Way("DROP OPERATOR @@@ (int, int)", "operator public.@@@(integer,integer)"),
    Way("DROP TEXT SEARCH CONFIGURATION plain", "text search configuration public.plain"),
    Way("DROP COLLATION binary_order", "collation public.binary_order"),
    Way("DROP SERVER far CASCADE", "foreign table public.remote", "server far"),
    Way("DROP PROCEDURE sweep", "procedure public.sweep()"),
    Way("SELECT 1"), Way("CREATE TABLE fresh (x int); DROP TABLE fresh"),
  ]

  /// One database for all cases: neither a preview nor a refused run leaves anything in it.
  private static let database = Result {
    let database = try TestDatabase()
    try database.connect().execute(script: SQL(script: world))
    return database
  }

  /// Returns the name of each object, and the number of rows of each table.
  private func inventory(_ session: Connection) throws -> Set<String> {
    var snapshot = ObjectSnapshot()
    // Tests in other databases make and drop roles and other shared objects at the same time.
    let groups = ObjectCatalog.allCases.filter { $0 != .shared && $0 != .server }
    try snapshot.refresh(groups, on: session)
    // The first run makes the ledger.
    let all = snapshot.groups.values.flatMap(\.values).filter {
      !$0.identity.contains("schema_migrations")
    }
    let tables = all.filter { $0.kind == "table" && $0.detail == "r" }.map(\.identity)
    let counts = tables.map { table -> SQL in
      "SELECT \(Literal(table)) || ' ' || count(*) FROM ONLY \(SQL(script: table))"
    }
    let rows = try session.query(SQL.joined(counts, separator: " UNION ALL "))
    let counted = try rows.map { (row) throws(PostgresError) in
      try rows.value(row, 0, as: String.self)
    }
    return Set(all.map(\.name) + counted)
  }

  @Test(arguments: groups)
  func `everything that goes is named with its count, and nothing goes without its name`(
    group: Group
  ) throws {
    let folder = try Folder(in: try Self.database.get())
    let session = try folder.database.connect()
    let before = try inventory(session)
    for way in group.ways {
      try tryOut(way, in: folder, on: session)
      let after = try inventory(session)
      #expect(
        after == before,
        """
        \(way.statement): gone \(before.subtracting(after).sorted()), \
        new \(after.subtracting(before).sorted())
        """)
    }
  }

  private func tryOut(_ way: Way, in folder: Folder, on session: Connection) throws {
    let comment: Comment = "\(way.statement)"
    try folder.write(way.statement, to: "1_a.sql")
    let trial = try folder.preview(.up(.all), on: session)
    #expect(trial.failure == nil && trial.losses.unknown.isEmpty, comment)
    #expect(trial.losses.losses.map(\.told) == way.told, comment)
    let names = trial.losses.names
    for name in Oracle.isFullRun ? names : Array(names.suffix(1)) {
      let failure = #expect(throws: MigrationFailure.self, comment) {
        try folder.run(
          .up(.all), after: trial, allowing: names.filter { $0 != name }, on: session)
      }
      #expect(
        failure?.description.contains("\(name) would be lost") == true,
        "\(way.statement): \(failure as Any)")
    }
    if names.count > 1 {
      // This holds even where the preview had found no loss.
      #expect(throws: MigrationFailure.self, comment) {
        try folder.run(.up(.all), after: SchemaTrial(), allowing: [], on: session)
      }
    }
  }
}

extension Loss {
  /// The loss on one line: name, count and detail.
  var told: String {
    let more = kind == .values ? detail.map { " \($0)" } ?? "" : ""
    return counted + more
  }

  /// The loss as its name and count.
  var counted: String {
    switch count {
    case .none: name
    case .exactly(let number): "\(name) \(number)"
    case .about(let number): "\(name) ~\(number)"
    case .unknown: "\(name) ?"
    }
  }
}

extension Folder {
  /// Creates a folder for an existing database.
  init(in database: TestDatabase) throws {
    directory = try TemporaryDirectory("migrations")
    self.database = database
  }

  /// Creates a folder, and a database in which this SQL was executed.
  init(world: String) throws {
    try self.init()
    try database.connect().execute(script: SQL(script: world))
  }

  /// Returns the result of a preview.
  func preview(
    _ request: SchemaRequest, seconds: Double = 30, on session: Connection? = nil
  ) throws -> SchemaTrial {
    let runner = SchemaRunner(connection: try session ?? database.connect(), set: try set)
    return try runner.tryOut(try runner.plan(request), .preview(seconds: seconds))
  }

  /// Runs the migrations of a preview, with these losses allowed; by default all.
  @discardableResult
  func run(
    _ request: SchemaRequest, after trial: SchemaTrial, allowing names: [String]? = nil,
    on session: Connection? = nil, observe: @escaping (SchemaEvent) -> Void = { _ in }
  ) throws -> SchemaOutcome {
    let runner = SchemaRunner(
      connection: try session ?? database.connect(), set: try set, observe: observe)
    return try runner.run(
      request, plan: try runner.plan(request),
      allowing: .named(Set(names ?? trial.losses.names), trial.losses))
  }
}
