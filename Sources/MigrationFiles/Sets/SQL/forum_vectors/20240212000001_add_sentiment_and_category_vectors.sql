-- An example: adding vector columns. Applied by name.
-- migrate:up singly:true
ALTER TABLE topic_vectors ADD COLUMN sentiment_vector vector(1536);
ALTER TABLE topic_vectors ADD COLUMN category_vector vector(768);

-- migrate:down
ALTER TABLE topic_vectors DROP COLUMN category_vector;
ALTER TABLE topic_vectors DROP COLUMN sentiment_vector;
