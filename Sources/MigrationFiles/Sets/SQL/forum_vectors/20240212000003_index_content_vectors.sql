-- An example: a vector index on a table in use; it is built beside reading and writing.
-- migrate:up singly:true
CREATE INDEX CONCURRENTLY topic_vectors_content_vector_idx ON topic_vectors
  USING ivfflat (content_vector vector_cosine_ops) WITH (lists = 100);

-- migrate:down
DROP INDEX CONCURRENTLY topic_vectors_content_vector_idx;
