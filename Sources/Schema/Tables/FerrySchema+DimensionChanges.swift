public import Postgres

extension FerrySchema {
  /// Makes the record of dimension changes where it is missing, and brings the functions up that
  /// look into it: apart from the versions, because few databases ever need it.
  ///
  /// Whoever may read the models may read it too, or their searches would fail from then on.
  public static func installDimensionChanges(on connection: Connection) throws {
    let vector = try vectorSchema(on: connection)
    try connection.transaction {
      try installInTransaction(on: connection)
      try connection.execute(script: dimensionChanges)
      // The search functions stay as they are, with the settings that tuning has given them.
      let path: SQL = "SET search_path = pg_catalog, \(vector), vector_ferry, pg_temp"
      try connection.execute(
        script: dimensionFunctions(path) + reductions(VectorNames(schema: vector)))
    }
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
      ended_at timestamptz
    );
    CREATE UNIQUE INDEX IF NOT EXISTS dimension_changes_open_key
      ON vector_ferry.dimension_changes (table_name, column_name)
      WHERE state IN ('filling', 'swapped');
    DO $$
    DECLARE
      reader record;
    BEGIN
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
  static func dimensionFunctions(_ path: SQL) -> SQL {
    SQL.joined([columnDimensions(path), changeVector(path), toColumn(path)], separator: "\n")
  }

  /// VOLATILE on purpose: its statements see what is committed when they start, though the search
  /// that calls it began before a swap that it had to wait for.
  private static func columnDimensions(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.column_dimensions(p_table text, p_column text)
    RETURNS int LANGUAGE plpgsql VOLATILE \(path) AS $$
    DECLARE
      found int;
    BEGIN
      -- The lock stays until the transaction ends: no swap comes between this answer and its use.
      EXECUTE format('SELECT FROM %s LIMIT 0', p_table);
      SELECT a.atttypmod INTO found FROM pg_attribute a
      WHERE a.attrelid = to_regclass(p_table) AND a.attname = p_column AND NOT a.attisdropped;
      RETURN found;
    END
    $$;
    """
  }

  private static func changeVector(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.change_vector(
      p_change bigint, p_vector vector, p_is_query boolean)
    RETURNS vector LANGUAGE plpgsql STABLE STRICT \(path) AS $$
    DECLARE
      change record;
      projection vector_ferry.projections;
    BEGIN
      SELECT c.* INTO STRICT change FROM vector_ferry.dimension_changes c WHERE c.id = p_change;
      IF change.projection_id IS NULL THEN
        RETURN (p_vector::real[]
          || array_fill(0::real, ARRAY[change.to_dimensions - change.from_dimensions]))::vector;
      END IF;
      SELECT p.* INTO STRICT projection FROM vector_ferry.projections p
      WHERE p.id = change.projection_id;
      RETURN vector_ferry.reduce(projection, p_vector,
        CASE WHEN p_is_query THEN projection.query_slot ELSE projection.document_slot END);
    END
    $$;
    """
  }

  private static func toColumn(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.to_column(
      p_table text, p_vector vector, p_is_query boolean)
    RETURNS vector LANGUAGE plpgsql STABLE STRICT \(path) AS $$
    DECLARE
      wanted int;
      change record;
      last bigint := 0;
    BEGIN
      IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN RETURN p_vector; END IF;
      LOOP
        SELECT c.id INTO change FROM vector_ferry.dimension_changes c
        WHERE c.table_name = p_table AND c.column_name = 'embedding' AND c.id > last
          AND c.from_dimensions = vector_dims(p_vector) AND c.state <> 'undone'
        ORDER BY c.id LIMIT 1;
        IF NOT FOUND THEN RETURN p_vector; END IF;
        wanted := coalesce(wanted, vector_ferry.column_dimensions(p_table, 'embedding'));
        IF wanted IS NULL OR wanted = vector_dims(p_vector) THEN RETURN p_vector; END IF;
        p_vector := vector_ferry.change_vector(change.id, p_vector, p_is_query);
        last := change.id;
      END LOOP;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.to_column(text, vector, boolean) IS
      'A vector in the dimension that the column embedding of a table has by now.';
    """
  }
}
