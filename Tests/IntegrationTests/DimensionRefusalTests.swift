import Foundation
import Postgres
import TestSupport
import Testing

/// Tests that each obstacle to a dimension change is named before anything is changed.
@Suite(.needsServer, .serialized) struct DimensionRefusalTests {
  private func script(_ text: String, _ ferry: Ferry) throws {
    try ferry.database.connect().execute(script: SQL(script: text))
  }

  /// Objects that depend on a column: the statement that makes the object, its name, and the
  /// statement that drops it.
  static let dependents: [(make: String, name: String, drop: String)] = [
    (
      "CREATE VIEW near AS SELECT id, embedding FROM vector_documents", "view near",
      "DROP VIEW near"
    ),
    (
      "CREATE MATERIALIZED VIEW near AS SELECT id, embedding FROM vector_documents", "near",
      "DROP MATERIALIZED VIEW near"
    ),
    (
      "CREATE POLICY own ON vector_documents USING (embedding IS NOT NULL)",
      "policy own on table vector_documents", "DROP POLICY own ON vector_documents"
    ),
    (
      """
      CREATE FUNCTION widths() RETURNS bigint LANGUAGE sql
      BEGIN ATOMIC SELECT sum(vector_dims(embedding)) FROM vector_documents; END
      """, "function widths()", "DROP FUNCTION widths()"
    ),
    (
      "ALTER TABLE vector_documents ADD CONSTRAINT long CHECK (vector_norm(embedding) > 0)",
      "constraint long on table vector_documents",
      "ALTER TABLE vector_documents DROP CONSTRAINT long"
    ),
    (
      """
      ALTER TABLE vector_documents ALTER COLUMN embedding
        SET DEFAULT array_fill(1::real, ARRAY[96])::vector
      """, "default value for column embedding of table vector_documents",
      "ALTER TABLE vector_documents ALTER COLUMN embedding DROP DEFAULT"
    ),
    (
      """
      ALTER TABLE vector_documents
        ADD COLUMN width int GENERATED ALWAYS AS (vector_dims(embedding)) STORED
      """, "column width of table vector_documents",
      "ALTER TABLE vector_documents DROP COLUMN width"
    ),
    (
      """
      CREATE INDEX notes_only ON vector_documents USING hnsw (embedding vector_cosine_ops)
      WHERE user_id = 'ann'
      """, "index notes_only", "DROP INDEX notes_only"
    ),
    (
      "CREATE UNIQUE INDEX once ON vector_documents (embedding)", "index once", "DROP INDEX once"
    ),
    (
      "CREATE INDEX by_norm ON vector_documents (vector_norm(embedding))", "index by_norm",
      "DROP INDEX by_norm"
    ),
    (
      """
      CREATE INDEX by_bits ON vector_documents
      USING hnsw ((binary_quantize(embedding)::bit(96)) bit_hamming_ops)
      """, "index by_bits", "DROP INDEX by_bits"
    ),
    (
      """
      CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER noted BEFORE UPDATE OF embedding ON vector_documents
        FOR EACH ROW EXECUTE FUNCTION noted()
      """, "trigger noted on table vector_documents",
      "DROP TRIGGER noted ON vector_documents; DROP FUNCTION noted()"
    ),
    (
      "GRANT SELECT (embedding) ON vector_documents TO PUBLIC", "has privileges of its own",
      "REVOKE SELECT (embedding) ON vector_documents FROM PUBLIC"
    ),
    (
      "CREATE TABLE heirs () INHERITS (vector_documents)", "is not a plain table",
      "DROP TABLE heirs"
    ),
    (
      """
      INSERT INTO vector_ferry.runs (id, host, pid, program_version)
        VALUES ('00000000-0000-4000-8000-000000000001', 'test', 1, 'test');
      INSERT INTO vector_ferry.stores (table_name, user_id, collection_name, run_id, source_path,
        source_digest, settings, documents, source_dimensions, dimensions, content_digest, state,
        keeps_original)
      VALUES ('public.vector_documents', 'ann', 'notes', '00000000-0000-4000-8000-000000000001',
        'x', '', '', 60, 128, 96, '', 'migrated', true)
      """, "1 stores of public.vector_documents keep originals",
      "UPDATE vector_ferry.stores SET keeps_original = false"
    ),
  ]

  @Test func `what would silently go on with the old column is refused by name`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 60, dimensions: 96)
    for (make, name, drop) in Self.dependents {
      try script(make, ferry)
      let outcome = try ferry.run("dimensions", "change", "--to", "64")
      #expect(
        outcome.status == 3 && outcome.errorText.contains(name), "\(name): \(outcome.errorText)")
      #expect(
        try ferry.scalar("SELECT to_regclass('vector_ferry.dimension_changes') IS NULL") == true)
      try script(drop, ferry)
    }
    let poor = try ferry.run("dimensions", "change", "--to", "4")
    #expect(poor.status == 3 && poor.errorText.contains("below --min-recall"))
    // There is a store now, and the same holds.
    #expect(!poor.errorText.contains("of this table were migrated"), "\(poor.errorText)")
  }

  @Test func `partitioned tables and rows that are hidden from the role are refused`() throws {
    let ferry = try Ferry()
    let role = try Role("owner", in: ferry)
    try ferry.fillTable(rows: 60, dimensions: 96)
    try script(
      """
      CREATE TABLE parts (id int PRIMARY KEY, embedding vector(8)) PARTITION BY RANGE (id);
      CREATE TABLE part PARTITION OF parts FOR VALUES FROM (1) TO (9);
      ALTER TABLE vector_documents OWNER TO \(role.name);
      ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
      ALTER TABLE vector_documents FORCE ROW LEVEL SECURITY;
      """, ferry)
    for table in ["parts", "part"] {
      let outcome = try ferry.run("dimensions", "change", "--table", table, "--to", "4")
      #expect(outcome.status == 3 && outcome.errorText.contains("is not a plain table"))
    }
    let hidden = try ferry.run(
      "dimensions", "change", "--to", "64",
      environment: ["DATABASE_URL": try ferry.url(as: role.name)])
    #expect(hidden.status == 3 && hidden.errorText.contains("row-level security hides rows"))
  }

  @Test func `what comes to depend on the column while it is filled is refused at the swap`() throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let change = try ferry.startChange(to: 64, pausedAt: "change-filled")
    try script("CREATE UNIQUE INDEX once ON vector_documents (embedding)", ferry)
    let outcome = try change.resume()
    #expect(outcome.status == 3 && outcome.errorText.contains("index once"), "\(outcome.errorText)")
    try script("DROP INDEX once", ferry)
    #expect(try ferry.run("dimensions", "change").status == 0)
  }

  @Test func `vector indexes may stay, and what the column has beside its type goes along`() throws
  {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    try script(
      """
      CREATE INDEX plain ON vector_documents USING ivfflat (embedding vector_l2_ops)
        WITH (lists = 1);
      CREATE INDEX half ON vector_documents
        USING hnsw ((embedding::halfvec(96)) halfvec_cosine_ops);
      COMMENT ON COLUMN vector_documents.embedding IS 'of ''model'' 3';
      ALTER TABLE vector_documents ALTER COLUMN embedding SET STATISTICS 77;
      ALTER TABLE vector_documents ALTER COLUMN embedding SET STORAGE PLAIN;
      ALTER TABLE vector_documents ALTER COLUMN embedding SET (n_distinct = -0.5);
      """, ferry)
    let outcome = try ferry.run("dimensions", "change", "--to", "64")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    let properties: String? = try ferry.scalar(
      """
      SELECT concat_ws('|', col_description(attrelid, attnum), attstattarget, attstorage,
                       attoptions::text, attnotnull)
      FROM pg_attribute WHERE attrelid = 'vector_documents'::regclass AND attname = 'embedding'
      """)
    #expect(properties == "of 'model' 3|77|p|{n_distinct=-0.5}|t")
  }

  @Test(arguments: [
    (
      "DELETE FROM vector_documents WHERE text = 'document 3'", "vector_documents: 1 row is deleted"
    ),
    ("DELETE FROM kept", "public.kept: 160 rows are deleted"),
    ("TRUNCATE kept", "public.kept: emptied, rewritten or dropped"),
  ])
  func `a trigger that deletes rows while vectors are changed stops the change`(
    statement: String, said: String
  ) throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let session = try ferry.database.connect()
    try session.execute(
      script: SQL(
        script: """
          CREATE TABLE kept AS SELECT id FROM vector_documents;
          CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN
            IF pg_trigger_depth() = 1 THEN \(statement); END IF;
            RETURN NULL;
          END $$;
          CREATE TRIGGER app_forget AFTER UPDATE ON vector_documents
            FOR EACH STATEMENT EXECUTE FUNCTION forget();
          """))
    for _ in 1...2 {
      let stopped = try ferry.run("dimensions", "change", "--to", "64")
      #expect(stopped.status != 0, "\(stopped.text)\(stopped.errorText)")
      #expect(stopped.errorText.contains(said), "\(stopped.errorText)")
      #expect(stopped.errorText.contains("DISABLE TRIGGER"), "\(stopped.errorText)")
      #expect(try session.scalar("SELECT count(*) FROM vector_documents") == 160)
      #expect(try session.scalar("SELECT count(*) FROM kept") == 160)
    }
    try session.query("ALTER TABLE vector_documents DISABLE TRIGGER app_forget")
    let outcome = try ferry.run("dimensions", "change", "--to", "64")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try session.scalar("SELECT count(*) FROM vector_documents") == 160)
  }
}
