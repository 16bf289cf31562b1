// Written by Scripts/embed-sets.py from Sources/OwnSchema/SQL/functions; do not edit.
// swift-format-ignore-file

extension FerryFiles {
  package static let functions: [(name: String, text: String)] = [
    (
      "change_vector.sql",
#"""
-- Converts a vector in the way in which a change of a column's dimension has converted the
-- vectors of the column.

CREATE OR REPLACE FUNCTION vector_ferry.change_vector(
  p_change bigint, p_vector pgvector.vector, p_is_query boolean)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  change record;
  projection vector_ferry.projections;
BEGIN
  SELECT c.* INTO STRICT change FROM vector_ferry.dimension_changes c WHERE c.id = p_change;
  IF change.method = 'reembedding' THEN
    IF pgvector.vector_dims(p_vector) = change.to_dimensions THEN RETURN p_vector; END IF;
    RAISE EXCEPTION 'the vectors of %.% are of the model % (%), which makes % dimensions, not %',
      change.table_name, quote_ident(change.column_name), change.model, change.provider,
      change.to_dimensions, pgvector.vector_dims(p_vector)
      USING ERRCODE = 'data_exception',
            HINT = 'embed the text with that model, and pass the vector unchanged';
  END IF;
  IF change.projection_id IS NULL THEN
    RETURN (p_vector::real[]
      || array_fill(0::real, ARRAY[change.to_dimensions - change.from_dimensions])
    )::pgvector.vector;
  END IF;
  SELECT p.* INTO STRICT projection FROM vector_ferry.projections p
  WHERE p.id = change.projection_id;
  RETURN vector_ferry.reduce(projection, p_vector,
    CASE WHEN p_is_query THEN projection.query_slot ELSE projection.document_slot END);
END
$$;

"""#
    ),
    (
      "check_document.sql",
#"""
-- Refuses the vector of a document that pgvector cannot compare: its distances would be wrong,
-- and would spoil the answers for the whole collection.

CREATE OR REPLACE FUNCTION vector_ferry.check_document(
  p_vector pgvector.vector, p_argument text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT vector_ferry.is_comparable(p_vector) THEN
    RAISE EXCEPTION '% has the length %; searches can compare vectors of lengths from 2.8e-17 to 3.6e16',
      p_argument, ltrim(to_char(pgvector.vector_norm(p_vector), '9.9EEEE'))
      USING ERRCODE = 'numeric_value_out_of_range',
            HINT = 'divide the vector by its length: no cosine changes';
  END IF;
END
$$;

"""#
    ),
    (
      "check_original.sql",
#"""
-- Refuses the vector of a document whose original half precision cannot hold, as migrate does.
--
-- A number from 65,520 on would become an infinity. Where the root mean square of the numbers is
-- below 2^-14, the smallest number that has all digits in half precision, the vector would lose
-- its digits. Zeros lose nothing.

CREATE OR REPLACE FUNCTION vector_ferry.check_original(
  p_vector pgvector.vector, p_argument text)
RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  length float8 := pgvector.vector_norm(p_vector);
  smallest float8 := sqrt(pgvector.vector_dims(p_vector)) / 16384;
  fault record;
BEGIN
  -- No number is larger than the length of its vector.
  IF length >= 65520 THEN
    SELECT u.i - 1 AS place, u.x AS number INTO fault
    FROM unnest(p_vector::real[]) WITH ORDINALITY u(x, i) WHERE abs(u.x) >= 65520
    ORDER BY u.i LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION '%, position %: % is too large for half precision, in which the collection keeps originals',
        p_argument, fault.place, fault.number
        USING ERRCODE = 'numeric_value_out_of_range',
              DETAIL = 'The largest number of half precision is 65504; positions count from 0.',
              HINT = 'divide the vector by its length: no cosine changes';
    END IF;
  ELSIF length > 0 AND length < smallest THEN
    RAISE EXCEPTION '% has the length %, which is too small for half precision, in which the collection keeps originals',
      p_argument, ltrim(to_char(length, '9.9EEEE'))
      USING ERRCODE = 'numeric_value_out_of_range',
            DETAIL = format('The smallest length for %s numbers is %s.',
              pgvector.vector_dims(p_vector), ltrim(to_char(smallest, '9.9EEEE'))),
            HINT = 'divide the vector by its length: no cosine changes';
  END IF;
END
$$;

"""#
    ),
    (
      "collection_stats.sql",
#"""
-- Describes what a collection contains.

CREATE OR REPLACE FUNCTION vector_ferry.collection_stats(p_user text, p_collection text)
RETURNS TABLE (document_count bigint, dimensions int, oldest timestamptz, newest timestamptz,
               text_bytes bigint, migrated bigint, keeps_original boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
BEGIN
  RETURN QUERY EXECUTE format(
    $query$
      SELECT count(*), nullif(max(a.atttypmod), -1), min(t.created_at), max(t.created_at),
             coalesce(sum(octet_length(t.text)), 0)::bigint,
             CASE WHEN count(*) > 0 THEN $3 ELSE 0 END, $4
      FROM %s t, pg_attribute a
      WHERE a.attrelid = $5 AND a.attname = 'embedding'
        AND t.user_id = $1 AND t.collection_name = $2
    $query$, vector_ferry.documents_of(store))
  USING p_user, p_collection, coalesce(store.documents, 0),
        coalesce(store.keeps_original, false), vector_ferry.documents_of(store);
END
$$;
COMMENT ON FUNCTION vector_ferry.collection_stats(text, text) IS
  'How much a collection holds, and how much of it was migrated.';

"""#
    ),
    (
      "column_dimensions.sql",
#"""
-- Returns the number of dimensions of the vectors in a column.
--
-- The function is VOLATILE, so that its statements see what is committed when they start, even
-- where the search that calls the function began before a swap of columns and had to wait for the
-- swap.

CREATE OR REPLACE FUNCTION vector_ferry.column_dimensions(p_table regclass, p_column text)
RETURNS int
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  answer int;
BEGIN
  -- The lock stays until the transaction ends: no swap comes between this answer and its use.
  EXECUTE format('SELECT FROM %s LIMIT 0', p_table);
  SELECT a.atttypmod INTO answer FROM pg_attribute a
  WHERE a.attrelid = p_table AND a.attname = p_column AND NOT a.attisdropped;
  RETURN answer;
END
$$;

"""#
    ),
    (
      "component_products.sql",
#"""
-- Returns the inner products of a vector with each component of a model. The vector's first piece
-- is multiplied by the components' piece p_piece, the second piece by the next one, and so on.

CREATE OR REPLACE FUNCTION vector_ferry.component_products(
  p_projection bigint, p_piece int, p_size int, p_numbers real[])
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  part pgvector.vector;
  products pgvector.vector;
  sums pgvector.vector;
BEGIN
  FOR place IN 0 .. (cardinality(p_numbers) - 1) / p_size LOOP
    part := p_numbers[place * p_size + 1:(place + 1) * p_size];
    -- pgvector's <#> is the inner product with its sign turned.
    products := ARRAY(
      SELECT -(c.component OPERATOR(pgvector.<#>) part)
      FROM vector_ferry.projection_components c
      WHERE c.projection_id = p_projection AND c.piece = p_piece + place
      ORDER BY c.number);
    sums := CASE WHEN place = 0 THEN products ELSE sums OPERATOR(pgvector.+) products END;
  END LOOP;
  RETURN sums;
END
$$;

"""#
    ),
    (
      "document_tables.sql",
#"""
-- All tables of documents that the session may read.

CREATE OR REPLACE FUNCTION vector_ferry.document_tables()
RETURNS SETOF regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.name FROM (
    SELECT to_regclass('public.vector_documents') AS name
    UNION SELECT to_regclass(s.table_name) FROM vector_ferry.stores s) t
  WHERE t.name IS NOT NULL AND has_table_privilege(t.name, 'SELECT')
$$;

"""#
    ),
    (
      "documents_of.sql",
#"""
-- The table of a store; for a collection that was not migrated, public.vector_documents, or else
-- the table of the newest store.

CREATE OR REPLACE FUNCTION vector_ferry.documents_of(p_store vector_ferry.stores)
RETURNS regclass
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
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

"""#
    ),
    (
      "expected_rows.sql",
#"""
-- Returns the number of documents that the planner expects; the function is volatile, because only
-- volatile functions may use EXPLAIN.

CREATE OR REPLACE FUNCTION vector_ferry.expected_rows(
  p_documents regclass, p_user text, p_collection text, p_filter jsonb)
RETURNS float8
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  plan json;
BEGIN
  EXECUTE format(
    $query$
      EXPLAIN (FORMAT json) SELECT FROM %s t
      WHERE t.user_id = $1 AND t.collection_name = $2
        AND ($3 IS NULL OR t.metadata @> $3)
    $query$, p_documents)
  INTO plan USING p_user, p_collection, p_filter;
  RETURN (plan->0->'Plan'->>'Plan Rows')::float8;
END
$$;

"""#
    ),
    (
      "has_documents.sql",
#"""
-- Returns true where a collection has a document.

CREATE OR REPLACE FUNCTION vector_ferry.has_documents(p_user text, p_collection text)
RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  answer boolean;
BEGIN
  EXECUTE format(
    'SELECT EXISTS (SELECT FROM %s t WHERE t.user_id = $1 AND t.collection_name = $2)',
    vector_ferry.documents_of(vector_ferry.store_of(p_user, p_collection)))
  INTO answer USING p_user, p_collection;
  RETURN answer;
END
$$;
COMMENT ON FUNCTION vector_ferry.has_documents(text, text) IS
  'Whether a collection has any document; one search of the index, however many there are.';

"""#
    ),
    (
      "hidden_models.sql",
#"""
-- The tables of models whose policy shows only the models of stores, although there is a record
-- of dimension changes; and the column of each table that holds the model's number.

CREATE OR REPLACE FUNCTION vector_ferry.hidden_models()
RETURNS TABLE (place regclass, name name, key name)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY
    SELECT c.oid::regclass, c.relname, m.key::name
    FROM (VALUES ('projections', 'id'), ('projection_components', 'projection_id')) m (name, key)
    JOIN pg_class c ON c.relname = m.name AND c.relnamespace = to_regnamespace('vector_ferry')
    WHERE c.relrowsecurity AND to_regclass('vector_ferry.dimension_changes') IS NOT NULL
      AND EXISTS (SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = 'vector_ferry_own_rows')
      AND NOT EXISTS (SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polname = 'vector_ferry_dimension_changes');
END
$$;

"""#
    ),
    (
      "hybrid_search.sql",
#"""
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

"""#
    ),
    (
      "is_comparable.sql",
#"""
-- Returns true where pgvector can compute cosines of a vector: where its length is zero, or from
-- 2^-55 to 2^55.
--
-- pgvector adds squares in single precision, where the squares of a shorter vector lose their
-- digits and finally become zero (docs/REDUCTION.md). The program checks the vectors of files
-- with the same bounds.

CREATE OR REPLACE FUNCTION vector_ferry.is_comparable(p_vector pgvector.vector)
RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
  SELECT n.length = 0 OR n.length BETWEEN 2.0 ^ (-55)::float8 AND 2.0 ^ 55::float8
  FROM (SELECT pgvector.vector_norm(p_vector) AS length) n
$$;

"""#
    ),
    (
      "keep_original.sql",
#"""
-- Lets an application keep the unreduced vector of a document that it has added itself.

CREATE OR REPLACE FUNCTION vector_ferry.keep_original(
  p_user text, p_collection text, p_document uuid, p_vector pgvector.vector)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  kept int;
BEGIN
  IF store.keeps_original IS NOT TRUE THEN
    RAISE EXCEPTION 'the collection %/% keeps no originals', p_user, p_collection
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'migrate it with --keep-original always';
  ELSIF pgvector.vector_dims(p_vector) <> store.source_dimensions THEN
    RAISE EXCEPTION 'the collection %/% takes vectors of % dimensions, not %',
      p_user, p_collection, store.source_dimensions, pgvector.vector_dims(p_vector)
      USING ERRCODE = 'data_exception';
  END IF;
  PERFORM vector_ferry.check_original(p_vector, 'p_vector');
  EXECUTE format(
    $query$
      INSERT INTO vector_ferry.originals (store_id, document_id, embedding, reduced_digest)
      SELECT $1, t.id, $2::pgvector.halfvec, sha256(pgvector.vector_send(t.embedding))
      FROM %s t WHERE t.id = $3 AND t.user_id = $4 AND t.collection_name = $5
      ON CONFLICT (store_id, document_id) DO UPDATE
        SET embedding = excluded.embedding, reduced_digest = excluded.reduced_digest
    $query$, store.table_name)
  USING store.id, p_vector, p_document, p_user, p_collection;
  GET DIAGNOSTICS kept = ROW_COUNT;
  IF kept = 0 THEN
    RAISE EXCEPTION 'the collection %/% has no document %', p_user, p_collection, p_document
      USING ERRCODE = 'no_data_found';
  END IF;
END
$$;
COMMENT ON FUNCTION vector_ferry.keep_original(text, text, uuid, pgvector.vector) IS
  'Keeps the unreduced vector of a document, for search to rank by and for a later refit.';

"""#
    ),
    (
      "nearest.sql",
#"""
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

"""#
    ),
    (
      "nearest_exactly.sql",
#"""
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

"""#
    ),
    (
      "query_of.sql",
#"""
-- Converts a query to the dimension of the column, and to a length that can be compared; refuses
-- a vector with only zeros.

CREATE OR REPLACE FUNCTION vector_ferry.query_of(
  p_store vector_ferry.stores, p_user text, p_collection text, p_query pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pgvector.vector_norm(p_query) = 0 THEN
    RAISE EXCEPTION 'a query vector with only zeros cannot be compared'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- The dimension of the column may have been changed since the ledger recorded it.
  IF pgvector.vector_dims(p_query) IS DISTINCT FROM p_store.dimensions
    OR to_regclass('vector_ferry.dimension_changes') IS NOT NULL
  THEN
    RETURN vector_ferry.reduce_query(p_user, p_collection, p_query);
  END IF;
  RETURN vector_ferry.scale_query(p_query);
END
$$;

"""#
    ),
    (
      "raise_effort.sql",
#"""
-- Sets pgvector's settings for one query, and returns the earlier values, which restore_effort
-- sets again after the query.
--
-- A search within one collection has to visit 1 / share times as many rows as a search of the
-- whole table would. A value that the session or the function has set counts as the effort
-- within the collection, and is never lowered. Iterative scans exist since pgvector 0.8. All
-- settings are made in assignments: a separate statement for each would take as long as
-- comparing a thousand vectors.

CREATE OR REPLACE FUNCTION vector_ferry.raise_effort(
  p_fetched bigint, p_share float8, p_lists int)
RETURNS vector_ferry.search_effort
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before vector_ferry.search_effort;
  given text;
  wanted text;
BEGIN
  given := current_setting('hnsw.ef_search', true);
  wanted := least(1000, ceil(greatest(given::float8, p_fetched) / p_share));
  IF given <> wanted THEN
    before.ef_search := given;
    wanted := set_config('hnsw.ef_search', wanted, true);
  END IF;

  given := current_setting('ivfflat.probes', true);
  wanted := CASE WHEN p_lists IS NULL THEN given::int
    ELSE least(p_lists, ceil(greatest(given::float8, 2 * sqrt(p_lists)) / p_share)) END;
  IF given <> wanted THEN
    before.probes := given;
    wanted := set_config('ivfflat.probes', wanted, true);
  END IF;

  given := current_setting('hnsw.iterative_scan', true);
  wanted := CASE given WHEN 'off' THEN 'strict_order' ELSE given END;
  IF given <> wanted THEN
    before.hnsw_scan := given;
    wanted := set_config('hnsw.iterative_scan', wanted, true);
  END IF;

  given := current_setting('ivfflat.iterative_scan', true);
  wanted := CASE given WHEN 'off' THEN 'relaxed_order' ELSE given END;
  IF given <> wanted THEN
    before.ivfflat_scan := given;
    wanted := set_config('ivfflat.iterative_scan', wanted, true);
  END IF;
  RETURN before;
END
$$;

"""#
    ),
    (
      "reduce.sql",
#"""
-- Reduces a vector of a query or of a document; the number at p_slot becomes the length of the part
-- that is not kept.
--
-- docs/REDUCTION.md explains the mathematics. A share of less than 4e-6 of a square is rounding:
-- it changes no cosine by more than 2e-6. Where less than a hundredth of what lies outside of
-- the span is kept, the kept part is not stretched, because its rounding errors would be
-- stretched, too.
--
-- A vector whose length pgvector cannot compare is scaled; only a centred model refuses it, because
-- there the length changes the direction. (reduce_document refuses such vectors of documents
-- before.) Where a model keeps so little of a vector that pgvector could not compare it, the result
-- has only zeros.

CREATE OR REPLACE FUNCTION vector_ferry.reduce(
  p_projection vector_ferry.projections, p_vector pgvector.vector, p_slot int)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  centered pgvector.vector := p_vector;
  numbers real[];
  whole float8;
  width int := greatest(p_projection.rank, p_projection.aligned_dimensions);
  head pgvector.vector;
  in_span pgvector.vector;
  of_head pgvector.vector;
  part pgvector.vector;
  turned pgvector.vector;
  outside float8;
  kept float8;
  stretch float8 := 1;
  reduced real[];
  rest float8;
BEGIN
  IF pgvector.vector_dims(p_vector) <> p_projection.source_dimensions THEN
    RAISE EXCEPTION 'the model takes vectors of % dimensions, not %',
      p_projection.source_dimensions, pgvector.vector_dims(p_vector)
      USING ERRCODE = 'data_exception';
  END IF;
  IF p_projection.kind = 'truncated' THEN
    numbers := p_vector::real[];
    RETURN vector_ferry.unit_vector(numbers[1:p_projection.dimensions]::pgvector.vector);
  END IF;
  IF NOT vector_ferry.is_comparable(p_vector) THEN
    IF p_projection.mean IS NOT NULL THEN
      RAISE EXCEPTION 'the vector has the length %; a centred model takes vectors of lengths from 2.8e-17 to 3.6e16',
        ltrim(to_char(pgvector.vector_norm(p_vector), '9.9EEEE'))
        USING ERRCODE = 'numeric_value_out_of_range',
              HINT = 'scale the vector like those that were migrated';
    END IF;
    centered := vector_ferry.unit_vector(p_vector);
  ELSIF p_projection.mean IS NOT NULL THEN
    centered := p_vector OPERATOR(pgvector.-) p_projection.mean;
  END IF;
  numbers := centered::real[];
  whole := -(centered OPERATOR(pgvector.<#>) centered);
  outside := whole;
  IF p_projection.rank > 0 THEN
    in_span := vector_ferry.component_products(
      p_projection.id, 0, p_projection.piece_size, numbers);
    outside := whole + (in_span OPERATOR(pgvector.<#>) in_span);
  END IF;
  IF width > p_projection.rank THEN
    -- An aligned model of few components: the first numbers, changed within the span, and stretched
    -- outside of it.
    numbers := numbers[1:width];
    head := numbers;
    kept := -(head OPERATOR(pgvector.<#>) head);
    IF p_projection.rank > 0 THEN
      of_head := vector_ferry.component_products(
        p_projection.id, (p_projection.source_dimensions - 1) / p_projection.piece_size + 1,
        p_projection.piece_size, numbers);
      kept := kept + (of_head OPERATOR(pgvector.<#>) of_head);
    END IF;
    IF outside > 4e-6 * whole AND kept > 0.01 * outside THEN
      stretch := sqrt(outside / kept);
      head := head OPERATOR(pgvector.*)
        array_fill(stretch::real, ARRAY[width])::pgvector.vector;
    END IF;
    turned := head;
    IF p_projection.rank > 0 THEN
      in_span := in_span OPERATOR(pgvector.-)
        (of_head OPERATOR(pgvector.*)
          array_fill(stretch::real, ARRAY[p_projection.rank])::pgvector.vector);
      -- One image after the other, in their order; in FROM they would be gathered first.
      part := ARRAY(
        SELECT -(i.image OPERATOR(pgvector.<#>) in_span)
        FROM (SELECT unnest(p_projection.images) AS image OFFSET 0) i);
      turned := turned OPERATOR(pgvector.+) part;
    END IF;
  ELSE
    turned := in_span;
  END IF;
  reduced := coalesce(turned::real[], '{}')
    || array_fill(0::real, ARRAY[p_projection.dimensions - width]);
  IF p_slot IS NOT NULL THEN
    rest := CASE WHEN width = 0 THEN whole
            ELSE whole + (turned OPERATOR(pgvector.<#>) turned) END;
    IF rest > 4e-6 * whole THEN
      reduced[p_slot + 1] := sqrt(rest)::real;
    END IF;
  END IF;
  RETURN CASE WHEN vector_ferry.is_comparable(reduced::pgvector.vector) THEN reduced
    ELSE array_fill(0::real, ARRAY[p_projection.dimensions]) END::pgvector.vector;
END
$$;

"""#
    ),
    (
      "reduce_document.sql",
#"""
-- Reduces the vector of a document that is added; refuses a vector that pgvector cannot compare.

CREATE OR REPLACE FUNCTION vector_ferry.reduce_document(
  p_user text, p_collection text, p_vector pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM vector_ferry.check_document(p_vector, 'p_vector');
  RETURN vector_ferry.reduce_in_collection(p_user, p_collection, p_vector, false);
END
$$;
COMMENT ON FUNCTION vector_ferry.reduce_document(text, text, pgvector.vector) IS
  'Reduces the vector of a document that is added to a collection.';

"""#
    ),
    (
      "reduce_in_collection.sql",
#"""
-- Converts a vector to the form that the vectors of a collection have in the table.
--
-- Vectors of the table's own dimension stay unchanged; shorter vectors are extended with zeros, as
-- those of the store's documents were.

CREATE OR REPLACE FUNCTION vector_ferry.reduce_in_collection(
  p_user text, p_collection text, p_vector pgvector.vector, p_is_query boolean)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  projection vector_ferry.projections;
  missing int := store.dimensions - pgvector.vector_dims(p_vector);
  -- The name by which the record of dimension changes knows the table.
  documents text := (
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = vector_ferry.documents_of(store));
  wanted int;
BEGIN
  IF store.id IS NULL THEN
    p_vector := vector_ferry.to_column(documents, p_vector, p_is_query);
    wanted := nullif(vector_ferry.column_dimensions(documents::regclass, 'embedding'), -1);
    IF pgvector.vector_dims(p_vector) <> wanted
      AND vector_ferry.has_documents(p_user, p_collection)
    THEN
      RAISE EXCEPTION
        'the vectors of the collection %/% have % dimensions, and no model reduces % to them',
        p_user, p_collection, wanted, pgvector.vector_dims(p_vector)
        USING ERRCODE = 'data_exception',
          DETAIL = 'The collection was never migrated, or its migration was rolled back.',
          HINT = 'vector-ferry migrate gives the collection a model; until then use vectors of '
            || wanted || ' dimensions.';
    END IF;
    RETURN p_vector;
  END IF;
  -- An empty store has no dimension of its own; the first vector that is added decides.
  IF missing = 0 OR store.source_dimensions = 0 THEN
    RETURN vector_ferry.to_column(documents, p_vector, p_is_query);
  END IF;
  -- The store's model, or its zeros, were for vectors that the column no longer has.
  IF vector_ferry.reembedding_of(documents) IS NOT NULL THEN
    RETURN vector_ferry.to_column(documents, p_vector, p_is_query);
  END IF;
  SELECT p.* INTO projection FROM vector_ferry.projections p WHERE p.id = store.projection_id;
  IF FOUND AND pgvector.vector_dims(p_vector) = projection.source_dimensions THEN
    RETURN vector_ferry.to_column(
      documents,
      vector_ferry.reduce(projection, p_vector,
        CASE WHEN p_is_query THEN projection.query_slot ELSE projection.document_slot END),
      p_is_query);
  ELSIF pgvector.vector_dims(p_vector) = store.source_dimensions AND missing > 0 THEN
    RETURN vector_ferry.to_column(
      documents,
      (p_vector::real[] || array_fill(0::real, ARRAY[missing]))::pgvector.vector,
      p_is_query);
  ELSIF pgvector.vector_dims(p_vector)
    = vector_ferry.column_dimensions(documents::regclass, 'embedding')
  THEN
    RETURN p_vector;
  END IF;
  RAISE EXCEPTION 'the collection %/% takes vectors of % dimensions, not %',
    p_user, p_collection, store.source_dimensions, pgvector.vector_dims(p_vector)
    USING ERRCODE = 'data_exception';
END
$$;

"""#
    ),
    (
      "reduce_query.sql",
#"""
-- Reduces a query for similarity search, and scales it where its length would cost digits.

CREATE OR REPLACE FUNCTION vector_ferry.reduce_query(
  p_user text, p_collection text, p_vector pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN vector_ferry.scale_query(
    vector_ferry.reduce_in_collection(p_user, p_collection, p_vector, true));
END
$$;
COMMENT ON FUNCTION vector_ferry.reduce_query(text, text, pgvector.vector) IS
  'Reduces a query for similarity search in a collection.';

"""#
    ),
    (
      "reembedding_of.sql",
#"""
-- The change that gave a table vectors of another embedding model, the last where there are
-- several; null where there is none.
--
-- Where a change is not finished, the column's dimension shows whether the columns were swapped.

CREATE OR REPLACE FUNCTION vector_ferry.reembedding_of(p_table text)
RETURNS bigint
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  change record;
BEGIN
  IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN RETURN NULL; END IF;
  FOR change IN
    SELECT c.id, c.state, c.to_dimensions FROM vector_ferry.dimension_changes c
    WHERE c.table_name = p_table AND c.column_name = 'embedding'
      AND c.method = 'reembedding' AND c.state <> 'undone'
    ORDER BY c.id DESC
  LOOP
    IF change.state = 'finished' OR change.to_dimensions
      = vector_ferry.column_dimensions(p_table::regclass, 'embedding')
    THEN
      RETURN change.id;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION vector_ferry.reembedding_of(text) IS
  'The number of the change that gave a table vectors of another embedding model.';

"""#
    ),
    (
      "restore_effort.sql",
#"""
-- Restores those settings of pgvector that raise_effort has changed.

CREATE OR REPLACE FUNCTION vector_ferry.restore_effort(p_before vector_ferry.search_effort)
RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  written text;
BEGIN
  IF p_before.ef_search IS NOT NULL THEN
    written := set_config('hnsw.ef_search', p_before.ef_search, true);
  END IF;
  IF p_before.probes IS NOT NULL THEN
    written := set_config('ivfflat.probes', p_before.probes, true);
  END IF;
  IF p_before.hnsw_scan IS NOT NULL THEN
    written := set_config('hnsw.iterative_scan', p_before.hnsw_scan, true);
  END IF;
  IF p_before.ivfflat_scan IS NOT NULL THEN
    written := set_config('ivfflat.iterative_scan', p_before.ivfflat_scan, true);
  END IF;
END
$$;

"""#
    ),
    (
      "scale_query.sql",
#"""
-- Scales a query to the length one where its own length would cost digits in half precision: no
-- cosine changes. Other queries, and vectors with only zeros, stay unchanged.
--
-- For a length of at least 2^-7, the root mean square of up to 2^14 numbers is at least 2^-14; for
-- a length of at most 2^15, no number is too large (check_original.sql).

CREATE OR REPLACE FUNCTION vector_ferry.scale_query(p_query pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pgvector.vector_norm(p_query) BETWEEN 0.0078125 AND 32768 THEN RETURN p_query; END IF;
  RETURN vector_ferry.unit_vector(p_query);
END
$$;

"""#
    ),
    (
      "search_index.sql",
#"""
-- Decides whether a search of a collection uses the vector index, and how.
--
-- "share" is null where there is no index or where scanning the collection costs less: up to four
-- million numbers, which are 2,000 documents of 2,000 dimensions. The setting
-- vector_ferry.exact_rows names another limit.
--
-- The decision takes as long as a search, so a session keeps its last answer, with a hash of
-- everything that the answer depends on, until the clock's minute ends, or an index of the table is
-- created or dropped. The session keeps numbers, never SQL, because anyone may write the setting.

CREATE OR REPLACE FUNCTION vector_ferry.search_index(
  p_documents regclass, p_user text, p_collection text, p_filter jsonb, p_dimensions int)
RETURNS vector_ferry.index_choice
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
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

"""#
    ),
    (
      "search_statement.sql",
#"""
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

"""#
    ),
    (
      "search_stats.sql",
#"""
-- Describes what all collections contain.
--
-- The view calls a function, so that the view can be created without a table of documents, and
-- does not prevent dropping one.

CREATE OR REPLACE FUNCTION vector_ferry.search_stats()
RETURNS TABLE (user_id text, collection_name text, documents bigint, oldest timestamptz,
               newest timestamptz, last_change timestamptz, table_name text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  place regclass;
  newest_change text;
BEGIN
  FOR place IN SELECT vector_ferry.document_tables() LOOP
    -- A table of the application's own need not have this column.
    newest_change := CASE WHEN EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = place AND a.attname = 'updated_at'
          AND a.atttypid = 'timestamptz'::regtype AND NOT a.attisdropped)
      THEN 'max(t.updated_at)' ELSE 'NULL::timestamptz' END;
    RETURN QUERY EXECUTE format(
      $query$
        SELECT t.user_id::text, t.collection_name::text, count(*), min(t.created_at),
               max(t.created_at), %s, $1
        FROM %s t GROUP BY 1, 2
      $query$, newest_change, place)
    USING place::text;
  END LOOP;
END
$$;

CREATE OR REPLACE VIEW vector_ferry.vector_search_stats AS
  SELECT * FROM vector_ferry.search_stats();
COMMENT ON VIEW vector_ferry.vector_search_stats IS
  'Every collection that the session may see: documents, oldest, newest, last change.';

"""#
    ),
    (
      "similarity_search.sql",
#"""
-- The documents of a collection that are nearest to a query by cosine.
--
-- A collection of few documents is scanned through the b-tree on its user: that is fast, and
-- exact. A larger collection is searched through the vector index, with an effort that depends
-- on the collection's share of the table; where the index finds too few documents, the
-- collection is scanned after all. Where originals are kept, the nearest documents by reduced
-- vectors are sorted by the unreduced vectors.
--
-- The usual statement is planned once in a session, because planning takes as long as a third of
-- the search; the server would not do so by itself, because "LIMIT fetched" does not show how
-- few rows are wanted. Whether the index is used is decided before the statement is planned; the
-- planner underestimates what comparing vectors costs, so it must not sort all rows instead.
--
-- nearest.sql has the same body: a call of nearest would add a tenth of the time.

CREATE OR REPLACE FUNCTION vector_ferry.similarity_search(
  p_user text, p_collection text, p_query pgvector.vector, p_k int DEFAULT 5,
  p_threshold float8 DEFAULT NULL, p_filter jsonb DEFAULT NULL)
RETURNS TABLE (id uuid, text text, metadata jsonb, similarity float8)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_sort = off AS $$
DECLARE
  p_ids CONSTANT uuid[] := NULL;
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
COMMENT ON FUNCTION vector_ferry.similarity_search(
  text, text, pgvector.vector, int, float8, jsonb) IS
  'The documents of a collection that are nearest to a query by cosine, reduced inside.';

"""#
    ),
    (
      "store_of.sql",
#"""
-- The ledger's row of a user's collection; where several tables hold the collection, a table
-- named vector_documents comes first, then the newest store.

CREATE OR REPLACE FUNCTION vector_ferry.store_of(p_user text, p_collection text)
RETURNS vector_ferry.stores
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  answer vector_ferry.stores;
BEGIN
  SELECT s.* INTO answer FROM vector_ferry.stores s
  WHERE s.user_id = p_user AND s.collection_name = p_collection
  ORDER BY s.table_name LIKE '%.vector_documents' DESC, s.id DESC
  LIMIT 1;
  RETURN answer;
END
$$;

"""#
    ),
    (
      "stored_documents.sql",
#"""
-- Stored documents, each with a vector for a query: the original where search ranks by
-- originals, and otherwise the stored vector.

CREATE OR REPLACE FUNCTION vector_ferry.stored_documents(p_first uuid, p_last uuid)
RETURNS TABLE (id uuid, user_id text, collection_name text, query pgvector.vector)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  place regclass;
  original text := 'NULL';
BEGIN
  IF to_regclass('vector_ferry.originals') IS NOT NULL THEN
    original := $query$
      (SELECT o.embedding::pgvector.vector FROM vector_ferry.originals o
       JOIN vector_ferry.stores s ON s.id = o.store_id AND s.keeps_original
       JOIN vector_ferry.projections p ON p.id = s.projection_id
         AND NOT (p.is_exact AND p.store_id IS NOT NULL)
       WHERE o.document_id = t.id AND s.user_id = t.user_id
         AND s.collection_name = t.collection_name
         AND o.reduced_digest = sha256(pgvector.vector_send(t.embedding)) LIMIT 1)
      $query$;
  END IF;
  FOR place IN SELECT vector_ferry.document_tables() LOOP
    RETURN QUERY EXECUTE format(
      $query$
        SELECT t.id, t.user_id::text, t.collection_name::text, coalesce(%s, t.embedding)
        FROM %s t WHERE t.id BETWEEN $1 AND $2 ORDER BY t.id
      $query$, original, place)
    USING p_first, p_last;
  END LOOP;
END
$$;
COMMENT ON FUNCTION vector_ferry.stored_documents(uuid, uuid) IS
  'Documents by their ids, each with the vector that finds documents like it.';

"""#
    ),
    (
      "to_column.sql",
#"""
-- Converts a vector to the present dimension of the column.

CREATE OR REPLACE FUNCTION vector_ferry.to_column(
  p_table text, p_vector pgvector.vector, p_is_query boolean)
RETURNS pgvector.vector
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted int;
  reembedding bigint;
  change bigint := 0;
BEGIN
  IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN RETURN p_vector; END IF;
  PERFORM FROM vector_ferry.dimension_changes c
  WHERE c.table_name = p_table AND c.column_name = 'embedding' AND c.state <> 'undone';
  IF NOT FOUND THEN RETURN p_vector; END IF;
  wanted := vector_ferry.column_dimensions(p_table::regclass, 'embedding');
  reembedding := vector_ferry.reembedding_of(p_table);
  LOOP
    IF wanted IS NULL OR wanted = pgvector.vector_dims(p_vector) THEN RETURN p_vector; END IF;
    -- Changes before the texts were embedded anew do not concern vectors of the new model.
    SELECT min(c.id) INTO change FROM vector_ferry.dimension_changes c
    WHERE c.table_name = p_table AND c.column_name = 'embedding'
      AND c.id > greatest(change, reembedding)
      AND c.from_dimensions = pgvector.vector_dims(p_vector)
      AND c.state <> 'undone' AND c.method <> 'reembedding';
    IF change IS NULL THEN
      -- The vector is not of the column's model: this call raises the error.
      RETURN CASE WHEN reembedding IS NULL THEN p_vector
        ELSE vector_ferry.change_vector(reembedding, p_vector, p_is_query) END;
    END IF;
    p_vector := vector_ferry.change_vector(change, p_vector, p_is_query);
  END LOOP;
END
$$;
COMMENT ON FUNCTION vector_ferry.to_column(text, pgvector.vector, boolean) IS
  'A vector in the present dimension of the column embedding of a table.';

"""#
    ),
    (
      "unit_vector.sql",
#"""
-- Scales a vector to the length one, in double precision; a vector with only zeros stays
-- unchanged.
--
-- Numbers of at most 1e-37 after the scaling become zero: the cast to single precision would refuse
-- smaller ones.

CREATE OR REPLACE FUNCTION vector_ferry.unit_vector(p_vector pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  length float8 := pgvector.vector_norm(p_vector);
BEGIN
  IF length = 0 THEN RETURN p_vector; END IF;
  RETURN ARRAY(
    SELECT CASE WHEN abs(x / length) > 1e-37 THEN (x / length)::real ELSE 0 END
    FROM unnest(p_vector::real[]) WITH ORDINALITY u(x, i) ORDER BY i)::pgvector.vector;
END
$$;

"""#
    ),
    (
      "upsert_document.sql",
#"""
-- Adds or replaces a document with its full vector, which is reduced like the other vectors of
-- the collection, and also kept unreduced where the collection keeps originals.

CREATE OR REPLACE FUNCTION vector_ferry.upsert_document(
  p_user text, p_collection text, p_text text, p_embedding pgvector.vector,
  p_metadata jsonb DEFAULT '{}', p_id uuid DEFAULT NULL)
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  store vector_ferry.stores := vector_ferry.store_of(p_user, p_collection);
  has_original boolean := coalesce(
    store.keeps_original AND pgvector.vector_dims(p_embedding) = store.source_dimensions, false);
  documents regclass := vector_ferry.documents_of(store);
  wanted int := nullif(vector_ferry.column_dimensions(documents, 'embedding'), -1);
  reduced pgvector.vector;
  written uuid;
BEGIN
  PERFORM vector_ferry.check_document(p_embedding, 'p_embedding');
  IF has_original THEN
    PERFORM vector_ferry.check_original(p_embedding, 'p_embedding');
  END IF;
  reduced := vector_ferry.reduce_document(p_user, p_collection, p_embedding);
  IF store.id IS NULL AND pgvector.vector_dims(reduced) <> wanted THEN
    RAISE EXCEPTION 'the table % takes vectors of % dimensions, not %, and the collection %/% has no model that reduces them',
      documents, wanted, pgvector.vector_dims(reduced), p_user, p_collection
      USING ERRCODE = 'data_exception',
        HINT = 'vector-ferry migrate gives a collection a model; until then use vectors of '
          || wanted || ' dimensions.';
  END IF;
  EXECUTE format(
    $query$
      INSERT INTO %s AS t (id, user_id, collection_name, text, embedding, metadata)
      VALUES (coalesce($1, gen_random_uuid()), $2, $3, $4, $5, $6)
      ON CONFLICT (id) DO UPDATE
        SET text = excluded.text, embedding = excluded.embedding, metadata = excluded.metadata
        WHERE t.user_id = excluded.user_id AND t.collection_name = excluded.collection_name
      RETURNING id
    $query$, documents)
  INTO written
  USING p_id, p_user, p_collection, p_text,
        reduced,
        coalesce(p_metadata, '{}');
  IF written IS NULL THEN
    RAISE EXCEPTION 'the document % belongs to another collection', p_id
      USING ERRCODE = 'unique_violation', HINT = 'leave p_id out for a new document';
  END IF;
  IF has_original THEN
    PERFORM vector_ferry.keep_original(p_user, p_collection, written, p_embedding);
  END IF;
  RETURN written;
END
$$;
COMMENT ON FUNCTION vector_ferry.upsert_document(text, text, text, pgvector.vector, jsonb, uuid) IS
  'Adds or replaces a document of a collection; the full vector is reduced inside.';

"""#
    ),
    (
      "usable_indexes.sql",
#"""
-- The indexes by cosine that a search may use, on the column or on its cast to halfvec, which a
-- query must repeat.

CREATE OR REPLACE FUNCTION vector_ferry.usable_indexes(
  p_documents regclass, OUT indexes int, OUT halved int, OUT lists int)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT count(*), max(i.lists),
         CASE WHEN bool_and(i.key <> 'embedding')
           THEN max(substring(i.key FROM 'halfvec\((\d+)\)')::int) END
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
      OFFSET 0) x  -- definitions are read for these only
  ) i
  WHERE i.key = 'embedding'
    OR i.key ~ '^\(*embedding\)*::(.+\.)?halfvec\(\d+\)\)*$';
END
$$;

"""#
    )
  ]
}
