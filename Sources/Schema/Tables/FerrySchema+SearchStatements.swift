internal import Postgres

/// The statements that a search by cosine is made of.
extension FerrySchema {
  /// The names by which a statement knows what is searched for.
  struct SearchTerms {
    let vector: VectorNames
    let table: SQL, tableName: SQL, user: SQL, collection: SQL, query: SQL, distance: SQL
    let fetched: SQL, filter: SQL, ids: SQL

    /// The variables of a function that searches the usual table.
    static func usual(_ vector: VectorNames) -> SearchTerms {
      SearchTerms(
        vector: vector, table: "public.vector_documents", tableName: "documents", user: "p_user",
        collection: "p_collection", query: "reduced",
        distance: "t.embedding \(vector.cosine) reduced", fetched: "fetched", filter: "p_filter",
        ids: "p_ids")
    }

    /// The parameters of a statement that `format` puts together of a table and a distance.
    static func given(_ vector: VectorNames) -> SearchTerms {
      SearchTerms(
        vector: vector, table: "%1$s", tableName: "$9", user: "$1", collection: "$2", query: "$3",
        distance: "%2$s", fetched: "$4", filter: "$5", ids: "$6")
    }
  }

  /// The nearest of the candidates; a vector of zeros has no distance (NaN, which is above all
  /// numbers) and comes last.
  static func ranked(_ candidates: SQL, wanted: SQL, threshold: SQL) -> SQL {
    """
    SELECT c.id, c.text, c.metadata, CASE WHEN c.distance < 3 THEN 1 - c.distance END
    FROM (\(candidates)) c
    WHERE \(threshold) IS NULL OR (c.distance < 3 AND 1 - c.distance >= \(threshold))
    ORDER BY c.distance, c.id LIMIT \(wanted)
    """
  }

  /// The rows of a collection with their distances.
  private static func rows(_ terms: SearchTerms) -> SQL {
    """
    SELECT t.id, t.text::text AS text, t.metadata, t.embedding,
           t.embedding \(terms.vector.cosine) \(terms.query) AS distance
    FROM \(terms.table) t
    WHERE t.user_id = \(terms.user) AND t.collection_name = \(terms.collection)
      AND (\(terms.filter) IS NULL OR t.metadata @> \(terms.filter))
    """
  }

  /// What a scan of the collection finds.
  static func exactly(_ terms: SearchTerms) -> SQL {
    """
    SELECT e.* FROM vector_ferry.nearest_exactly(
      \(terms.tableName), \(terms.user), \(terms.collection), \(terms.query), \(terms.fetched),
      \(terms.filter), \(terms.ids)) e
    """
  }

  /// What the index finds first, or every row where the index finds too few: it walks a graph or
  /// some of its lists, and gives up before it has met all rows of a user who has few of them.
  static func byIndex(_ terms: SearchTerms) -> SQL {
    """
    WITH near AS MATERIALIZED (
      \(rows(terms)) ORDER BY \(terms.distance) LIMIT \(terms.fetched))
    SELECT n.* FROM near n WHERE (SELECT count(*) FROM near) >= \(terms.fetched)
    UNION ALL
    \(exactly(terms)) WHERE (SELECT count(*) FROM near) < \(terms.fetched)
    """
  }

  /// Every row compared; OFFSET 0 keeps the vector index out of it.
  ///
  /// Planned anew for each user: a collection of few rows and one of many want different plans.
  static func nearestExactly(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.nearest_exactly(
      p_documents regclass, p_user text, p_collection text, p_reduced \(vector.type),
      p_fetched bigint, p_filter jsonb, p_ids uuid[])
    RETURNS TABLE (
      id uuid, text text, metadata jsonb, embedding \(vector.type), distance float8)
    LANGUAGE plpgsql STABLE \(vector.path) AS $$
    BEGIN
      RETURN QUERY EXECUTE format(
        'SELECT e.* FROM (\(rows(.given(vector))) AND ($6 IS NULL OR t.id = ANY ($6)) OFFSET 0) e
         ORDER BY e.distance LIMIT $4', p_documents)
      USING p_user, p_collection, p_reduced, p_fetched, p_filter, p_ids;
    END
    $$;
    """
  }

  /// Candidates with the distances of the originals that still belong to them.
  ///
  /// The reduced scores of an exact store are better than half precision could be: there only
  /// documents that were added later are ranked by their originals.
  static func byOriginals(_ vector: VectorNames) -> SQL {
    """
    WITH candidates AS MATERIALIZED (%s)
    SELECT c.id, c.text, c.metadata,
           coalesce(o.embedding \(vector.cosine) $10::\(vector.half), c.distance) AS distance
    FROM candidates c
    LEFT JOIN vector_ferry.originals o
      ON o.store_id = $11 AND o.document_id = c.id
      AND o.reduced_digest = sha256(\(vector.send)(c.embedding))
      AND NOT ($12 AND EXISTS (
        SELECT FROM vector_ferry.documents d
        WHERE d.store_id = $11 AND d.document_id = c.id))
    """
  }
}
