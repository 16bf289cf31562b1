-- Reads the functions that the triggers of a table call, without those that belong to an extension.
-- query triggerFunctions(table: String)
SELECT DISTINCT n.nspname::text, pg_get_functiondef(p.oid)
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE t.tgrelid = to_regclass(:'table') AND NOT t.tgisinternal
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                  AND d.objid = p.oid AND d.deptype = 'e');

-- Chooses the runs (x) that stores and models refer to, and the runs that these runs take back.
-- part neededRuns(stores: SQL, models: SQL)
x.id IN (
  WITH RECURSIVE needed AS (
    SELECT run_id AS id FROM vector_ferry.stores s WHERE s.id IN :stores
    UNION SELECT run_id FROM vector_ferry.replacements r WHERE r.store_id IN :stores
    UNION SELECT run_id FROM vector_ferry.projections p WHERE p.id IN :models
    UNION SELECT r.takes_back FROM vector_ferry.runs r JOIN needed n ON n.id = r.id)
  SELECT id FROM needed)

-- Gives the copied stores and models their new ids; a shared model that the target already has
-- keeps the target's id.
-- script number
ALTER TABLE pg_temp.part_stores ADD COLUMN new_id bigint;
UPDATE pg_temp.part_stores
  SET new_id = nextval(pg_get_serial_sequence('vector_ferry.stores', 'id'));
ALTER TABLE pg_temp.part_projections ADD COLUMN new_id bigint, ADD COLUMN is_there boolean;
UPDATE pg_temp.part_projections p SET new_id = t.id, is_there = true
  FROM vector_ferry.projections t
  WHERE p.store_id IS NULL AND t.store_id IS NULL AND t.kind = p.kind
    AND t.source_dimensions = p.source_dimensions AND t.dimensions = p.dimensions;
UPDATE pg_temp.part_projections
  SET new_id = nextval(pg_get_serial_sequence('vector_ferry.projections', 'id')),
      is_there = false
  WHERE new_id IS NULL;

-- Returns whether a shared model of the dump differs from the target's shared model of the same
-- dimensions and kind.
-- query hasOtherModel
SELECT EXISTS (
  SELECT FROM pg_temp.part_projections p
  WHERE p.is_there AND EXISTS (
    (SELECT c.piece, c.number, c.component::text
     FROM pg_temp.part_projection_components c WHERE c.projection_id = p.id
     UNION ALL SELECT NULL, NULL, p.images::text)
    EXCEPT
    (SELECT c.piece, c.number, c.component::text
     FROM vector_ferry.projection_components c WHERE c.projection_id = p.new_id
     UNION ALL
     SELECT NULL, NULL, t.images::text FROM vector_ferry.projections t WHERE t.id = p.new_id)));

-- Puts the copied runs, stores and models into the ledger, stores and models under their new ids.
-- script insert
INSERT INTO vector_ferry.runs SELECT * FROM pg_temp.part_runs ON CONFLICT (id) DO NOTHING;
INSERT INTO vector_ferry.stores
  (id, table_name, user_id, collection_name, run_id, source_path, source_digest, settings,
   documents, source_dimensions, dimensions, content_digest, state, migrated_at, recall,
   score_change, queries, keeps_original, cut_recall, added_recall, doubled_recall,
   reranked_recall)
  OVERRIDING SYSTEM VALUE
  SELECT new_id, table_name, user_id, collection_name, run_id, source_path, source_digest,
         settings, documents, source_dimensions, dimensions, content_digest, state,
         migrated_at, recall, score_change, queries, keeps_original, cut_recall, added_recall,
         doubled_recall, reranked_recall
  FROM pg_temp.part_stores;
INSERT INTO vector_ferry.projections
  (id, store_id, run_id, kind, source_dimensions, dimensions, rank, fitted_rows, population,
   fitted_at, total_energy, is_exact, query_slot, document_slot, mean,
   aligned_dimensions, piece_size, energies, images)
  OVERRIDING SYSTEM VALUE
  SELECT p.new_id, s.new_id, p.run_id, p.kind, p.source_dimensions, p.dimensions, p.rank,
         p.fitted_rows, p.population, p.fitted_at, p.total_energy, p.is_exact, p.query_slot,
         p.document_slot, p.mean, p.aligned_dimensions, p.piece_size, p.energies, p.images
  FROM pg_temp.part_projections p LEFT JOIN pg_temp.part_stores s ON s.id = p.store_id
  WHERE NOT p.is_there;
UPDATE vector_ferry.stores t SET projection_id = p.new_id
  FROM pg_temp.part_stores s JOIN pg_temp.part_projections p ON p.id = s.projection_id
  WHERE t.id = s.new_id;
DELETE FROM pg_temp.part_projections WHERE is_there;

-- Reads the columns of a table: type, whether it is computed, and whether it may be left out.
-- query columns(table: String)
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attgenerated <> '',
       NOT a.attnotnull OR a.atthasdef OR a.attidentity <> '',
       format('%I.%I(%s)', n.nspname, t.typname, a.atttypmod)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE a.attrelid = to_regclass(:'table') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;

-- Reads the element types of a table's array columns, where these types are not built in.
-- query elementTypes(table: String)
SELECT a.attname::text, t.typelem::int8
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(:'table') AND a.attnum > 0 AND NOT a.attisdropped
  AND t.typcategory = 'A' AND t.typelem >= 16384;

-- Lists the other tables whose foreign keys refer to a table or to its partitions.
-- query referringTables(table: String)
WITH own AS (
  SELECT to_regclass(:'table')::oid AS oid
  UNION SELECT relid::oid FROM pg_partition_tree(to_regclass(:'table'))
)
SELECT DISTINCT c.conrelid::regclass::text FROM pg_constraint c
WHERE c.contype = 'f' AND c.confrelid IN (SELECT oid FROM own)
  AND c.conrelid NOT IN (SELECT oid FROM own)
ORDER BY 1;

-- Lists a table and its partitions, as far as they have rows of their own.
-- query tables(table: String)
SELECT n.nspname::text, c.relname::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND (c.oid = to_regclass(:'table')
  OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(:'table'))));
