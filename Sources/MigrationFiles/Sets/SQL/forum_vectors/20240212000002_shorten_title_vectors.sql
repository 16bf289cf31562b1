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
