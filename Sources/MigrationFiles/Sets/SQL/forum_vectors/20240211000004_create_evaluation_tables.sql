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
