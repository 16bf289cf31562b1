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
