-- Adds or replaces a document with its full vector, which is reduced like the other vectors of
-- the collection, and also kept unreduced where the collection keeps originals.

CREATE OR REPLACE FUNCTION vector_ferry.upsert_document(
  p_user text, p_collection text, p_text text, p_embedding pgvector.vector,
  p_metadata jsonb DEFAULT '{}', p_id uuid DEFAULT NULL)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  has_original boolean := coalesce(
    store.keeps_original AND pgvector.vector_dims(p_embedding) = store.source_dimensions, false);
  documents regclass := vector_ferry.documents_of(store);
  wanted int := nullif(vector_ferry.column_dimensions(documents, 'embedding'), -1);
  reduced pgvector.vector;
  written uuid;
BEGIN
  PERFORM vector_ferry.check_document(p_embedding, 'p_embedding');
  IF has_original THEN
    PERFORM vector_ferry.check_original(p_embedding, 'p_embedding');
  END IF;
  reduced := vector_ferry.reduce_document(p_user, p_collection, p_embedding);
  IF store.id IS NULL AND pgvector.vector_dims(reduced) <> wanted THEN
    RAISE EXCEPTION 'the table % takes vectors of % dimensions, not %, and the collection %/% has no model that reduces them',
      documents, wanted, pgvector.vector_dims(reduced), p_user, p_collection
      USING ERRCODE = 'data_exception',
        HINT = 'vector-ferry migrate gives a collection a model; until then use vectors of '
          || wanted || ' dimensions.';
  END IF;
  EXECUTE format(
    $query$
      INSERT INTO %s AS t (id, user_id, collection_name, text, embedding, metadata)
      VALUES (coalesce($1, gen_random_uuid()), $2, $3, $4, $5, $6)
      ON CONFLICT (id) DO UPDATE
        SET text = excluded.text, embedding = excluded.embedding, metadata = excluded.metadata
        WHERE t.user_id = excluded.user_id AND t.collection_name = excluded.collection_name
      RETURNING id
    $query$, documents)
  INTO written
  USING p_id, p_user, p_collection, p_text,
        reduced,
        coalesce(p_metadata, '{}');
  IF written IS NULL THEN
    RAISE EXCEPTION 'the document % belongs to another collection', p_id
      USING ERRCODE = 'unique_violation', HINT = 'leave p_id out for a new document';
  END IF;
  IF has_original THEN
    PERFORM vector_ferry.keep_original(p_user, p_collection, written, p_embedding);
  END IF;
  RETURN written;
END
$$;
COMMENT ON FUNCTION vector_ferry.upsert_document(text, text, text, pgvector.vector, jsonb, uuid) IS
  'Adds or replaces a document of a collection; the full vector is reduced inside.';
