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
