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
