-- Lets an application keep the unreduced vector of a document that it has added itself.

CREATE OR REPLACE FUNCTION vector_ferry.keep_original(
  p_user text, p_collection text, p_document uuid, p_vector pgvector.vector)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  kept int;
BEGIN
  IF store.keeps_original IS NOT TRUE THEN
    RAISE EXCEPTION 'the collection %/% keeps no originals', p_user, p_collection
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'migrate it with --keep-original always';
  ELSIF pgvector.vector_dims(p_vector) <> store.source_dimensions THEN
    RAISE EXCEPTION 'the collection %/% takes vectors of % dimensions, not %',
      p_user, p_collection, store.source_dimensions, pgvector.vector_dims(p_vector)
      USING ERRCODE = 'data_exception';
  END IF;
  PERFORM vector_ferry.check_original(p_vector, 'p_vector');
  EXECUTE format(
    $query$
      INSERT INTO vector_ferry.originals (store_id, document_id, embedding, reduced_digest)
      SELECT $1, t.id, $2::pgvector.halfvec, sha256(pgvector.vector_send(t.embedding))
      FROM %s t WHERE t.id = $3 AND t.user_id = $4 AND t.collection_name = $5
      ON CONFLICT (store_id, document_id) DO UPDATE
        SET embedding = excluded.embedding, reduced_digest = excluded.reduced_digest
    $query$, store.table_name)
  USING store.id, p_vector, p_document, p_user, p_collection;
  GET DIAGNOSTICS kept = ROW_COUNT;
  IF kept = 0 THEN
    RAISE EXCEPTION 'the collection %/% has no document %', p_user, p_collection, p_document
      USING ERRCODE = 'no_data_found';
  END IF;
END
$$;
COMMENT ON FUNCTION vector_ferry.keep_original(text, text, uuid, pgvector.vector) IS
  'Keeps the unreduced vector of a document, for search to rank by and for a later refit.';
