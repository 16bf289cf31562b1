-- The application's table, exactly as `migrate` makes it. One that is there is taken as it is.
-- migrate:up
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE IF NOT EXISTS vector_documents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id varchar(255) NOT NULL,
  collection_name varchar(255) NOT NULL DEFAULT 'personal_assistant',
  text text NOT NULL,
  embedding vector(2000) NOT NULL,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
CREATE INDEX IF NOT EXISTS vector_documents_user_collection_idx
  ON vector_documents (user_id, collection_name);
CREATE INDEX IF NOT EXISTS vector_documents_metadata_idx ON vector_documents USING gin (metadata);

CREATE OR REPLACE FUNCTION vector_documents_touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.updated_at := pg_catalog.now();
        RETURN NEW;
      END
      $$;
CREATE OR REPLACE TRIGGER vector_documents_updated_at BEFORE UPDATE ON vector_documents
  FOR EACH ROW EXECUTE FUNCTION vector_documents_touch_updated_at();

-- migrate:install vector_ferry

-- migrate:down
-- What a migration has carried over is not taken away with the schema.
DO $$
BEGIN
  IF EXISTS (SELECT FROM vector_ferry.documents) THEN
    RAISE EXCEPTION '% documents of % stores stand in vector_documents, carried over by migrate',
      (SELECT count(*) FROM vector_ferry.documents), (SELECT count(*) FROM vector_ferry.stores)
      USING HINT = 'take them back with vector-ferry rollback, '
        || 'or DELETE FROM vector_ferry.stores where the tables may go with all they hold';
  END IF;
END
$$;
-- VectorFerry's own record of what it wrote goes with the table that it is about; what others have
-- put into its schema does not.
DO $$
DECLARE
  strangers text := (
    SELECT pg_catalog.string_agg(c.relname::text, ', ' ORDER BY c.relname) FROM pg_class c
    WHERE c.relnamespace = 'vector_ferry'::regnamespace::oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND c.relname <> ALL (ARRAY[
        'version', 'runs', 'stores', 'documents', 'replacements', 'projections',
        'projection_components', 'originals', 'search_performance_metrics',
        'vector_search_stats', 'dimension_changes', 'adoptions', 'alongside', 'former_stores']));
BEGIN
  IF strangers IS NOT NULL THEN
    RAISE EXCEPTION 'the schema vector_ferry holds what is not VectorFerry''s: %', strangers
      USING HINT = 'move it: ALTER TABLE vector_ferry.… SET SCHEMA public';
  END IF;
END
$$;
DROP SCHEMA vector_ferry CASCADE;
DROP TABLE vector_documents;
DROP FUNCTION vector_documents_touch_updated_at();
