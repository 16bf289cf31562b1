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
