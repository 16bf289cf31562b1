-- The search by vectors that hybrid_search uses; p_ids limits it to documents with these ids.
--
-- The body is the same as in similarity_search.sql, which explains it.

CREATE OR REPLACE FUNCTION vector_ferry.nearest(
  p_user text, p_collection text, p_query pgvector.vector, p_k int, p_filter jsonb,
  p_ids uuid[] DEFAULT NULL)
RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_sort = off AS $$
DECLARE
  p_threshold CONSTANT float8 := NULL;
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  documents regclass := vector_ferry.documents_of(store);
  reduced pgvector.vector := vector_ferry.query_of(store, p_user, p_collection, p_query);
  by_originals boolean := coalesce(
    store.keeps_original AND pgvector.vector_dims(p_query) = store.source_dimensions, false);
  wanted bigint := coalesce(p_k, 5);
  fetched bigint := wanted;
  index vector_ferry.index_choice;
  before vector_ferry.search_effort;
BEGIN
  IF wanted < 0 THEN
    RAISE EXCEPTION 'a search for % documents', p_k USING ERRCODE = 'invalid_parameter_value';
  ELSIF jsonb_typeof(p_filter) <> 'object' THEN
    RAISE EXCEPTION 'the filter is not a JSON object' USING ERRCODE = 'invalid_parameter_value';
  ELSIF p_query IS NULL OR cardinality(p_ids) = 0 THEN
    RETURN;
  END IF;
  IF by_originals THEN
    fetched := greatest(4 * fetched, 100);
  END IF;
  IF p_ids IS NULL THEN
    index := vector_ferry.search_index(
      documents, p_user, p_collection, p_filter, pgvector.vector_dims(reduced));
  END IF;
  IF index.share IS NOT NULL THEN
    -- The documents that an index over halfvec finds are ranked again by the full vectors. Where
    -- most rows belong to other collections, these documents are less certain to be the nearest:
    -- then a hundred more are ranked.
    IF index.share < 0.5 THEN
      fetched := greatest(fetched, wanted + 100);
    ELSIF index.halved IS NOT NULL THEN
      fetched := greatest(fetched, wanted + least(wanted, 100));
    END IF;
    before := vector_ferry.raise_effort(fetched, index.share, index.lists);
  END IF;
  IF index.share IS NOT NULL AND index.halved IS NULL AND NOT by_originals
    AND documents = to_regclass('public.vector_documents')
  THEN
    -- The statement that search_statement would make, for the usual table and its usual index.
    RETURN QUERY
      SELECT c.id, c.text, c.metadata, CASE WHEN c.distance < 3 THEN 1 - c.distance END
      FROM (
        WITH near AS MATERIALIZED (
          SELECT t.id, t.text::text AS text, t.metadata, t.embedding,
                 t.embedding OPERATOR(pgvector.<=>) reduced AS distance
          FROM public.vector_documents t
          WHERE t.user_id = p_user AND t.collection_name = p_collection
            AND (p_filter IS NULL OR t.metadata @> p_filter)
          ORDER BY t.embedding OPERATOR(pgvector.<=>) reduced LIMIT fetched)
        SELECT n.* FROM near n WHERE (SELECT count(*) FROM near) >= fetched
        UNION ALL
        SELECT e.* FROM vector_ferry.nearest_exactly(
          documents, p_user, p_collection, reduced, fetched, p_filter, p_ids) e
        WHERE (SELECT count(*) FROM near) < fetched) c
      WHERE p_threshold IS NULL OR (c.distance < 3 AND 1 - c.distance >= p_threshold)
      ORDER BY c.distance, c.id LIMIT wanted;
  ELSE
    RETURN QUERY EXECUTE vector_ferry.search_statement(
      documents, index.share IS NOT NULL, index.halved, by_originals)
    USING p_user, p_collection, reduced, fetched, p_filter, p_ids, wanted, p_threshold,
          documents, vector_ferry.scale_query(p_query), store.id,
          by_originals AND (
            SELECT p.is_exact AND p.store_id IS NOT NULL FROM vector_ferry.projections p
            WHERE p.id = store.projection_id);
  END IF;
  IF NOT before IS NULL THEN  -- that is, one of its fields is set
    PERFORM vector_ferry.restore_effort(before);
  END IF;
END
$$;
COMMENT ON FUNCTION vector_ferry.nearest(text, text, pgvector.vector, int, jsonb, uuid[]) IS
  'The search by vectors that hybrid_search uses; p_ids limits it to documents with these ids.';
