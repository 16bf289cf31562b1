import Foundation
import Postgres
import OwnSchema
import TestSupport
import Testing

/// Tests dimension changes in a database with roles that are not trusted, and writes that take
/// unusual ways.
@Suite(.needsServer, .serialized) struct DimensionSafetyTests {
  /// Returns a function that makes the role a superuser where it runs with a superuser's rights.
  private static func trap(_ role: Role) -> String {
    """
    IF current_user <> '\(role.name)' THEN
      EXECUTE 'ALTER ROLE \(role.name) SUPERUSER';
    END IF;
    """
  }

  private func script(_ text: String, on connection: Connection) throws {
    try connection.execute(script: SQL(script: text))
  }

  /// Attaches the trigger's function to a table with a check that runs on each value of its column.
  private func attach(_ role: Role) throws {
    let session = try role.connect()
    try script(
      """
      CREATE FUNCTION pg_temp.trap(vector) RETURNS bool LANGUAGE plpgsql AS $$
      BEGIN \(Self.trap(role)) RETURN true; END $$;
      CREATE DOMAIN pg_temp.trapped AS vector CHECK (pg_temp.trap(value));
      CREATE TEMP TABLE mine (id int, embedding vector, embedding_64 pg_temp.trapped,
        embedding_96 pg_temp.trapped);
      """, on: session)
    let error = #expect(throws: PostgresError.self) {
      try script(
        """
        CREATE TRIGGER x BEFORE INSERT OR UPDATE ON mine
          FOR EACH ROW EXECUTE FUNCTION vector_ferry.follow_change_1();
        INSERT INTO mine VALUES (2, '[1]', '[2]', '[2]');
        UPDATE mine SET embedding = '[3]' WHERE id = 2;
        """, on: session)
    }
    #expect(error?.serverError?.sqlState == "42501")
    #expect(try !role.isSuperuser)
  }

  @Test func `nobody can attach the trigger's function to a table of their own`() throws {
    let ferry = try Ferry()
    let role = try Role("mallory", in: ferry)
    try ferry.fillTable(rows: 160, dimensions: 96)
    // This holds even where every role gets the right to execute new functions.
    try script(
      """
      GRANT USAGE ON SCHEMA vector_ferry TO \(role.name);
      ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO \(role.name);
      """, on: ferry.database.connect())
    let change = try ferry.startChange(to: 64, pausedAt: "change-filled")
    try attach(role)
    let outcome = try change.resume()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    try attach(role)
    #expect(
      try ferry.scalar("SELECT count(*) FROM pg_proc WHERE prosecdef AND proname LIKE 'follow%'")
        == 0
    )
  }

  @Test func `neither the table's owner nor operators in pgvector's schema get its owner's rights`()
    throws
  {
    let ferry = try Ferry()
    let role = try Role("mallory", in: ferry)
    try ferry.fillTable(rows: 160, dimensions: 96)
    try script(
      """
      ALTER TABLE vector_documents OWNER TO \(role.name);
      GRANT CREATE ON SCHEMA public TO \(role.name);
      """, on: ferry.database.connect())
    let change = try ferry.startChange(to: 128, pausedAt: "change-filled")
    let session = try role.connect()
    try script(
      """
      CREATE FUNCTION public.trap(real[], real[]) RETURNS real[] LANGUAGE plpgsql AS $$
      BEGIN \(Self.trap(role)) RETURN pg_catalog.array_cat($1, $2); END $$;
      CREATE OPERATOR public.|| (leftarg = real[], rightarg = real[], function = public.trap);
      CREATE FUNCTION public.array_fill(real, int[]) RETURNS real[] LANGUAGE plpgsql AS $$
      BEGIN \(Self.trap(role)) RETURN pg_catalog.array_fill($1, $2); END $$;
      UPDATE vector_documents SET embedding = embedding + embedding WHERE text = 'document 3';
      """, on: session)
    #expect(try !role.isSuperuser)
    try script(
      """
      CREATE FUNCTION public.check_me(vector) RETURNS bool LANGUAGE plpgsql AS $$
      BEGIN \(Self.trap(role)) RETURN true; END $$;
      CREATE DOMAIN public.trapped AS vector(128) CHECK (public.check_me(value));
      ALTER TABLE vector_documents ALTER COLUMN embedding_128 TYPE public.trapped;
      """, on: session)
    let error = #expect(throws: PostgresError.self) {
      try script(
        "UPDATE vector_documents SET embedding = embedding + embedding WHERE text = 'document 4'",
        on: session)
    }
    #expect(error?.serverError?.sqlState == "42501")
    #expect(try !role.isSuperuser)
    change.signal(SIGKILL)
    _ = try change.finish()
  }

  @Test(arguments: ["change-filled", "change-settled"])
  func `what an earlier version has left is made safe by the next command`(stage: String) throws {
    let ferry = try Ferry()
    let role = try Role("mallory", in: ferry)
    try ferry.fillTable(rows: 160, dimensions: 96)
    let change = try ferry.startChange(to: 64, pausedAt: stage)
    change.signal(SIGKILL)
    _ = try change.finish()
    try script(
      """
      GRANT USAGE ON SCHEMA vector_ferry TO \(role.name);
      CREATE OR REPLACE FUNCTION vector_ferry.follow_change_1() RETURNS trigger LANGUAGE plpgsql
      SECURITY DEFINER SET search_path = pg_catalog, public, vector_ferry, pg_temp AS $$
      BEGIN
        NEW.embedding_64 := vector_ferry.change_vector(1, NEW.embedding, false);
        RETURN NEW;
      END $$;
      GRANT EXECUTE ON FUNCTION vector_ferry.follow_change_1() TO PUBLIC;
      ALTER TABLE vector_ferry.dimension_changes DROP COLUMN filler;
      \(Ferry.versionSeven)
      ALTER TABLE vector_documents ENABLE TRIGGER zz_vector_ferry_follow_1;
      """, on: ferry.database.connect())
    let status = try ferry.run("dimensions", "status")
    #expect(status.status == 0 && status.errorText == "", "\(status.errorText)")
    try attach(role)
    if stage == "change-filled" {
      // That trigger did not fire for rows that were replayed from another server.
      let outcome = try ferry.run("dimensions", "change", "--to", "64")
      #expect(outcome.status == 0, "\(outcome.errorText)")
      #expect(outcome.errorText.contains("every row is filled again"))
    } else {
      let outcome = try ferry.run("dimensions", "undo", "--yes")
      #expect(outcome.status == 3 && outcome.errorText.contains("ENABLE ALWAYS TRIGGER"))
    }
  }

  // MARK: Writes

  /// Returns true where a document's new vector is the old vector as the change converts it.
  private func isInStep(_ ferry: Ferry, _ text: String) throws -> Bool? {
    try ferry.scalar(
      """
      SELECT embedding <=> vector_ferry.change_vector(1, embedding_96, false) < 1e-5
      FROM vector_documents WHERE text = \(text)
      """)
  }

  @Test func `a row that is replayed from another server is followed like any other`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let change = try ferry.startChange(to: 64, pausedAt: "change-filled")
    let session = try ferry.database.connect()
    try script(
      """
      SET session_replication_role = replica;
      UPDATE vector_documents t SET embedding =
        (SELECT o.embedding FROM vector_documents o WHERE o.text = 'document 6')
      WHERE t.text = 'document 5';
      """, on: session)
    let outcome = try change.resume()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(try isInStep(ferry, "document 5") == true)
    #expect(
      try ferry.scalar(
        """
        SELECT a.embedding <=> b.embedding < 1e-5 FROM vector_documents a, vector_documents b
        WHERE a.text = 'document 5' AND b.text = 'document 6'
        """) == true)
  }

  @Test func `a trigger that was switched off is noticed under the swap's lock`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let change = try ferry.startChange(to: 64, pausedAt: "change-filled")
    try script(
      """
      ALTER TABLE vector_documents DISABLE TRIGGER USER;
      UPDATE vector_documents t SET embedding =
        (SELECT o.embedding FROM vector_documents o WHERE o.text = 'document 6')
      WHERE t.text = 'document 5';
      """, on: ferry.database.connect())
    let outcome = try change.resume()
    #expect(outcome.status == 0, "\(outcome.errorText)")
    #expect(outcome.errorText.contains("every row is filled again"))
    #expect(try isInStep(ferry, "document 5") == true)
  }

  @Test func `no setting lets a session's own updates be lost`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 160, dimensions: 96)
    let change = try ferry.startChange(to: 64, pausedAt: "change-filled")
    let session = try ferry.database.connect()
    let filler: String? = try session.scalar(
      "SELECT to_jsonb(c) ->> 'filler' FROM vector_ferry.dimension_changes c")
    for value in ["1", filler ?? "1"] {
      try session.query("SELECT set_config('vector_ferry.filling', \(value), false)")
      try session.query(
        "UPDATE vector_documents SET metadata = '{\"a\": 1}' WHERE text = 'document 5'")
      #expect(
        try session.scalar(
          "SELECT metadata ->> 'a' FROM vector_documents WHERE text = 'document 5'") == "1")
      try session.query("UPDATE vector_documents SET metadata = '{}' WHERE text = 'document 5'")
    }
    #expect(try change.resume().status == 0)
  }

  // MARK: Policies

  @Test func `under the ledger's policies every tenant searches and writes, before and after`()
    throws
  {
    let ferry = try Ferry()
    let role = try Role("app", in: ferry)
    try ferry.fillTable(rows: 160, dimensions: 96)
    try script(
      """
      GRANT USAGE ON SCHEMA vector_ferry TO \(role.name);
      GRANT SELECT ON vector_ferry.stores, vector_ferry.projections,
        vector_ferry.projection_components TO \(role.name);
      GRANT SELECT, INSERT, UPDATE ON vector_documents TO \(role.name);
      """, on: ferry.database.connect())
    try ferry.database.connect().execute(script: RowSecurity.isolateLedger)
    let outcome = try ferry.run("dimensions", "change", "--to", "64")
    #expect(outcome.status == 0, "\(outcome.errorText)")
    try expectService(ferry, role)
    // The state is that of a database that had the policies before.
    try script(
      """
      DROP POLICY vector_ferry_dimension_changes ON vector_ferry.projections;
      DROP POLICY vector_ferry_dimension_changes ON vector_ferry.projection_components;
      """, on: ferry.database.connect())
    #expect(try ferry.run("dimensions", "status").status == 0)
    try expectService(ferry, role)
    let session = try ferry.database.connect()
    try session.execute(script: RowSecurity.releaseLedger)
    try session.execute(script: RowSecurity.isolateLedger)
    try expectService(ferry, role)
  }

  private func expectService(_ ferry: Ferry, _ role: Role) throws {
    let session = try role.connect()
    let probe = VectorValue(DimensionClients.vector(0, 96))
    try session.transaction {
      try RowSecurity.act(for: "ann", on: session)
      let found: Int? = try session.scalar(
        "SELECT count(*) FROM vector_ferry.similarity_search('ann', 'notes', \(probe)::vector, 5)")
      #expect(found == 5)
      try session.query(
        """
        UPDATE vector_documents
        SET embedding = vector_ferry.reduce_document('ann', 'notes', \(probe)::vector)
        WHERE text = 'document 0'
        """)
    }
  }

  @Test func `the name of a table is never run as a statement`() throws {
    let ferry = try Ferry()
    try ferry.fillTable(rows: 10, dimensions: 8)
    let session = try ferry.database.connect()
    #expect(throws: PostgresError.self) {
      try session.query(
        """
        SELECT vector_ferry.column_dimensions(
          'public.vector_documents LIMIT 0; CREATE TABLE public.made(); SELECT', 'embedding')
        """)
    }
    #expect(try session.scalar("SELECT to_regclass('public.made') IS NULL") == true)
    #expect(
      try session.scalar(
        "SELECT vector_ferry.column_dimensions('public.vector_documents', 'embedding')") == 8)
  }
}
