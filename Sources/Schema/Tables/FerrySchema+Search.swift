internal import Postgres

extension FerrySchema {
  /// Search by cosine; where a store keeps its originals, the nearest by reduced vectors are put
  /// into the order of the unreduced ones.
  static func search(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.similarity_search(
      p_user text, p_collection text, p_query vector, p_k int DEFAULT 5,
      p_threshold float8 DEFAULT NULL, p_filter jsonb DEFAULT NULL)
    RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8)
    LANGUAGE plpgsql STABLE \(path) AS $$
    DECLARE
      store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
      reduced vector := vector_ferry.reduce_query(p_user, p_collection, p_query);
      documents text := coalesce(store.table_name, 'public.vector_documents');
    BEGIN
      IF store.keeps_original AND vector_dims(p_query) = store.source_dimensions THEN
        RETURN QUERY EXECUTE format(
          '\(ranked)', documents)
        USING p_user, p_collection, reduced, p_k, p_threshold, p_filter, p_query, store.id,
              (SELECT p.is_exact AND p.store_id IS NOT NULL FROM vector_ferry.projections p
               WHERE p.id = store.projection_id);
        RETURN;
      END IF;
      RETURN QUERY EXECUTE format(
        'SELECT t.id, t.text::text, t.metadata, 1 - (t.embedding <=> $3)
         FROM %s t
         WHERE t.user_id = $1 AND t.collection_name = $2
           AND ($5 IS NULL OR 1 - (t.embedding <=> $3) >= $5)
           AND ($6 IS NULL OR t.metadata @> $6)
         ORDER BY t.embedding <=> $3
         LIMIT $4',
        documents)
      USING p_user, p_collection, reduced, p_k, p_threshold, p_filter;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.similarity_search(text, text, vector, int, float8, jsonb) IS
      'The documents of a collection that are nearest to a query by cosine, reduced inside.';
    """
  }

  /// Over-fetches by the reduced vectors, then ranks by the originals that still belong to them.
  ///
  /// The reduced scores of an exact store are better than half precision could be: there only
  /// documents that were added later are ranked by their originals.
  private static var ranked: SQL {
    """
    WITH candidates AS MATERIALIZED (
           SELECT t.id, t.text::text AS text, t.metadata, t.embedding,
                  t.embedding <=> $3 AS distance
           FROM %s t
           WHERE t.user_id = $1 AND t.collection_name = $2 AND ($6 IS NULL OR t.metadata @> $6)
           ORDER BY t.embedding <=> $3
           LIMIT greatest(4 * $4, 100)),
         ranked AS (
           SELECT c.id, c.text, c.metadata,
                  coalesce(o.embedding <=> $7::halfvec, c.distance) AS distance
           FROM candidates c
           LEFT JOIN vector_ferry.originals o
             ON o.store_id = $8 AND o.document_id = c.id
             AND o.reduced_digest = sha256(vector_send(c.embedding))
             AND NOT ($9 AND EXISTS (
               SELECT FROM vector_ferry.documents d
               WHERE d.store_id = $8 AND d.document_id = c.id)))
         SELECT r.id, r.text, r.metadata, 1 - r.distance FROM ranked r
         WHERE $5 IS NULL OR 1 - r.distance >= $5
         ORDER BY r.distance
         LIMIT $4
    """
  }

  /// Lets an application keep the unreduced vector of a document that it has added itself.
  static func originals(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.keep_original(
      p_user text, p_collection text, p_document uuid, p_vector vector)
    RETURNS void LANGUAGE plpgsql VOLATILE \(path) AS $$
    DECLARE
      store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
      kept int;
    BEGIN
      IF store.keeps_original IS NOT TRUE THEN
        RAISE EXCEPTION 'the collection %/% keeps no originals', p_user, p_collection
          USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = 'migrate it with --keep-original';
      ELSIF vector_dims(p_vector) <> store.source_dimensions THEN
        RAISE EXCEPTION 'the collection %/% takes vectors of % dimensions, not %',
          p_user, p_collection, store.source_dimensions, vector_dims(p_vector)
          USING ERRCODE = 'data_exception';
      END IF;
      EXECUTE format(
        'INSERT INTO vector_ferry.originals (store_id, document_id, embedding, reduced_digest)
         SELECT $1, t.id, $2::halfvec, sha256(vector_send(t.embedding))
         FROM %s t WHERE t.id = $3 AND t.user_id = $4 AND t.collection_name = $5
         ON CONFLICT (store_id, document_id) DO UPDATE
           SET embedding = excluded.embedding, reduced_digest = excluded.reduced_digest',
        store.table_name)
      USING store.id, p_vector, p_document, p_user, p_collection;
      GET DIAGNOSTICS kept = ROW_COUNT;
      IF kept = 0 THEN
        RAISE EXCEPTION 'the collection %/% has no document %', p_user, p_collection, p_document
          USING ERRCODE = 'no_data_found';
      END IF;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.keep_original(text, text, uuid, vector) IS
      'Keeps the unreduced vector of a document, for search to rank by and for a later refit.';
    """
  }
}
