internal import Postgres

extension FerrySchema {
  /// Search by cosine, for one user's collection.
  static func search(_ path: SQL) -> SQL {
    SQL.joined([nearest(path), similaritySearch(path)], separator: "\n")
  }

  /// The search that the others are made of.
  ///
  /// A collection of few documents is scanned through the b-tree on its user: that is fast, and
  /// exact. A larger one is asked of the vector index, with an effort by the collection's share of
  /// the table; should the index not give enough, the collection is scanned after all. Where
  /// originals are kept, the nearest by reduced vectors are put into the order of the unreduced.
  private static func nearest(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.nearest(
      p_user text, p_collection text, p_query vector, p_k int, p_filter jsonb,
      p_ids uuid[] DEFAULT NULL)
    RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8)
    LANGUAGE plpgsql STABLE \(path) SET jit = off AS $$
    DECLARE
      store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
      documents regclass := vector_ferry.documents_of(store);
      width int := vector_dims(p_query);
      reduced vector := p_query;
      by_originals boolean := coalesce(store.keeps_original AND width = store.source_dimensions, false);
      fetched int := coalesce(p_k, 5);
      index record;
      before jsonb;
      candidates text;
    BEGIN
      IF p_query IS NULL OR cardinality(p_ids) = 0 THEN
        RETURN;
      END IF;
      -- A column whose dimension was changed may have another than the ledger knows of.
      IF width <> store.dimensions OR to_regclass('vector_ferry.dimension_changes') IS NOT NULL THEN
        reduced := vector_ferry.reduce_query(p_user, p_collection, p_query);
      END IF;
      IF by_originals THEN
        fetched := greatest(4 * fetched, 100);
      END IF;
      SELECT i.* INTO index FROM vector_ferry.search_index(
        documents, p_user, p_collection, p_filter, vector_dims(reduced)) i
      WHERE p_ids IS NULL;
      IF index.distance IS NULL THEN
        candidates := format('\(exactly)', documents);
      ELSE
        fetched := greatest(fetched, coalesce(p_k, 5) + least(coalesce(p_k, 5), index.surplus));
        before := vector_ferry.raise_effort(fetched, index.share, index.lists);
        candidates := format('\(byIndex)', documents, index.distance);
      END IF;
      IF by_originals THEN
        RETURN QUERY EXECUTE format('\(byOriginals)', candidates)
        USING p_user, p_collection, reduced, fetched, p_filter, p_ids, coalesce(p_k, 5), p_query,
              store.id,
              (SELECT p.is_exact AND p.store_id IS NOT NULL FROM vector_ferry.projections p
               WHERE p.id = store.projection_id);
      ELSE
        RETURN QUERY EXECUTE format(
          'SELECT c.id, c.text, c.metadata, 1 - c.distance FROM (%s) c
           ORDER BY c.distance, c.id LIMIT $7', candidates)
        USING p_user, p_collection, reduced, fetched, p_filter, p_ids, coalesce(p_k, 5);
      END IF;
      IF before IS NOT NULL THEN
        PERFORM vector_ferry.restore_settings(before);
      END IF;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.nearest(text, text, vector, int, jsonb, uuid[]) IS
      'What similarity_search and hybrid_search are made of; p_ids limits it to these documents.';
    """
  }

  /// The rows of the collection with their distances.
  private static var rows: SQL {
    """
    SELECT t.id, t.text::text AS text, t.metadata, t.embedding,
           t.embedding <=> $3 AS distance
    FROM %1$s t
    WHERE t.user_id = $1 AND t.collection_name = $2
      AND ($5 IS NULL OR t.metadata @> $5) AND ($6 IS NULL OR t.id = ANY ($6))
    """
  }

  /// Every row compared; OFFSET 0 keeps the vector index out of it.
  private static var exactly: SQL {
    "SELECT e.* FROM (\(rows) OFFSET 0) e ORDER BY e.distance LIMIT $4"
  }

  /// What the index finds first, or every row where the index finds too few: it walks a graph or
  /// some of its lists, and gives up before it has met all rows of a user who has few of them.
  private static var byIndex: SQL {
    """
    WITH near AS MATERIALIZED (\(rows) ORDER BY %2$s LIMIT $4)
    SELECT n.* FROM near n WHERE (SELECT count(*) FROM near) >= $4
    UNION ALL
    (SELECT e.* FROM (\(rows) OFFSET 0) e WHERE (SELECT count(*) FROM near) < $4
     ORDER BY e.distance LIMIT $4)
    """
  }

  /// Ranks candidates by the originals that still belong to them.
  ///
  /// The reduced scores of an exact store are better than half precision could be: there only
  /// documents that were added later are ranked by their originals.
  private static var byOriginals: SQL {
    """
    WITH candidates AS MATERIALIZED (%s),
         ranked AS (
           SELECT c.id, c.text, c.metadata,
                  coalesce(o.embedding <=> $8::halfvec, c.distance) AS distance
           FROM candidates c
           LEFT JOIN vector_ferry.originals o
             ON o.store_id = $9 AND o.document_id = c.id
             AND o.reduced_digest = sha256(vector_send(c.embedding))
             AND NOT ($10 AND EXISTS (
               SELECT FROM vector_ferry.documents d
               WHERE d.store_id = $9 AND d.document_id = c.id)))
         SELECT r.id, r.text, r.metadata, 1 - r.distance FROM ranked r
         ORDER BY r.distance, r.id
         LIMIT $7
    """
  }

  private static func similaritySearch(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.similarity_search(
      p_user text, p_collection text, p_query vector, p_k int DEFAULT 5,
      p_threshold float8 DEFAULT NULL, p_filter jsonb DEFAULT NULL)
    RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8)
    LANGUAGE plpgsql STABLE \(path) AS $$
    BEGIN
      RETURN QUERY
        SELECT n.* FROM vector_ferry.nearest(p_user, p_collection, p_query, p_k, p_filter) n
        WHERE p_threshold IS NULL OR n.similarity >= p_threshold;
    END
    $$;
    COMMENT ON FUNCTION vector_ferry.similarity_search(text, text, vector, int, float8, jsonb) IS
      'The documents of a collection that are nearest to a query by cosine, reduced inside.';
    """
  }
}
