-- What was measured beside: the recall for documents added later where as many are added as the model
-- was fitted to, and the recall of searches that kept originals rank. "recall" is that of reduced
-- vectors alone.

ALTER TABLE vector_ferry.stores
  ADD COLUMN doubled_recall float8,
  ADD COLUMN reranked_recall float8;
