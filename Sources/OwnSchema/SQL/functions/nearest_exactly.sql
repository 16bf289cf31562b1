-- The nearest documents of a collection, found by comparing every document; OFFSET 0 prevents
-- the use of the vector index.
--
-- The statement is planned for each search: collections of few and of many rows need different
-- plans.

CREATE OR REPLACE FUNCTION vector_ferry.nearest_exactly(
  p_documents regclass, p_user text, p_collection text, p_reduced pgvector.vector,
  p_fetched bigint, p_filter jsonb, p_ids uuid[])
RETURNS TABLE (
  id uuid, text text, metadata jsonb, embedding pgvector.vector, distance float8)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    $query$
      SELECT e.* FROM (
        SELECT t.id, t.text::text AS text, t.metadata, t.embedding,
               t.embedding OPERATOR(pgvector.<=>) $3 AS distance
        FROM %s t
        WHERE t.user_id = $1 AND t.collection_name = $2
          AND ($5 IS NULL OR t.metadata @> $5) AND ($6 IS NULL OR t.id = ANY ($6))
        OFFSET 0) e
      ORDER BY e.distance LIMIT $4
    $query$, p_documents)
  USING p_user, p_collection, p_reduced, p_fetched, p_filter, p_ids;
END
$$;
