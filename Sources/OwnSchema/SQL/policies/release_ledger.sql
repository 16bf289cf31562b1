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
