-- The statement of an unusual search: in a table other than public.vector_documents, by
-- originals, by an index over halfvec, or by a scan.
--
-- Its parameters: $1 user, $2 collection, $3 the query in the dimension of the column, $4 the
-- number of documents to fetch, $5 filter, $6 the ids to which the search is limited, $7 the number
-- of documents to return, $8 threshold, $9 the table, $10 the query before it was reduced, $11 the
-- store's number, $12 whether the store's own model is exact.

CREATE OR REPLACE FUNCTION vector_ferry.search_statement(
  p_documents regclass, p_by_index boolean, p_halved int, p_by_originals boolean)
RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  candidates text;
BEGIN
  -- The documents that a scan of the collection finds.
  candidates := $query$
    SELECT e.* FROM vector_ferry.nearest_exactly($9, $1, $2, $3, $4, $5, $6) e
    $query$;
  IF p_by_index THEN
    -- The documents that the index finds, or that a scan finds where the index finds too few: an
    -- index visits a part of its graph or of its lists, and may stop before it has visited all rows
    -- of a user who has few.
    candidates := format(
      $query$
        WITH near AS MATERIALIZED (
          SELECT t.id, t.text::text AS text, t.metadata, t.embedding,
                 t.embedding OPERATOR(pgvector.<=>) $3 AS distance
          FROM %s t
          WHERE t.user_id = $1 AND t.collection_name = $2
            AND ($5 IS NULL OR t.metadata @> $5)
          ORDER BY %s LIMIT $4)
        SELECT n.* FROM near n WHERE (SELECT count(*) FROM near) >= $4
        UNION ALL
        %s WHERE (SELECT count(*) FROM near) < $4
      $query$,
      p_documents,
      CASE WHEN p_halved IS NULL THEN 't.embedding OPERATOR(pgvector.<=>) $3'
        ELSE format(
          $query$
            t.embedding::pgvector.halfvec(%1$s) OPERATOR(pgvector.<=>) $3::pgvector.halfvec(%1$s)
          $query$, p_halved) END,
      candidates);
  END IF;
  IF p_by_originals THEN
    -- Candidates with the distances of the originals that still belong to them. The reduced scores
    -- of an exact store are better than scores in half precision: in such a store, only documents
    -- that were added later are ranked by their originals.
    candidates := format(
      $query$
        WITH candidates AS MATERIALIZED (%s)
        SELECT c.id, c.text, c.metadata,
               coalesce(o.embedding OPERATOR(pgvector.<=>) $10::pgvector.halfvec, c.distance)
                 AS distance
        FROM candidates c
        LEFT JOIN vector_ferry.originals o
          ON o.store_id = $11 AND o.document_id = c.id
          AND o.reduced_digest = sha256(pgvector.vector_send(c.embedding))
          AND NOT ($12 AND EXISTS (
            SELECT FROM vector_ferry.documents d
            WHERE d.store_id = $11 AND d.document_id = c.id))
      $query$, candidates);
  END IF;
  -- A vector of zeros has the distance NaN, which is above all numbers, and comes last.
  RETURN format(
    $query$
      SELECT c.id, c.text, c.metadata, CASE WHEN c.distance < 3 THEN 1 - c.distance END
      FROM (%s) c
      WHERE $8 IS NULL OR (c.distance < 3 AND 1 - c.distance >= $8)
      ORDER BY c.distance, c.id LIMIT $7
    $query$, candidates);
END
$$;
