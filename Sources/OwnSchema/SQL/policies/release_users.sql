-- Removes the policies from a table of documents.

DROP POLICY IF EXISTS vector_ferry_own_rows ON :table;
ALTER TABLE :table NO FORCE ROW LEVEL SECURITY;
ALTER TABLE :table DISABLE ROW LEVEL SECURITY;
