-- migrate:up
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE embeddings (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  source_table varchar(100) NOT NULL,
  source_id uuid NOT NULL,
  embedding vector(1536) NOT NULL,
  embedding_model varchar(100) NOT NULL DEFAULT 'text-embedding-3-large',
  content_hash varchar(64) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}',
  -- Several models may live side by side for one source.
  UNIQUE (source_table, source_id, embedding_model)
);
CREATE INDEX embeddings_source_idx ON embeddings (source_table, source_id);
CREATE INDEX embeddings_created_at_idx ON embeddings (created_at);
CREATE INDEX embeddings_content_hash_idx ON embeddings (content_hash);

CREATE FUNCTION upsert_embedding(
  p_source_table text, p_source_id uuid, p_embedding vector, p_content_hash text,
  p_model text DEFAULT 'text-embedding-3-large', p_metadata jsonb DEFAULT '{}')
RETURNS uuid LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  found_id uuid;
BEGIN
  INSERT INTO embeddings AS e
    (source_table, source_id, embedding, content_hash, embedding_model, metadata)
  VALUES (p_source_table, p_source_id, p_embedding, p_content_hash, p_model, p_metadata)
  ON CONFLICT (source_table, source_id, embedding_model) DO UPDATE
    SET embedding = excluded.embedding, content_hash = excluded.content_hash,
        metadata = excluded.metadata, updated_at = now()
    WHERE e.content_hash::text <> excluded.content_hash::text
  RETURNING e.id INTO found_id;
  -- Nothing was written where hash and model are unchanged.
  IF found_id IS NULL THEN
    SELECT e.id INTO found_id FROM embeddings e
    WHERE e.source_table::text = p_source_table AND e.source_id = p_source_id
      AND e.embedding_model::text = p_model;
  END IF;
  RETURN found_id;
END
$$;

CREATE FUNCTION similarity_search(
  p_query vector, p_threshold float8 DEFAULT 0.8, p_count int DEFAULT 5,
  p_source text DEFAULT NULL)
RETURNS TABLE (id uuid, source_table varchar, source_id uuid, similarity float8, metadata jsonb)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT e.id, e.source_table, e.source_id, 1::float8 - (e.embedding <=> p_query), e.metadata
  FROM embeddings e
  WHERE (p_source IS NULL OR e.source_table::text = p_source)
    AND 1::float8 - (e.embedding <=> p_query) >= p_threshold
  ORDER BY e.embedding <=> p_query
  LIMIT p_count
$$;

-- migrate:down
DROP FUNCTION similarity_search(vector, float8, int, text);
DROP FUNCTION upsert_embedding(text, uuid, vector, text, text, jsonb);
DROP TABLE embeddings;
