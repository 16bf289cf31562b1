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
