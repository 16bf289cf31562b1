// Written by Scripts/embed-sets.py from Sources/OwnSchema/SQL/policies; do not edit.
// swift-format-ignore-file

extension FerryFiles {
  package static let policies: [(name: String, text: String)] = [
    (
      "isolate_ledger.sql",
#"""
-- Lets roles that may search see only one user's part of the ledger; the setting
-- vector_ferry.user_id names the user.

ALTER TABLE vector_ferry.stores ENABLE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON vector_ferry.stores FOR SELECT
  USING (user_id = current_setting('vector_ferry.user_id', true));
ALTER TABLE vector_ferry.projections ENABLE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON vector_ferry.projections FOR SELECT
  USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.projection_id = projections.id));
ALTER TABLE vector_ferry.projection_components ENABLE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON vector_ferry.projection_components FOR SELECT
  USING (EXISTS (
    SELECT FROM vector_ferry.stores s
    WHERE s.projection_id = projection_components.projection_id));
ALTER TABLE vector_ferry.documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON vector_ferry.documents FOR SELECT
  USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
ALTER TABLE vector_ferry.search_performance_metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON vector_ferry.search_performance_metrics
  USING (user_id = current_setting('vector_ferry.user_id', true));
DO $$
BEGIN
  IF to_regclass('vector_ferry.originals') IS NOT NULL THEN
    ALTER TABLE vector_ferry.originals ENABLE ROW LEVEL SECURITY;
    CREATE POLICY vector_ferry_own_rows ON vector_ferry.originals
      USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
  END IF;
END
$$;
ALTER TABLE vector_ferry.adoptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON vector_ferry.adoptions FOR SELECT
  USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
ALTER TABLE vector_ferry.alongside ENABLE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON vector_ferry.alongside FOR SELECT
  USING (EXISTS (SELECT FROM vector_ferry.stores s WHERE s.id = store_id));
ALTER TABLE vector_ferry.former_stores ENABLE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON vector_ferry.former_stores FOR SELECT
  USING (user_id = current_setting('vector_ferry.user_id', true));

"""#
    ),
    (
      "isolate_users.sql",
#"""
-- Lets a session see and write only one user's documents; the setting vector_ferry.user_id names
-- the user. This holds for the table's owner, too; a session without the setting sees nothing.

ALTER TABLE :table ENABLE ROW LEVEL SECURITY;
ALTER TABLE :table FORCE ROW LEVEL SECURITY;
CREATE POLICY vector_ferry_own_rows ON :table
  USING (user_id = current_setting('vector_ferry.user_id', true))
  WITH CHECK (user_id = current_setting('vector_ferry.user_id', true));

"""#
    ),
    (
      "release_ledger.sql",
#"""
-- Removes the policies from the ledger.

DO $$
DECLARE
  place text;
BEGIN
  FOREACH place IN ARRAY ARRAY[
    'stores', 'documents', 'projections', 'projection_components', 'originals',
    'search_performance_metrics', 'adoptions', 'alongside', 'former_stores']
  LOOP
    EXECUTE format(
      'DROP POLICY IF EXISTS vector_ferry_own_rows ON vector_ferry.%I', place);
    EXECUTE format(
      'DROP POLICY IF EXISTS vector_ferry_dimension_changes ON vector_ferry.%I', place);
    EXECUTE format(
      'ALTER TABLE IF EXISTS vector_ferry.%I DISABLE ROW LEVEL SECURITY', place);
  END LOOP;
END
$$;

"""#
    ),
    (
      "release_users.sql",
#"""
-- Removes the policies from a table of documents.

DROP POLICY IF EXISTS vector_ferry_own_rows ON :table;
ALTER TABLE :table NO FORCE ROW LEVEL SECURITY;
ALTER TABLE :table DISABLE ROW LEVEL SECURITY;

"""#
    ),
    (
      "show_dimension_changes.sql",
#"""
-- Lets a session see the models of dimension changes, which no store owns, where the policies of
-- the ledger would hide these models; does nothing where no models are hidden.

DO $$
DECLARE
  hidden record;
BEGIN
  FOR hidden IN SELECT h.place, h.name, h.key FROM vector_ferry.hidden_models() h LOOP
    EXECUTE format(
      $query$
        CREATE POLICY vector_ferry_dimension_changes ON %s FOR SELECT USING (EXISTS (
          SELECT FROM vector_ferry.dimension_changes c WHERE c.projection_id = %I.%I))
      $query$, hidden.place, hidden.name, hidden.key);
  END LOOP;
END
$$;

"""#
    )
  ]
}
