-- Models that several stores share, what was measured for each store, and kept originals.
--
-- A model is one row of "projections": store_id names the store that owns it and takes it along
-- when it goes; it is null for a shared one. stores.projection_id names the model that a store's
-- vectors were reduced by, so no store can refer to a model that is not there.

ALTER TABLE vector_ferry.projection_components
  DROP CONSTRAINT projection_components_store_id_fkey;
ALTER TABLE vector_ferry.projection_components RENAME COLUMN store_id TO projection_id;
ALTER TABLE vector_ferry.projections DROP CONSTRAINT projections_pkey;
ALTER TABLE vector_ferry.projections
  ADD COLUMN id bigint,
  ADD COLUMN run_id uuid REFERENCES vector_ferry.runs,
  ADD COLUMN fitted_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN population bigint NOT NULL DEFAULT 0;
UPDATE vector_ferry.projections p
  SET id = p.store_id, run_id = s.run_id, fitted_at = s.migrated_at, population = s.documents
  FROM vector_ferry.stores s WHERE s.id = p.store_id;
ALTER TABLE vector_ferry.projections ALTER COLUMN id SET NOT NULL;
ALTER TABLE vector_ferry.projections
  ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY,
  ALTER COLUMN store_id DROP NOT NULL,
  ADD PRIMARY KEY (id),
  ADD UNIQUE (store_id);
SELECT setval(pg_get_serial_sequence('vector_ferry.projections', 'id'), max(id))
  FROM vector_ferry.projections HAVING max(id) IS NOT NULL;
ALTER TABLE vector_ferry.projection_components
  ADD FOREIGN KEY (projection_id) REFERENCES vector_ferry.projections ON DELETE CASCADE;
CREATE UNIQUE INDEX projections_shared_key
  ON vector_ferry.projections (source_dimensions, dimensions, kind) WHERE store_id IS NULL;

ALTER TABLE vector_ferry.stores
  ADD COLUMN projection_id bigint REFERENCES vector_ferry.projections,
  ADD COLUMN recall float8,
  ADD COLUMN score_change float8,
  ADD COLUMN queries int,
  ADD COLUMN keeps_original boolean NOT NULL DEFAULT false;
UPDATE vector_ferry.stores s
  SET projection_id = p.id, recall = p.recall, score_change = p.score_change,
      queries = p.queries
  FROM vector_ferry.projections p WHERE p.store_id = s.id;
ALTER TABLE vector_ferry.projections
  DROP COLUMN recall, DROP COLUMN score_change, DROP COLUMN queries;
