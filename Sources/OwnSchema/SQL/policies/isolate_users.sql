-- Lets a session see and write only one user's documents; the setting vector_ferry.user_id names
-- the user. This holds for the table's owner, too; a session without the setting sees nothing.

ALTER TABLE :table ENABLE ROW LEVEL SECURITY;
ALTER TABLE :table FORCE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON :table
  USING (user_id = current_setting('vector_ferry.user_id', true))
  WITH CHECK (user_id = current_setting('vector_ferry.user_id', true));
