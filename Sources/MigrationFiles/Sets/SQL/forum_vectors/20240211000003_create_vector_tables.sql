-- migrate:up
CREATE TABLE topic_vectors (
  id serial PRIMARY KEY,
  topic_id int REFERENCES topics ON DELETE CASCADE,
  forum_id int REFERENCES forums ON DELETE CASCADE,
  title_vector vector(1536),
  content_vector vector(1536) NOT NULL,
  combined_vector vector(1536) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE post_vectors (
  id serial PRIMARY KEY,
  post_id int REFERENCES posts ON DELETE CASCADE,
  forum_id int REFERENCES forums ON DELETE CASCADE,
  content_vector vector(1536) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX topic_vectors_topic_id_idx ON topic_vectors (topic_id);
CREATE INDEX topic_vectors_forum_id_idx ON topic_vectors (forum_id);
CREATE INDEX topic_vectors_forum_created_at_idx ON topic_vectors (forum_id, created_at DESC);
CREATE INDEX post_vectors_post_id_idx ON post_vectors (post_id);
CREATE INDEX post_vectors_forum_id_idx ON post_vectors (forum_id);
CREATE INDEX topic_vectors_combined_vector_idx ON topic_vectors
  USING ivfflat (combined_vector vector_cosine_ops) WITH (lists = 100);
CREATE INDEX post_vectors_content_vector_idx ON post_vectors
  USING ivfflat (content_vector vector_cosine_ops) WITH (lists = 100);

-- migrate:down
DROP TABLE post_vectors;
DROP TABLE topic_vectors;
