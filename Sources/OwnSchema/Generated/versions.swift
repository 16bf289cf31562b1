// Written by Scripts/embed-sets.py from Sources/OwnSchema/SQL/versions; do not edit.
// swift-format-ignore-file

extension FerryFiles {
  package static let versions: [(name: String, text: String)] = [
    (
      "0001_ledger.sql",
#"""
-- What was written, for whom, and from what.
--
-- A store is one row of "stores"; its documents are listed with the fingerprint of what was
-- written, so that a later run can tell its own untouched rows from everybody else's.

CREATE SCHEMA IF NOT EXISTS vector_ferry;

CREATE TABLE vector_ferry.version (
  number int PRIMARY KEY,
  installed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE vector_ferry.runs (
  id uuid PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  host text NOT NULL,
  pid int NOT NULL,
  program_version text NOT NULL
);

CREATE TABLE vector_ferry.stores (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name text NOT NULL,
  user_id varchar(255) NOT NULL,
  collection_name varchar(255) NOT NULL,
  run_id uuid NOT NULL REFERENCES vector_ferry.runs,
  source_path text NOT NULL,
  source_digest bytea NOT NULL,
  settings text NOT NULL,
  documents bigint NOT NULL,
  source_dimensions int NOT NULL,
  dimensions int NOT NULL,
  content_digest bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('migrated')),
  migrated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (user_id, collection_name, table_name)
);

CREATE TABLE vector_ferry.documents (
  store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
  document_id uuid NOT NULL,
  position bigint NOT NULL,
  fingerprint bytea NOT NULL,
  has_timestamp boolean NOT NULL,
  PRIMARY KEY (store_id, document_id)
);

CREATE TABLE vector_ferry.projections (
  store_id bigint PRIMARY KEY REFERENCES vector_ferry.stores ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('uncentered', 'centered', 'truncated')),
  source_dimensions int NOT NULL,
  dimensions int NOT NULL,
  rank int NOT NULL,
  fitted_rows bigint NOT NULL,
  total_energy float8 NOT NULL,
  is_exact boolean NOT NULL,
  query_slot int,
  document_slot int,
  mean pgvector.vector,
  recall float8 NOT NULL,
  score_change float8 NOT NULL,
  queries int NOT NULL
);

CREATE TABLE vector_ferry.projection_components (
  store_id bigint NOT NULL REFERENCES vector_ferry.projections ON DELETE CASCADE,
  number int NOT NULL,
  energy float8 NOT NULL,
  component pgvector.vector NOT NULL,
  PRIMARY KEY (store_id, number)
);

"""#
    ),
    (
      "0002_replacements.sql",
#"""
-- What a store replaced: enough to know the state before it, and the backup that holds it.

CREATE TABLE vector_ferry.replacements (
  store_id bigint PRIMARY KEY REFERENCES vector_ferry.stores ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES vector_ferry.runs,
  source_digest bytea NOT NULL,
  settings text NOT NULL,
  documents bigint NOT NULL
);

"""#
    ),
    (
      "0003_shared_models.sql",
#"""
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

"""#
    ),
    (
      "0004_rollbacks.sql",
#"""
-- Which runs are rollbacks, of what, and in which table: what one of them brought back is not a
-- migration that the next one could mean.

ALTER TABLE vector_ferry.runs
  ADD COLUMN takes_back uuid REFERENCES vector_ferry.runs,
  ADD COLUMN takes_back_in text;

"""#
    ),
    (
      "0005_searches.sql",
#"""
-- How searches have gone; and the room for search functions that a migration of the set
-- vector_documents used to make.

DROP VIEW IF EXISTS vector_ferry.vector_search_stats;
DROP FUNCTION IF EXISTS vector_ferry.collection_stats(text, text);
DROP FUNCTION IF EXISTS vector_ferry.upsert_document(
  text, text, text, pgvector.vector, jsonb, uuid);
DROP FUNCTION IF EXISTS vector_ferry.hybrid_search(
  text, text, text, pgvector.vector, int, float8, float8, float8, jsonb);

CREATE TABLE IF NOT EXISTS vector_ferry.search_performance_metrics (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id varchar(255),
  collection_name varchar(255),
  query_text text,
  search_type varchar(20) NOT NULL CHECK (search_type IN ('vector', 'keyword', 'hybrid')),
  result_count int NOT NULL,
  execution_time_ms float8 NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS search_performance_metrics_created_at_idx
  ON vector_ferry.search_performance_metrics (created_at);

"""#
    ),
    (
      "0006_search_types.sql",
#"""
-- What the parts of a search tell each other: which index it uses, and what the settings were.

DROP FUNCTION IF EXISTS vector_ferry.search_index(regclass, text, text, jsonb, int);
DROP FUNCTION IF EXISTS vector_ferry.raise_effort(int, float8, int);
DROP FUNCTION IF EXISTS vector_ferry.restore_settings(jsonb);

CREATE TYPE vector_ferry.index_choice AS (halved int, lists int, share float8);
CREATE TYPE vector_ferry.search_effort AS (
  ef_search text, probes text, hnsw_scan text, ivfflat_scan text);

"""#
    ),
    (
      "0007_adoptions.sql",
#"""
-- What is known of rows that stood in a table before any run wrote there.
--
-- "adoptions" has one row for each that a store has taken over: the id that its document would
-- have had, and, once something of it was replaced, what that was. "alongside" names those that
-- stay as they are beside a store. "former_stores" names the stores that a rollback has taken out
-- of the ledger: what then stands in their collections is the application's.

CREATE TABLE vector_ferry.adoptions (
  store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
  document_id uuid NOT NULL,
  own_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES vector_ferry.runs,
  is_replaced boolean NOT NULL,
  text text,
  embedding pgvector.vector,
  metadata jsonb,
  created_at timestamptz,
  PRIMARY KEY (store_id, document_id),
  UNIQUE (store_id, own_id)
);

CREATE TABLE vector_ferry.alongside (
  store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
  document_id uuid NOT NULL,
  PRIMARY KEY (store_id, document_id)
);

CREATE TABLE vector_ferry.former_stores (
  table_name text NOT NULL,
  user_id varchar(255) NOT NULL,
  collection_name varchar(255) NOT NULL,
  run_id uuid NOT NULL REFERENCES vector_ferry.runs,
  PRIMARY KEY (user_id, collection_name, table_name)
);

"""#
    ),
    (
      "0008_functions_anew.sql",
#"""
-- Nothing but functions, which were made anew with each version: those of version 7 failed under
-- plpgsql.extra_errors.

"""#
    ),
    (
      "0009_functions.sql",
#"""
-- Which functions are installed: the digest of their text, in the row of the newest version. And
-- the record of dimension changes as it is now, where an earlier program has made it.

ALTER TABLE vector_ferry.version ADD COLUMN functions text;

-- Its parameters are others now.
DROP FUNCTION IF EXISTS vector_ferry.column_dimensions(text, text);

DO $$
BEGIN
  IF to_regclass('vector_ferry.dimension_changes') IS NULL THEN
    RETURN;
  END IF;
  ALTER TABLE vector_ferry.dimension_changes ADD COLUMN IF NOT EXISTS filler text;
  IF NOT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = 'vector_ferry.dimension_changes'::regclass AND attname = 'method')
  THEN
    ALTER TABLE vector_ferry.dimension_changes
      ADD COLUMN method text CHECK (method IN ('projection', 'zeros', 'reembedding')),
      ADD COLUMN provider text,
      ADD COLUMN model text,
      ADD COLUMN model_version text,
      ADD COLUMN text_column text,
      ADD CHECK (method <> 'reembedding' OR num_nulls(provider, model, text_column) = 0);
    UPDATE vector_ferry.dimension_changes
      SET method = CASE WHEN projection_id IS NULL THEN 'zeros' ELSE 'projection' END;
    ALTER TABLE vector_ferry.dimension_changes ALTER COLUMN method SET NOT NULL;
  END IF;
END
$$;

"""#
    ),
    (
      "0010_aligned_models.sql",
#"""
-- Models that are turned towards the first coordinates; and components in pieces that fit into a
-- page of their table, so that a search need not fetch each one from elsewhere.
--
-- An aligned model of few components also has their images. As a search needs them by component and
-- by coordinate, they are there twice: as further pieces of the components, and as one vector for
-- each coordinate, with a number for each component. The energies of a model are those of the fitted
-- rows' principal directions.

ALTER TABLE vector_ferry.projections
  ADD COLUMN aligned_dimensions int,
  ADD COLUMN energies float8[] NOT NULL DEFAULT '{}',
  ADD COLUMN images pgvector.vector[],
  ADD COLUMN piece_size int;
ALTER TABLE vector_ferry.projections ALTER COLUMN images SET STORAGE EXTERNAL;
UPDATE vector_ferry.projections p SET
  energies = ARRAY(
    SELECT c.energy FROM vector_ferry.projection_components c
    WHERE c.projection_id = p.id ORDER BY c.number),
  -- As many pieces of the same size as needed for at most 1900 numbers in each.
  piece_size = ceil(p.source_dimensions / ceil(p.source_dimensions / 1900.0));
ALTER TABLE vector_ferry.projections ALTER COLUMN piece_size SET NOT NULL;

ALTER TABLE vector_ferry.projection_components
  DROP CONSTRAINT projection_components_pkey,
  DROP COLUMN energy,
  ADD COLUMN piece int NOT NULL DEFAULT 0;
DO $$
BEGIN
  -- Where pages are smaller than usual, a piece may not fit into one.
  IF current_setting('block_size')::int >= 8192 THEN
    ALTER TABLE vector_ferry.projection_components ALTER COLUMN component SET STORAGE PLAIN;
  END IF;
END
$$;
INSERT INTO vector_ferry.projection_components (projection_id, piece, number, component)
  SELECT c.projection_id, later.piece, c.number,
         ((c.component::real[])[later.piece * p.piece_size + 1:(later.piece + 1) * p.piece_size]
         )::pgvector.vector
  FROM vector_ferry.projection_components c
  JOIN vector_ferry.projections p ON p.id = c.projection_id
  CROSS JOIN generate_series(1, (p.source_dimensions - 1) / p.piece_size) later (piece);
UPDATE vector_ferry.projection_components c
  SET component = ((c.component::real[])[1:p.piece_size])::pgvector.vector
  FROM vector_ferry.projections p WHERE p.id = c.projection_id AND c.piece = 0;
ALTER TABLE vector_ferry.projection_components
  ALTER COLUMN piece DROP DEFAULT,
  ADD PRIMARY KEY (projection_id, piece, number);

"""#
    ),
    (
      "0011_readers.sql",
#"""
-- What was measured for readers other than those with full queries: the recall for queries that are
-- cut to the first numbers, and for documents that were added after the model was fitted.

ALTER TABLE vector_ferry.stores
  ADD COLUMN cut_recall float8,
  ADD COLUMN added_recall float8;

"""#
    ),
    (
      "0012_measurements.sql",
#"""
-- What was measured beside: the recall for documents added later where as many are added as the model
-- was fitted to, and the recall of searches that kept originals rank. "recall" is that of reduced
-- vectors alone.

ALTER TABLE vector_ferry.stores
  ADD COLUMN doubled_recall float8,
  ADD COLUMN reranked_recall float8;

"""#
    )
  ]
}
