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
