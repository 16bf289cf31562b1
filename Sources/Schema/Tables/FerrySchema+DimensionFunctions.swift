internal import Postgres

extension FerrySchema {
  /// What brings vectors of another dimension to that of the column, whichever it has by now.
  static func dimensionFunctions(_ vector: VectorNames) -> SQL {
    SQL.joined(
      [columnDimensions(vector), reembeddingOf(vector), changeVector(vector), toColumn(vector)],
      separator: "\n")
  }

  /// VOLATILE on purpose: its statements see what is committed when they start, though the search
  /// that calls it began before a swap that it had to wait for.
  private static func columnDimensions(_ vector: VectorNames) -> SQL {
    """
    DROP FUNCTION IF EXISTS vector_ferry.column_dimensions(text, text);
    CREATE OR REPLACE FUNCTION vector_ferry.column_dimensions(p_table regclass, p_column text)
    RETURNS int LANGUAGE plpgsql VOLATILE \(vector.path) AS $$
    DECLARE
      answer int;
    BEGIN
      -- The lock stays until the transaction ends: no swap comes between this answer and its use.
      EXECUTE format('SELECT FROM %s LIMIT 0', p_table);
      SELECT a.atttypmod INTO answer FROM pg_attribute a
      WHERE a.attrelid = p_table AND a.attname = p_column AND NOT a.attisdropped;
      RETURN answer;
    END
    $$;
    """
  }

  /// The change since which the vectors of a table are of another embedding model, the last one
  /// where there are several.
  ///
  /// Of a change that is open the column's own dimension says whether its swap has come.
  private static func reembeddingOf(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.reembedding_of(p_table text)
    RETURNS bigint LANGUAGE plpgsql STABLE STRICT \(vector.path) AS $$
    DECLARE
      change record;
    BEGIN
      IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN RETURN NULL; END IF;
      FOR change IN
        SELECT c.id, c.state, c.to_dimensions FROM vector_ferry.dimension_changes c
        WHERE c.table_name = p_table AND c.column_name = 'embedding'
          AND c.method = 'reembedding' AND c.state <> 'undone'
        ORDER BY c.id DESC
      LOOP
        IF change.state = 'finished' OR change.to_dimensions
          = vector_ferry.column_dimensions(p_table::regclass, 'embedding')
        THEN
          RETURN change.id;
        END IF;
      END LOOP;
      RETURN NULL;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.reembedding_of(text) IS
      'The number of the change that gave a table vectors of another embedding model.';
    """
  }

  private static func changeVector(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.change_vector(
      p_change bigint, p_vector \(vector.type), p_is_query boolean)
    RETURNS \(vector.type) LANGUAGE plpgsql STABLE STRICT \(vector.path) AS $$
    DECLARE
      change record;
      projection vector_ferry.projections;
    BEGIN
      SELECT c.* INTO STRICT change FROM vector_ferry.dimension_changes c WHERE c.id = p_change;
      IF change.method = 'reembedding' THEN
        IF \(vector.dims)(p_vector) = change.to_dimensions THEN RETURN p_vector; END IF;
        RAISE EXCEPTION 'the vectors of %.% are of the model % (%), which makes % dimensions, not %',
          change.table_name, quote_ident(change.column_name), change.model, change.provider,
          change.to_dimensions, \(vector.dims)(p_vector)
          USING ERRCODE = 'data_exception',
                HINT = 'embed the text with that model, and give the vector as it comes';
      END IF;
      IF change.projection_id IS NULL THEN
        RETURN (p_vector::real[]
          || array_fill(0::real, ARRAY[change.to_dimensions - change.from_dimensions])
        )::\(vector.type);
      END IF;
      SELECT p.* INTO STRICT projection FROM vector_ferry.projections p
      WHERE p.id = change.projection_id;
      RETURN vector_ferry.reduce(projection, p_vector,
        CASE WHEN p_is_query THEN projection.query_slot ELSE projection.document_slot END);
    END
    $$;
    """
  }

  private static func toColumn(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.to_column(
      p_table text, p_vector \(vector.type), p_is_query boolean)
    RETURNS \(vector.type) LANGUAGE plpgsql STABLE STRICT \(vector.path) AS $$
    DECLARE
      wanted int;
      reembedding bigint;
      change bigint := 0;
    BEGIN
      IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN RETURN p_vector; END IF;
      PERFORM FROM vector_ferry.dimension_changes c
      WHERE c.table_name = p_table AND c.column_name = 'embedding' AND c.state <> 'undone';
      IF NOT FOUND THEN RETURN p_vector; END IF;
      wanted := vector_ferry.column_dimensions(p_table::regclass, 'embedding');
      reembedding := vector_ferry.reembedding_of(p_table);
      LOOP
        IF wanted IS NULL OR wanted = \(vector.dims)(p_vector) THEN RETURN p_vector; END IF;
        -- What was done before the texts were embedded anew is nothing to vectors of that model.
        SELECT min(c.id) INTO change FROM vector_ferry.dimension_changes c
        WHERE c.table_name = p_table AND c.column_name = 'embedding'
          AND c.id > greatest(change, reembedding) AND c.from_dimensions = \(vector.dims)(p_vector)
          AND c.state <> 'undone' AND c.method <> 'reembedding';
        IF change IS NULL THEN
          -- Of the model of the column it is not; this says so.
          RETURN CASE WHEN reembedding IS NULL THEN p_vector
            ELSE vector_ferry.change_vector(reembedding, p_vector, p_is_query) END;
        END IF;
        p_vector := vector_ferry.change_vector(change, p_vector, p_is_query);
      END LOOP;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.to_column(text, \(vector.type), boolean) IS
      'A vector in the dimension that the column embedding of a table has by now.';
    """
  }
}
