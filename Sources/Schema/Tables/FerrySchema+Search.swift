internal import Postgres

extension FerrySchema {
  /// Search by cosine, for one user's collection.
  static func search(_ vector: VectorNames) -> SQL {
    SQL.joined(
      [queryOfStore(vector), nearestExactly(vector), nearest(vector), similaritySearch(vector)],
      separator: "\n")
  }

  /// Whether the unreduced vectors of `store` have a say in the search for a query.
  static func isRankedByOriginals(_ query: SQL, _ vector: VectorNames) -> SQL {
    "coalesce(store.keeps_original AND \(vector.dims)(\(query)) = store.source_dimensions, false)"
  }

  /// A query in the dimension of the column; one that points nowhere is like nothing.
  private static func queryOfStore(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.query_of(
      p_store vector_ferry.stores, p_user text, p_collection text, p_query \(vector.type))
    RETURNS \(vector.type) LANGUAGE plpgsql STABLE \(vector.path) AS $$
    BEGIN
      IF \(vector.norm)(p_query) = 0 THEN
        RAISE EXCEPTION 'a query of zeros alone is like nothing'
          USING ERRCODE = 'invalid_parameter_value';
      END IF;
      -- A column whose dimension was changed may have another than the ledger knows of.
      IF \(vector.dims)(p_query) <> p_store.dimensions
        OR to_regclass('vector_ferry.dimension_changes') IS NOT NULL
      THEN
        RETURN vector_ferry.reduce_query(p_user, p_collection, p_query);
      END IF;
      RETURN p_query;
    END
    $$;
    """
  }

  /// The search that `hybrid_search` is made of.
  private static func nearest(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.nearest(
      p_user text, p_collection text, p_query \(vector.type), p_k int, p_filter jsonb,
      p_ids uuid[] DEFAULT NULL)
    RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8)
    LANGUAGE plpgsql STABLE \(vector.path) \(planning) AS $$
    DECLARE
      p_threshold CONSTANT float8 := NULL;
    \(searchBody(vector))
    $$;
    COMMENT ON FUNCTION vector_ferry.nearest(text, text, \(vector.type), int, jsonb, uuid[]) IS
      'The search that hybrid_search is made of; p_ids limits it to these documents.';
    """
  }

  /// The same with a threshold: not a call of it, which would take a tenth of the time again.
  private static func similaritySearch(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.similarity_search(
      p_user text, p_collection text, p_query \(vector.type), p_k int DEFAULT 5,
      p_threshold float8 DEFAULT NULL, p_filter jsonb DEFAULT NULL)
    RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8)
    LANGUAGE plpgsql STABLE \(vector.path) \(planning) AS $$
    DECLARE
      p_ids CONSTANT uuid[] := NULL;
    \(searchBody(vector))
    $$;
    COMMENT ON FUNCTION vector_ferry.similarity_search(
      text, text, \(vector.type), int, float8, jsonb) IS
      'The documents of a collection that are nearest to a query by cosine, reduced inside.';
    """
  }

  /// Settings of the planner for a search.
  ///
  /// Its usual statement is planned once in a session, for planning takes as long as a third of
  /// the search; `LIMIT fetched` says so little that the server would not come to that by itself.
  /// Whether the index is used has been decided when the statement is planned, and the planner
  /// knows little of what comparing vectors costs: hence no sorting of all rows instead.
  private static let planning: SQL =
    "SET jit = off SET plan_cache_mode = force_generic_plan SET enable_sort = off"

  /// The rest of the declarations, and the search.
  ///
  /// A collection of few documents is scanned through the b-tree on its user: that is fast, and
  /// exact. A larger one is asked of the vector index, with an effort by the collection's share of
  /// the table; should the index not give enough, the collection is scanned after all. Where
  /// originals are kept, the nearest by reduced vectors are put into the order of the unreduced.
  private static func searchBody(_ vector: VectorNames) -> SQL {
    """
      store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
      documents regclass := vector_ferry.documents_of(store);
      reduced \(vector.type) := vector_ferry.query_of(store, p_user, p_collection, p_query);
      by_originals boolean := \(isRankedByOriginals("p_query", vector));
      wanted bigint := coalesce(p_k, 5);
      fetched bigint := wanted;
      index vector_ferry.index_choice;
      before vector_ferry.search_effort;
      candidates text;
    BEGIN
      IF wanted < 0 THEN
        RAISE EXCEPTION 'a search for % documents', p_k USING ERRCODE = 'invalid_parameter_value';
      ELSIF jsonb_typeof(p_filter) <> 'object' THEN
        RAISE EXCEPTION 'the filter is no JSON object' USING ERRCODE = 'invalid_parameter_value';
      ELSIF p_query IS NULL OR cardinality(p_ids) = 0 THEN
        RETURN;
      END IF;
      IF by_originals THEN
        fetched := greatest(4 * fetched, 100);
      END IF;
      IF p_ids IS NULL THEN
        index := vector_ferry.search_index(
          documents, p_user, p_collection, p_filter, \(vector.dims)(reduced));
      END IF;
      IF index.share IS NOT NULL THEN
        -- What an index on halves finds is ranked by the full vectors; and what is found among
        -- others' rows is less sure to be the nearest, so that a hundred more are ranked.
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
        RETURN QUERY \(ranked(byIndex(.usual(vector)), wanted: "wanted", threshold: "p_threshold"));
      ELSE
        candidates := CASE
          WHEN index.share IS NULL THEN '\(exactly(.given(vector)))'
          ELSE format('\(byIndex(.given(vector)))', documents, CASE
            WHEN index.halved IS NULL THEN 't.embedding \(vector.cosine) $3'
            ELSE format(
              't.embedding::\(vector.half)(%1$s) \(vector.cosine) $3::\(vector.half)(%1$s)',
              index.halved) END)
          END;
        IF by_originals THEN
          candidates := format('\(byOriginals(vector))', candidates);
        END IF;
        RETURN QUERY EXECUTE format(
          '\(ranked("%s", wanted: "$7", threshold: "$8"))', candidates)
        USING p_user, p_collection, reduced, fetched, p_filter, p_ids, wanted, p_threshold,
              documents, p_query, store.id,
              by_originals AND (
                SELECT p.is_exact AND p.store_id IS NOT NULL FROM vector_ferry.projections p
                WHERE p.id = store.projection_id);
      END IF;
      IF NOT before IS NULL THEN  -- that is, one of its fields is set
        PERFORM vector_ferry.restore_effort(before);
      END IF;
    END
    """
  }
}
