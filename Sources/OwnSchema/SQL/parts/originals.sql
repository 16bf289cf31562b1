-- Unreduced vectors. Their type halfvec comes with pgvector 0.7 alone.
--
-- reduced_digest is SHA-256 of the reduced vector that the original belongs to: an original counts
-- only as long as the application has not changed the row's vector.

CREATE TABLE IF NOT EXISTS vector_ferry.originals (
  store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
  document_id uuid NOT NULL,
  embedding pgvector.halfvec NOT NULL,
  reduced_digest bytea NOT NULL,
  PRIMARY KEY (store_id, document_id)
);
