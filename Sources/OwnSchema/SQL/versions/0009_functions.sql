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
