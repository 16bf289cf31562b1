// Written by Scripts/embed-sets.py from Sources/MigrationFiles/Sets/SQL/vector_documents; do not edit.
// swift-format-ignore-file

extension BundledFiles {
  static let vectorDocuments: [(name: String, text: String)] = [
    (
      "0001_vector_documents.sql",
#"""
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

"""#
    ),
    (
      "0002_metadata_path_indexes.sql",
#"""
-- Lookups by what the application keeps in metadata; the partial ones serve one record type each.
-- migrate:up
CREATE INDEX vector_documents_record_type_idx ON vector_documents ((metadata->>'record_type'::text));
CREATE INDEX vector_documents_record_id_idx ON vector_documents ((metadata->>'record_id'::text));
CREATE INDEX vector_documents_user_record_idx
  ON vector_documents (user_id, (metadata->>'record_type'::text), (metadata->>'record_id'::text));
CREATE INDEX vector_documents_application_status_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'status'::text))
  WHERE metadata->>'record_type'::text = 'application';
CREATE INDEX vector_documents_application_company_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'company'::text))
  WHERE metadata->>'record_type'::text = 'application';
CREATE INDEX vector_documents_question_type_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'type'::text))
  WHERE metadata->>'record_type'::text = 'question';
CREATE INDEX vector_documents_question_category_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'category'::text))
  WHERE metadata->>'record_type'::text = 'question';
CREATE INDEX vector_documents_question_difficulty_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'difficulty'::text))
  WHERE metadata->>'record_type'::text = 'question';
CREATE INDEX vector_documents_resume_is_master_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'is_master'::text))
  WHERE metadata->>'record_type'::text = 'resume';
CREATE INDEX vector_documents_resume_tailored_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'tailored_for_company'::text))
  WHERE metadata->>'record_type'::text = 'resume';

-- migrate:down
DROP INDEX vector_documents_resume_tailored_idx;
DROP INDEX vector_documents_resume_is_master_idx;
DROP INDEX vector_documents_question_difficulty_idx;
DROP INDEX vector_documents_question_category_idx;
DROP INDEX vector_documents_question_type_idx;
DROP INDEX vector_documents_application_company_idx;
DROP INDEX vector_documents_application_status_idx;
DROP INDEX vector_documents_user_record_idx;
DROP INDEX vector_documents_record_id_idx;
DROP INDEX vector_documents_record_type_idx;

"""#
    ),
    (
      "0003_hybrid_search.sql",
#"""
-- The index of hybrid search's words; its functions come with the schema vector_ferry. A search
-- with another text search configuration wants an index of that one.
-- migrate:up
-- migrate:install vector_ferry
CREATE INDEX vector_documents_text_idx ON vector_documents
  USING gin (to_tsvector('english'::regconfig, text));

-- migrate:down
DROP INDEX vector_documents_text_idx;

"""#
    ),
    (
      "0004_row_level_security.sql",
#"""
-- A session sees only the rows of the user that it names:
-- SET vector_ferry.user_id = 'alice'. The owner is bound too; superusers are not.
-- migrate:up singly:true
ALTER TABLE vector_documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE vector_documents FORCE ROW LEVEL SECURITY;
CREATE POLICY vector_documents_own_rows ON vector_documents
  USING (user_id::text = pg_catalog.current_setting('vector_ferry.user_id', true))
  WITH CHECK (user_id::text = pg_catalog.current_setting('vector_ferry.user_id', true));

-- migrate:down
DROP POLICY vector_documents_own_rows ON vector_documents;
ALTER TABLE vector_documents NO FORCE ROW LEVEL SECURITY;
ALTER TABLE vector_documents DISABLE ROW LEVEL SECURITY;

"""#
    ),
    (
      "verify.sql",
#"""
-- verify:structure tables, view and functions are there
SELECT to_regclass(name) IS NOT NULL, name
FROM pg_catalog.unnest(ARRAY['vector_documents', 'vector_ferry.stores', 'vector_ferry.vector_search_stats',
  'vector_ferry.search_performance_metrics']) name
UNION ALL
SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
               WHERE n.nspname = 'vector_ferry' AND p.proname = name), name
FROM pg_catalog.unnest(ARRAY['similarity_search', 'hybrid_search', 'upsert_document', 'reduce_query',
  'reduce_document', 'collection_stats']) name;

-- verify:structure the column embedding has a dimension
SELECT a.atttypmod > 0, 'vector_documents.embedding' FROM pg_attribute a
WHERE a.attrelid = to_regclass('vector_documents')::oid AND a.attname = 'embedding';

-- verify:integrity every document that was migrated is there
SELECT count(*) = 0, count(*)::text || ' migrated documents are gone from vector_documents'
FROM vector_ferry.documents l JOIN vector_ferry.stores s ON s.id = l.store_id
WHERE s.table_name LIKE '%.vector_documents'
  AND NOT EXISTS (SELECT FROM vector_documents d WHERE d.id = l.document_id);

-- verify:performance store one document
SELECT vector_ferry.upsert_document('verify', 'verify', 'a probe',
  pg_catalog.array_fill(0.1::real, ARRAY[(SELECT atttypmod FROM pg_attribute
    WHERE attrelid = 'vector_documents'::regclass::oid AND attname = 'embedding')])::vector) IS NOT NULL,
  'stored and undone';

-- verify:performance search one vector
SELECT true, count(*)::text || ' found' FROM vector_ferry.similarity_search('verify', 'verify',
  pg_catalog.array_fill(0.1::real, ARRAY[(SELECT atttypmod FROM pg_attribute
    WHERE attrelid = 'vector_documents'::regclass::oid AND attname = 'embedding')])::vector, 5);

"""#
    )
  ]
}
