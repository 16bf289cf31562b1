-- migrate:up
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE forums (
  id serial PRIMARY KEY,
  name varchar(255) NOT NULL UNIQUE,
  url varchar(255) NOT NULL,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
-- The extension stays: other tables may hold vectors.
DROP TABLE forums;
