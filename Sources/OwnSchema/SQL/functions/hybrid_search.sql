-- Searches by meaning and by words: two searches, each with its own index, fetch more documents
-- than are wanted, and their results are combined.
--
-- Cosines and ranks have different scales (the ts_rank of one hit is about 0.06). So each cosine is
-- divided by the best cosine, and each rank by the best rank, before the weights are applied. Or
-- only the places in both orders count, by reciprocal rank with k = 60 (Cormack, Clarke and
-- Büttcher, SIGIR 2009).
--
-- Documents that only the search by words has found are compared with the query here. Where the
-- originals decide the order, there is no reduced query, and vector_ferry.nearest compares these
-- documents.

CREATE OR REPLACE FUNCTION vector_ferry.hybrid_search(
  p_user text, p_collection text, p_query text, p_embedding pgvector.vector, p_k int DEFAULT 5,
  p_vector_weight float8 DEFAULT 0.7, p_keyword_weight float8 DEFAULT 0.3,
  p_threshold float8 DEFAULT NULL, p_filter jsonb DEFAULT NULL,
  p_fusion text DEFAULT 'weighted', p_config regconfig DEFAULT 'english')
RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8, keyword_rank float8,
               hybrid_score float8, source text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  reduced pgvector.vector;
  k bigint := coalesce(p_k, 5);
  fetched int := least(greatest(4 * k, 40), 2147483647);
  vector_weight float8 := coalesce(p_vector_weight, 0.7);
  keyword_weight float8 := coalesce(p_keyword_weight, 0.3);
BEGIN
  IF coalesce(p_fusion, 'weighted') NOT IN ('weighted', 'rrf') THEN
    RAISE EXCEPTION 'results are fused by "weighted" or "rrf", not by "%"', p_fusion
      USING ERRCODE = 'invalid_parameter_value';
  ELSIF least(vector_weight, keyword_weight) < 0 OR vector_weight + keyword_weight = 0
    OR vector_weight + keyword_weight >= 'Infinity'  -- NaN is above it
  THEN
    RAISE EXCEPTION 'weights are finite and not negative, and one of them is above zero'
      USING ERRCODE = 'invalid_parameter_value';
  ELSIF k < 0 THEN
    RAISE EXCEPTION 'a search for % documents', k USING ERRCODE = 'invalid_parameter_value';
  ELSIF jsonb_typeof(p_filter) <> 'object' THEN
    RAISE EXCEPTION 'the filter is not a JSON object' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT coalesce(
    store.keeps_original AND pgvector.vector_dims(p_embedding) = store.source_dimensions, false)
  THEN
    reduced := vector_ferry.query_of(store, p_user, p_collection, p_embedding);
  END IF;
  -- $1 user, $2 collection, $3 words, $4 vector, $5 the number of documents to return, $6 the
  -- number that each of the two searches fetches, $7 filter, $8 threshold, $9 and $10 the weights
  -- of vector and words, $11 whether only places count, $12 the reduced vector.
  RETURN QUERY EXECUTE format(
    $query$
      WITH near AS MATERIALIZED (
        SELECT n.*, row_number() OVER () AS place
        FROM vector_ferry.nearest($1, $2, $4, $6, $7) n
        WHERE $8 IS NULL OR n.similarity >= $8
      ), said AS MATERIALIZED (
        SELECT w.*, 1 - nullif(w.embedding OPERATOR(pgvector.<=>) $12, 'NaN') AS similarity,
               row_number() OVER (ORDER BY w.rank DESC, w.id) AS place
        FROM (
          SELECT t.id, t.text::text AS text, t.metadata, t.embedding,
                 ts_rank(to_tsvector(%2$L::regconfig, t.text::text),
                         websearch_to_tsquery(%2$L::regconfig, $3))::float8 AS rank
          FROM %1$s t
          WHERE t.user_id = $1 AND t.collection_name = $2 AND ($7 IS NULL OR t.metadata @> $7)
            AND to_tsvector(%2$L::regconfig, t.text::text)
                @@ websearch_to_tsquery(%2$L::regconfig, $3)
          ORDER BY rank DESC, t.id LIMIT $6) w
      ), only_said AS MATERIALIZED (
        SELECT n.id, n.similarity FROM vector_ferry.nearest(
          $1, $2, $4, $6, NULL,
          ARRAY(SELECT s.id FROM said s
                WHERE NOT EXISTS (SELECT FROM near n WHERE n.id = s.id))) n
        WHERE $12 IS NULL
      ), found AS (
        SELECT coalesce(n.id, s.id) AS id, coalesce(n.text, s.text) AS text,
               CASE WHEN n.id IS NULL THEN s.metadata ELSE n.metadata END AS metadata,
               coalesce(n.similarity, o.similarity, s.similarity) AS similarity,
               coalesce(s.rank / nullif(max(s.rank) OVER (), 0), 0) AS keyword_rank,
               n.place AS near_place, s.place AS said_place
        FROM near n FULL JOIN said s ON s.id = n.id LEFT JOIN only_said o ON o.id = s.id
      )
      SELECT f.id, f.text, f.metadata, f.similarity, f.keyword_rank,
             CASE WHEN $11
               THEN coalesce(1.0 / (60 + f.near_place), 0) + coalesce(1.0 / (60 + f.said_place), 0)
               ELSE $9 * coalesce(greatest(f.similarity, 0)
                                    / nullif(greatest(max(f.similarity) OVER (), 0), 0), 0)
                    + $10 * f.keyword_rank
             END::float8 AS score,
             CASE WHEN f.said_place IS NULL THEN 'vector'
                  WHEN f.near_place IS NULL THEN 'keyword'
                  ELSE 'hybrid' END
      FROM found f
      ORDER BY score DESC, f.id
      LIMIT $5
    $query$, vector_ferry.documents_of(store), coalesce(p_config, 'english'))
  USING p_user, p_collection, p_query, p_embedding, k, fetched, p_filter, p_threshold,
        vector_weight, keyword_weight, p_fusion = 'rrf', reduced;
END
$$;
COMMENT ON FUNCTION vector_ferry.hybrid_search(
  text, text, text, pgvector.vector, int, float8, float8, float8, jsonb, text, regconfig) IS
  'The documents of a collection nearest to a query by cosine and by words.';
