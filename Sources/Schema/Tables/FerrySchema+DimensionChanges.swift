public import Postgres

extension FerrySchema {
  /// Makes the record of dimension changes where it is missing, and brings the functions up that
  /// look into it: apart from the versions, because few databases ever need it.
  ///
  /// Whoever may read the models may read it too, or their searches would fail from then on. It
  /// runs within the transaction that is open.
  public static func installDimensionChanges(on connection: Connection) throws {
    let vector = try vectorSchema(on: connection)
    try installInTransaction(on: connection)
    try connection.execute(script: dimensionChanges + RowSecurity.showChanges)
    // The search functions stay as they are, with the settings that tuning has given them.
    try connection.execute(
      script: reduction(vector) + "\n" + dimensionFunctions(vector) + "\n"
        + reductions(VectorNames(schema: vector)))
  }

  /// False where an earlier program has made the record or the functions that look into it.
  public static func hasCurrentDimensionChanges(on connection: Connection) throws(PostgresError)
    -> Bool
  {
    try connection.scalar(
      """
      SELECT to_regclass('vector_ferry.dimension_changes') IS NULL
        OR EXISTS (SELECT FROM pg_attribute
             WHERE attrelid = to_regclass('vector_ferry.dimension_changes') AND attname = 'filler')
          AND to_regprocedure('vector_ferry.column_dimensions(text, text)') IS NULL
          AND (SELECT bool_and('search_path=pg_catalog, pg_temp' = ANY (p.proconfig))
               FROM pg_proc p WHERE p.pronamespace = to_regnamespace('vector_ferry')
                 AND p.proname IN ('change_vector', 'reduce')) IS TRUE
          AND NOT EXISTS (\(RowSecurity.hiddenChanges))
      """) ?? false
  }

  private static var dimensionChanges: SQL {
    """
    CREATE TABLE IF NOT EXISTS vector_ferry.dimension_changes (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      table_name text NOT NULL,
      column_name text NOT NULL,
      from_dimensions int NOT NULL,
      to_dimensions int NOT NULL,
      projection_id bigint REFERENCES vector_ferry.projections,
      recall float8,
      must_be_given boolean NOT NULL,
      state text NOT NULL CHECK (state IN ('filling', 'swapped', 'finished', 'undone')),
      started_at timestamptz NOT NULL DEFAULT now(),
      swapped_at timestamptz,
      ended_at timestamptz,
      filler text
    );
    CREATE UNIQUE INDEX IF NOT EXISTS dimension_changes_open_key
      ON vector_ferry.dimension_changes (table_name, column_name)
      WHERE state IN ('filling', 'swapped');
    DO $$
    DECLARE
      reader record;
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = 'vector_ferry.dimension_changes'::regclass AND attname = 'filler')
      THEN
        ALTER TABLE vector_ferry.dimension_changes ADD COLUMN filler text;
      END IF;
      FOR reader IN
        SELECT DISTINCT a.grantee FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = 'vector_ferry.projections'::regclass AND a.privilege_type = 'SELECT'
      LOOP
        EXECUTE format('GRANT SELECT ON vector_ferry.dimension_changes TO %s',
          CASE reader.grantee WHEN 0 THEN 'PUBLIC' ELSE reader.grantee::regrole::text END);
      END LOOP;
    END
    $$;

    """
  }

  /// What brings vectors of another dimension to that of the column, whichever it has by now.
  static func dimensionFunctions(_ schema: Identifier) -> SQL {
    SQL.joined([columnDimensions, changeVector(schema), toColumn(schema)], separator: "\n")
  }

  /// VOLATILE on purpose: its statements see what is committed when they start, though the search
  /// that calls it began before a swap that it had to wait for.
  private static var columnDimensions: SQL {
    """
    DROP FUNCTION IF EXISTS vector_ferry.column_dimensions(text, text);
    CREATE OR REPLACE FUNCTION vector_ferry.column_dimensions(p_table regclass, p_column text)
    RETURNS int LANGUAGE plpgsql VOLATILE \(strictPath) AS $$
    DECLARE
      found int;
    BEGIN
      -- The lock stays until the transaction ends: no swap comes between this answer and its use.
      EXECUTE format('SELECT FROM %s LIMIT 0', p_table);
      SELECT a.atttypmod INTO found FROM pg_attribute a
      WHERE a.attrelid = p_table AND a.attname = p_column AND NOT a.attisdropped;
      RETURN found;
    END
    $$;
    """
  }

  private static func changeVector(_ schema: Identifier) -> SQL {
    let vector = QualifiedName(schema: schema, "vector")
    return """
      CREATE OR REPLACE FUNCTION vector_ferry.change_vector(
        p_change bigint, p_vector \(vector), p_is_query boolean)
      RETURNS \(vector) LANGUAGE plpgsql STABLE STRICT \(strictPath) AS $$
      DECLARE
        change record;
        projection vector_ferry.projections;
      BEGIN
        SELECT c.* INTO STRICT change FROM vector_ferry.dimension_changes c WHERE c.id = p_change;
        IF change.projection_id IS NULL THEN
          RETURN (p_vector::real[]
            || array_fill(0::real, ARRAY[change.to_dimensions - change.from_dimensions])
          )::\(vector);
        END IF;
        SELECT p.* INTO STRICT projection FROM vector_ferry.projections p
        WHERE p.id = change.projection_id;
        RETURN vector_ferry.reduce(projection, p_vector,
          CASE WHEN p_is_query THEN projection.query_slot ELSE projection.document_slot END);
      END
      $$;
      """
  }

  private static func toColumn(_ schema: Identifier) -> SQL {
    let vector = QualifiedName(schema: schema, "vector")
    let size = QualifiedName(schema: schema, "vector_dims")
    return """
      CREATE OR REPLACE FUNCTION vector_ferry.to_column(
        p_table text, p_vector \(vector), p_is_query boolean)
      RETURNS \(vector) LANGUAGE plpgsql STABLE STRICT \(strictPath) AS $$
      DECLARE
        wanted int;
        change record;
        last bigint := 0;
      BEGIN
        IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN RETURN p_vector; END IF;
        LOOP
          SELECT c.id INTO change FROM vector_ferry.dimension_changes c
          WHERE c.table_name = p_table AND c.column_name = 'embedding' AND c.id > last
            AND c.from_dimensions = \(size)(p_vector) AND c.state <> 'undone'
          ORDER BY c.id LIMIT 1;
          IF NOT FOUND THEN RETURN p_vector; END IF;
          wanted := coalesce(wanted, vector_ferry.column_dimensions(p_table::regclass, 'embedding'));
          IF wanted IS NULL OR wanted = \(size)(p_vector) THEN RETURN p_vector; END IF;
          p_vector := vector_ferry.change_vector(change.id, p_vector, p_is_query);
          last := change.id;
        END LOOP;
      END
      $$;
      COMMENT ON FUNCTION vector_ferry.to_column(text, \(vector), boolean) IS
        'A vector in the dimension that the column embedding of a table has by now.';
      """
  }
}
