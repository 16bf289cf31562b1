-- Converts a vector to the form that the vectors of a collection have in the table.
--
-- Vectors of the table's own dimension stay unchanged; shorter vectors are extended with zeros, as
-- those of the store's documents were.

CREATE OR REPLACE FUNCTION vector_ferry.reduce_in_collection(
  p_user text, p_collection text, p_vector pgvector.vector, p_is_query boolean)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  projection vector_ferry.projections;
  missing int := store.dimensions - pgvector.vector_dims(p_vector);
  -- The name by which the record of dimension changes knows the table.
  documents text := (
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = vector_ferry.documents_of(store));
  wanted int;
BEGIN
  IF store.id IS NULL THEN
    p_vector := vector_ferry.to_column(documents, p_vector, p_is_query);
    wanted := nullif(vector_ferry.column_dimensions(documents::regclass, 'embedding'), -1);
    IF pgvector.vector_dims(p_vector) <> wanted
      AND vector_ferry.has_documents(p_user, p_collection)
    THEN
      RAISE EXCEPTION
        'the vectors of the collection %/% have % dimensions, and no model reduces % to them',
        p_user, p_collection, wanted, pgvector.vector_dims(p_vector)
        USING ERRCODE = 'data_exception',
          DETAIL = 'The collection was never migrated, or its migration was rolled back.',
          HINT = 'vector-ferry migrate gives the collection a model; until then use vectors of '
            || wanted || ' dimensions.';
    END IF;
    RETURN p_vector;
  END IF;
  -- An empty store has no dimension of its own; the first vector that is added decides.
  IF missing = 0 OR store.source_dimensions = 0 THEN
    RETURN vector_ferry.to_column(documents, p_vector, p_is_query);
  END IF;
  -- The store's model, or its zeros, were for vectors that the column no longer has.
  IF vector_ferry.reembedding_of(documents) IS NOT NULL THEN
    RETURN vector_ferry.to_column(documents, p_vector, p_is_query);
  END IF;
  SELECT p.* INTO projection FROM vector_ferry.projections p WHERE p.id = store.projection_id;
  IF FOUND AND pgvector.vector_dims(p_vector) = projection.source_dimensions THEN
    RETURN vector_ferry.to_column(
      documents,
      vector_ferry.reduce(projection, p_vector,
        CASE WHEN p_is_query THEN projection.query_slot ELSE projection.document_slot END),
      p_is_query);
  ELSIF pgvector.vector_dims(p_vector) = store.source_dimensions AND missing > 0 THEN
    RETURN vector_ferry.to_column(
      documents,
      (p_vector::real[] || array_fill(0::real, ARRAY[missing]))::pgvector.vector,
      p_is_query);
  ELSIF pgvector.vector_dims(p_vector)
    = vector_ferry.column_dimensions(documents::regclass, 'embedding')
  THEN
    RETURN p_vector;
  END IF;
  RAISE EXCEPTION 'the collection %/% takes vectors of % dimensions, not %',
    p_user, p_collection, store.source_dimensions, pgvector.vector_dims(p_vector)
    USING ERRCODE = 'data_exception';
END
$$;
