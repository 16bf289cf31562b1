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
