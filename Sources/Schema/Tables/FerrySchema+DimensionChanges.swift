public import Postgres

extension FerrySchema {
  /// Makes the record of dimension changes where it is missing, and brings the functions up that
  /// look into it: apart from the versions, because few databases ever need it.
  ///
  /// Whoever may read the models may read it too, or their searches would fail from then on. It
  /// runs within the transaction that is open.
  public static func installDimensionChanges(on connection: Connection) throws {
    let vector = VectorNames(schema: try vectorSchema(on: connection))
    try installInTransaction(on: connection)
    try connection.execute(script: dimensionChanges + RowSecurity.showChanges)
    // The search functions stay as they are, with the settings that tuning has given them.
    try connection.execute(
      script: reduction(vector) + "\n" + dimensionFunctions(vector) + "\n"
        + reductions(vector))
  }

  /// Brings the record up where it is, for functions that look for what it has by now.
  static func upgradeDimensionChanges(on connection: Connection) throws(PostgresError) {
    if try has("dimension_changes", on: connection) {
      try connection.execute(script: dimensionChanges)
    }
  }

  /// False where an earlier program has made the record or the functions that look into it.
  public static func hasCurrentDimensionChanges(on connection: Connection) throws(PostgresError)
    -> Bool
  {
    try connection.scalar(
      """
      SELECT to_regclass('vector_ferry.dimension_changes') IS NULL
        OR (SELECT count(*) FROM pg_attribute
            WHERE attrelid = to_regclass('vector_ferry.dimension_changes')
              AND attname IN ('filler', 'method')) = 2
          AND to_regprocedure('vector_ferry.column_dimensions(text, text)') IS NULL
          AND to_regprocedure('vector_ferry.reembedding_of(text)') IS NOT NULL
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
      IF NOT EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = 'vector_ferry.dimension_changes'::regclass AND attname = 'method')
      THEN
        ALTER TABLE vector_ferry.dimension_changes
          ADD COLUMN method text CHECK (method IN ('projection', 'zeros', 'reembedding')),
          ADD COLUMN provider text,
          ADD COLUMN model text,
          ADD COLUMN model_version text,
          ADD COLUMN text_column text,
          ADD CHECK (method <> 'reembedding' OR num_nulls(provider, model, text_column) = 0);
        UPDATE vector_ferry.dimension_changes
          SET method = CASE WHEN projection_id IS NULL THEN 'zeros' ELSE 'projection' END;
        ALTER TABLE vector_ferry.dimension_changes ALTER COLUMN method SET NOT NULL;
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
}
