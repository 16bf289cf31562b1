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
