// Written by Scripts/embed-sets.py from Sources/MigrationFiles/Sets/SQL/forum_vectors; do not edit.
// swift-format-ignore-file

extension BundledFiles {
  static let forumVectors: [(name: String, text: String)] = [
    (
      "20240211000001_initial_setup.sql",
#"""
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

"""#
    ),
    (
      "20240211000002_create_content_tables.sql",
#"""
-- migrate:up
CREATE TABLE topics (
  id serial PRIMARY KEY,
  forum_id int REFERENCES forums ON DELETE CASCADE,
  title varchar(255) NOT NULL,
  content text NOT NULL,
  author varchar(255) NOT NULL,
  view_count int DEFAULT 0,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX topics_forum_id_idx ON topics (forum_id);
CREATE INDEX topics_created_at_idx ON topics (created_at);

CREATE TABLE posts (
  id serial PRIMARY KEY,
  topic_id int REFERENCES topics ON DELETE CASCADE,
  forum_id int REFERENCES forums ON DELETE CASCADE,
  content text NOT NULL,
  author varchar(255) NOT NULL,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX posts_topic_id_idx ON posts (topic_id);
CREATE INDEX posts_forum_id_idx ON posts (forum_id);
CREATE INDEX posts_created_at_idx ON posts (created_at);

-- migrate:down
DROP TABLE posts;
DROP TABLE topics;

"""#
    ),
    (
      "20240211000003_create_vector_tables.sql",
#"""
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

"""#
    ),
    (
      "20240211000004_create_evaluation_tables.sql",
#"""
-- migrate:up
CREATE TABLE content_evaluations (
  id serial PRIMARY KEY,
  content_id int NOT NULL,
  content_type varchar(255) NOT NULL CHECK (content_type::text IN ('topic', 'post')),
  forum_id int REFERENCES forums ON DELETE CASCADE,
  quality_score real NOT NULL,
  relevance_score real NOT NULL,
  summary text,
  metadata jsonb DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX content_evaluations_content_idx ON content_evaluations (content_id, content_type);
CREATE INDEX content_evaluations_forum_id_idx ON content_evaluations (forum_id);
CREATE INDEX content_evaluations_quality_score_idx ON content_evaluations (quality_score);
CREATE INDEX content_evaluations_relevance_score_idx ON content_evaluations (relevance_score);
CREATE INDEX content_evaluations_created_at_idx ON content_evaluations (created_at);

-- migrate:down
DROP TABLE content_evaluations;

"""#
    ),
    (
      "20240212000001_add_sentiment_and_category_vectors.sql",
#"""
-- An example: adding vector columns. Applied by name.
-- migrate:up singly:true
ALTER TABLE topic_vectors ADD COLUMN sentiment_vector vector(1536);
ALTER TABLE topic_vectors ADD COLUMN category_vector vector(768);

-- migrate:down
ALTER TABLE topic_vectors DROP COLUMN category_vector;
ALTER TABLE topic_vectors DROP COLUMN sentiment_vector;

"""#
    ),
    (
      "20240212000002_shorten_title_vectors.sql",
#"""
-- An example: another dimension for a vector column, by a new column and a transform.
-- The first 768 components, made unit length; the full vectors stay beside them for the way back.
-- migrate:up singly:true
ALTER TABLE topic_vectors RENAME COLUMN title_vector TO title_vector_1536;
ALTER TABLE topic_vectors ADD COLUMN title_vector vector(768);
UPDATE topic_vectors
SET title_vector = l2_normalize(subvector(title_vector_1536, 1, 768))::vector(768)
WHERE title_vector_1536 IS NOT NULL;

-- migrate:down
ALTER TABLE topic_vectors DROP COLUMN title_vector;
ALTER TABLE topic_vectors RENAME COLUMN title_vector_1536 TO title_vector;

"""#
    ),
    (
      "20240212000003_index_content_vectors.sql",
#"""
-- An example: a vector index on a table in use; it is built beside reading and writing.
-- migrate:up singly:true
CREATE INDEX CONCURRENTLY topic_vectors_content_vector_idx ON topic_vectors
  USING ivfflat (content_vector vector_cosine_ops) WITH (lists = 100);

-- migrate:down
DROP INDEX CONCURRENTLY topic_vectors_content_vector_idx;

"""#
    ),
    (
      "verify.sql",
#"""
-- verify:structure every table is there
SELECT to_regclass(name) IS NOT NULL, name
FROM pg_catalog.unnest(ARRAY['forums', 'topics', 'posts', 'topic_vectors', 'post_vectors',
  'content_evaluations']) name;

-- verify:structure vector columns have their dimensions
SELECT a.atttypmod = 1536, pg_catalog.format('%s.%s has %s', v.t, v.c, a.atttypmod)
FROM (VALUES ('topic_vectors', 'content_vector'), ('topic_vectors', 'combined_vector'),
             ('post_vectors', 'content_vector')) v (t, c)
LEFT JOIN pg_attribute a ON a.attrelid = to_regclass(v.t)::oid AND a.attname = v.c;

-- verify:integrity evaluations belong to a topic or post that is there
SELECT count(*) = 0, count(*)::text || ' evaluations without their content'
FROM content_evaluations e
WHERE NOT EXISTS (SELECT FROM topics t WHERE e.content_type::text = 'topic' AND t.id = e.content_id)
  AND NOT EXISTS (SELECT FROM posts p WHERE e.content_type::text = 'post' AND p.id = e.content_id);

-- verify:performance search one vector
SELECT true, count(*)::text || ' topics found' FROM (
  SELECT id FROM topic_vectors
  ORDER BY combined_vector <=> pg_catalog.array_fill(0.1::real, ARRAY[1536])::vector LIMIT 5) found;

"""#
    )
  ]
}
