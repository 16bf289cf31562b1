-- The index of hybrid search's words; its functions come with the schema vector_ferry. A search
-- with another text search configuration wants an index of that one.
-- migrate:up
-- migrate:install vector_ferry
CREATE INDEX vector_documents_text_idx ON vector_documents
  USING gin (to_tsvector('english'::regconfig, text));

-- migrate:down
DROP INDEX vector_documents_text_idx;
