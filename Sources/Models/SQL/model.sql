-- Finds the model of a store; the table of documents counts more than others.
-- query ofStore(user: String, collection: String)
SELECT s.projection_id FROM vector_ferry.stores s
WHERE s.user_id = :'user' AND s.collection_name = :'collection'
  AND s.projection_id IS NOT NULL
ORDER BY s.table_name LIKE '%.vector_documents' DESC, s.id DESC LIMIT 1;

-- Reads the models that fulfil a condition.
-- query models(condition: SQL)
SELECT p.id, p.store_id IS NULL, p.kind, p.source_dimensions, p.dimensions, p.rank,
       p.fitted_rows, p.population, p.is_exact, p.total_energy,
       (SELECT sum(e) FROM unnest(p.energies) e),
       coalesce(to_char(p.fitted_at, 'YYYY-MM-DD"T"HH24:MI:SSOF'), p.fitted_at::text),
       p.run_id::text
FROM vector_ferry.projections p :condition;

-- Adds a model, without its components.
-- query insert(store: Int?, run: UUIDValue, kind: String, sourceDimensions: Int, dimensions: Int,
--   rank: Int, fittedRows: Int, population: Int, totalEnergy: Double, isExact: Bool,
--   querySlot: Int?, documentSlot: Int?, mean: VectorValue?, alignedDimensions: Int?, pieceSize: Int,
--   energies: DoubleArray, images: VectorArray?)
INSERT INTO vector_ferry.projections
  (store_id, run_id, kind, source_dimensions, dimensions, rank, fitted_rows, population,
   total_energy, is_exact, query_slot, document_slot, mean, aligned_dimensions, piece_size,
   energies, images)
VALUES
  (:'store', :'run', :'kind', :'sourceDimensions',
   :'dimensions', :'rank', :'fittedRows',
   :'population', :'totalEnergy', :'isExact',
   :'querySlot', :'documentSlot', :'mean', :'alignedDimensions', :'pieceSize',
   :'energies', :'images')
RETURNING id;
