internal import Postgres

extension FerrySchema {
  /// What a search asks before it begins: which table, which index, and with how much effort.
  static func searchIndex(_ vector: VectorNames) -> SQL {
    SQL.joined(
      [
        documentsTable(vector), expectedRows(vector), usableIndexes(vector), indexChoice(vector),
        effort(vector),
      ],
      separator: "\n")
  }

  /// The table of a store; of a collection that was not migrated, the usual one; and all of them.
  private static func documentsTable(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.documents_of(p_store vector_ferry.stores)
    RETURNS regclass LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      answer regclass := coalesce(
        to_regclass(p_store.table_name), to_regclass('public.vector_documents'));
    BEGIN
      IF answer IS NULL THEN
        SELECT to_regclass(s.table_name) INTO answer FROM vector_ferry.stores s
        ORDER BY s.id DESC LIMIT 1;
      END IF;
      IF answer IS NULL THEN
        RAISE EXCEPTION 'there is no table of documents'
          USING ERRCODE = 'undefined_table', HINT = 'run: vector-ferry migrate';
      END IF;
      RETURN answer;
    END
    $$;

    CREATE OR REPLACE FUNCTION vector_ferry.document_tables()
    RETURNS SETOF regclass LANGUAGE sql STABLE \(vector.path) AS $$
      SELECT t.name FROM (
        SELECT to_regclass('public.vector_documents') AS name
        UNION SELECT to_regclass(s.table_name) FROM vector_ferry.stores s) t
      WHERE t.name IS NOT NULL AND has_table_privilege(t.name, 'SELECT')
    $$;
    """
  }

  /// How many documents the planner expects; EXPLAIN is for volatile functions alone.
  private static func expectedRows(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.expected_rows(
      p_documents regclass, p_user text, p_collection text, p_filter jsonb)
    RETURNS float8 LANGUAGE plpgsql VOLATILE \(vector.path) AS $$
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

  /// The indexes by cosine that a search may use, on the column or on a cast of it to halfvec: a
  /// query has to repeat that cast.
  private static func usableIndexes(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.usable_indexes(
      p_documents regclass, OUT indexes int, OUT halved int, OUT lists int)
    LANGUAGE plpgsql STABLE \(vector.path) AS $$
    BEGIN
      SELECT count(*), max(i.lists),
             CASE WHEN bool_and(i.key <> 'embedding')
               THEN max(substring(i.key FROM 'halfvec\\((\\d+)\\)')::int) END
      INTO indexes, lists, halved
      FROM (
        SELECT pg_get_indexdef(x.indexrelid, 1, false) AS key,
               (SELECT o.option_value::int FROM pg_options_to_table(x.reloptions) o
                WHERE o.option_name = 'lists') AS lists
        FROM (
          SELECT y.indexrelid, c.reloptions
          FROM pg_index y JOIN pg_class c ON c.oid = y.indexrelid
          WHERE y.indrelid = p_documents AND y.indisvalid AND y.indpred IS NULL
            AND c.relam = ANY (ARRAY(
              SELECT a.oid FROM pg_am a WHERE a.amname IN ('hnsw', 'ivfflat')))
            AND y.indclass[0] = ANY (ARRAY(
              SELECT o.oid FROM pg_opclass o
              WHERE o.opcname IN ('vector_cosine_ops', 'halfvec_cosine_ops')))
          OFFSET 0) x  -- definitions are made out for these alone
      ) i
      WHERE i.key = 'embedding'
        OR i.key ~ '^\\(*embedding\\)*::(.+\\.)?halfvec\\(\\d+\\)\\)*$';
    END
    $$;
    """
  }

  /// Whether a search of a collection should use the vector index, and how.
  ///
  /// `share` is null where there is no index or where scanning the collection costs less: up to
  /// four million numbers, which are 2,000 documents of 2,000 dimensions. The setting
  /// `vector_ferry.exact_rows` names another limit.
  ///
  /// To find this out takes as long as a search, so a session keeps its last answer, under a hash of
  /// everything that was asked, until the minute is over or the table gets or loses an index. What it
  /// keeps are numbers, never SQL: a setting is anyone's to write.
  private static func indexChoice(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.search_index(
      p_documents regclass, p_user text, p_collection text, p_filter jsonb, p_dimensions int)
    RETURNS vector_ferry.index_choice LANGUAGE plpgsql STABLE \(vector.path) AS $$
    DECLARE
      usable record;
      chosen vector_ferry.index_choice;
      expected float8;
      valid_indexes text;
      question text;
      known text[] := string_to_array(current_setting('vector_ferry.last_choice', true), ' ', '');
      exact_rows float8 := coalesce(
        nullif(current_setting('vector_ferry.exact_rows', true), '')::float8,
        4e6 / p_dimensions);
    BEGIN
      SELECT string_agg(x.indexrelid::text, ',') INTO valid_indexes
      FROM pg_index x WHERE x.indrelid = p_documents AND x.indisvalid;
      IF valid_indexes IS NULL THEN
        RETURN NULL;
      END IF;
      question := hashtextextended(concat_ws(
        chr(31), p_documents::oid, valid_indexes, exact_rows, p_dimensions, p_user, p_collection,
        coalesce(p_filter, 'null'), floor(extract(epoch FROM clock_timestamp()) / 60)), 0)::text;
      IF known[1] = question THEN
        chosen.halved := known[2];
        chosen.lists := known[3];
        chosen.share := known[4];
        RETURN chosen;
      END IF;
      usable := vector_ferry.usable_indexes(p_documents);
      IF usable.indexes > 0 THEN
        expected := vector_ferry.expected_rows(p_documents, p_user, p_collection, p_filter);
        IF expected > exact_rows THEN
          chosen := (usable.halved, usable.lists, least(1, expected / greatest(
            1, (SELECT c.reltuples FROM pg_class c WHERE c.oid = p_documents))));
        END IF;
      END IF;
      PERFORM set_config(
        'vector_ferry.last_choice',
        array_to_string(
          ARRAY[question, chosen.halved::text, chosen.lists::text, chosen.share::text], ' ', ''),
        false);
      RETURN chosen;
    END
    $$;
    """
  }

  /// Settings for one query, and the ones before them, which come back after it.
  ///
  /// A search within one collection has to meet 1 / share as many rows as a search of the whole
  /// table would. What the session or the function has set counts as the effort for the collection
  /// alone; it is never lowered. Iterative scans came with pgvector 0.8. Assignments throughout: a
  /// statement of its own for each setting takes as long as comparing a thousand vectors.
  private static func effort(_ vector: VectorNames) -> SQL {
    """
    CREATE OR REPLACE FUNCTION vector_ferry.raise_effort(
      p_fetched bigint, p_share float8, p_lists int)
    RETURNS vector_ferry.search_effort LANGUAGE plpgsql VOLATILE \(vector.path) AS $$
    DECLARE
      before vector_ferry.search_effort;
      given text;
      wanted text;
    BEGIN
      \(raised("hnsw.ef_search", "ef_search", to: """
        least(1000, ceil(greatest(given::float8, p_fetched) / p_share))
        """))
      \(raised("ivfflat.probes", "probes", to: """
        CASE WHEN p_lists IS NULL THEN given::int
          ELSE least(p_lists, ceil(greatest(given::float8, 2 * sqrt(p_lists)) / p_share)) END
        """))
      \(raised("hnsw.iterative_scan", "hnsw_scan", to: """
        CASE given WHEN 'off' THEN 'strict_order' ELSE given END
        """))
      \(raised("ivfflat.iterative_scan", "ivfflat_scan", to: """
        CASE given WHEN 'off' THEN 'relaxed_order' ELSE given END
        """))
      RETURN before;
    END
    $$;

    CREATE OR REPLACE FUNCTION vector_ferry.restore_effort(p_before vector_ferry.search_effort)
    RETURNS void LANGUAGE plpgsql VOLATILE \(vector.path) AS $$
    DECLARE
      written text;
    BEGIN
      \(restored("hnsw.ef_search", "ef_search"))
      \(restored("ivfflat.probes", "probes"))
      \(restored("hnsw.iterative_scan", "hnsw_scan"))
      \(restored("ivfflat.iterative_scan", "ivfflat_scan"))
    END
    $$;
    """
  }

  /// Notes a setting and changes it, if pgvector has it and it is not so already.
  private static func raised(_ setting: String, _ field: Identifier, to value: SQL) -> SQL {
    """
    given := current_setting(\(Literal(setting)), true);
      wanted := \(value);
      IF given <> wanted THEN
        before.\(field) := given;
        wanted := set_config(\(Literal(setting)), wanted, true);
      END IF;
    """
  }

  /// Puts a setting back that was changed.
  private static func restored(_ setting: String, _ field: Identifier) -> SQL {
    """
    IF p_before.\(field) IS NOT NULL THEN
        written := set_config(\(Literal(setting)), p_before.\(field), true);
      END IF;
    """
  }
}
