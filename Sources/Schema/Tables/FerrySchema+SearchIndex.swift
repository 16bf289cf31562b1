internal import Postgres

extension FerrySchema {
  /// What a search asks before it begins: which table, which index, and with how much effort.
  static func searchIndex(_ path: SQL) -> SQL {
    SQL.joined(
      [documentsTable(path), expectedRows(path), indexChoice(path), effort(path)],
      separator: "\n")
  }

  /// The table of a store; of a collection that was not migrated, the usual one; and all of them.
  private static func documentsTable(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.documents_of(p_store vector_ferry.stores)
    RETURNS regclass LANGUAGE plpgsql STABLE \(path) AS $$
    DECLARE
      found regclass := coalesce(
        to_regclass(p_store.table_name), to_regclass('public.vector_documents'),
        (SELECT to_regclass(s.table_name) FROM vector_ferry.stores s ORDER BY s.id DESC LIMIT 1));
    BEGIN
      IF found IS NULL THEN
        RAISE EXCEPTION 'there is no table of documents'
          USING ERRCODE = 'undefined_table', HINT = 'run: vector-ferry migrate';
      END IF;
      RETURN found;
    END
    $$;

    CREATE OR REPLACE FUNCTION vector_ferry.document_tables()
    RETURNS SETOF regclass LANGUAGE sql STABLE \(path) AS $$
      SELECT t.name FROM (
        SELECT to_regclass('public.vector_documents') AS name
        UNION SELECT to_regclass(s.table_name) FROM vector_ferry.stores s) t
      WHERE t.name IS NOT NULL AND has_table_privilege(t.name, 'SELECT')
    $$;
    """
  }

  /// How many documents the planner expects; EXPLAIN is for volatile functions alone.
  private static func expectedRows(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.expected_rows(
      p_documents regclass, p_user text, p_collection text, p_filter jsonb)
    RETURNS float8 LANGUAGE plpgsql VOLATILE \(path) AS $$
    DECLARE
      plan json;
    BEGIN
      EXECUTE format(
        'EXPLAIN (FORMAT json) SELECT FROM %s t
         WHERE t.user_id = $1 AND t.collection_name = $2
           AND ($3 IS NULL OR t.metadata @> $3)', p_documents)
      INTO plan USING p_user, p_collection, p_filter;
      RETURN (plan->0->'Plan'->>'Plan Rows')::float8;
    END
    $$;
    """
  }

  /// The vector index that a search of a collection should use, and how.
  ///
  /// No row of worth (`distance` is null) where there is no index or where scanning the collection
  /// costs less: up to four million numbers, which are 2,000 documents of 2,000 dimensions. The
  /// setting `vector_ferry.exact_rows` names another limit. An index on a cast to halfvec is used
  /// only by a query that repeats the cast. What such an index finds is ranked by the full vectors,
  /// and what is found among others' rows is less sure to be the nearest: both are asked for
  /// `surplus` more than is wanted.
  private static func indexChoice(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.search_index(
      p_documents regclass, p_user text, p_collection text, p_filter jsonb, p_dimensions int,
      OUT distance text, OUT surplus int, OUT lists int, OUT share float8)
    LANGUAGE plpgsql STABLE \(path) AS $$
    DECLARE
      halved text;
      indexes int;
      expected float8;
      exact_rows float8 := coalesce(
        nullif(current_setting('vector_ferry.exact_rows', true), '')::float8,
        4e6 / p_dimensions);
    BEGIN
      SELECT count(*), max(i.lists),
             CASE WHEN bool_and(i.key <> 'embedding') THEN max(i.key) END
      INTO indexes, lists, halved
      FROM (
        SELECT pg_get_indexdef(x.indexrelid, 1, false) AS key,
               (SELECT o.option_value::int FROM pg_options_to_table(x.reloptions) o
                WHERE o.option_name = 'lists') AS lists
        FROM (
          SELECT y.indexrelid, c.reloptions
          FROM pg_index y JOIN pg_class c ON c.oid = y.indexrelid
          WHERE y.indrelid = p_documents AND y.indisvalid
            AND c.relam = ANY (ARRAY(
              SELECT a.oid FROM pg_am a WHERE a.amname IN ('hnsw', 'ivfflat')))
            AND y.indclass[0] = ANY (ARRAY(
              SELECT o.oid FROM pg_opclass o
              WHERE o.opcname IN ('vector_cosine_ops', 'halfvec_cosine_ops')))
          OFFSET 0) x  -- definitions are made out for these alone
      ) i
      WHERE i.key = 'embedding' OR i.key ~ '^\\(*embedding\\)*::halfvec\\(\\d+\\)\\)*$';
      IF indexes = 0 THEN
        RETURN;
      END IF;
      expected := vector_ferry.expected_rows(p_documents, p_user, p_collection, p_filter);
      IF expected <= exact_rows THEN
        RETURN;
      END IF;
      share := least(1, expected / greatest(
        1, (SELECT c.reltuples FROM pg_class c WHERE c.oid = p_documents)));
      surplus := CASE WHEN halved IS NOT NULL OR share < 0.5 THEN 100 ELSE 0 END;
      distance := CASE WHEN halved IS NULL THEN 't.embedding <=> $3'
        ELSE format('t.embedding::%1$s <=> $3::%1$s', substring(halved FROM 'halfvec\\(\\d+\\)'))
        END;
    END
    $$;
    """
  }

  /// Settings for one query, and the ones before them, which come back after it.
  ///
  /// A search within one collection has to meet 1 / share as many rows as a search of the whole
  /// table would. What the session or the function has set counts as the effort for the collection
  /// alone; it is never lowered. Iterative scans came with pgvector 0.8.
  private static func effort(_ path: SQL) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.raise_effort(
      p_fetched int, p_share float8, p_lists int)
    RETURNS jsonb LANGUAGE plpgsql VOLATILE \(path) AS $$
    DECLARE
      before jsonb := jsonb_build_object(
        'enable_sort', current_setting('enable_sort'),
        'hnsw.ef_search', current_setting('hnsw.ef_search', true),
        'hnsw.iterative_scan', current_setting('hnsw.iterative_scan', true),
        'ivfflat.probes', current_setting('ivfflat.probes', true),
        'ivfflat.iterative_scan', current_setting('ivfflat.iterative_scan', true));
      ef_search float8 := greatest((before->>'hnsw.ef_search')::float8, p_fetched);
      probes float8 := greatest((before->>'ivfflat.probes')::float8, sqrt(p_lists));
    BEGIN
      -- The choice is made; the planner knows little of what comparing vectors costs.
      PERFORM set_config('enable_sort', 'off', true);
      PERFORM set_config('hnsw.ef_search', least(1000, ceil(ef_search / p_share))::text, true);
      IF p_lists IS NOT NULL THEN
        PERFORM set_config('ivfflat.probes', least(p_lists, ceil(probes / p_share))::text, true);
      END IF;
      IF before->>'hnsw.iterative_scan' = 'off' THEN
        PERFORM set_config('hnsw.iterative_scan', 'strict_order', true);
      END IF;
      IF before->>'ivfflat.iterative_scan' = 'off' THEN
        PERFORM set_config('ivfflat.iterative_scan', 'relaxed_order', true);
      END IF;
      RETURN before;
    END
    $$;

    CREATE OR REPLACE FUNCTION vector_ferry.restore_settings(p_settings jsonb)
    RETURNS void LANGUAGE sql VOLATILE \(path) AS $$
      SELECT set_config(s.key, s.value, true) FROM jsonb_each_text(p_settings) s
      WHERE s.value IS NOT NULL
    $$;
    """
  }
}
