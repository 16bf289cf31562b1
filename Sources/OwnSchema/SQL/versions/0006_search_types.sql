-- What the parts of a search tell each other: which index it uses, and what the settings were.

DROP FUNCTION IF EXISTS vector_ferry.search_index(regclass, text, text, jsonb, int);
DROP FUNCTION IF EXISTS vector_ferry.raise_effort(int, float8, int);
DROP FUNCTION IF EXISTS vector_ferry.restore_settings(jsonb);

CREATE TYPE vector_ferry.index_choice AS (halved int, lists int, share float8);
CREATE TYPE vector_ferry.search_effort AS (
  ef_search text, probes text, hnsw_scan text, ivfflat_scan text);
