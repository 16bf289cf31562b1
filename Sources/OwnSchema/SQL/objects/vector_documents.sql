-- The application's table of documents, with its indexes and its trigger.

CREATE TABLE :table (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id varchar(255) NOT NULL,
  collection_name varchar(255) NOT NULL DEFAULT 'personal_assistant',
  text text NOT NULL,
  embedding pgvector.vector(:dimensions) NOT NULL,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz DEFAULT now(),
  updated_at timestamptz DEFAULT now()
);
CREATE INDEX :user_collection_index ON :table (user_id, collection_name);
CREATE INDEX :metadata_index ON :table USING gin (metadata);

-- Keeps updated_at current whenever the application changes a row.
CREATE OR REPLACE FUNCTION :touch_function() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$$;
CREATE TRIGGER :touch_trigger BEFORE UPDATE ON :table
  FOR EACH ROW EXECUTE FUNCTION :touch_function();
